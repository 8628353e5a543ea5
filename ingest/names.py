"""Names of documents: what is kept of them, and when two are the same."""

from __future__ import annotations

import unicodedata

#: characters; a name longer than any file system allows (255 bytes) is cut (limit)
_MAX_NAME = 500
#: characters; a reason longer than a few lines of a table is cut (limit)
_MAX_LINE = 500


def storable_name(name: str) -> str:
    """The part of a name that can be stored and shown: any text, but no broken surrogates, NULs or thousands of letters.

    >>> storable_name("a\\x00b\\ud800.pdf")
    'ab?.pdf'
    """
    return name.replace("\0", "").encode("utf-8", "replace").decode()[:_MAX_NAME] or "unnamed"


def name_key(name: str) -> str:
    """Equal for names that people see as the same: composed or decomposed accents, capital or small letters.

    >>> name_key("Cafe\\u0301.PDF") == name_key("caf\\u00e9.pdf")
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def one_line(text: str) -> str:
    return " ".join(text.split())[:_MAX_LINE]

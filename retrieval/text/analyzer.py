"""The one text analyzer of queries, pages, lexicon and reader: text to words, folded words, numbers and terms.

A word that stands on a page and in a query has to become the same thing on every way through Pagelight. What an
index holds depends on these rules, so their version is recorded in it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from pagelight.retrieval.text.stems import stem

#: rises with every change of what `terms` or `fold` return; an index made with another version is refused (form)
ANALYZER_VERSION = 3

#: characters up to which a text is taken for a word, whose terms are remembered (limit)
_WORD = 24
#: letters that Unicode does not decompose
_SINGLE = str.maketrans(
    {
        "œ": "oe",
        "æ": "ae",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ħ": "h",
        "ŧ": "t",
        "ı": "i",
        "ŋ": "n",
        "ſ": "s",
        "\u0640": None,  # tatweel lengthens an Arabic word and says nothing
    }
)
#: selectors of variants of a letter (blocks of Unicode)
_SELECTORS = (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
#: inside words, and not to be seen: soft hyphen, zero-width and grapheme joiners, word joiner, byte order mark, selectors
_INVISIBLE = dict.fromkeys((*map(ord, "\u00ad\u034f\u200c\u200d\u2060\ufeff"), *_SELECTORS))
#: every hyphen of Unicode as the one of the keyboard; zero-width space separates words
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2043\ufe63\uff0d"), "-") | {0x200B: " "}
_SEEN = _INVISIBLE | _HYPHENS
#: voiced sound marks tell two kana apart, and are no accents
_VOICED = "\u3099\u309a"

#: scripts that are written without spaces: Thai to Khmer, Kana, Han
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
#: marks that belong to the letter before them; `\w` leaves them out
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0900-\u0903\u093a-\u094f\u0962\u0963\u0981-\u0983\u09bc-\u09cd"
    "\u0a01-\u0a4d\u0a81-\u0acd\u0b01-\u0b57\u0b82-\u0bcd\u0c00-\u0c56\u0c81-\u0cd6\u0d00-\u0d4d\u0d81-\u0ddf"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
)
#: a number of two digits or more, a run of a script without spaces, or a word with its marks
TOKEN = re.compile(
    rf"\d+(?:[.,]\d+)+|\d\d+|[{_UNSPACED}]+|[^\W_{_UNSPACED}](?:[^\W_{_UNSPACED}]|[{_MARKS}])*"
)
_UNSPACED_RUN = re.compile(rf"[{_UNSPACED}]")
#: thousands in groups of three, with or without a fraction
_GROUPED = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?:[.,]\d+)?")
#: digits from which the reader tells a number by them alone: points and commas are a pixel or two (form)
_LONG_NUMBER = 4


def split_words(text: str) -> list[str]:
    """The words and numbers of a text as they stand, compatibility forms resolved, in order.

    >>> split_words("Umsätze 2019: 1,234.5 Mio. €, set_label")
    ['Umsätze', '2019', '1,234.5', 'Mio', 'set', 'label']
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_SEEN))
    return TOKEN.findall(text)


def fold(text: str) -> str:
    """Lower case without accents; ligatures, mathematical letters and full-width forms as plain characters.

    >>> fold("Smørrebrød Übergröße cœur Łódź Đà 𝑚"), fold("१२")
    ('smorrebrod ubergrosse coeur lodz da m', '12')
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.translate(_SEEN)).casefold().translate(_SINGLE)
    # folding and decomposing once more: lower case may decompose further
    decomposed = unicodedata.normalize("NFKD", decomposed)
    plain = "".join(c for c in decomposed if c in _VOICED or not unicodedata.combining(c))
    if not plain.isascii():
        plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)
    return unicodedata.normalize("NFC", plain)


def number_form(word: str) -> str:
    """A folded word, or a number as it is read from a picture: by its digits alone where there are many.

    >>> [number_form(word) for word in ("1,234.5", "12.05.2019", "2,5", "q3")]
    ['12345', '12052019', '2.5', 'q3']
    """
    if not word[:1].isdigit():
        return word
    digits = word.replace(".", "").replace(",", "")
    return digits if len(digits) >= _LONG_NUMBER else word.replace(",", ".")


def terms(text: str) -> list[str]:
    """The stems and numbers of a text in order, repeated as often as they occur.

    Folded; numbers in one spelling; dates and versions as a whole and in parts; scripts without spaces as pairs of
    characters.

    >>> terms("Cafés: 1,234.5 kg, plt.rotate(), 12.05.2019")
    ['caf', '1234.5', 'kg', 'plt', 'rotat', '12.05.2019', '12', '05', '2019']
    """
    # searches ask for the same single words again and again
    return list(_word_terms(text)) if len(text) <= _WORD else _terms(text)


@lru_cache(maxsize=100_000)
def _word_terms(text: str) -> tuple[str, ...]:
    return tuple(_terms(text))


def _terms(text: str) -> list[str]:
    found: list[str] = []
    # folding may take a word apart: one with a rare sign in it
    for token in (part for word in split_words(text) for part in TOKEN.findall(fold(word))):
        if token[0].isdigit() and not token.isalnum():
            found.extend(_number_terms(token))
        elif len(token) > 1 and _UNSPACED_RUN.match(token):
            found.extend(token[i : i + 2] for i in range(len(token) - 1))
        else:
            found.append(stem(token))
    return found


def _number_terms(token: str) -> list[str]:
    """1,234.5 and 1.234,5 and 1234.5 are one term; a date or a version is found by its parts too."""
    if _GROUPED.fullmatch(token):
        group = next(c for c in token if c in ".,")
        token = token.replace(group, "")
    token = token.replace(",", ".")
    return [token] if token.count(".") <= 1 else [token, *token.split(".")]

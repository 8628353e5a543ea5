"""Text of files that name their encoding in one of several ways, or not at all."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from pagelight.ingest.render.alphabets import encoding_by_alphabet

#: signs at the start of a file (Unicode 15.0, section 23.8); the longer ones first
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: the encoding that HTML and XML name in their first bytes (HTML Living Standard, 13.2.3.2)
_DECLARED = re.compile(
    rb"""<\?xml[^>]*?\bencoding\s*=\s*["']([\w.:-]+)|<meta[^>]*?\bcharset\s*=\s*["']?\s*([\w.:-]+)""",
    re.IGNORECASE,
)
_HEAD_BYTES = 4096
#: encodings whose names pages use for larger ones (Encoding Standard, 4.2)
_LARGER = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
}
_WESTERN = "cp1252"


@dataclass(frozen=True, slots=True)
class TextEncodingParameters:
    """Signs by which an encoding is guessed.

    zeros: share of bytes that are zero, at every second place, in text of 16 bits a letter (geometry: most of it is ASCII)
    foreign: share of letters beyond ASCII from which on a text is in another script than Latin (geometry: French has 5 %,
        Polish 10 %, other scripts nearly 100 %)
    sample: bytes that are looked at (speed)
    """

    zeros: float = 0.3
    foreign: float = 0.5
    sample: int = 50_000


TEXT_ENCODING = TextEncodingParameters()


def decoded(content: bytes) -> str:
    """The text, by the mark at its start, by what it says, as UTF-8 or UTF-16, or by a guess.

    >>> decoded("<meta charset=koi8-r>Порт".encode("koi8-r"))[-4:], decoded("Gebühr".encode("cp1252"))
    ('Порт', 'Gebühr')
    """
    if name := wide_encoding(content) or _declared(content):
        return content.decode(name, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode(_guessed(content[: TEXT_ENCODING.sample]), "replace")


def wide_encoding(content: bytes) -> str:
    """Name of the encoding that a mark at the start tells, or the zeros of UTF-16; empty where nothing does."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    head = content[:_HEAD_BYTES]
    if len(head) < 4:
        return ""
    for name, first in (("utf-16-le", 1), ("utf-16-be", 0)):
        if head[first::2].count(0) > TEXT_ENCODING.zeros * len(head) / 2 and not head[1 - first :: 2].count(
            0
        ):
            return name
    return ""


def _declared(content: bytes) -> str:
    found = _DECLARED.search(content[:_HEAD_BYTES])
    if not found:
        return ""
    try:
        name = codecs.lookup((found[1] or found[2]).decode("ascii")).name
        content.decode(name, "replace")
    except (LookupError, UnicodeDecodeError):  # nobody's encoding, or no encoding of text
        return ""
    # what says so in single bytes is not (HTML Living Standard, 13.2.3.2)
    return "" if name.startswith(("utf-16", "utf-32")) else _LARGER.get(name, name)


def _guessed(sample: bytes) -> str:
    n_foreign = sum(byte >= 0x80 for byte in sample)
    n_letters = n_foreign + sum(chr(byte).isalpha() for byte in sample if byte < 0x80)
    if n_foreign < TEXT_ENCODING.foreign * n_letters:
        return encoding_by_alphabet(sample)
    best = from_bytes(sample).best()
    return best.encoding if best else _WESTERN

"""Maps of a PDF's fonts to Unicode that write characters beyond U+FFFF as one number, as ReportLab does, not as a UTF-16 pair.

pdfium takes the first four digits for the character.
"""

from __future__ import annotations

import io
import logging
import re
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

#: the name by which files of that program are known (form)
_MAKER = b"ReportLab"
#: larger files are left as they are: they are held in memory for it (limit)
_MAX_BYTES = 200_000_000
_NUMBER = re.compile(rb"(<[0-9A-Fa-f]+>\s*)<([0-9A-Fa-f]{5,6})>")


def with_pairs(path: Path) -> bytes | None:
    """The file's content with such characters as pairs; None where that would change nothing. Damage means none."""
    try:
        if path.stat().st_size > _MAX_BYTES or _MAKER not in (content := path.read_bytes()):
            return None
        from pypdf import PdfReader, PdfWriter  # here, since they take long to import

        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted or not any(_mended(font) for font in _fonts(reader)):
            return None
        writer = PdfWriter(clone_from=reader)
        for font in _fonts(writer):
            if mended := _mended(font):
                _replace(writer, font, mended)
        made = io.BytesIO()
        writer.write(made)
        return made.getvalue()
    except Exception:  # whatever pypdf trips over: such a file is read as it is
        log.info("maps to Unicode", exc_info=True)
        return None


def _fonts(pdf: Any) -> list[Any]:
    """The fonts that its pages name, each once."""
    found: dict[int, Any] = {}
    for page in pdf.pages:
        fonts = page.get("/Resources", {}).get_object().get("/Font", {}).get_object()
        for reference in fonts.values():
            font = reference.get_object()
            found[id(font)] = font
    return list(found.values())


def _mended(font: Any) -> bytes | None:
    """The font's map as it should be; None where nothing is wrong with it."""
    stream = font.get("/ToUnicode")
    if stream is None:
        return None
    data = stream.get_object().get_data()
    mended = _NUMBER.sub(_pair, data)
    return mended if mended != data else None


def _pair(entry: re.Match[bytes]) -> bytes:
    """
    >>> _NUMBER.sub(_pair, b"<41> <1D44E> <42> <0042>")
    b'<41> <D835DC4E> <42> <0042>'
    """
    code = int(entry[2], 16)
    if not 0xFFFF < code < 0x110000:
        return entry[0]
    return entry[1] + b"<" + chr(code).encode("utf-16-be").hex().upper().encode() + b">"


def _replace(writer: Any, font: Any, data: bytes) -> None:
    from pypdf.generic import NameObject, StreamObject

    stream = StreamObject()
    stream.set_data(data)
    font[NameObject("/ToUnicode")] = writer._add_object(stream)

"""Dates of documents, as PDFs, pictures and office files write them."""

from __future__ import annotations

import datetime
import re
import zipfile
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image

_DATE = re.compile(r"(?<!\d)(\d{4})[-:/. ]?(\d\d)[-:/. ]?(\d\d)")
#: earlier ones are a clock that was never set (limit)
_FIRST_YEAR = 1971
#: EXIF 2.32: the part with what the camera says, when it was taken; TIFF 6.0: when the file was made (form)
_EXIF, _TAKEN, _MADE = 0x8769, 36867, 306
#: places of dates in office files (ECMA-376, part 2; OpenDocument 1.3, part 3): last changed before made
_PLACES = (
    ("docProps/core.xml", re.compile(rb"<dcterms:modified[^>]*>([^<]*)<")),
    ("docProps/core.xml", re.compile(rb"<dcterms:created[^>]*>([^<]*)<")),
    ("meta.xml", re.compile(rb"<dc:date>([^<]*)<")),
)
#: bytes of such a part that are read (limit)
_MOST_BYTES = 1_000_000


def iso_date(written: str) -> str:
    """ISO 8601, to the day; empty where it is none.

    >>> iso_date("D:20240301120000+01'00'"), iso_date("2024:03:01 12:00:00"), iso_date("soon"), iso_date("D:20249901")
    ('2024-03-01', '2024-03-01', '', '')
    """
    found = _DATE.search(written)
    try:
        date = datetime.date(*map(int, found.groups())) if found else None
    except ValueError:
        return ""
    return date.isoformat() if date and date.year >= _FIRST_YEAR else ""


def pdf_date(pdf: pdfium.PdfDocument) -> str:
    """The day on which the document was made, by its metadata, or else the day of its last change."""
    return next(
        (date for key in ("CreationDate", "ModDate") if (date := iso_date(pdf.get_metadata_value(key)))), ""
    )


def picture_date(image: Image.Image) -> str:
    """The day on which the picture was taken, or the scan made."""
    exif = image.getexif()
    return iso_date(str(exif.get_ifd(_EXIF).get(_TAKEN, ""))) or iso_date(str(exif.get(_MADE, "")))


def file_date(path: Path) -> str:
    """The date that an office file says of itself: ISO 8601, to the day; empty where it says none."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for part, pattern in _PLACES:
                    if part in archive.namelist():
                        with archive.open(part) as opened:
                            found = pattern.search(opened.read(_MOST_BYTES))
                        if found and (date := iso_date(found[1].decode("latin-1"))):
                            return date
    except Exception:  # a date is no reason to lose the document
        return ""
    return ""

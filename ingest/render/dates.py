"""Dates as PDFs, pictures and office files write them."""

from __future__ import annotations

import datetime
import re

import pypdfium2 as pdfium
from PIL import Image

_DATE = re.compile(r"(?<!\d)(\d{4})[-:/. ]?(\d\d)[-:/. ]?(\d\d)")
#: earlier ones are a clock that was never set (limit)
_FIRST_YEAR = 1971
#: EXIF 2.32: the part with what the camera says, when it was taken; TIFF 6.0: when the file was made (form)
_EXIF, _TAKEN, _MADE = 0x8769, 36867, 306


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
    """When the document was made, by its own word, or else when it was changed last."""
    return next(
        (date for key in ("CreationDate", "ModDate") if (date := iso_date(pdf.get_metadata_value(key)))), ""
    )


def picture_date(image: Image.Image) -> str:
    """When the picture was taken, or the scan made."""
    exif = image.getexif()
    return iso_date(str(exif.get_ifd(_EXIF).get(_TAKEN, ""))) or iso_date(str(exif.get(_MADE, "")))

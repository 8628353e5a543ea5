"""Date of an office file or an e-mail, as it says itself."""

from __future__ import annotations

import re
import zipfile
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path

from pagelight.ingest.render.dates import iso_date
from pagelight.ingest.render.file_type import FileType

#: where such files keep it (ECMA-376, part 2; OpenDocument 1.3, part 3): last changed before made
_PLACES = (
    ("docProps/core.xml", re.compile(rb"<dcterms:modified[^>]*>([^<]*)<")),
    ("docProps/core.xml", re.compile(rb"<dcterms:created[^>]*>([^<]*)<")),
    ("meta.xml", re.compile(rb"<dc:date>([^<]*)<")),
)
#: bytes of such a part that are read (limit)
_MOST_BYTES = 1_000_000


def file_date(path: Path, file_type: FileType) -> str:
    """ISO 8601, to the day; empty where the file says none."""
    try:
        if file_type is FileType.EML:
            with path.open("rb") as stream:
                written = str(BytesHeaderParser().parse(stream).get("Date", ""))
            return parsedate_to_datetime(written).date().isoformat() if written else ""
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

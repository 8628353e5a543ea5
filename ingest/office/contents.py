"""Contents of an office file or a mail beside its text: its date, the files in it, what is damaged; read in a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.parsers import expat

from pagelight.ingest.office.embedded import attached_to
from pagelight.ingest.office.mail import document_date
from pagelight.ingest.render.apple_preview import has_whole_preview
from pagelight.ingest.render.attachments import Attached
from pagelight.ingest.render.compound_file import SIGNATURE
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limited_process import run_limited
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.pdf_opening import MENDED

UNTOLD = "What is attached to it takes too long to be read; save it and add it."
PREVIEWED = "It is a document of Apple's Pages, Numbers or Keynote, of which a part may be missing; export it as a PDF there and add that."
#: parts of Office files that hold the text (ECMA-376, OpenDocument) (form)
_TEXT_PARTS = re.compile(
    r"word/[^/]+\.xml|xl/worksheets/[^/]+\.xml|xl/sharedStrings\.xml|ppt/slides/[^/]+\.xml|content\.xml"
)
#: bytes that are unpacked at once (block)
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Contents:
    """date: ISO 8601, to the day, empty where it says none; attached: its files; notes: sentences for a person"""

    date: str
    attached: Sequence[Attached]
    notes: Sequence[str]


def contents_of(path: Path, file_type: FileType, folder: Path, limits: Limits) -> Contents:
    """What is in the file, as far as it can be read in the time of a page; attached files are written to `folder`."""
    if not _may_hold_others(path, file_type):  # no process is needed to see that
        return Contents("", (), ())
    arguments = (str(path.absolute()), file_type.value, str(folder.absolute()), str(limits.max_bytes))
    try:
        done = run_limited(__name__, arguments, limits, limits.seconds_per_page)
        told, is_whole = done.stdout, done.returncode == 0
    except subprocess.TimeoutExpired as broken:
        told, is_whole = broken.stdout or b"", False
    answers = [json.loads(line) for line in told.splitlines(keepends=True) if line.endswith(b"\n")]
    attached = [
        Attached(one["name"], Path(one["path"]) if one["path"] else None) for one in answers if "name" in one
    ]
    notes = [one["note"] for one in answers if "note" in one]
    date = next((one["date"] for one in answers if "date" in one), "")
    return Contents(date, attached, notes if is_whole else [*notes, UNTOLD])


def _may_hold_others(path: Path, file_type: FileType) -> bool:
    """Whether it is a mail or is packed, and no text, web page or document in one piece of XML."""
    with path.open("rb") as stream:
        is_compound = stream.read(len(SIGNATURE)) == SIGNATURE
    return file_type is FileType.EML or is_compound or zipfile.is_zipfile(path)


def _answers(path: Path, file_type: FileType, folder: Path, limits: Limits) -> Iterator[dict[str, Any]]:
    if date := document_date(path, file_type):
        yield {"date": date}
    if file_type is FileType.IWORK and not has_whole_preview(path):
        yield {"note": PREVIEWED}
    if is_damaged(path):
        yield {"note": MENDED}
    for file in attached_to(path, file_type, folder, limits):
        yield {"name": file.name, "path": str(file.path) if file.path else ""}


def is_damaged(path: Path) -> bool:
    """Whether a part of a packed office file is damaged, or its text is not well-formed, so that words may be missing."""
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return not all(_is_whole(archive, entry) for entry in archive.infolist())
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError):
        return True
    except (RuntimeError, NotImplementedError, ValueError):  # it is encrypted, or packed in a rare way
        return False


def _is_whole(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    with archive.open(entry) as stream:
        if not _TEXT_PARTS.fullmatch(entry.filename):
            while stream.read(_BLOCK):  # its sum is checked at its end
                pass
            return True
        try:
            expat.ParserCreate().ParseFile(stream)
        except expat.ExpatError as error:
            return error.code == expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING]
    return True


def main() -> None:
    path, file_type, folder, max_bytes = sys.argv[1:]
    limits = replace(Limits(), max_bytes=int(max_bytes))
    for answer in _answers(Path(path), FileType(file_type), Path(folder), limits):
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

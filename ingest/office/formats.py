"""Files that can be added to a library: PDFs, pictures, and the office and web files that LibreOffice reads."""

from __future__ import annotations

from pathlib import Path

from pagelight.ingest.office.converter import HOW_TO_GET_IT, soffice
from pagelight.ingest.render.file_type import FileType, check_file
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.office_types import TEXT_SUFFIXES, type_of
from pagelight.retrieval.errors import UnreadableDocument

#: other names of the same types: templates, files with macros, slide shows, web pages and mailboxes
_OTHER_SUFFIXES = set(
    [
        ".htm",
        ".xhtml",
        ".mht",
        ".mhtml",
        ".mbox",
        ".dot",
        ".dotx",
        ".docm",
        ".dotm",
        ".xlt",
        ".xltx",
        ".xlsm",
        ".xltm",
        ".xlsb",
        ".pot",
        ".pps",
        ".potx",
        ".ppsx",
        ".pptm",
        ".ppsm",
        ".potm",
        ".ott",
        ".ots",
        ".otp",
        ".fodt",
        ".fods",
        ".fodp",
    ]
)
#: names of all files that are converted
OFFICE_SUFFIXES = frozenset(
    {f".{one.value}" for one in FileType if one.is_converted} | _OTHER_SUFFIXES | set(TEXT_SUFFIXES)
)


def check_document(path: Path, limits: Limits, *, plain_text: bool = True) -> FileType:
    """`check_file` for all that can be added. plain_text: whether text without any other sign counts as Markdown

    Raises UnreadableDocument (which says how to get LibreOffice where that would read the file) and DocumentTooLarge.
    """
    try:
        return check_file(path, limits)
    except UnreadableDocument as refusal:
        found = type_of(path)
        if found is None or (found is FileType.MARKDOWN and not plain_text):
            raise
        if soffice() is None:
            raise UnreadableDocument(f"This is a file of type {found.value}. {HOW_TO_GET_IT}") from refusal
        return found

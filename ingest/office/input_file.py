"""The file that LibreOffice is given, written in a process of its own: reading some files never ends, or takes all memory."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from pagelight.ingest.office.book import book_page
from pagelight.ingest.office.mail import mail_page
from pagelight.ingest.office.markdown import markdown_page
from pagelight.ingest.office.plain_text import text_page
from pagelight.ingest.office.spreadsheet import write_with_room
from pagelight.ingest.office.web_page import document_of, plain_page
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limited_process import run_limited
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.text_encoding import decoded
from pagelight.retrieval.errors import DocumentTooLarge, UnreadableDocument

#: the process's exit status where it says itself what is wrong (form)
_TOLD = 3


def write_input(source: Path, given: Path, file_type: FileType, limits: Limits, seconds: float) -> None:
    """Write the HTML of a text or web file, an e-mail or e-book, or a spreadsheet with room; a copy of any other.

    Raises UnreadableDocument, DocumentTooLarge.
    """
    if given.suffix != ".html" and file_type is not FileType.XLSX:
        shutil.copyfile(source, given)
        return
    arguments = (str(source), str(given), file_type.value, str(limits.max_bytes))
    try:
        done = run_limited(__name__, arguments, limits, seconds)
    except subprocess.TimeoutExpired:
        raise DocumentTooLarge(f"Reading it took longer than {seconds:g} seconds; split it.") from None
    if done.returncode == _TOLD:
        raise UnreadableDocument(done.stdout.decode())
    if done.returncode or not given.exists():
        raise UnreadableDocument(
            "The file cannot be read; open it in the program that wrote it, export it as a PDF and add that."
        )


def _write(source: Path, given: Path, file_type: FileType, limits: Limits) -> None:
    if file_type is FileType.XLSX:
        if not write_with_room(source, given):
            shutil.copyfile(source, given)
        return
    if file_type is FileType.EPUB:
        body = book_page(source, limits.max_bytes)
    elif file_type is FileType.EML:
        body = mail_page(source.read_bytes())
    else:
        pages = {FileType.MARKDOWN: markdown_page, FileType.TEXT: text_page}
        body = pages.get(file_type, plain_page)(decoded(source.read_bytes()))
    given.write_text(document_of(body), "utf-8")


def main() -> int:
    source, given, file_type, max_bytes = sys.argv[1:]
    try:
        _write(Path(source), Path(given), FileType(file_type), replace(Limits(), max_bytes=int(max_bytes)))
    except UnreadableDocument as error:
        print(error, end="")
        return _TOLD
    return 0


if __name__ == "__main__":
    sys.exit(main())

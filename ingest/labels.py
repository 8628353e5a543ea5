"""Labels that tell documents of one name apart."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePath

from pagelight.ingest.document import Document

#: digits of an id that tell documents apart where nothing else does
_ID_DIGITS = 8


def labels(documents: Iterable[Document]) -> dict[str, str]:
    """A label for each document id, its name where that is enough.

    Namesakes from different folders get their folder, replaced versions their date, and what is still the same the
    start of the id.
    """
    namesakes: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        namesakes[unicodedata.normalize("NFC", document.name)].append(document)
    found: dict[str, str] = {}
    for group in namesakes.values():
        found.update(_told_apart(group) if len(group) > 1 else {group[0].document_id: group[0].name})
    return found


def _told_apart(namesakes: list[Document]) -> dict[str, str]:
    folders = {_folder(document) for document in namesakes}
    found: dict[str, str] = {}
    for date_chars in (10, 16, 0):  # the date; with hours and minutes; with the id
        found = {document.document_id: _label(document, folders, date_chars) for document in namesakes}
        if len(set(found.values())) == len(found):
            return found
    return found


def _label(document: Document, folders: set[str], date_chars: int) -> str:
    notes = []
    if len(folders) > 1 and (folder := _folder(document)):
        notes.append(f"in {folder}")
    if document.older:
        notes.append("older")
    if document.older or not date_chars:
        date = document.added[: date_chars or 16].replace("T", " ")
        notes.append(f"added {date}" if date else "")
    if not date_chars:
        notes.append(document.document_id[:_ID_DIGITS])
    told = ", ".join(note for note in notes if note)
    return f"{document.name} ({told})" if told else document.name


def _folder(document: Document) -> str:
    return PurePath(document.place).parent.name if document.place else ""

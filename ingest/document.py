"""A document of the library, filters of documents, their names, and labels that tell namesakes apart."""

from __future__ import annotations

import json
import re
import sqlite3
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import PurePath
from typing import Any, Literal, get_args

from pagelight.ingest.files import is_document_id
from pagelight.ingest.language import LANGUAGES
from pagelight.ingest.render.file_type import FileType
from pagelight.retrieval.errors import InvalidInput, LibraryDamaged

State = Literal["queued", "running", "indexed", "failed", "cancelled"]

#: a name that another document has got since, at the same place, names a newer version of this one
_OLDER = """
NOT EXISTS (SELECT 1 FROM names WHERE names.document_id = documents.document_id AND NOT EXISTS (
    SELECT 1 FROM names AS newer JOIN documents AS other USING (document_id)
    WHERE newer.key = names.key AND newer.place = names.place AND newer.document_id <> names.document_id
    AND newer.rowid > names.rowid AND NOT other.deleting))
"""
SELECT = f"""
SELECT document_id, name, type, bytes, pages, pages_indexed, pages_shallow, kept, state, reason, added,
    language, dated,
    coalesce((SELECT place FROM names WHERE names.document_id = documents.document_id AND place <> ''
              ORDER BY rowid DESC LIMIT 1), '') AS place,
    {_OLDER} AS older,
    (SELECT json_group_array(DISTINCT name) FROM names WHERE names.document_id = documents.document_id
     AND names.name <> documents.name) AS other_names,
    coalesce((SELECT parent FROM attachments WHERE attachments.document_id = documents.document_id
              ORDER BY attachments.rowid LIMIT 1), '') AS parent,
    (SELECT json_group_array(tag) FROM (SELECT tag FROM tags WHERE tags.document_id = documents.document_id
     ORDER BY key)) AS tags
FROM documents WHERE NOT deleting
"""
#: a year, a month, a day, or a moment in UTC (form)
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d)?)?)?)?)?")
_NUMBERS = ("bytes", "pages", "pages_indexed", "pages_shallow")
#: digits of an id that tell documents apart where nothing else does (limit)
_ID_DIGITS = 8
#: characters; a name longer than any file system allows (255 bytes) is cut (limit)
_MAX_NAME = 500
#: characters; a reason longer than a few lines of a table is cut (limit)
_MAX_LINE = 500


@dataclass(frozen=True, slots=True)
class Document:
    """One row of the library.

    document_id: SHA-256 of the content, in hex
    name: as its owner called it; may hold anything, never used as a path
    pages: 0 until the file has been opened; pages_indexed: of them, searchable now
    pages_shallow: of those, searchable by words and looks only, since what their text means is still to come
    kept: mean over its pages of vectors after pruning / before
    reason: one line, for failed and cancelled documents and for indexed ones with pages that were skipped
    added: when it first came, UTC, ISO 8601 to the second; empty where that is not known
    language: ISO 639-1 code, empty where it cannot be told
    dated: its own date, by its metadata, ISO 8601 to the day; empty where it has none
    place: the path of the file that it was read from last; empty for uploads
    older: a newer version of it, of the same name and place, is in the library
    parent: the id of the document that it is attached to; empty for most
    label: its name, and what tells it from its namesakes; filled in by `Service`
    other_names: under which the same content was added, too
    """

    document_id: str
    name: str
    type: FileType = FileType.PDF
    bytes: int = 0
    pages: int = 0
    pages_indexed: int = 0
    pages_shallow: int = 0
    kept: float = 1.0
    state: State = "queued"
    reason: str = ""
    added: str = ""
    language: str = ""
    dated: str = ""
    place: str = ""
    older: bool = False
    other_names: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    parent: str = ""
    label: str = ""

    @classmethod
    def of(cls, row: sqlite3.Row) -> Document:
        """The document in a row of `SELECT`. Raises LibraryDamaged where it is none."""
        values: dict[str, Any] = {
            field.name: row[field.name] for field in fields(cls) if field.name != "label"
        }
        try:
            values["type"] = FileType(values["type"])
        except ValueError as error:
            raise LibraryDamaged(
                f"the library's list of documents is damaged ({values['name']!r} has no known type); "
                "mend it with: pagelight repair"
            ) from error
        values["older"] = bool(values["older"])
        for name in ("other_names", "tags"):
            values[name] = tuple(json.loads(values[name]))
        return cls(**values)


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """A choice of documents; what is left empty is not asked for. Raises InvalidInput.

    tags: all of them; states: one of them; text: somewhere in one of the names
    types: one of them, as the usual extension ("pdf", "jpg"); languages: one of them, as ISO 639-1 codes
    added_from, added_to: ISO 8601 dates or times, both included: "2026-11" to "2026-11" is all November
    dated_from, dated_to: the same, of the document's own date

    >>> DocumentFilter(types=["pdf"], added_from="last week")
    Traceback (most recent call last):
    pagelight.retrieval.errors.InvalidInput: added_from: expected a date such as 2026-11-29, got 'last week'
    """

    tags: Sequence[str] = ()
    types: Sequence[str] = ()
    states: Sequence[State] = ()
    added_from: str = ""
    added_to: str = ""
    languages: Sequence[str] = ()
    dated_from: str = ""
    dated_to: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        for name in ("tags", "types", "states", "languages"):
            if isinstance(getattr(self, name), str):
                raise InvalidInput(f"{name}: expected a list, got text")
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name, given, known in (
            ("type", self.types, tuple(FileType)),
            ("state", self.states, get_args(State)),
            ("language", self.languages, LANGUAGES),
        ):
            for value in given:
                if value not in known:
                    raise InvalidInput(f"{name}: expected one of {', '.join(known)}, got {value!r}")
        for name in ("added_from", "added_to", "dated_from", "dated_to"):
            value = getattr(self, name)
            if value and not _DATE.fullmatch(value):
                raise InvalidInput(f"{name}: expected a date such as 2026-11-29, got {value!r}")

    def condition(self) -> tuple[str, list[str]]:
        """SQL after `SELECT`, and its values."""
        parts: list[tuple[str, list[str]]] = [
            (
                "EXISTS (SELECT 1 FROM tags WHERE tags.document_id = documents.document_id AND key = ?)",
                [name_key(tag)],
            )
            for tag in self.tags
        ]
        parts += [
            (f"{column} IN ({', '.join('?' * len(values))})", [str(value) for value in values])
            for column, values in (("type", self.types), ("state", self.states), ("language", self.languages))
            if values
        ]
        for column, first, last in (
            ("added", self.added_from, self.added_to),
            ("dated", self.dated_from, self.dated_to),
        ):
            if first:
                parts.append((f"{column} >= ?", [first]))
            if last:
                parts.append((f"{column} <> '' AND substr({column}, 1, ?) <= ?", [str(len(last)), last]))
        if self.text:
            parts.append(
                (
                    "EXISTS (SELECT 1 FROM names WHERE names.document_id = documents.document_id "
                    "AND instr(key, ?))",
                    [name_key(self.text)],
                )
            )
        return (
            "".join(f" AND {part}" for part, _ in parts),
            [value for _, values in parts for value in values],
        )


def is_whole(row: sqlite3.Row) -> bool:
    """Whether a row of the table `documents` can be a document's; one flipped byte in the database is enough that it cannot."""
    columns = row.keys()
    return (
        is_document_id(str(row["document_id"]))
        and row["type"] in set(FileType)
        and row["state"] in get_args(State)
        and all(isinstance(row[name], int) for name in _NUMBERS if name in columns)
    )


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
        found.update(_distinct_labels(group) if len(group) > 1 else {group[0].document_id: group[0].name})
    return found


def _distinct_labels(namesakes: list[Document]) -> dict[str, str]:
    folders = {_folder(document) for document in namesakes}
    found: dict[str, str] = {}
    for date_chars in (10, 16, 0):  # the date; with hours and minutes; with the id
        found = {document.document_id: _label(document, folders, date_chars) for document in namesakes}
        if len({unicodedata.normalize("NFC", label) for label in found.values()}) == len(found):
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


def storable_name(name: str) -> str:
    """The part of a name that can be stored and shown: any text, but no broken surrogates, NULs or thousands of letters.

    >>> storable_name("a\\x00b\\ud800.pdf")
    'ab?.pdf'
    """
    return name.replace("\0", "").encode("utf-8", "replace").decode()[:_MAX_NAME] or "unnamed"


def storable_place(path: str) -> str:
    """A file's path as it can be stored: at its full length, since paths are compared; bytes that are no text spelled out.

    >>> storable_place("/docs/caf\\udce9.pdf")
    '/docs/caf\\\\xed\\\\xb3\\\\xa9.pdf'
    """
    return path.encode("utf-8", "surrogatepass").decode("utf-8", "backslashreplace").replace("\0", "")


def name_key(name: str) -> str:
    """Equal for names that people see as the same: composed or decomposed accents, capital or small letters. Can be stored.

    >>> name_key("Cafe\\u0301.PDF") == name_key("caf\\u00e9.pdf")
    True
    """
    key = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return key.encode("utf-8", "replace").decode()


def one_line(text: str) -> str:
    return " ".join(text.split())[:_MAX_LINE]

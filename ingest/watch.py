"""Folders that the library follows: new files are added, changed ones replaced, gone ones removed.

What happened while nobody watched is found at the start, by comparing the folder with the places in the database.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import watchfiles

from pagelight.ingest.database import Database
from pagelight.ingest.document import storable_place
from pagelight.ingest.files import is_gone
from pagelight.ingest.jobs import Jobs
from pagelight.ingest.library import Library, file_stamp
from pagelight.ingest.pipeline import Pipeline

log = logging.getLogger(__name__)

#: the documents in a folder
DocumentsIn = Callable[[Path], Sequence[Path]]

#: a file that was changed less long ago may still be written to (time)
_SETTLED_SECONDS = 1.0
#: between two looks at files that had not settled, and at whether to stop (time)
_LOOK_MILLISECONDS = 500
#: until folders are watched anew where the system broke that off: by a name that is no text, or by its limit of watches (time)
_BROKEN_OFF_SECONDS = 15.0
#: a folder that tells of no changes (some network drives) is read anew so often (time)
_READ_ANEW_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Change:
    """Outcome of one look at a folder. added: files that are new or changed; job_id: their job, empty without any

    removed: documents that are gone with their files; trouble: one line where the folder could not be followed
    """

    folder: Path
    added: tuple[Path, ...] = ()
    removed: tuple[str, ...] = ()
    job_id: str = ""
    trouble: str = ""


class ChosenFolders:
    """Folders that people chose to have followed, beside those of the settings: absolute paths, in the order in which they were chosen."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Path]:
        rows = self._database.rows("SELECT folder FROM followed ORDER BY rowid")
        return [Path(row["folder"]) for row in rows]

    def add(self, folder: Path) -> None:
        """Once is enough."""
        self._database.change("INSERT OR IGNORE INTO followed (folder) VALUES (?)", str(folder))

    def remove(self, folder: Path) -> bool:
        """Whether it was there."""
        return self._database.change("DELETE FROM followed WHERE folder = ?", str(folder)) > 0


class Watch:
    """`follow` yields what it did, until `stop` is set."""

    def __init__(self, library: Library, jobs: Jobs, pipeline: Pipeline, documents_in: DocumentsIn) -> None:
        self._library = library
        self._jobs = jobs
        self._pipeline = pipeline
        self._documents_in = documents_in
        self._refused: dict[str, str] = {}  # path to stamp: not tried again until it changes
        self._unsettled = False

    def follow(self, folders: Sequence[Path], stop: threading.Event) -> Iterator[Change]:
        """Every change of the folders, those at the start first."""
        folders = [Path(os.path.abspath(folder)) for folder in folders]
        for folder in folders:
            yield self.look(folder)
        while not stop.is_set():
            there = [folder for folder in folders if folder.is_dir()]
            if not there:
                stop.wait(_LOOK_MILLISECONDS / 1000)
                continue
            read = -_READ_ANEW_SECONDS  # once more as soon as the system watches, for what came in between
            for has_events in _events(there, stop):
                overdue = time.monotonic() - read > _READ_ANEW_SECONDS
                if has_events or self._unsettled or overdue:
                    read = time.monotonic()
                    yield from (self.look(folder) for folder in folders)
                if stop.is_set() or not all(folder.is_dir() for folder in there):
                    break  # one that is gone has to be watched anew once it is back

    def look(self, folder: Path) -> Change:
        """Bring the library up to date with a folder, once."""
        known = self._library.places(str(folder))
        if trouble := _trouble(folder, bool(known)):
            return Change(folder, trouble=trouble)
        found = self._documents_in(folder)
        places = {storable_place(str(path)): path for path in found}
        added = [
            path for place, path in places.items() if self._is_news(path, known.get(place, ("", "", ""))[2])
        ]
        removed = [self._release(place, *known[place][:2]) for place in known.keys() - places.keys()]
        job_id = self._submit(added) if added else ""
        return Change(folder, tuple(added), tuple(name for name in removed if name), job_id)

    def _is_news(self, path: Path, known: str) -> bool:
        """The file is new or changed, and nobody is writing to it any more."""
        try:
            stamp = file_stamp(path)
            age = time.time() - path.stat().st_mtime
        except OSError:
            return False
        if stamp in (known, self._refused.get(str(path))):
            return False
        if 0 <= age < _SETTLED_SECONDS:
            self._unsettled = True
            return False
        return True

    def _submit(self, added: Sequence[Path]) -> str:
        self._unsettled = False
        stamps = {path: file_stamp(path) for path in added if path.exists()}
        job_id = self._jobs.submit([(path, path.name) for path in stamps], in_place=True, replace=True)
        for path, file in zip(stamps, self._jobs.status(job_id).files, strict=True):
            if not file.document_id:
                self._refused[str(path)] = stamps[path]
        return job_id

    def _release(self, place: str, document_id: str, name: str) -> str:
        """The name of the document that went with the file, or nothing where it has another name still."""
        if not is_gone(Path(place)) or not self._library.release(document_id, name, place):
            return ""
        self._pipeline.remove(document_id)
        return name


def _events(folders: Sequence[Path], stop: threading.Event) -> Iterator[bool]:
    """Whether something changed, twice a second, until `stop` is set or the system breaks it off."""
    try:
        for events in watchfiles.watch(
            *folders, stop_event=stop, rust_timeout=_LOOK_MILLISECONDS, yield_on_timeout=True
        ):
            yield bool(events)
    except (RuntimeError, OSError) as error:  # watchfiles' own errors are RuntimeErrors
        log.warning("changes of the folders cannot be followed: %s", error)
        yield True
        stop.wait(_BROKEN_OFF_SECONDS)


def _trouble(folder: Path, has_documents: bool) -> str:
    """One line where the folder says nothing of its documents; empty where it does. A drive that is not mounted is gone or empty."""
    if not folder.is_dir():
        return f"{folder} is gone; its documents stay until it has files again"
    try:
        is_empty = not any(folder.iterdir())
    except OSError as error:
        return f"{folder} cannot be read ({error.strerror}); its documents stay until it has files again"
    if is_empty and has_documents:
        return f"{folder} is empty; its documents stay until it has files again"
    return ""

"""A library in one file, made while it is in use, and brought back from it.

A plain tar file: `library.sqlite3`, `judgements.sqlite`, `files/ab/ab…`, all of which can be had without Pagelight.
The index is left out; it is made anew from the documents.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pagelight.app.folders import check_library, held_folder, lock_folder
from pagelight.app.maintenance.doctor import JUDGEMENTS, read_only
from pagelight.ingest.database import damage, mapped
from pagelight.ingest.files import Files, is_document_id, sha256_of
from pagelight.ingest.library import DATABASE
from pagelight.retrieval.disk import require_room
from pagelight.retrieval.errors import InvalidInput, InvalidSetting, LibraryDamaged, StoreLocked, repair_hint

_DATABASES = (DATABASE, JUDGEMENTS)


@dataclass(frozen=True, slots=True)
class Backup:
    """Content of a backup, written or read. missing: names of documents whose files were not there, or damaged"""

    path: Path
    n_documents: int
    n_bytes: int
    missing: tuple[str, ...] = ()


def back_up(folder: Path, out: Path) -> Backup:
    """Write everything but the index to `out`, which appears whole or not at all.

    Works while the library is in use: what is added meanwhile may be left out, what is there is whole.
    Raises NotFound where there is no library, InvalidInput where `out` exists, LibraryDamaged, DiskFull.
    """
    check_library(folder)
    if not (folder / DATABASE).exists():
        raise LibraryDamaged(f"{folder / DATABASE} is gone; {repair_hint(folder)}")
    if out.exists():
        raise InvalidInput(f"{out} exists; choose another name, or move that file away")
    draft = out.with_name(out.name + ".part")
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix="backup-") as scratch:
            copies = [_copied(folder / name, Path(scratch) / name) for name in _DATABASES]
            with draft.open("wb") as stream, tarfile.open(fileobj=stream, mode="w") as archive:
                found = _write_files(archive, folder, Path(scratch) / DATABASE, out.parent)
                for copy in copies:
                    if copy.exists():
                        archive.add(copy, copy.name)
                archive.close()
                stream.flush()
                os.fsync(stream.fileno())
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
    missing, count = found
    return Backup(out, count, out.stat().st_size, missing)


def restore(path: Path, folder: Path) -> Backup:
    """Bring a backup back into `folder`, which must be empty or not exist.

    Everything is checked before the folder is touched: nothing is written outside it, and a document whose content
    does not fit its id is left out and named. The next start indexes the documents. Raises InvalidInput, InvalidSetting, LibraryDamaged, DiskFull.
    """
    if not path.is_file():
        raise InvalidInput(f"{path}: no such file")
    if folder.exists() and any(entry.name != "lock" for entry in folder.iterdir()):
        raise InvalidSetting(f"data: {folder} is not empty; choose another folder, or move this one away")
    folder.parent.mkdir(parents=True, exist_ok=True)
    require_room(folder.parent, path.stat().st_size)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        try:
            with tarfile.open(path) as archive:
                count = sum(_read_member(archive, member, draft) for member in archive)
        except (tarfile.TarError, EOFError) as error:
            raise LibraryDamaged(
                f"{path} is no backup of Pagelight, or is cut short: {_first_line(error)}"
            ) from error
        if not (draft / DATABASE).exists():
            raise LibraryDamaged(f"{path} is no backup of Pagelight: there is no {DATABASE} in it")
        missing = tuple(_check(draft))
        folder.mkdir(exist_ok=True)
        with held_folder(folder):
            # the database last: without it there is no library yet
            for entry in sorted(draft.iterdir(), key=lambda entry: entry.name == DATABASE):
                entry.replace(folder / entry.name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Backup(path, count, path.stat().st_size, missing)


def _first_line(error: Exception) -> str:
    """What is wrong, without the list of everything that was tried.

    >>> _first_line(ValueError("cannot be opened:\\n- method gz"))
    'cannot be opened'
    """
    return str(error).split("\n", 1)[0].rstrip(": ")


def _copied(source: Path, target: Path) -> Path:
    """SQLite's own way to copy a file that others write to."""
    if source.exists():
        with mapped(source), closing(read_only(source)) as there, closing(sqlite3.connect(target)) as here:
            there.backup(here)
            here.execute("PRAGMA journal_mode=DELETE")
            trouble = damage(here) if source.name == DATABASE else ""
        if trouble:
            raise LibraryDamaged(
                f"{source} is damaged ({trouble}); mend it with: pagelight repair --data {source.parent}"
            )
    return target


def _write_files(
    archive: tarfile.TarFile, folder: Path, database: Path, out_folder: Path
) -> tuple[tuple[str, ...], int]:
    """The documents' files; rows whose file went meanwhile, or is damaged, go, too. (names of these, documents)"""
    files, missing, count = Files(folder), [], 0
    with mapped(database), closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA foreign_keys=ON")
        rows = connection.execute("SELECT document_id, name FROM documents").fetchall()
        if (
            not rows and any(files.ids()) and not _is_in_use(folder)
        ):  # a running library has a file before its row
            raise LibraryDamaged(
                f"{folder / DATABASE} has lost its documents; mend it with: pagelight repair --data {folder}"
            )
        require_room(out_folder, sum(_size(files.path(document_id)) for document_id, _ in rows))
        for document_id, name in rows:
            path = files.path(document_id)
            try:
                with path.open("rb") as stream:  # held open: a deletion does not take it away any more
                    if hashlib.file_digest(stream, "sha256").hexdigest() != document_id:
                        raise FileNotFoundError(path)  # what is damaged is lost
                    stream.seek(0)
                    member = tarfile.TarInfo(f"files/{document_id[:2]}/{document_id}")
                    member.size = os.fstat(stream.fileno()).st_size
                    archive.addfile(member, stream)
                    count += 1
            except (FileNotFoundError, NotADirectoryError):
                missing.append(name)
                connection.execute("DELETE FROM documents WHERE document_id = ?", (document_id,))
        connection.commit()
    return tuple(missing), count


def _read_member(archive: tarfile.TarFile, member: tarfile.TarInfo, draft: Path) -> int:
    """Write one member of a backup, whose names are all known; 1 for a document."""
    parts = member.name.split("/")
    is_file = (
        len(parts) == 3 and parts[0] == "files" and is_document_id(parts[2]) and parts[1] == parts[2][:2]
    )
    if not member.isfile() or not (is_file or member.name in _DATABASES):
        raise LibraryDamaged(
            f"the backup has a member that no backup of Pagelight has: {member.name[:100]!r}"
        )
    target = draft.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.extractfile(member) or io.BytesIO() as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy)
        copy.flush()
        os.fsync(copy.fileno())
    if is_file and sha256_of(target) != parts[2]:
        target.unlink()  # it costs this document alone, which is named in the end
        return 0
    return int(is_file)


def _check(draft: Path) -> Iterator[str]:
    """The databases are sound; names of documents without a file."""
    for name in _DATABASES:
        if not (draft / name).exists():
            continue
        try:
            with closing(read_only(draft / name)) as connection:
                verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
                if name == DATABASE:
                    for row in connection.execute("SELECT document_id, name FROM documents"):
                        if not Files(draft).path(row["document_id"]).exists():
                            yield row["name"]
        except sqlite3.Error as error:
            raise LibraryDamaged(f"the backup is damaged: {name}: {error}; restore another one") from error
        if verdict != "ok":
            raise LibraryDamaged(f"the backup is damaged: {name}: {verdict}; restore another one")


def _is_in_use(folder: Path) -> bool:
    try:
        lock_folder(folder).release()
    except StoreLocked:
        return True
    return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return 0

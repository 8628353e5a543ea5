"""The library's SQLite file, shared by the threads of one process."""

from __future__ import annotations

import functools
import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from pagelight.ingest.document import name_key
from pagelight.retrieval.disk import has_room
from pagelight.retrieval.errors import (
    DiskFull,
    LibraryDamaged,
    PagelightError,
    StoreError,
    StoreUnavailable,
    repair_hint,
)

log = logging.getLogger(__name__)

#: the n-th one brings a file of version n to version n + 1 (`PRAGMA user_version`); none of them changes any more
_MIGRATIONS = (
    """
CREATE TABLE IF NOT EXISTS documents (
    document_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    pages INTEGER NOT NULL DEFAULT 0,
    pages_indexed INTEGER NOT NULL DEFAULT 0,
    kept REAL NOT NULL DEFAULT 1,
    state TEXT NOT NULL DEFAULT 'queued',
    reason TEXT NOT NULL DEFAULT '',
    deaths INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS documents_by_name ON documents (name);
CREATE TABLE IF NOT EXISTS jobs (
    job_id TEXT PRIMARY KEY,
    cancelled INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS job_files (
    job_id TEXT NOT NULL REFERENCES jobs (job_id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    document_id TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (job_id, position)
);
""",
    """
ALTER TABLE documents ADD COLUMN added TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN deleting INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN dismissed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job_files ADD COLUMN replaces INTEGER NOT NULL DEFAULT 0;
CREATE TABLE names (
    document_id TEXT NOT NULL REFERENCES documents (document_id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    place TEXT NOT NULL DEFAULT '',
    stamp TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (document_id, name, place)
);
CREATE INDEX names_by_key ON names (key, place);
CREATE INDEX names_by_place ON names (place);
CREATE TABLE tags (
    document_id TEXT NOT NULL REFERENCES documents (document_id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (document_id, key)
);
CREATE INDEX tags_by_key ON tags (key);
INSERT INTO names (document_id, name, key) SELECT document_id, name, name_key(name) FROM documents ORDER BY rowid;
""",
    """
ALTER TABLE documents ADD COLUMN is_attached INTEGER NOT NULL DEFAULT 0;
CREATE TABLE attachments (
    parent TEXT NOT NULL REFERENCES documents (document_id) ON DELETE CASCADE,
    document_id TEXT NOT NULL REFERENCES documents (document_id) ON DELETE CASCADE,
    PRIMARY KEY (parent, document_id)
);
CREATE INDEX attachments_by_document ON attachments (document_id);
CREATE TABLE remarks (
    document_id TEXT NOT NULL REFERENCES documents (document_id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    is_skip INTEGER NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX remarks_by_document ON remarks (document_id);
""",
    """
CREATE TABLE job_tags (
    job_id TEXT NOT NULL REFERENCES jobs (job_id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    PRIMARY KEY (job_id, key)
);
""",
    """
ALTER TABLE documents ADD COLUMN pages_shallow INTEGER NOT NULL DEFAULT 0;
CREATE INDEX documents_shallow ON documents (pages_shallow) WHERE pages_shallow > 0;
""",
    """
ALTER TABLE documents ADD COLUMN language TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN dated TEXT NOT NULL DEFAULT '';
""",
    """
CREATE TABLE followed (
    folder TEXT PRIMARY KEY
);
""",
)
VERSION = len(_MIGRATIONS)


class Database:
    """One connection, one lock: every block of work is a transaction that happens as a whole or not at all.

    Raises LibraryDamaged, DiskFull, StoreUnavailable, each with what to do, in place of SQLite's errors.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._depth = 0
        self._is_closed = False
        with mapped(path):
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=30
            )
        try:
            with mapped(path):
                self._open()
        except BaseException:
            self._connection.close()
            raise

    @contextmanager
    def work(self) -> Iterator[sqlite3.Connection]:
        """The connection within a transaction; blocks inside blocks belong to the outermost one."""
        with self._lock, mapped(self._path):
            if self._is_closed:
                raise StoreUnavailable("Pagelight is stopping")
            depth = self._depth
            try:  # an interruption may come between any two of these
                if not depth:
                    self._connection.execute("BEGIN IMMEDIATE")
                self._depth = depth + 1
                yield self._connection
                if not depth:
                    self._connection.execute("COMMIT")
            except BaseException:
                if not depth and self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._depth = depth

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """All rows of a query."""
        with self.work() as connection:
            return connection.execute(query, values).fetchall()

    def row(self, query: str, *values: object) -> Any:
        """The first row of a query; None where there is none."""
        with self.work() as connection:
            return connection.execute(query, values).fetchone()

    def change(self, statement: str, *values: object) -> int:
        """Do one statement; how many rows it changed."""
        with self.work() as connection:
            return connection.execute(statement, values).rowcount

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            self._connection.close()

    def _open(self) -> None:
        connection = self._connection
        connection.row_factory = sqlite3.Row
        connection.create_function("name_key", 1, name_key, deterministic=True)
        # WAL with synchronous=FULL: what has been answered survives a power cut, not only a kill
        for line in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {line}")
        if _version(connection) != VERSION:
            with self.work():
                _migrate(connection, self._path)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    before = _version(connection)
    if before > VERSION:
        raise StoreError(
            f"{path} was written by a newer Pagelight; update this one, or choose another folder"
        )
    try:
        _run(connection, before, VERSION)
    except sqlite3.OperationalError as error:
        if (error.sqlite_errorcode & 0xFF) != sqlite3.SQLITE_ERROR:  # a full disk is no damage
            raise
        raise _damaged(path, error) from error  # it is not of the version that it names
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _run(connection: sqlite3.Connection, first: int, last: int) -> None:
    """Bring a database from one version to another."""
    for script in _MIGRATIONS[first:last]:
        for statement in script.split(";\n"):
            connection.execute(statement)


def damage(connection: sqlite3.Connection) -> str:
    """Damage of a library's database in a few words; empty where it is sound. Raises sqlite3.Error."""
    (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        return str(verdict)
    version, there = min(_version(connection), VERSION), _columns(connection)
    expected = _expected_columns(version)
    for table, columns in expected.items():
        if table not in there:
            return f"its table {table} is gone"
        if missing := columns - there[table]:
            return f"its table {table} lacks {min(missing)}"
    later = {
        table: columns - expected.get(table, set()) for table, columns in _expected_columns(VERSION).items()
    }
    if any(columns & there.get(table, set()) for table, columns in later.items()):
        return f"it is of a later version than {version}, which it names"
    return ""


def is_newer(connection: sqlite3.Connection) -> bool:
    """Whether a newer Pagelight wrote the database."""
    return _version(connection) > VERSION


def _columns(connection: sqlite3.Connection) -> dict[str, set[str]]:
    """The columns of each table."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {
        name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")}
        for (name,) in map(tuple, tables)
        if not name.startswith("sqlite_")
    }


@functools.cache
def _expected_columns(version: int) -> dict[str, set[str]]:
    """Those of a database of a version; of none at all, those of the first."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.create_function("name_key", 1, name_key, deterministic=True)
        _run(connection, 0, max(version, 1))
        return _columns(connection)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def mapped(path: Path) -> Iterator[None]:
    """SQLite's errors as one line of ours, which says what to do."""
    try:
        yield
    except PagelightError:
        raise
    except sqlite3.Error as error:
        log.info("%s: %s", path, error)
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code of an extended one
        if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and not has_room(path.parent)):
            raise DiskFull(
                f"The disk is full: {path.parent} needs some room; free it and try again"
            ) from error
        if code == sqlite3.SQLITE_CANTOPEN and path.is_dir():
            raise _damaged(path, error) from error
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            raise StoreUnavailable(
                f"{path} cannot be written; give the folder back, or allow writing in it"
            ) from error
        if code == sqlite3.SQLITE_IOERR:
            raise StoreUnavailable(f"{path} cannot be read or written: {error}; check the disk") from error
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise StoreUnavailable(f"{path} is held by another program; close that one") from error
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or _lacks_its_tables(error):
            raise _damaged(path, error) from error
        raise


def _damaged(path: Path, error: sqlite3.Error) -> LibraryDamaged:
    return LibraryDamaged(f"{path} is damaged ({error}); {repair_hint(path.parent)}")


def _lacks_its_tables(error: sqlite3.Error) -> bool:
    return str(error).startswith(("no such table", "no such column"))

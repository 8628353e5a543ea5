"""Folders that people chose to have followed, beside those of the settings, kept in the library's database."""

from __future__ import annotations

from pathlib import Path

from pagelight.ingest.database import Database


class ChosenFolders:
    """Absolute paths, in the order in which they were chosen."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Path]:
        with self._database.work() as connection:
            return [
                Path(row["folder"])
                for row in connection.execute("SELECT folder FROM followed ORDER BY rowid")
            ]

    def add(self, folder: Path) -> None:
        """Once is enough."""
        with self._database.work() as connection:
            connection.execute("INSERT OR IGNORE INTO followed (folder) VALUES (?)", (str(folder),))

    def remove(self, folder: Path) -> bool:
        """Whether it was there."""
        with self._database.work() as connection:
            found = connection.execute("DELETE FROM followed WHERE folder = ?", (str(folder),))
            return found.rowcount > 0

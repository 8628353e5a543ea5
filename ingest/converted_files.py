"""The PDFs that were made of office and web files, each made when it is first wanted."""

from __future__ import annotations

import threading
from pathlib import Path

from pagelight.ingest.office.converter import convert
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import Limits


class ConvertedFiles:
    """`converted/…` below a data folder; may be thrown away at any time. Safe for several threads."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder = folder / "converted"
        self._limits = limits
        self._converting = threading.Lock()

    def of(self, document_id: str, source: Path, file_type: FileType) -> Path:
        """The PDF of a file. Raises DocumentError."""
        made = self._folder / f"{document_id}.pdf"
        if not made.exists():
            with self._converting:
                if not made.exists():
                    convert(source, made, file_type, self._limits)
        return made

    def remove(self, document_id: str) -> None:
        (self._folder / f"{document_id}.pdf").unlink(missing_ok=True)

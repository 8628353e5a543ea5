"""Page images for the viewer: WebP, rendered once, kept in a folder that never outgrows its budget."""

from __future__ import annotations

import io
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from PIL import Image

#: the widths that are kept; a request takes the next larger one, so that few sizes of a page exist
WIDTHS = (200, 400, 800, 1200, 1600, 2400)

#: (page number, width) to an RGB image
Render = Callable[[int, int], Image.Image]


def snapped_width(width: int) -> int:
    """The kept width for a wish.

    >>> snapped_width(640)
    800
    """
    return next((kept for kept in WIDTHS if kept >= width), WIDTHS[-1])


class PageImages:
    """A disk cache of rendered pages; the ones that were not looked at for longest go first."""

    def __init__(self, folder: Path, budget_mb: int) -> None:
        self._folder = folder
        self._budget = budget_mb * 1024 * 1024
        self._lock = threading.Lock()
        self._size: int | None = None

    def get(self, document_id: str, page: int, width: int, render: Render) -> bytes:
        """The page as WebP, `snapped_width(width)` pixels wide."""
        width = snapped_width(width)
        path = self._folder / document_id / f"{page}-{width}.webp"
        try:
            image = path.read_bytes()
            os.utime(path)
            return image
        except OSError:
            pass
        buffer = io.BytesIO()
        # Method 2 is five times faster than the default 4 and costs some percent of size.
        render(page, width).save(buffer, "WEBP", quality=82, method=2)
        self._keep(path, buffer.getvalue())
        return buffer.getvalue()

    def forget(self, document_id: str) -> None:
        """Remove a document's images."""
        with self._lock:
            shutil.rmtree(self._folder / document_id, ignore_errors=True)
            self._size = None

    def _keep(self, path: Path, image: bytes) -> None:
        if len(image) > self._budget:
            return
        with self._lock:
            if self._size is None:
                self._size = sum(entry.stat().st_size for entry in self._folder.rglob("*.webp"))
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(f".{threading.get_ident()}.part")
            unfinished.write_bytes(image)
            unfinished.replace(path)
            self._size += len(image)
            if self._size > self._budget:
                self._evict()

    def _evict(self) -> None:
        """Down to three quarters of the budget, so that not every new image evicts."""
        entries = sorted((entry.stat().st_mtime, entry) for entry in self._folder.rglob("*.webp"))
        size = sum(entry.stat().st_size for _, entry in entries)
        for _, entry in entries:
            if size <= self._budget * 3 // 4:
                break
            size -= entry.stat().st_size
            entry.unlink(missing_ok=True)
        self._size = size

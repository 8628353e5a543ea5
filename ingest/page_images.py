"""Page images for people: WebP, drawn when asked for, kept in a cache on disk that does not grow without end."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from pagelight.ingest.library import Library
from pagelight.ingest.render.renderer import Renderer
from pagelight.retrieval.errors import NotFound

#: widths in pixels; what is asked for is rounded up to one of them (limit)
WIDTHS = (160, 320, 480, 640, 960, 1280, 1600, 2400)
#: pixels of a WebP image's side at most (form)
_MAX_SIDE = 16_383


@dataclass(frozen=True, slots=True)
class PageImageParameters:
    """Pictures of pages as people see them.

    quality: of a WebP, 0 to 100: print stays sharp (looked at)
    rest: share of the allowed size that the cache has after it was cleared out (speed)
    shrinking: times that a kept picture is wider than one made from it, at least: its losses do not show then (looked at)
    """

    quality: int = 80
    rest: float = 0.7
    shrinking: float = 2.0


PAGE_IMAGES = PageImageParameters()


class PageImages:
    """Draws pages in a warm process, one at a time, or shrinks what was drawn before. Safe for several threads."""

    def __init__(self, library: Library, max_mb: int = 256) -> None:
        self._library = library
        self._max_bytes = max_mb * 10**6
        self._renderer = Renderer(library.limits, "pdfium")
        self._drawing = threading.Lock()
        self._keeping = threading.Lock()
        self._bytes: int | None = None  # of the cache; counted at its first use

    def cached(self, document_id: str, page: int, width: int) -> bytes | None:
        """The page as WebP where that was drawn before, as `webp` gives it."""
        return _read(self._place(document_id, page, width))

    def webp(self, document_id: str, page: int, width: int) -> bytes:
        """The page as WebP, `width` pixels wide or up to the next of WIDTHS. Raises NotFound, DocumentError."""
        source = self._library.drawn_file(document_id)
        width = _rounded(width)
        if page < 1:
            raise NotFound(f"The document has no page {page}.")
        cached = self._place(document_id, page, width)
        found = _read(cached)
        if found is not None:
            return found
        image = self._shrunk(document_id, page, width)
        if image is None:
            with self._drawing:
                found = _read(cached)  # another thread may have been faster
                if found is not None:
                    return found
                image = self._renderer.page(source, page, width)
        # Not behind the lock, since it takes as long as drawing the next page does.
        made = _encode(image)
        with self._keeping:
            self._keep(cached, made)
        return made

    def _shrunk(self, document_id: str, page: int, width: int) -> Image.Image | None:
        """The page from the picture of it that is larger, at least twice as wide; None where there is none."""
        for larger in (each for each in WIDTHS if each >= PAGE_IMAGES.shrinking * width):
            data = _read(self._place(document_id, page, larger))
            if data is None:
                continue
            with contextlib.suppress(OSError), Image.open(io.BytesIO(data)) as image:
                if image.width < width:
                    continue
                size = (width, max(1, round(image.height * width / image.width)))
                return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        return None

    def close(self) -> None:
        with self._drawing:
            self._renderer.close()

    def _place(self, document_id: str, page: int, width: int) -> Path:
        return self._library.cache / document_id / f"{page}-{_rounded(width)}.webp"

    def _keep(self, place: Path, data: bytes) -> None:
        """A cache that cannot be written is no reason to show no page."""
        with contextlib.suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=place.parent)
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            os.replace(temporary, place)
            if self._bytes is None:
                self._bytes = sum(size for _, size, _ in self._entries())
            else:
                self._bytes += len(data)
            if self._bytes > self._max_bytes:
                self._clear_out()

    def _entries(self) -> list[tuple[float, int, Path]]:
        """(time of last use, bytes, path) of every image in the cache."""
        entries = []
        for path in self._library.cache.glob("*/*"):
            with contextlib.suppress(OSError):
                status = path.stat()
                entries.append((status.st_mtime, status.st_size, path))
        return entries

    def _clear_out(self) -> None:
        """Remove the images that were not used for longest."""
        entries = sorted(self._entries())
        left = sum(size for _, size, _ in entries)
        for _, size, path in entries:
            if left <= self._max_bytes * PAGE_IMAGES.rest:
                break
            with contextlib.suppress(OSError):
                path.unlink()
                left -= size
        self._bytes = left


def _read(path: Path) -> bytes | None:
    try:
        data = path.read_bytes()
        os.utime(path)
    except OSError:
        return None
    return data


def _encode(image: Image.Image) -> bytes:
    image.thumbnail((_MAX_SIDE, _MAX_SIDE))
    stream = io.BytesIO()
    image.save(stream, "WEBP", quality=PAGE_IMAGES.quality, method=2)
    return stream.getvalue()


def _rounded(width: int) -> int:
    """
    >>> _rounded(161), _rounded(9999)
    (320, 2400)
    """
    return next((w for w in WIDTHS if w >= width), WIDTHS[-1])

"""A document's pages, drawn by a thread that runs ahead of whoever takes them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path

from ingest.render import RenderedPage, Renderer

_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Skip:
    """A page that cannot be drawn, and why."""

    number: int
    reason: str


class DrawnAhead:
    """Begins to draw at once, and is one batch ahead; `close` ends it early.

    path: the document's file; stored: pages that are not wanted; batch: pages
    """

    def __init__(self, renderer: Renderer, path: Path, dpi: float, stored: Set[int], batch: int) -> None:
        self.path, self.stored = path, stored
        self._renderer, self._dpi, self._batch = renderer, dpi, batch
        self._items: queue.Queue[RenderedPage | Skip | Exception | None] = queue.Queue(batch)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._draw, name="rendering", daemon=True)
        self._thread.start()

    def batches(self) -> Iterator[list[RenderedPage | Skip]]:
        """Full batches while drawing is ahead, smaller ones while encoding waits for it anyway, empty ones meanwhile.

        Raises DocumentError; the pages that came before it are good. The renderer is free when they are through.
        """
        while True:
            try:
                taken = [self._items.get(timeout=_POLL_SECONDS)]
            except queue.Empty:
                yield []  # whoever reads may have been cancelled meanwhile
                continue
            while len(taken) < self._batch and not self._items.empty():
                taken.append(self._items.get())
            pages = [item for item in taken if isinstance(item, RenderedPage | Skip)]
            if pages:
                yield pages
            last = taken[-1]
            if isinstance(last, Exception):
                raise last
            if last is None:
                self._thread.join()
                return

    def close(self) -> None:
        """End the thread, and the rendering process with it where it is in the middle of a document."""
        self._stop.set()
        self._thread.join(_POLL_SECONDS)
        if self._thread.is_alive():  # in the middle of a page
            self._renderer.kill()
            self._thread.join()

    def _draw(self) -> None:
        try:
            pages = self._renderer.pages(
                self.path,
                self._dpi,
                skip=self.stored,
                on_skip=lambda number, why: self._put(Skip(number, why)),
            )
            for page in pages:
                if self._stop.is_set():
                    break
                self._put(page)
            pages.close()
            self._put(None)
        except Exception as error:  # raised again where the pages are read
            self._put(error)

    def _put(self, item: RenderedPage | Skip | Exception | None) -> None:
        while not self._stop.is_set():
            try:
                return self._items.put(item, timeout=_POLL_SECONDS)
            except queue.Full:
                continue

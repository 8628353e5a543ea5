"""A document on its way to the store: drawn by a thread, and encoded by others, ahead of whoever stores the pages."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Set
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path

from pagelight.ingest.remarks import Note, Skip
from pagelight.ingest.render.renderer import RenderedPage, Renderer
from pagelight.retrieval.encoders.encoder import EncoderInfo
from pagelight.retrieval.types import StoredPage

_POLL_SECONDS = 0.05
#: that a page may go on being drawn when its document is no longer wanted
_PATIENCE_SECONDS = 0.2
#: batches, of all documents together, that are being encoded or wait for it
_UNDER_WAY = 2
#: of the pages of one batch together
_BATCH_PIXELS = 40_000_000
#: batches of one document that wait for being stored, those under way among them
_WAITING = 8

#: what becomes of drawn pages: each is stored or skipped, and there may be notes on it
Outcome = list[StoredPage | Skip | Note]
Embed = Callable[[list[RenderedPage]], Outcome]


class Encoding:
    """Threads that encode, a batch each; the documents that are on their way share them."""

    def __init__(self, info: EncoderInfo) -> None:
        self.dpi, self.batch = info.dpi, info.batch
        self._threads = ThreadPoolExecutor(info.side_by_side, "encoding")
        self._room = threading.Semaphore(_UNDER_WAY)

    def begin(self, embed: Embed, pages: list[RenderedPage], seconds: float) -> Future[Outcome] | None:
        """None where no batch more can be under way after so many seconds."""
        if not self._room.acquire(timeout=seconds):
            return None
        future = self._threads.submit(embed, pages)
        future.add_done_callback(lambda _: self._room.release())
        return future

    def close(self) -> None:
        """Does not wait for what is being encoded."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class Ahead:
    """Begins to draw and to encode at once; `close` ends it early.

    path: the document's file; stored: pages that are not wanted; embed: what encodes a batch
    """

    def __init__(
        self, renderer: Renderer, path: Path, stored: Set[int], encoding: Encoding, embed: Embed
    ) -> None:
        self.path, self.stored = path, stored
        self._renderer, self._encoding, self._embed = renderer, encoding, embed
        self._drawn: list[RenderedPage] = []
        self._items: queue.Queue[Future[Outcome] | Skip | Note | Exception | None] = queue.Queue(_WAITING)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._draw, name="rendering", daemon=True)
        self._thread.start()

    @property
    def drawn(self) -> bool:
        """All pages are drawn, and the renderer is free."""
        return not self._thread.is_alive()

    def encoded(self) -> Iterator[Outcome]:
        """In order: what becomes of the pages; an empty list now and then while there is nothing to tell.

        Raises DocumentError, and whatever encoding raises; the pages that came before it are good.
        """
        while True:
            try:
                item = self._items.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                yield []
                continue
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            if isinstance(item, Future):
                while not wait([item], _POLL_SECONDS).done:
                    yield []
                yield item.result()
            else:
                yield [item]

    def close(self) -> None:
        """End the thread, and the rendering process with it where it is in the middle of a document."""
        self._stop.set()
        self._thread.join(_PATIENCE_SECONDS)
        if self._thread.is_alive():  # in the middle of a page
            self._renderer.kill()
            self._thread.join()
        while not self._items.empty():
            item = self._items.get()
            if isinstance(item, Future):
                item.cancel()

    def _draw(self) -> None:
        try:
            try:
                self._draw_pages()
            finally:
                self._hand_over(patiently=True)
        except Exception as error:  # raised again where the pages are taken
            self._put(error)
        else:
            self._put(None)

    def _draw_pages(self) -> None:
        pages = self._renderer.pages(
            self.path,
            self._encoding.dpi,
            skip=self.stored,
            on_skip=lambda number, why: self._put(Skip(number, why)),
            on_note=lambda text: self._put(Note(0, text)),
        )
        with closing(pages):
            for page in pages:
                self._drawn.append(page)
                self._hand_over(patiently=_is_full(self._drawn, self._encoding.batch))
                if self._stop.is_set():
                    return

    def _hand_over(self, *, patiently: bool) -> None:
        """Full batches while drawing is ahead, smaller ones while encoding would wait for it."""
        while self._drawn and not self._stop.is_set():
            future = self._encoding.begin(self._embed, self._drawn, _POLL_SECONDS if patiently else 0)
            if future:
                self._drawn = []
                self._put(future)
            elif not patiently:
                return

    def _put(self, item: Future[Outcome] | Skip | Note | Exception | None) -> None:
        while not self._stop.is_set():
            try:
                return self._items.put(item, timeout=_POLL_SECONDS)
            except queue.Full:
                continue


def _is_full(pages: list[RenderedPage], batch: int) -> bool:
    """Large pages make a batch full sooner: they are held in memory, and read by tiles."""
    n_pixels = sum(page.image.width * page.image.height for page in pages)
    return len(pages) >= batch or n_pixels >= _BATCH_PIXELS

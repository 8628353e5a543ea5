"""A document on its way to the store: drawn by a thread, and encoded by others, ahead of the thread that stores the pages."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Set
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pagelight.ingest.remarks import Attachment, Dated, Note, Skip
from pagelight.ingest.render.renderer import RenderedPage, Renderer
from pagelight.retrieval.encoders.encoder import EncoderInfo
from pagelight.retrieval.types import StoredPage

#: the outcome of drawn pages: each is stored or skipped, and there may be notes on it
Outcome = list[StoredPage | Skip | Note | Attachment | Dated]
_Item = Future[Outcome] | Skip | Note | Attachment | Dated | Exception | None
Embed = Callable[[list[RenderedPage]], Outcome]


@dataclass(frozen=True, slots=True)
class PrefetchParameters:
    """Distance by which drawing and encoding run ahead of storing.

    poll_seconds: seconds between looks at what has become of a page (speed)
    grace_seconds: grace period for a page that is being drawn when its document is no longer wanted (speed)
    under_way: batches, of all documents together, that are being encoded or wait for it (memory)
    batch_pixels: pixels of the pages of one batch together (memory)
    waiting: batches of one document that wait for being stored, those under way among them (memory)
    """

    poll_seconds: float = 0.05
    grace_seconds: float = 0.2
    under_way: int = 2
    batch_pixels: int = 40_000_000
    waiting: int = 8


PREFETCH = PrefetchParameters()


class EncodingThreads:
    """Threads that encode, a batch each; the documents that are on their way share them."""

    def __init__(self, info: EncoderInfo) -> None:
        self.dpi, self.batch = info.dpi, info.batch
        self._threads = ThreadPoolExecutor(info.side_by_side, "encoding")
        self._room = threading.Semaphore(PREFETCH.under_way)

    def begin(self, embed: Embed, pages: list[RenderedPage], seconds: float) -> Future[Outcome] | None:
        """Encode a batch; None where there is no room for one more after so many seconds."""
        if not self._room.acquire(timeout=seconds):
            return None
        future = self._threads.submit(embed, pages)
        future.add_done_callback(lambda _: self._room.release())
        return future

    def close(self) -> None:
        """End the threads, without waiting for what is being encoded."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class Prefetch:
    """One document, drawn and encoded from the first moment on; `close` ends it early.

    path: the document's file; stored: pages that are not wanted; embed: what encodes a batch
    """

    def __init__(
        self,
        renderer: Renderer,
        path: Path,
        stored: Set[int],
        encoding: EncodingThreads,
        embed: Embed,
        attached: Path | None = None,
    ) -> None:
        """attached: folder that attached files are written to, where they are wanted"""
        self.path, self.stored = path, stored
        self._renderer, self._encoding, self._embed = renderer, encoding, embed
        self._attached = attached

        self._drawn: list[RenderedPage] = []
        self._items: queue.Queue[_Item] = queue.Queue(PREFETCH.waiting)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._draw, name="rendering", daemon=True)
        self._thread.start()

    @property
    def drawn(self) -> bool:
        """Whether all pages are drawn, and the renderer is free."""
        return not self._thread.is_alive()

    def encoded(self) -> Iterator[Outcome]:
        """Outcomes of the pages in order; an empty list now and then while there is nothing to tell.

        Raises DocumentError, and whatever encoding raises; the pages that came before it are good.
        """
        poll_seconds = PREFETCH.poll_seconds
        while True:
            try:
                item = self._items.get(timeout=poll_seconds)
            except queue.Empty:
                yield []
                continue
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            if isinstance(item, Future):
                while not wait([item], poll_seconds).done:
                    yield []
                yield item.result()
            else:
                yield [item]

    def close(self) -> None:
        """End the thread, and the rendering process with it where it is in the middle of a document."""
        self._stop.set()
        self._thread.join(PREFETCH.grace_seconds)
        if self._thread.is_alive():  # in the middle of a page
            self._renderer.kill()
            self._thread.join()
        while not self._items.empty():
            item = self._items.get()
            if isinstance(item, Future):
                item.cancel()
            if isinstance(item, Attachment):
                item.path.unlink(missing_ok=True)

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
            attached=self._attached,
            on_attached=lambda name, path: self._put(Attachment(name, path)),
            on_date=lambda date: self._put(Dated(date)),
        )
        with closing(pages):
            for page in pages:
                self._drawn.append(page)
                self._hand_over(patiently=self._is_full())
                if self._stop.is_set():
                    return

    def _hand_over(self, *, patiently: bool) -> None:
        """Give drawn pages to the encoding threads: full batches while drawing is ahead, smaller ones while encoding would wait."""
        while self._drawn and not self._stop.is_set():
            seconds = PREFETCH.poll_seconds if patiently else 0
            future = self._encoding.begin(self._embed, self._drawn, seconds)
            if future:
                self._drawn = []
                self._put(future)
            elif not patiently:
                return

    def _put(self, item: _Item) -> None:
        while not self._stop.is_set():
            try:
                return self._items.put(item, timeout=PREFETCH.poll_seconds)
            except queue.Full:
                continue
        if isinstance(item, Attachment):
            item.path.unlink(missing_ok=True)

    def _is_full(self) -> bool:
        """Whether the drawn pages make a batch; large ones do sooner: they are held in memory, and read by tiles."""
        n_pixels = sum(page.image.width * page.image.height for page in self._drawn)
        return len(self._drawn) >= self._encoding.batch or n_pixels >= PREFETCH.batch_pixels


def is_ending() -> bool:
    """Whether the interpreter is ending: no pool of threads begins anything then, an encoder's neither."""
    with ThreadPoolExecutor(1) as pool:
        try:
            pool.submit(int)
        except RuntimeError:
            return True
    return False

"""A document of the library to stored pages: render, encode, prune, upsert.

Rendering runs ahead of encoding by a bounded number of pages, and one batch is encoded while the one before it is stored.
Stored pages are durable and searchable; an interrupted document goes on with the pages that the store does not have yet.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Set
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.library import Document, Library
from ingest.limits import Limits
from ingest.render import RenderedPage, Renderer, RendererName
from retrieval.encoders.protocol import Encoder, EncoderInfo
from retrieval.errors import NotFound, PagelightError
from retrieval.pruning import Pruning
from retrieval.store.protocol import PageStore
from retrieval.types import StoredPage

log = logging.getLogger(__name__)

#: (pages indexed, pages of the document)
OnPage = Callable[[int, int], None]
Cancelled = Callable[[], bool]

#: batches that are being encoded or wait for it
_UNDER_WAY = 2
_POLL_SECONDS = 0.2
_SKIPS_NAMED = 3
INTERNAL = "Something went wrong inside Pagelight; its log has the details."


@dataclass(frozen=True, slots=True)
class _Skip:
    number: int
    reason: str


class _Interrupted(Exception):
    """Somebody cancelled or removed the document."""


class Pipeline:
    """Indexes one document at a time; `remove` may come from another thread at any moment."""

    def __init__(
        self,
        encoder: Encoder,
        pruning: Pruning,
        store: PageStore,
        library: Library,
        limits: Limits | None = None,
        renderer: RendererName = "pdfium",
    ) -> None:
        self.store = store
        self.library = library
        self._encoder = encoder
        self._pruning = pruning
        self._limits = limits or library.limits
        self._renderer_name = renderer
        self._renderer = Renderer(self._limits, renderer)
        self._writing = threading.Lock()  # pages are never written for a document that is being removed

    def index(
        self, document_id: str, on_page: OnPage | None = None, cancelled: Cancelled | None = None
    ) -> Document:
        """Index what the store does not have yet of the document, and return it as it is then.

        Its state is "indexed" (with a reason if pages were skipped), "failed" with a reason, or "cancelled";
        pages that were indexed before stay searchable. Raises NotFound.
        """
        document = self.library.get(document_id)
        self.library.set_state(document_id, "running")
        try:
            skips = self._index(document, on_page or (lambda done, total: None), cancelled or (lambda: False))
        except _Interrupted:
            return self._finish(document, "cancelled", "")
        except PagelightError as error:
            return self._finish(document, "failed", str(error))
        except Exception:
            log.exception("indexing %s", document_id)
            return self._finish(document, "failed", INTERNAL)
        return self._finish(document, "indexed", _skips_text(skips))

    def count(self, document_ids: Set[str]) -> None:
        """Record the number of pages of documents that have not been opened yet; unreadable ones are left alone."""
        for document_id in document_ids:
            try:
                document = self.library.get(document_id)
                pages = document.pages or self._warm().count(self.library.file(document_id))
            except PagelightError:
                continue  # indexing will meet the same error, and say so
            if not document.pages:
                self.library.set_state(document_id, document.state, document.reason, pages=pages)

    def remove(self, document_id: str) -> None:
        """Take a document out of the store and the library, also while it is being indexed."""
        with self._writing:
            self.library.set_state(document_id, "cancelled", "It was being removed; remove it again.")
            self.store.delete_document(document_id)
            self.library.delete(document_id)

    def close(self) -> None:
        """End the rendering process; only while nothing is being indexed."""
        self._renderer.close()

    def _index(self, document: Document, on_page: OnPage, cancelled: Cancelled) -> list[_Skip]:
        document_id = document.document_id
        stored = self.store.page_numbers(document_id)
        skips: list[_Skip] = []
        renderer = self._warm()
        path = self.library.file(document_id)
        pages = renderer.count(path)
        done = len(stored)
        self.library.set_state(document_id, "running", pages=pages, pages_indexed=done)
        on_page(done, pages)
        if done >= pages:
            return skips
        info = self._encoder.info
        under_way: deque[Future[list[StoredPage]]] = deque()

        def store(at_most: int) -> None:
            """What is encoded, in order, until no more than so many batches are under way."""
            nonlocal done
            while under_way and (len(under_way) > at_most or under_way[0].done()):
                encoded = under_way.popleft().result()
                done += len(encoded)
                self._store(document, encoded, done)
                on_page(done, pages)

        with _rendering(renderer, path, info.dpi, stored, info.batch) as batches, _pool(info) as pool:
            for batch in batches:
                if cancelled():
                    raise _Interrupted
                skips += [item for item in batch if isinstance(item, _Skip)]
                drawn = [item for item in batch if isinstance(item, RenderedPage)]
                if drawn:
                    under_way.append(pool.submit(self._embed, document, drawn))
                store(_UNDER_WAY - 1)
            store(0)
        return skips

    def _warm(self) -> Renderer:
        """The rendering process of the document before, or a new one."""
        if self._renderer.killed:
            self._renderer.close()
            self._renderer = Renderer(self._limits, self._renderer_name)
        return self._renderer

    def _embed(self, document: Document, pages: list[RenderedPage]) -> list[StoredPage]:
        embeddings = self._encoder.encode_pages([page.image for page in pages])
        stored = []
        for page, embedding in zip(pages, embeddings, strict=True):
            pruned = self._pruning.apply(embedding)
            kept = len(pruned) / max(len(embedding), 1)
            stored.append(
                StoredPage(
                    document.document_id,
                    document.name,
                    page.number,
                    pruned,
                    page.words,
                    self._pruning.spec,
                    kept,
                )
            )
        return stored

    def _store(self, document: Document, pages: list[StoredPage], done: int) -> None:
        with self._writing:
            try:
                before = self.library.get(document.document_id)
            except NotFound:
                raise _Interrupted from None
            self.store.upsert(pages)
            n_before = before.pages_indexed
            kept = (before.kept * n_before + sum(page.kept for page in pages)) / (n_before + len(pages))
            self.library.set_state(document.document_id, "running", pages_indexed=done, kept=kept)

    def _finish(self, document: Document, state: str, reason: str) -> Document:
        """Write down how it ended; a document that was removed meanwhile counts as cancelled."""
        document_id = document.document_id
        with self._writing:
            try:
                now = self.library.get(document_id)
                done = len(self.store.page_numbers(document_id))
            except NotFound:
                return replace(document, state="cancelled", reason="It was removed.")
            except PagelightError:  # the store is what failed
                done = now.pages_indexed
            if state == "indexed" and not done:
                self.library.set_state(document_id, "failed", reason or "No page could be indexed.")
            elif state == "indexed":
                self.library.set_state(document_id, "indexed", reason, pages_indexed=done)
            elif state == "cancelled":
                text = f"Cancelled after {done} of {now.pages} pages; add it again to go on."
                self.library.set_state(document_id, "cancelled", text, pages_indexed=done)
            else:
                self.library.set_state(document_id, "failed", reason, pages_indexed=done)
            return self.library.get(document_id)


@contextmanager
def _pool(info: EncoderInfo) -> Iterator[ThreadPoolExecutor]:
    """Threads that encode; leaving the block early does not wait for them."""
    pool = ThreadPoolExecutor(info.side_by_side, "encoding")
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _rendering(
    renderer: Renderer, path: Path, dpi: float, stored: Set[int], batch: int
) -> Iterator[Iterator[list[RenderedPage | _Skip]]]:
    """Batches of what a thread renders ahead; leaving the block early ends the thread and its process."""
    items: queue.Queue[RenderedPage | _Skip | Exception | None] = queue.Queue(batch)
    stop = threading.Event()

    def put(item: RenderedPage | _Skip | Exception | None) -> None:
        while not stop.is_set():
            try:
                return items.put(item, timeout=_POLL_SECONDS)
            except queue.Full:
                continue

    def work() -> None:
        try:
            pages = renderer.pages(
                path, dpi, skip=stored, on_skip=lambda number, why: put(_Skip(number, why))
            )
            for page in pages:
                if stop.is_set():
                    break
                put(page)
            pages.close()
            put(None)
        except Exception as error:  # raised again where the pages are read
            put(error)

    def batches() -> Iterator[list[RenderedPage | _Skip]]:
        """Full batches while rendering is ahead, smaller ones while encoding waits for it anyway."""
        while True:
            try:
                taken = [items.get(timeout=_POLL_SECONDS)]
            except queue.Empty:
                yield []  # whoever reads may have been cancelled meanwhile
                continue
            while len(taken) < batch and not items.empty():
                taken.append(items.get())
            pages = [item for item in taken if isinstance(item, RenderedPage | _Skip)]
            if pages:
                yield pages
            last = taken[-1]
            if isinstance(last, Exception):
                raise last
            if last is None:
                return

    thread = threading.Thread(target=work, name="rendering", daemon=True)
    thread.start()
    try:
        yield batches()
    finally:
        stop.set()
        thread.join(_POLL_SECONDS)
        if thread.is_alive():  # in the middle of a page
            renderer.kill()
            thread.join()


def _skips_text(skips: list[_Skip]) -> str:
    """One line for the pages that could not be drawn.

    >>> _skips_text([_Skip(3, "it is damaged")])
    '1 page was skipped: page 3 (it is damaged).'
    """
    if not skips:
        return ""
    named = ", ".join(f"page {skip.number} ({skip.reason})" for skip in skips[:_SKIPS_NAMED])
    more = f" and {len(skips) - _SKIPS_NAMED} more" if len(skips) > _SKIPS_NAMED else ""
    return f"{len(skips)} {'page was' if len(skips) == 1 else 'pages were'} skipped: {named}{more}."

"""A document of the library to stored pages: render, encode, prune, upsert.

Rendering and encoding run ahead of storing by a bounded number of pages, into the next document at a document's end.
Stored pages are durable and searchable; an interrupted document goes on with the pages that the store does not have yet.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator, Set
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from PIL import Image

from pagelight.ingest.library import Document, Library
from pagelight.ingest.page_text import LYING, PAGE_TEXT, PageText, PageTextParameters, page_text
from pagelight.ingest.prefetch import Ahead, Encoding, Outcome
from pagelight.ingest.remarks import Note, Skip, remarks_text
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.renderer import RenderedPage, Renderer, RendererName
from pagelight.ingest.tiles import TILES, TileParameters, joined_page, tiles_of
from pagelight.retrieval.disk import require_room
from pagelight.retrieval.encoders.encoder import Encoder, text_encoder
from pagelight.retrieval.errors import NotFound, PagelightError
from pagelight.retrieval.pruning import Pruning
from pagelight.retrieval.store.page_store import PageStore
from pagelight.retrieval.types import PageEmbedding, PageMeaning, PageWords, StoredPage

log = logging.getLogger(__name__)

#: (pages indexed, pages of the document)
OnPage = Callable[[int, int], None]
Cancelled = Callable[[], bool]
#: the id of the document that will be indexed next, if there is one
Following = Callable[[], str | None]

#: after which a thread gives way to one that waits for the interpreter; Python's own 5 ms are as long as a whole net of the
#: built-in encoder, and leave the other cores idle
_SWITCH_SECONDS = 0.0005
INTERNAL = "Something went wrong inside Pagelight; its log has the details."


@dataclass(frozen=True, slots=True)
class IndexingParameters:
    """What is understood of a page, and when it is cut.

    text: which words a page's text is made of
    tiles: large pages
    """

    text: PageTextParameters = PAGE_TEXT
    tiles: TileParameters = TILES


INDEXING = IndexingParameters()


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
        own_words: bool = True,
        parameters: IndexingParameters = INDEXING,
    ) -> None:
        """own_words: whether the documents' own words are understood, rather than those that the encoder reads"""
        self.store = store
        self.library = library
        self._encoder = encoder
        self._text_encoder = text_encoder(encoder)
        self._tiles = parameters.tiles
        self._text_rule = parameters.text
        self._own_words = own_words
        self._pruning = pruning
        self._limits = limits or library.limits
        self._renderer_name = renderer
        self._renderer = Renderer(self._limits, renderer)
        self._encoding: Encoding | None = None
        self._ahead: Ahead | None = None  # of the document that is next
        self._writing = threading.Lock()  # pages are never written for a document that is being removed

    def index(
        self,
        document_id: str,
        on_page: OnPage | None = None,
        cancelled: Cancelled | None = None,
        following: Following | None = None,
    ) -> Document:
        """Index what the store does not have yet of the document, and return it as it is then.

        following: asked when all pages are drawn, so that no core waits while the last of them are encoded and stored
        Its state is "indexed" (with a reason if pages were skipped), "failed" with a reason, or "cancelled";
        pages that were indexed before stay searchable. Raises NotFound.
        """
        document = self.library.get(document_id)
        self.library.set_state(document_id, "running")
        try:
            remarks = self._index(
                document,
                on_page or (lambda done, total: None),
                cancelled or (lambda: False),
                following or (lambda: None),
            )
        except _Interrupted:
            return self._finish(document, "cancelled", "")
        except PagelightError as error:
            return self._finish(document, "failed", str(error))
        except Exception:
            log.exception("indexing %s", document_id)
            return self._finish(document, "failed", INTERNAL)
        return self._finish(document, "indexed", remarks)

    def count(self, document_ids: Set[str]) -> None:
        """Record the number of pages of documents that have not been opened yet; unreadable ones are left alone."""
        for document_id in document_ids:
            try:
                document = self.library.get(document_id)
                pages = self._count(document)
            except PagelightError:
                continue  # indexing will meet the same error, and say so
            if not document.pages:
                self.library.set_state(document_id, document.state, document.reason, pages=pages)

    def rest(self) -> None:
        """Let go of what was begun of a document to come, and of the threads that encode."""
        if self._ahead:
            self._ahead.close()
            self._ahead = None
        if self._encoding:
            self._encoding.close()
            self._encoding = None

    def remove(self, document_id: str) -> None:
        """Take a document out of the store and the library, also while it is being indexed."""
        with self._writing:
            self.library.delete(document_id, lambda: self.store.delete_document(document_id))

    def replace(self, document_id: str) -> list[str]:
        """Remove the older versions of a document; their ids. One that has another name, too, stays under that."""
        older = self.library.supersede(document_id)
        for version in older:
            self.remove(version)
        return older

    def close(self) -> None:
        """End the rendering process; only while nothing is being indexed."""
        self.rest()
        self._renderer.close()

    def _index(self, document: Document, on_page: OnPage, cancelled: Cancelled, following: Following) -> str:
        """Index the pages that are missing; what a person should know of them, in one line."""
        document_id = document.document_id
        stored = self.store.page_numbers(document_id)
        skips: list[Skip] = []
        notes: list[Note] = []
        pages = self._count(document)
        done = len(stored)
        self.library.set_state(document_id, "running", pages=pages, pages_indexed=done)
        on_page(done, pages)
        if done >= pages:
            return ""
        begun = False  # the document that follows
        with closing(self._begin(document, stored)) as ahead, _giving_way_soon():
            for item in ahead.encoded():
                if cancelled():
                    raise _Interrupted
                if ahead.drawn and not begun:
                    begun = True
                    self._begin_ahead(following())
                skips += [entry for entry in item if isinstance(entry, Skip)]
                notes += [entry for entry in item if isinstance(entry, Note)]
                if ready := [entry for entry in item if isinstance(entry, StoredPage)]:
                    done += len(ready)
                    self._store(document, ready, done)
                    on_page(done, pages)
            if not begun:  # the last page came before its thread was seen to end
                self._begin_ahead(following())
        return remarks_text(skips, notes)

    def _begin(self, document: Document, stored: Set[int]) -> Ahead:
        """The document's pages but those in the store, some of which may have been drawn ahead."""
        path = self.library.file(document.document_id)
        ahead, self._ahead = self._ahead, None
        if ahead:
            if (ahead.path, ahead.stored) == (path, stored):
                return ahead
            ahead.close()
        self._encoding = self._encoding or Encoding(self._encoder.info)
        return Ahead(self._warm(), path, stored, self._encoding, partial(self._embed, document))

    def _begin_ahead(self, document_id: str | None) -> None:
        """Begin the document that will be next; whatever is wrong with it is told when it is."""
        with suppress(PagelightError):
            if document_id and (document := self.library.get(document_id)).pages:
                self._ahead = self._begin(document, self.store.page_numbers(document_id))

    def _count(self, document: Document) -> int:
        """The document's pages, counted where it was never opened: the renderer has to be free for that."""
        if document.pages:
            return document.pages
        self.rest()
        return self._warm().count(self.library.file(document.document_id))

    def _warm(self) -> Renderer:
        """The rendering process of the document before, or a new one."""
        if self._renderer.killed:
            self._renderer.close()
            self._renderer = Renderer(self._limits, self._renderer_name)
        return self._renderer

    def _embed(self, document: Document, pages: list[RenderedPage]) -> Outcome:
        """The pages encoded together; where that fails, one by one, so that a page costs no other one."""
        try:
            return self._embed_together(document, pages)
        except PagelightError:
            raise
        except Exception:
            log.warning("encoding %d pages of %s", len(pages), document.document_id, exc_info=True)
        outcome: Outcome = []
        for page in pages:
            try:
                outcome += self._embed_together(document, [page])
            except PagelightError:
                raise
            except Exception:
                log.exception("encoding page %d of %s", page.number, document.document_id)
                outcome.append(Skip(page.number, "it cannot be encoded; the log has the details"))
        return outcome

    def _embed_together(self, document: Document, pages: list[RenderedPage]) -> Outcome:
        embeddings = self._encoded([page.image for page in pages])
        texts = [
            self._text(page.words, embedding.read) for page, embedding in zip(pages, embeddings, strict=True)
        ]
        meanings = self._meanings([text.understood for text in texts])
        outcome: Outcome = []
        for page, embedding, text, meaning in zip(pages, embeddings, texts, meanings, strict=True):
            pruned = self._pruning.apply(embedding)
            kept = len(pruned) / max(len(embedding), 1)
            outcome.append(
                StoredPage(
                    document.document_id,
                    document.name,
                    page.number,
                    pruned,
                    text.own,
                    self._pruning.spec,
                    kept,
                    meaning,
                    text.is_read,
                )
            )
            outcome += [Note(page.number, note) for note in (*page.notes, *[LYING] * text.is_lying)]
        return outcome

    def _text(self, own: PageWords, read: PageWords) -> PageText:
        if self._text_encoder is None:
            return PageText(own, PageWords(), is_read=False)
        text = page_text(own, read, self._text_encoder, self._text_rule)
        return text if self._own_words else replace(text, understood=read, is_read=True)

    def _encoded(self, images: list[Image.Image]) -> list[PageEmbedding]:
        """Each page, large ones by tiles."""
        tiled = [tiles_of(image, self._encoder.info.dpi, self._tiles) for image in images]
        pieces = [
            image if len(tiles) == 1 else image.crop((tile.left, tile.top, tile.right, tile.bottom))
            for image, tiles in zip(images, tiled, strict=True)
            for tile in tiles
        ]
        embeddings = iter(self._encoder.encode_pages(pieces))
        return [
            joined_page(tiles, list(islice(embeddings, len(tiles))), image.size)
            for image, tiles in zip(images, tiled, strict=True)
        ]

    def _meanings(self, texts: list[PageWords]) -> list[PageMeaning]:
        if self._text_encoder is None:
            return [PageMeaning.none() for _ in texts]
        return self._text_encoder.encode_words(texts)

    def _store(self, document: Document, pages: list[StoredPage], done: int) -> None:
        with self._writing:
            try:
                before = self.library.get(document.document_id)
            except NotFound:
                raise _Interrupted from None
            require_room(self.library.folder)
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
def _giving_way_soon() -> Iterator[None]:
    """Threads give way after `_SWITCH_SECONDS`."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, _SWITCH_SECONDS))
    try:
        yield
    finally:
        sys.setswitchinterval(before)

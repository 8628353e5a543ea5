"""A document of the library to stored pages: render, encode, prune, upsert; and then, what their text means.

Rendering and encoding run ahead of storing by a bounded number of pages, into the next document at a document's end.
Stored pages are durable and searchable; an interrupted document goes on with the pages that the store does not have yet.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Set
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial

from PIL import Image

from pagelight.ingest import tesseract
from pagelight.ingest.deepening import Deepening
from pagelight.ingest.language import LanguageCount
from pagelight.ingest.library import Document, Library
from pagelight.ingest.office.contents import contents_of
from pagelight.ingest.page_embedder import PageEmbedder
from pagelight.ingest.page_source import PageSource
from pagelight.ingest.prefetch import is_ending
from pagelight.ingest.remarks import (
    Attachment,
    Dated,
    Note,
    Skip,
    begin_remarks,
    load_remarks,
    remarks_text,
    save_remarks,
)
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.pdf_notes import unread_text
from pagelight.ingest.render.renderer import RendererName
from pagelight.ingest.scans import ScanReader
from pagelight.retrieval.disk import require_room
from pagelight.retrieval.encoders.encoder import Encoder, text_encoder
from pagelight.retrieval.errors import DiskFull, NotFound, PagelightError
from pagelight.retrieval.pruning import Pruning
from pagelight.retrieval.store.page_store import PageStore
from pagelight.retrieval.types import StoredPage

log = logging.getLogger(__name__)

#: (pages indexed, pages of the document)
OnPage = Callable[[int, int], None]
Cancelled = Callable[[], bool]
#: the id of the document that will be indexed next, if there is one
Following = Callable[[], str | None]
OnAttachment = Callable[[Attachment], None]

INTERNAL = "Something went wrong inside Pagelight; its log has the details."


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
        read_scans: bool = False,
    ) -> None:
        """own_words: whether the documents' own words are understood, rather than those that the encoder reads

        read_scans: whether pages without any are read by Tesseract, too, where it is installed
        """
        self.store = store
        self.library = library
        self._embedder = PageEmbedder(encoder, pruning, own_words)
        self._limits = limits or library.limits
        self._source = PageSource(encoder.info, self._embedder, library, self._limits, renderer)
        self._writing = threading.Lock()  # pages are never written for a document that is being removed
        reader = (
            ScanReader(self._source.draw)
            if read_scans and own_words and tesseract.installed_languages()
            else None
        )
        self._deepening = Deepening(text_encoder(encoder), store, library, self._writing, pruning, reader)

    def index(
        self,
        document_id: str,
        on_page: OnPage | None = None,
        cancelled: Cancelled | None = None,
        following: Following | None = None,
        attached: OnAttachment | None = None,
    ) -> Document:
        """Index what the store does not have yet of the document, and return it as it is then.

        attached: called with the files that are attached to the document and can be searched, which it has to remove
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
                attached or _ignored,
            )
        except _Interrupted:
            return self._finish(document, "cancelled", "")
        except PagelightError as error:
            return self._finish(document, "failed", str(error))
        except Exception:
            log.exception("indexing %s", document_id)
            return self._finish(document, "failed", INTERNAL)
        with suppress(PagelightError):  # the document is indexed all the same
            self._update_centroids(lambda: not (cancelled and cancelled()))
        return self._finish(document, "indexed", remarks)

    def deepen(self, wanted: Callable[[], bool] = lambda: True) -> bool:
        """Add what the text of pages means, and update centroids, as long as that is wanted; whether nothing is left to do.

        wanted: asked before every few pages. Raises StoreError, DiskFull.
        """
        while wanted():
            if not self._deepening.step() and not self._update_centroids(wanted):
                return True
        return False

    def count(self, document_ids: Set[str]) -> None:
        """Record the number of pages of documents that have not been opened yet; unreadable ones are left alone."""
        for document_id in document_ids:
            try:
                document = self.library.get(document_id)
                if document.type.is_converted:  # that takes some seconds: when its turn comes
                    continue
                pages = self._source.count(document)
            except PagelightError:
                continue  # indexing will meet the same error, and say so
            self.library.set_pages(document_id, pages)

    def embed_picture(self, image: Image.Image, name: str) -> StoredPage:
        """A picture that belongs to no document, as a page that is not stored; name: tells it from others."""
        return self._embedder.embed_picture(image, name)

    def release(self) -> None:
        """End what was begun of a document to come, and the threads that encode."""
        self._source.release()

    def remove(self, document_id: str) -> None:
        """Take a document, and what is attached to it, out of the store and the library, also while it is being indexed."""
        with self._writing:
            for one in reversed(self.library.begin_deletion(document_id)):  # those that are attached first
                self.library.delete(one, partial(self.store.delete_document, one))

    def replace(self, document_id: str) -> list[str]:
        """Remove the older versions of a document; their ids. One that has another name, too, stays under that."""
        older = self.library.supersede(document_id)
        for version in older:
            self.remove(version)
        return older

    def close(self) -> None:
        """End the rendering process; only while nothing is being indexed."""
        self._source.close()

    def _update_centroids(self, wanted: Callable[[], bool]) -> bool:
        """The next piece of what lets searches follow the library; False where nothing is left, or the disk has no room for it."""
        try:
            return self.store.update_centroids(wanted)
        except DiskFull as error:  # searches go by what is there, and the next document may still fit
            log.warning("updating centroids: %s", error)
            return False

    def _index(
        self,
        document: Document,
        on_page: OnPage,
        cancelled: Cancelled,
        following: Following,
        attached: OnAttachment,
    ) -> str:
        """Index the pages that are missing; what a person should know of them, in one line."""
        document_id = document.document_id
        stored = self.store.page_numbers(document_id)
        database = self.library.database
        pages = self._source.count(document)
        done = len(stored)
        self.library.set_state(document_id, "running", pages=pages, pages_indexed=done)
        self.library.set_shallow(document_id, len(self.store.shallow_pages(document_id)) if stored else 0)
        self._deepening.forget()
        on_page(done, pages)
        if done >= pages:
            return remarks_text(*load_remarks(database, document_id))
        begin_remarks(database, document_id, stored)
        is_converted = document.type.is_converted
        dated = self._unpack(document, attached) if is_converted else ""
        language = LanguageCount()
        begun = False  # the document that follows
        with closing(self._source.pages(document, stored)) as prefetch:
            self.store.prepare_writing()  # while the first page is drawn
            for item in prefetch.encoded():
                if cancelled():
                    raise _Interrupted
                if prefetch.drawn and not begun:
                    begun = True
                    self._begin(following())
                for entry in item:
                    if isinstance(entry, Attachment):
                        attached(entry)
                    elif isinstance(entry, Dated) and not is_converted:  # LibreOffice's PDFs are of today
                        dated = entry.date
                if any(isinstance(entry, Skip) for entry in item) and is_ending():
                    raise SystemExit  # of this thread: the next start takes the pages up, which nothing is wrong with
                save_remarks(database, document_id, [e for e in item if isinstance(e, (Skip, Note))])
                if ready := [entry for entry in item if isinstance(entry, StoredPage)]:
                    done += len(ready)
                    self._store(document, ready, done)
                    for page in ready:
                        language.add(page.words.texts)
                    on_page(done, pages)
            self.library.describe(document_id, language.language, dated)
            if not begun:  # the last page came before its thread was seen to end
                self._begin(following())
        return remarks_text(*load_remarks(database, document_id))

    def _unpack(self, document: Document, attached: OnAttachment) -> str:
        """Hand over what is attached to a mail or lies in an office file, and note what of it cannot be searched; its date."""
        path = self.library.file(document.document_id)
        contents = contents_of(path, document.type, self.library.files.incoming, self._limits)
        notes, unread = [*contents.notes], []
        for file in contents.attached:
            if file.path:
                attached(Attachment(file.name, file.path))
            else:
                unread.append(file.name)
        notes += [unread_text(unread)] if unread else []
        save_remarks(self.library.database, document.document_id, [Note(0, note) for note in notes])
        return contents.date

    def _begin(self, document_id: str | None) -> None:
        """Begin the document that will be next."""
        with suppress(PagelightError):
            if document_id and (document := self.library.get(document_id)).pages:
                self._source.begin(document, self.store.page_numbers(document_id))

    def _store(self, document: Document, pages: list[StoredPage], done: int) -> None:
        with self._writing:
            try:
                before = self.library.get(document.document_id)
            except NotFound:
                raise _Interrupted from None
            require_room(self.library.folder)
            if shallow := sum(page.to_understand is not None for page in pages):
                self.library.add_shallow(document.document_id, shallow)
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


def _ignored(attachment: Attachment) -> None:
    attachment.path.unlink(missing_ok=True)

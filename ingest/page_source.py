"""Pages of documents on their way to the index: the rendering process, the threads that encode, and the document that is next."""

from __future__ import annotations

from collections.abc import Set
from contextlib import suppress
from functools import partial

from PIL import Image

from pagelight.ingest.library import Document, Library
from pagelight.ingest.page_embedder import PageEmbedder
from pagelight.ingest.prefetch import EncodingThreads, Prefetch
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.renderer import Renderer, RendererName
from pagelight.retrieval.encoders.encoder import EncoderInfo
from pagelight.retrieval.errors import PagelightError


class PageSource:
    """Renders and encodes one document ahead of the other. For the one thread that indexes."""

    def __init__(
        self,
        info: EncoderInfo,
        embedder: PageEmbedder,
        library: Library,
        limits: Limits,
        renderer: RendererName,
    ) -> None:
        self._info, self._embedder, self._library = info, embedder, library
        self._limits, self._renderer_name = limits, renderer
        self._renderer = Renderer(limits, renderer)
        self._encoding: EncodingThreads | None = None
        self._prefetched: Prefetch | None = None  # the document that is next

    def pages(self, document: Document, stored: Set[int]) -> Prefetch:
        """The document's pages but those that are stored, some of which may have been drawn ahead."""
        path = self._library.drawn_file(document.document_id)
        prefetched, self._prefetched = self._prefetched, None
        if prefetched:
            if (prefetched.path, prefetched.stored) == (path, stored):
                return prefetched
            prefetched.close()
        self._encoding = self._encoding or EncodingThreads(self._info)
        embed = partial(self._embedder.embed, document)
        folder = self._library.files.incoming
        return Prefetch(self._warm(), path, stored, self._encoding, embed, folder)

    def begin(self, document: Document, stored: Set[int]) -> None:
        """Begin the document that will be next; whatever is wrong with it is told when it is."""
        with suppress(PagelightError):
            self._prefetched = self.pages(document, stored)

    def draw(self, document_id: str, page: int, width: int) -> Image.Image:
        """One page, `width` pixels wide; the renderer has to be free for that. Raises NotFound, DocumentError."""
        self.release()
        return self._warm().page(self._library.drawn_file(document_id), page, width)

    def count(self, document: Document) -> int:
        """The document's pages, counted where it was never opened: the renderer has to be free for that. Raises DocumentError."""
        if document.pages:
            return document.pages
        self.release()
        return self._warm().count(self._library.drawn_file(document.document_id))

    def release(self) -> None:
        """End what was begun of a document to come, and the threads that encode."""
        if self._prefetched:
            self._prefetched.close()
            self._prefetched = None
        if self._encoding:
            self._encoding.close()
            self._encoding = None

    def close(self) -> None:
        self.release()
        self._renderer.close()

    def _warm(self) -> Renderer:
        """The rendering process of the document before, or a new one."""
        if self._renderer.killed:
            self._renderer.close()
            self._renderer = Renderer(self._limits, self._renderer_name)
        return self._renderer

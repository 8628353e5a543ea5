"""The pages of an open library's documents: their pictures, their words, and their files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pagelight.app.open_library import OpenLibrary
from pagelight.app.places import cropped
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.image_pdf import write_image_pdf
from pagelight.ingest.render.renderer import render_page
from pagelight.retrieval.errors import InvalidInput, NotFound, not_indexed
from pagelight.retrieval.types import Box, PageWords, StoredPage, page_id

if TYPE_CHECKING:
    from pagelight.app.export import Render

#: pixels across of a page of which a box is shown
SHARPEST = 2400
#: pages that are read from the store in one go
_PAGES_AT_ONCE = 32


class LibraryPages(OpenLibrary):
    """Everything that people look at."""

    def check_page(self, document_id: str, page: int) -> None:
        """Raises NotFound unless the library has this page."""
        document = self._library.get(document_id)
        if page < 1 or (document.pages and page > document.pages):
            raise NotFound(f"there is no page {page} in {document.name}; its last is page {document.pages}")

    def page_image(self, document_id: str, page: int, width: int = 1200, box: Box | None = None) -> bytes:
        """One page as WebP, or a box of it, `width` pixels wide or a little more. Raises NotFound, DocumentError, Busy."""
        self.check_page(document_id, page)
        if box is not None:
            check_box(box)
            width = min(round(width / (box[2] - box[0])), SHARPEST)
        image = self._images.cached(document_id, page, width)
        if image is None:
            with self._drawing_turns.taken():
                image = self._images.webp(document_id, page, width)
        return image if box is None else cropped(image, box)

    def document_file(self, document_id: str) -> Path:
        """The file as it was added. Raises NotFound."""
        return self._library.file(document_id)

    def document_pdf(self, document_id: str) -> Path:
        """The document as a PDF: itself, what LibreOffice made of it, or its images as pages. Raises NotFound, DocumentError."""
        document = self._library.get(document_id)
        file = self._library.drawn_file(document_id)
        if document.type is FileType.PDF or document.type.is_converted:
            return file
        made = self._library.cache / document_id / "document.pdf"
        if not made.exists():
            made.parent.mkdir(parents=True, exist_ok=True)
            # Imported here: the libraries that write PDFs take long to import, and a start has no use for them.
            from pagelight.app.export import DRAWN_PIXELS, write_drawn

            with self._pdf_lock:
                unfinished = made.with_suffix(".part")
                if not made.exists() and not write_image_pdf(file, unfinished, self._library.limits):
                    render = self._renderer(document_id)
                    pages = range(1, max(document.pages, 1) + 1)
                    write_drawn((render(page, DRAWN_PIXELS) for page in pages), unfinished)
                if unfinished.exists():
                    unfinished.replace(made)
        return made

    def page_words(self, document_id: str, page: int) -> PageWords:
        """The words of one indexed page: the document's own, and what was read where it has none. Raises NotFound."""
        self._library.get(document_id)
        wanted = page_id(document_id, page)
        found = self._engine().store.fetch_text([wanted])
        if wanted not in found:
            raise not_indexed(document_id, page)
        return found[wanted]

    def own_words(self, pages: Sequence[tuple[str, int]]) -> list[PageWords]:
        """The documents' own words on (document id, page), in that order; none of pages that have gone meanwhile."""
        return self._engine().store.fetch_words([page_id(*page) for page in pages])

    def document_words(self, document_id: str) -> Iterator[tuple[int, PageWords]]:
        """(page, words) of the document's indexed pages, in order, as `page_words` has them. Raises NotFound."""
        pages = range(1, self._library.get(document_id).pages + 1)
        store = self._engine().store
        for start in range(0, len(pages), _PAGES_AT_ONCE):
            wanted = {page_id(document_id, page): page for page in pages[start : start + _PAGES_AT_ONCE]}
            found = store.fetch_text(list(wanted))
            yield from ((page, found[one]) for one, page in wanted.items() if one in found)

    def _stored_page(self, document_id: str, page: int) -> StoredPage:
        self._library.get(document_id)
        found = self._engine().store.fetch([page_id(document_id, page)])
        if not found:
            raise not_indexed(document_id, page)
        return found[0]

    def _renderer(self, document_id: str) -> Render:
        path, limits = self._library.drawn_file(document_id), self._library.limits
        return lambda page, width: render_page(path, page, width, limits)


def check_box(box: Box) -> None:
    """Raises InvalidInput for what is no part of a page."""
    if not (0 <= box[0] < box[2] <= 1 and 0 <= box[1] < box[3] <= 1):
        raise InvalidInput(f"box: expected x0 < x1 and y0 < y1 between 0 and 1, got {box}")

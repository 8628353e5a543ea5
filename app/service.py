"""The one object that the browser, HTTP, MCP, the command line and your own program call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pagelight.app.judgements import Judgement
from pagelight.app.library_search import LibrarySearch, Like
from pagelight.app.suggestions import suggest
from pagelight.ingest.collections import seen_collections
from pagelight.ingest.library import Document, DocumentFilter
from pagelight.retrieval.errors import NotFound
from pagelight.retrieval.results import PageHit
from pagelight.retrieval.types import PageWords, page_id

#: strength from which an example is answered well: more likely than not
SURE = 0.5
#: pages of a document that examples are taken from, the first ones
_PAGES_OF_EXAMPLES = 8
#: documents that examples are taken from: the newest, and of the others the longest, which say more than letters and notes
_NEWEST, _LONGEST = 8, 4


class Service(LibrarySearch):
    """A library of documents and everything that people do with it. Safe for many threads.

    A context manager: leaving it stops the jobs after their current page and frees the data folder.
    """

    def examples(self, count: int = 5) -> list[str]:
        """Queries to start with: questions that the user's own documents answer; none while there are no words."""
        if (
            self._is_loading or seen_collections() is not None
        ):  # found by searching everywhere, and kept for all
            return []
        documents = telling_documents(self._library.documents())
        state = tuple(f"{document.document_id}:{document.pages_indexed}" for document in documents)
        if self._suggested[0] != state:
            self._suggested = (state, suggest(self._first_pages(documents), self._answers, count))
        return list(self._suggested[1])

    def export(
        self,
        query: str,
        out: str | Path,
        top_k: int = 10,
        documents: Sequence[str] = (),
        *,
        only: DocumentFilter | None = None,
        least_strength: float = 0.0,
    ) -> int:
        """The found pages as one PDF with their regions highlighted; returns how many pages.

        least_strength: weaker pages are left out, but for the best one
        Raises NotFound when nothing matches.
        """
        result = self.search(query, top_k, documents, only=only)
        if not result.matched:
            raise NotFound(f"nothing in the library matches {query!r}")
        hits = [hit for hit in result.hits if hit.strength >= least_strength]
        return self._write_hits(result.query, hits or result.hits[:1], out)

    def export_page(self, query: str, document_id: str, page: int, out: str | Path) -> None:
        """One page as a PDF with the places that match highlighted, whether a search would find it or not.

        Raises NotFound, InvalidQuery and Busy.
        """
        regions = self.heatmap(document_id, page, query).regions
        name = self.find_document(document_id).name
        hit = PageHit(name, document_id, page, score=0.0, strength=0.0, sources=(), regions=regions)
        self._write_hits(query, (hit,), out)

    def export_like(
        self,
        like: Like,
        out: str | Path,
        top_k: int = 10,
        documents: Sequence[str] = (),
        *,
        only: DocumentFilter | None = None,
    ) -> int:
        """The pages that are most like an example as one PDF, what is alike highlighted; returns how many pages.

        Raises NotFound when nothing is like it.
        """
        if isinstance(like, bytes):
            result = self.search_picture(like, top_k, documents, only=only)
        else:
            result = self.search_like(*like, top_k, documents, only=only)
        if not result.hits:
            raise NotFound("nothing in the library is like that")
        return self._write_hits(result.query, result.hits, out)

    def _write_hits(self, query: str, found: Sequence[PageHit], out: str | Path) -> int:
        # Imported here: the libraries that write PDFs take long to import, and a start has no use for them.
        from pagelight.app.export import ExportedHit, write_hits

        hits = (
            ExportedHit(hit, self._library.drawn_file(hit.document_id), self._renderer(hit.document_id))
            for hit in found
        )
        return write_hits(query, hits, Path(out))

    def judge(self, query: str, document_id: str, page: int, relevant: bool) -> None:
        """Keep a person's word on a hit. Raises NotFound for a page that the document does not have."""
        self.check_page(document_id, page)
        self._judgements.add(Judgement(self._checked(query), document_id, page, relevant))

    def take_back(self, query: str, document_id: str, page: int) -> None:
        """Forget what was said of a hit, if anything was. Raises NotFound."""
        self.check_page(document_id, page)
        self._judgements.take_back(self._checked(query), document_id, page)

    def judgement(self, query: str, document_id: str, page: int) -> bool | None:
        """The judgement of a hit; None where there is none. Raises NotFound."""
        self.check_page(document_id, page)
        return self._judgements.of(query, document_id, page)

    def judgements(self) -> tuple[Judgement, ...]:
        """All judgements of pages that the caller may see, in the order in which they were made."""
        found = self._judgements.all()
        if seen_collections() is None:
            return tuple(found)
        visible = {document.document_id for document in self._library.documents()}
        return tuple(judgement for judgement in found if judgement.document_id in visible)

    def _answers(self, query: str, document_id: str, page: int) -> bool:
        """Whether a query finds the page first, and surely."""
        hits = self._engine().searcher.search(query, 1, None, self.settings.image_only).hits
        return (
            bool(hits)
            and (hits[0].document_id, hits[0].page) == (document_id, page)
            and hits[0].strength >= SURE
        )

    def _first_pages(self, documents: Sequence[Document]) -> Iterator[tuple[str, int, PageWords]]:
        store = self._engine().store
        for document in documents:
            last = min(document.pages_indexed, _PAGES_OF_EXAMPLES)
            wanted = [page_id(document.document_id, page) for page in range(1, last + 1)]
            for stored in store.fetch(wanted):
                yield document.document_id, stored.page, stored.words


def telling_documents(documents: Sequence[Document]) -> list[Document]:
    """Those that examples are taken from, of a list that begins with the oldest.

    >>> pages = [50, 1, 40, 3, 30, 0, 20, *[2] * 8]
    >>> all_of_them = [Document(f"{n:064x}", "a.pdf", pages_indexed=n) for n in pages]
    >>> [document.pages_indexed for document in telling_documents(all_of_them)]
    [2, 2, 2, 2, 2, 2, 2, 2, 50, 40, 30, 20]
    """
    ready = [document for document in documents if document.pages_indexed]
    older, newest = ready[:-_NEWEST], ready[-_NEWEST:]
    return newest + sorted(older, key=lambda document: -document.pages_indexed)[:_LONGEST]

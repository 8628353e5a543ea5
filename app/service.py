"""The one object that the browser, HTTP, MCP, the command line and your own program call."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pagelight.app.export import ExportedHit, write_hits
from pagelight.app.judgements import Judgement
from pagelight.app.library_documents import LibraryDocuments, check_box
from pagelight.app.phrases import count_wanted, fitting
from pagelight.app.picture import digest, open_picture
from pagelight.app.suggestions import suggest
from pagelight.ingest.collections import seen_collections
from pagelight.ingest.library import Document, DocumentFilter
from pagelight.retrieval.errors import InvalidInput, InvalidQuery, NotFound, PagelightError
from pagelight.retrieval.results import Heatmap, SearchResult
from pagelight.retrieval.search.example import Example
from pagelight.retrieval.search.receipt import Receipt
from pagelight.retrieval.text.query_syntax import parse_query
from pagelight.retrieval.types import Box, PageWords, page_id

if TYPE_CHECKING:
    from pagelight.app.engine import Engine

log = logging.getLogger("pagelight.service")

#: an example: (document id, page, box or None for the whole page), or an image file's bytes
Like = tuple[str, int, Box | None] | bytes

#: strength from which an example is answered well: more likely than not
SURE = 0.5
#: pages of a document that examples are taken from, the first ones
_PAGES_OF_EXAMPLES = 6


class Service(LibraryDocuments):
    """A library of documents and everything that people do with it. Safe for many threads.

    A context manager: leaving it stops the jobs after their current page and frees the data folder.
    """

    def search(
        self,
        query: str,
        top_k: int = 10,
        documents: Sequence[str] = (),
        *,
        only: DocumentFilter | None = None,
        client: str = "",
        exact: bool = False,
    ) -> SearchResult:
        """The best pages; `documents` are names or ids. Raises InvalidInput, NotFound and Busy.

        query: quotes mean the phrase, and `-word` leaves out
        only: search in the documents that this filter lets through
        client: whoever asks, so that searches take turns fairly
        exact: compare all pages, where otherwise a first stage chooses some hundred of a large library
        """
        query = self._checked(query)
        self._check_count(top_k)
        document_ids = self._among(documents, only)
        wanted = parse_query(query)
        with self._searching(client) as engine:
            count = count_wanted(wanted, top_k)
            if document_ids is not None and not document_ids:
                result = SearchResult(query, False, 0.0, ())
            else:
                # A phrase takes its words as they are written: none of the query is read as another word then.
                found = engine.searcher.search(
                    wanted.text, count, document_ids, self.settings.image_only, not wanted.phrases, exact
                )
                result = fitting(found, query, wanted, top_k, engine.searcher, engine.store)
        return self._told(result)

    def heatmap(self, document_id: str, page: int, query: str) -> Heatmap:
        """Places of each word of the query on one page. Raises InvalidQuery, NotFound and Busy."""
        query = self._checked(query)
        self.check_page(document_id, page)
        wanted = parse_query(query)
        searcher = self._engine().searcher
        with self._turns.taken():
            return searcher.heatmap(
                document_id, page, wanted.text or query, self.settings.image_only, not wanted.phrases
            )

    def why(
        self,
        document_id: str,
        page: int,
        query: str,
        documents: Sequence[str] = (),
        *,
        only: DocumentFilter | None = None,
    ) -> Receipt:
        """Parts of a page's score in a search: each word, what it matched, and where. Raises NotFound, InvalidQuery."""
        query = self._checked(query)
        self.check_page(document_id, page)
        wanted = parse_query(query)
        among, searcher = self._among(documents, only), self._engine().searcher
        with self._turns.taken():
            return searcher.explain(
                document_id,
                page,
                wanted.text or query,
                among,
                self.settings.image_only,
                not wanted.phrases,
            )

    def search_like(
        self,
        document_id: str,
        page: int,
        box: Box | None = None,
        top_k: int = 10,
        documents: Sequence[str] = (),
        *,
        only: DocumentFilter | None = None,
        client: str = "",
    ) -> SearchResult:
        """The pages that are most like one of the library, or like what is in a box of it; that page is not among them.

        Raises NotFound, InvalidInput and Busy.
        """
        example = self._example(document_id, page, box)
        return self._searched_like(example, top_k, documents, only, client)

    def search_picture(
        self,
        content: bytes,
        top_k: int = 10,
        documents: Sequence[str] = (),
        *,
        only: DocumentFilter | None = None,
        client: str = "",
    ) -> SearchResult:
        """The pages that are most like a picture, given as an image file's bytes. Raises InvalidInput, DocumentError, Busy."""
        with self._turns.taken(client):
            example = self._picture(content)
        return self._searched_like(example, top_k, documents, only, client)

    def heatmap_like(
        self,
        document_id: str,
        page: int,
        like: Like,
    ) -> Heatmap:
        """Places of a page that are like an example: (document id, page, box or None), or a picture. Raises NotFound."""
        self.check_page(document_id, page)
        example = self._picture(like) if isinstance(like, bytes) else self._example(*like)
        searcher = self._engine().searcher
        with self._turns.taken():
            return searcher.heatmap_like(document_id, page, example, self.settings.image_only)

    def why_like(
        self,
        document_id: str,
        page: int,
        like: Like,
        documents: Sequence[str] = (),
        *,
        only: DocumentFilter | None = None,
    ) -> Receipt:
        """What a page's score in a search by an example adds up from. Raises NotFound, InvalidInput."""
        self.check_page(document_id, page)
        example = self._picture(like) if isinstance(like, bytes) else self._example(*like)
        among, searcher = self._among(documents, only), self._engine().searcher
        with self._turns.taken():
            return searcher.explain_like(document_id, page, example, among, self.settings.image_only)

    def examples(self, count: int = 5) -> list[str]:
        """Queries to start with: questions that the user's own documents answer; none while there are no words."""
        if (
            self._is_loading or seen_collections() is not None
        ):  # found by searching everywhere, and kept for all
            return []
        documents = [document for document in self._library.documents() if document.pages_indexed][-8:]
        state = tuple(f"{document.document_id}:{document.pages_indexed}" for document in documents)
        if self._suggested[0] != state:
            self._suggested = (state, suggest(self._first_pages(documents), self._answers, count))
        return list(self._suggested[1])

    def export(
        self,
        query: str,
        out: Path,
        top_k: int = 10,
        documents: Sequence[str] = (),
        *,
        only: DocumentFilter | None = None,
    ) -> int:
        """The found pages as one PDF with their regions highlighted; returns how many pages.

        Raises NotFound when nothing matches.
        """
        result = self.search(query, top_k, documents, only=only)
        if not result.matched:
            raise NotFound(f"nothing in the library matches {query!r}")
        return self._write_hits(result, out)

    def export_like(
        self,
        like: Like,
        out: Path,
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
        return self._write_hits(result, out)

    def _write_hits(self, result: SearchResult, out: Path) -> int:
        hits = (
            ExportedHit(hit, self._library.drawn_file(hit.document_id), self._renderer(hit.document_id))
            for hit in result.hits
        )
        return write_hits(result.query, hits, out)

    def judge(self, query: str, document_id: str, page: int, relevant: bool) -> None:
        """Keep a person's word on a hit. Raises NotFound for a page that the document does not have."""
        self.check_page(document_id, page)
        self._judgements.add(Judgement(self._checked(query), document_id, page, relevant))

    def take_back(self, query: str, document_id: str, page: int) -> None:
        """Forget what was said of a hit, if anything was. Raises NotFound."""
        self.check_page(document_id, page)
        self._judgements.take_back(self._checked(query), document_id, page)

    def judgements(self) -> tuple[Judgement, ...]:
        """All judgements of pages that whoever asks may see, in the order in which they were made."""
        found = self._judgements.all()
        if seen_collections() is None:
            return tuple(found)
        visible = {document.document_id for document in self._library.documents()}
        return tuple(judgement for judgement in found if judgement.document_id in visible)

    def _example(self, document_id: str, page: int, box: Box | None) -> Example:
        self.check_page(document_id, page)
        if box is not None:
            check_box(box)
        return Example(self._stored_page(document_id, page), box)

    def _picture(self, content: bytes) -> Example:
        name = digest(content)
        known = self._pictures.find(name)
        if known is None:
            image = open_picture(content, self.settings.limits)
            known = self._pictures.keep(name, Example(self._engine().pipeline.embed_picture(image, name)))
        return known

    def _searched_like(
        self,
        example: Example,
        top_k: int,
        documents: Sequence[str],
        only: DocumentFilter | None,
        client: str,
    ) -> SearchResult:
        self._check_count(top_k)
        document_ids = self._among(documents, only)
        with self._searching(client) as engine:
            result = engine.searcher.search_like(example, top_k, document_ids, self.settings.image_only)
        return self._told(result)

    @contextmanager
    def _searching(self, client: str) -> Iterator[Engine]:
        """The engine, once it is this client's turn. Counts what is refused."""
        try:
            engine = self._engine()
            with self._turns.taken(client):
                yield engine
        except PagelightError:
            self.metrics.refused()
            raise

    def _check_count(self, top_k: int) -> None:
        if not 1 <= top_k <= self.settings.max_hits:
            raise InvalidInput(f"top_k: expected 1 to {self.settings.max_hits}, got {top_k}")

    def _told(self, result: SearchResult) -> SearchResult:
        """Count and log a search; its documents as they are called now, while the index has the name of the first day."""
        self.metrics.searched(result.seconds, result.matched)
        log.info("search: %d pages in %.0f ms", len(result.hits), 1000 * result.seconds)
        labels = self._library.labels()
        hits = tuple(
            dataclasses.replace(hit, document=labels.get(hit.document_id, hit.document))
            for hit in result.hits
        )
        return dataclasses.replace(result, hits=hits)

    def _checked(self, query: str) -> str:
        query = " ".join(query.encode("utf-8", "replace").decode().split())
        limit = self.settings.max_query_chars
        if not query:
            raise InvalidQuery("the query is empty; type a few words")
        if len(query) > limit:
            raise InvalidQuery(f"the query has {len(query)} characters; the limit is {limit}")
        return query

    def _among(self, names: Sequence[str], only: DocumentFilter | None) -> list[str] | None:
        """Ids of the documents to search in; None for all of them."""
        named = self._document_ids(names) if names else None
        hides = seen_collections() is not None or bool(self._library.unfinished_deletions())
        if not hides and (only is None or only == DocumentFilter()):
            return named
        allowed = [document.document_id for document in self._library.documents(only)]
        return allowed if named is None else [one for one in named if one in set(allowed)]

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

"""Searching a library: by a query, a page, a piece of it or a picture, and why a page was found."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from pagelight.app.library_documents import LibraryDocuments
from pagelight.app.library_pages import check_box
from pagelight.app.phrases import filter_hits, n_to_find
from pagelight.app.settings import Settings
from pagelight.ingest.collections import seen_collections
from pagelight.ingest.library import DocumentFilter
from pagelight.ingest.render.file_type import check_file
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.renderer import render_page
from pagelight.retrieval.errors import InvalidInput, InvalidQuery, LibraryDamaged, PagelightError
from pagelight.retrieval.results import Heatmap, SearchResult
from pagelight.retrieval.search.example import Example
from pagelight.retrieval.search.receipt import Receipt
from pagelight.retrieval.text.query_syntax import parse_query
from pagelight.retrieval.types import Box

if TYPE_CHECKING:
    from pagelight.app.engine import Engine

log = logging.getLogger("pagelight.service")

#: an example: (document id, page, box or None for the whole page), or an image file's bytes
Like = tuple[str, int, Box | None] | bytes
#: pixels across of a picture that somebody searches with, at most: a page is read at about as many
_PICTURE_WIDTH = 1200


class LibrarySearch(LibraryDocuments):
    """The searches of a library; each waits its turn."""

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
        """The best pages; `documents` are names or ids. Raises InvalidInput, NotFound, Busy and LibraryDamaged.

        query: quotes mean the phrase, and `-word` leaves out
        only: search in the documents that this filter lets through
        client: the caller, so that searches take turns fairly
        exact: compare all pages, where otherwise a first stage chooses some hundred of a large library
        """
        query = self._checked(query)
        check_count(top_k, self.settings)
        document_ids = self._among(documents, only)
        wanted = parse_query(query)
        with self._searching(client) as engine:
            count = n_to_find(wanted, top_k)
            if document_ids is not None and not document_ids:
                result = SearchResult(query, False, 0.0, ())
            else:
                # A phrase takes its words as they are written: none of the query is read as another word then.
                found = engine.searcher.search(
                    wanted.text, count, document_ids, self.settings.image_only, not wanted.phrases, exact
                )
                result = filter_hits(found, query, wanted, top_k, engine.searcher, engine.store)
            if not result.matched and (missing := self._missing_pages(engine)):
                raise LibraryDamaged(missing)
        return self._counted(result)

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
                document_id, page, wanted.text or query, among, self.settings.image_only, not wanted.phrases
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

    def heatmap_like(self, document_id: str, page: int, like: Like) -> Heatmap:
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
        """The parts of a page's score in a search by an example. Raises NotFound, InvalidInput."""
        self.check_page(document_id, page)
        example = self._picture(like) if isinstance(like, bytes) else self._example(*like)
        among, searcher = self._among(documents, only), self._engine().searcher
        with self._turns.taken():
            return searcher.explain_like(document_id, page, example, among, self.settings.image_only)

    def _example(self, document_id: str, page: int, box: Box | None) -> Example:
        self.check_page(document_id, page)
        if box is not None:
            check_box(box)
        return Example(self._stored_page(document_id, page), box)

    def _picture(self, content: bytes) -> Example:
        name = hashlib.sha256(content).hexdigest()
        known = self._pictures.find(name)
        if known is None:
            image = _open_picture(content, self.settings.limits)
            known = self._pictures.keep(name, Example(self._engine().pipeline.embed_picture(image, name)))
        return known

    def _searched_like(
        self, example: Example, top_k: int, documents: Sequence[str], only: DocumentFilter | None, client: str
    ) -> SearchResult:
        check_count(top_k, self.settings)
        document_ids = self._among(documents, only)
        with self._searching(client) as engine:
            result = engine.searcher.search_like(example, top_k, document_ids, self.settings.image_only)
        return self._counted(result)

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

    def _counted(self, result: SearchResult) -> SearchResult:
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
        return checked_query(query, self.settings)

    def _among(self, names: Sequence[str], only: DocumentFilter | None) -> list[str] | None:
        """Ids of the documents to search in; None for all of them."""
        named = self._document_ids(names) if names else None
        hides = seen_collections() is not None or bool(self._library.unfinished_deletions())
        if not hides and (only is None or only == DocumentFilter()):
            return named
        allowed = [document.document_id for document in self._library.documents(only)]
        return allowed if named is None else [one for one in named if one in set(allowed)]


def checked_query(query: str, settings: Settings) -> str:
    """The query with single spaces. Raises InvalidQuery."""
    query = " ".join(query.encode("utf-8", "replace").decode().split())
    limit = settings.max_query_chars
    if not query:
        raise InvalidQuery("the query is empty; type a few words")
    if len(query) > limit:
        raise InvalidQuery(f"the query has {len(query)} characters; the limit is {limit}")
    return query


def check_count(top_k: int, settings: Settings) -> None:
    """Raises InvalidInput."""
    if not 1 <= top_k <= settings.max_hits:
        raise InvalidInput(f"top_k: expected 1 to {settings.max_hits}, got {top_k}")


def _open_picture(content: bytes, limits: Limits) -> Image.Image:
    """The picture in RGB, drawn in the rendering process as every file that comes from outside. Raises InvalidInput, DocumentError."""
    if not content:
        raise InvalidInput("the picture is empty")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture"
        path.write_bytes(content)
        check_file(path, limits)
        return render_page(path, 1, _PICTURE_WIDTH, limits)

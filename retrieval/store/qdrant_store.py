"""Pages in Qdrant: the one store, whatever engine answers."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from pagelight.retrieval.store import codec
from pagelight.retrieval.store.engine import Nearest, Point, QdrantEngine, Scan
from pagelight.retrieval.store.page_cache import PageCache
from pagelight.retrieval.store.page_store import IndexConfig, ScoredPage, StoreStats
from pagelight.retrieval.store.precision import parse_precision
from pagelight.retrieval.text.bm25 import query_vector
from pagelight.retrieval.types import Floats, StoredPage

#: every vector that is kept, and nothing coarser
EXACT = Scan(None)


class QdrantStore:
    """`PageStore` over a `QdrantEngine`."""

    def __init__(self, config: IndexConfig, engine: QdrantEngine) -> None:
        self._config = config
        self._precision = parse_precision(config.precision)
        self._engine = engine
        self._multivectors = [codec.PATCHES, *([codec.PASSAGES] if config.meaning_dim else [])]
        self._cache = PageCache(narrow=config.precision != "fp32")
        self._writes = 0
        self._counting = Lock()

    @property
    def config(self) -> IndexConfig:
        return self._config

    def upsert(self, pages: Sequence[StoredPage]) -> None:
        unique = {page.page_id: page for page in pages}
        if unique:
            self._engine.upsert([self._point(page) for page in unique.values()])
            self._cache.forget(unique)
            self._changed()

    def search(
        self, vectors: Floats, limit: int, document_ids: Sequence[str] | None = None
    ) -> list[ScoredPage]:
        scan = Scan(self._precision.first_scan(limit)) if limit > 0 else EXACT
        return self._query([Nearest(codec.PATCHES, vectors)], limit, document_ids, scan)[0]

    def search_meaning(
        self, vectors: Floats, limit: int, document_ids: Sequence[str] | None = None
    ) -> list[ScoredPage]:
        if not self._config.meaning_dim or not len(vectors):
            return []
        return self._query([Nearest(codec.PASSAGES, vectors)], limit, document_ids, EXACT)[0]

    def search_tokens(
        self, vectors: Floats, limit: int, floor: float, document_ids: Sequence[str] | None = None
    ) -> list[list[ScoredPage]]:
        tokens = [Nearest(codec.PATCHES, token[None]) for token in vectors]
        return self._query(tokens, limit, document_ids, EXACT, floor)

    def search_text(
        self, terms: Sequence[str], limit: int, document_ids: Sequence[str] | None = None
    ) -> list[ScoredPage]:
        return self._query([_spelling(terms)], limit, document_ids)[0] if terms else []

    def search_terms(
        self, terms: Sequence[str], limit: int, document_ids: Sequence[str] | None = None
    ) -> list[list[ScoredPage]]:
        return self._query([_spelling([term]) for term in terms], limit, document_ids)

    def fetch(self, page_ids: Sequence[str]) -> list[StoredPage]:
        return self._cache.get(page_ids, self._read)

    def page_numbers(self, document_id: str) -> set[int]:
        return {int(payload[codec.PAGE]) for _, payload in self._engine.payloads(document_id, [codec.PAGE])}

    def document_ids(self) -> set[str]:
        payloads = self._engine.payloads(None, [codec.DOCUMENT_ID])
        return {str(payload[codec.DOCUMENT_ID]) for _, payload in payloads}

    def delete_document(self, document_id: str) -> None:
        self._engine.delete_document(document_id)
        self._cache.forget_document(document_id)
        self._changed()

    def stats(self) -> StoreStats:
        totals = self._engine.totals()
        generation = (self._writes, totals.n_pages, totals.n_vectors)
        return StoreStats(totals.n_pages, totals.n_vectors, totals.n_patches, generation)

    def bytes_on_disk(self) -> int:
        return self._engine.bytes_on_disk()

    def close(self) -> None:
        """Write everything and let go; a second call does nothing."""
        self._engine.close()

    def _changed(self) -> None:
        with self._counting:
            self._writes += 1

    def _point(self, page: StoredPage) -> Point:
        return Point(page.page_id, codec.to_vectors(page, self._config.dim), codec.to_payload(page))

    def _query(
        self,
        searches: Sequence[Nearest],
        limit: int,
        document_ids: Sequence[str] | None,
        scan: Scan | None = None,
        floor: float | None = None,
    ) -> list[list[ScoredPage]]:
        """One list of pages for each search; none where nothing is asked for."""
        if limit < 1 or not searches or (document_ids is not None and not document_ids):
            return [[] for _ in searches]
        return self._engine.query(searches, limit, document_ids, scan, floor)

    def _read(self, page_ids: Sequence[str]) -> list[StoredPage]:
        records = self._engine.retrieve(page_ids, True, self._multivectors)
        try:
            return codec.from_records(records, self._config.dim)
        except ValueError as error:  # vectors that do not fit their pages
            raise self._engine.damaged() from error


def _spelling(terms: Sequence[str]) -> Nearest:
    return Nearest(codec.WORDS, query_vector(terms))

"""The store on a Qdrant server or cluster: one collection, laid out like the embedded store."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any

from qdrant_client import QdrantClient
from qdrant_client import models as qdrant

from pagelight.retrieval.store import codec
from pagelight.retrieval.store.collection import IN_MEMORY, connect, mapped, open_collection
from pagelight.retrieval.store.floor import scored_pages, threshold
from pagelight.retrieval.store.page_cache import PageCache
from pagelight.retrieval.store.page_store import IndexConfig, ScoredPage, StoreStats
from pagelight.retrieval.store.precision import parse_precision
from pagelight.retrieval.store.record import COUNTS, Totals
from pagelight.retrieval.text.bm25 import SparseTerms, query_vector
from pagelight.retrieval.types import Floats, StoredPage

#: numbers in one request: as JSON about 16 MB, half of what a server takes by default
_NUMBERS_A_REQUEST = 800_000
_SCROLL = 5_000
#: how long the counts of a library that others may write to are believed
_COUNTS_SECONDS = 30.0


class ServerStore:
    """Pages in a collection of a Qdrant server. Use `ServerStore.open`."""

    def __init__(self, url: str, collection: str, config: IndexConfig, client: QdrantClient) -> None:
        self._url = url
        self._collection = collection
        self._config = config
        self._precision = parse_precision(config.precision)
        self._client = client
        self._cache = PageCache(narrow=config.precision != "fp32")
        self._counts_lock = Lock()
        self._totals: Totals | None = None
        self._counted_at = 0.0

    @classmethod
    def open(
        cls, url: str, config: IndexConfig, api_key: str | None = None, collection: str = "pagelight"
    ) -> ServerStore:
        """The collection at `url`, made where there is none; ":memory:" keeps everything in this process.

        Raises InvalidSetting, StoreUnavailable, ModelMismatch, StoreError.
        """
        with mapped(url):
            client = connect(url, api_key)
            open_collection(client, url, collection, config)
        return cls(url, collection, config, client)

    @property
    def config(self) -> IndexConfig:
        return self._config

    def upsert(self, pages: Sequence[StoredPage]) -> None:
        unique = list({page.page_id: page for page in pages}.values())
        with mapped(self._url):
            for batch in _batches(unique, self._config.dim):
                points = [_point(page, self._config.dim) for page in batch]
                self._client.upsert(self._collection, points, wait=True)
        self._cache.forget(page.page_id for page in unique)
        self._recount()

    def search(
        self, vectors: Floats, limit: int, document_ids: Sequence[str] | None = None
    ) -> list[ScoredPage]:
        return self._query([vectors.tolist()], codec.PATCHES, limit, document_ids, self._first_scan(limit))[0]

    def search_tokens(
        self, vectors: Floats, limit: int, floor: float, document_ids: Sequence[str] | None = None
    ) -> list[list[ScoredPage]]:
        tokens = [[token.tolist()] for token in vectors]
        exact = qdrant.SearchParams(exact=True)
        return self._query(tokens, codec.PATCHES, limit, document_ids, exact, floor)

    def search_text(
        self, terms: Sequence[str], limit: int, document_ids: Sequence[str] | None = None
    ) -> list[ScoredPage]:
        return self._query([_spelling(terms)], codec.WORDS, limit, document_ids, None)[0] if terms else []

    def search_terms(
        self, terms: Sequence[str], limit: int, document_ids: Sequence[str] | None = None
    ) -> list[list[ScoredPage]]:
        return self._query([_spelling([term]) for term in terms], codec.WORDS, limit, document_ids, None)

    def fetch(self, page_ids: Sequence[str]) -> list[StoredPage]:
        return self._cache.get(page_ids, self._read)

    def page_numbers(self, document_id: str) -> set[int]:
        return {int(payload[codec.PAGE]) for payload in self._payloads(_filter([document_id]), [codec.PAGE])}

    def delete_document(self, document_id: str) -> None:
        with mapped(self._url):
            only = qdrant.FilterSelector(filter=_filter([document_id]))
            self._client.delete(self._collection, only, wait=True)
        self._cache.forget_document(document_id)
        self._recount()

    def stats(self) -> StoreStats:
        """Bytes on disk are 0: the server does not tell. Counts may be half a minute old where others write."""
        with self._counts_lock:
            if self._totals is None or time.monotonic() - self._counted_at > _COUNTS_SECONDS:
                with mapped(self._url):
                    n_pages = self._client.count(self._collection, exact=True).count
                if self._totals is None or n_pages != self._totals.n_pages:
                    self._totals = Totals.of(self._payloads(None, COUNTS))
                self._counted_at = time.monotonic()
            totals = self._totals
        return StoreStats(totals.n_pages, totals.n_vectors, totals.n_patches, 0)

    def close(self) -> None:
        """Close the connection; a second call does nothing."""
        self._client.close()

    def _recount(self) -> None:
        with self._counts_lock:
            self._totals = None

    def _query(
        self,
        queries: Sequence[Any],
        using: str,
        limit: int,
        document_ids: Sequence[str] | None,
        params: qdrant.SearchParams | None,
        floor: float | None = None,
    ) -> list[list[ScoredPage]]:
        """One list of pages for each query, all in one request."""
        if limit < 1 or not queries or (document_ids is not None and not document_ids):
            return [[] for _ in queries]
        only = None if document_ids is None else _filter(document_ids)
        if self._url == IN_MEMORY:
            params = None  # it is always exact, and warns of parameters
        below = threshold(floor)
        requests = [
            qdrant.QueryRequest(
                query=query, using=using, limit=limit, filter=only, params=params, score_threshold=below
            )
            for query in queries
        ]
        with mapped(self._url):
            found = self._client.query_batch_points(self._collection, requests)
        return [scored_pages(response.points, floor) for response in found]

    def _first_scan(self, limit: int) -> qdrant.SearchParams:
        """All kept vectors, or the coarse copy with enough pages handed on to the kept vectors."""
        oversampling = self._precision.first_scan(limit)
        if oversampling is None:
            return qdrant.SearchParams(exact=True)
        return qdrant.SearchParams(
            quantization=qdrant.QuantizationSearchParams(rescore=True, oversampling=oversampling)
        )

    def _read(self, page_ids: Sequence[str]) -> list[StoredPage]:
        with mapped(self._url):
            records = self._client.retrieve(
                self._collection, list(page_ids), with_payload=True, with_vectors=[codec.PATCHES]
            )
        return codec.from_records(records, self._config.dim)

    def _payloads(self, only: qdrant.Filter | None, fields: list[str]) -> Iterator[dict[str, Any]]:
        offset = None
        while True:
            with mapped(self._url):
                records, offset = self._client.scroll(
                    self._collection, only, limit=_SCROLL, offset=offset, with_payload=fields
                )
            for record in records:
                yield record.payload or {}
            if offset is None:
                return


def _point(page: StoredPage, dim: int) -> qdrant.PointStruct:
    vectors = codec.to_vectors(page, dim, _sparse)
    return qdrant.PointStruct(id=page.page_id, vector=vectors, payload=codec.to_payload(page))


def _batches(pages: Sequence[StoredPage], dim: int) -> Iterator[list[StoredPage]]:
    batch: list[StoredPage] = []
    numbers = 0
    for page in pages:
        if batch and numbers + len(page.embedding) * dim > _NUMBERS_A_REQUEST:
            yield batch
            batch, numbers = [], 0
        batch.append(page)
        numbers += len(page.embedding) * dim
    if batch:
        yield batch


def _sparse(terms: SparseTerms) -> qdrant.SparseVector:
    return qdrant.SparseVector(indices=terms.indices, values=terms.values)


def _spelling(terms: Sequence[str]) -> qdrant.SparseVector:
    return _sparse(query_vector(terms))


def _filter(document_ids: Sequence[str]) -> qdrant.Filter:
    match = qdrant.MatchAny(any=list(document_ids))
    return qdrant.Filter(must=[qdrant.FieldCondition(key=codec.DOCUMENT_ID, match=match)])

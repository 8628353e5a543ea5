"""The engine on a Qdrant server or cluster: one collection, laid out like the embedded shard.

What the index was made of stands in the collection's metadata, which needs a server of version 1.16 or newer;
precision turbo4 needs 1.19, turbo8 1.20.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Any

from qdrant_client import QdrantClient
from qdrant_client import models as qdrant

from pagelight.retrieval.errors import LibraryDamaged
from pagelight.retrieval.store import fields
from pagelight.retrieval.store.centroid_index import NOTICE_SECONDS
from pagelight.retrieval.store.collection import (
    IN_MEMORY,
    SERVERS_CHOICE,
    SUFFIX,
    CollectionFiles,
    Spread,
    connect,
    mapped,
    open_collection,
    retried,
)
from pagelight.retrieval.store.page_store import IndexConfig, ScoredPage
from pagelight.retrieval.store.qdrant_engine import (
    Nearest,
    Point,
    Scan,
    document_filter,
    scored_pages,
    search_params,
    threshold,
)
from pagelight.retrieval.store.qdrant_store import QdrantStore
from pagelight.retrieval.store.record import COUNTS, Totals
from pagelight.retrieval.text.bm25 import SparseTerms

#: numbers in one request: as JSON about 16 MB, half of what a server takes by default (limit)
_NUMBERS_A_REQUEST = 800_000
#: pages that are listed at once (block)
_SCROLL = 5_000
#: different numbers of vectors that pages may have (limit)
_DIFFERENT = 100_000
#: time for which the counts of a library that others may write to are believed (time)
_COUNTS_SECONDS = 30.0


class ServerStore(QdrantStore):
    """Pages in a collection of a Qdrant server. Use `ServerStore.open`."""

    @classmethod
    def open(
        cls,
        url: str,
        config: IndexConfig,
        api_key: str | None = None,
        collection: str = "pagelight",
        spread: Spread = SERVERS_CHOICE,
    ) -> ServerStore:
        """The collection at `url`, made if it is missing; ":memory:" keeps everything in this process.

        spread: over the cluster's nodes, of a collection that is made

        Raises InvalidSetting, StoreUnavailable, ModelMismatch, StoreError.
        """
        with mapped(url):
            client = connect(url, api_key)
            open_collection(client, url, collection, config, spread)
        return cls(config, ServerEngine(url, collection, client, spread))


class ServerEngine:
    """`QdrantEngine` over one collection."""

    def __init__(
        self, url: str, collection: str, client: QdrantClient, spread: Spread = SERVERS_CHOICE
    ) -> None:
        self._url = url
        self._collection = collection
        self._client = client
        self.side_files = CollectionFiles(url, f"{collection}{SUFFIX}", client, spread)
        self._counts_lock = Lock()
        self._totals: Totals | None = None
        self._counted_at = 0.0

    def upsert(self, points: Sequence[Point]) -> None:
        added = Totals.of(point.payload for point in points)
        present = self.retrieve([point.page_id for point in points], COUNTS, [])
        change = added - Totals.of(record.payload or {} for record in present)
        with self._counting(change), mapped(self._url):
            for batch in _batches(points):
                made = [to_point(point) for point in batch]
                retried(partial(self._client.upsert, self._collection, made, wait=True))

    def deepen(self, points: Sequence[Point]) -> None:
        records = self.retrieve([point.page_id for point in points], COUNTS, [])
        there = {str(record.id) for record in records}
        shallow = Totals.of(record.payload or {} for record in records).n_shallow
        with self._counting(Totals(n_shallow=-shallow)):
            for point in points:
                if point.page_id in there:
                    self._deepen(point)

    def _deepen(self, point: Point) -> None:
        ids: list[Any] = [point.page_id]
        changes: list[Any] = []
        if point.vectors:
            named: dict[str, Any] = {name: to_vector(vector) for name, vector in point.vectors.items()}
            added = [qdrant.PointVectors(id=point.page_id, vector=named)]
            changes.append(qdrant.UpdateVectorsOperation(update_vectors=qdrant.UpdateVectors(points=added)))
        if point.payload:
            written = qdrant.SetPayload(payload=point.payload, points=ids)
            changes.append(qdrant.SetPayloadOperation(set_payload=written))
        # last of all, so that a crash before it does everything again
        dropped = qdrant.DeletePayload(keys=[fields.SHALLOW], points=ids)
        changes.append(qdrant.DeletePayloadOperation(delete_payload=dropped))
        with mapped(self._url):
            retried(lambda: self._client.batch_update_points(self._collection, changes, wait=True))

    def update_vectors(self, points: Sequence[Point]) -> None:
        there = {str(record.id) for record in self.retrieve([p.page_id for p in points], [], [])}
        vectors = [
            qdrant.PointVectors(id=p.page_id, vector={n: to_vector(own) for n, own in p.vectors.items()})
            for p in points
            if p.page_id in there
        ]
        if vectors:
            with mapped(self._url):
                retried(lambda: self._client.update_vectors(self._collection, vectors, wait=True))

    @property
    def notice_seconds(self) -> float:
        return 0.0 if self._url == IN_MEMORY else NOTICE_SECONDS

    def delete_document(self, document_id: str) -> None:
        removed = Totals.of(payload for _, payload in self.payloads(document_id, COUNTS))
        with self._counting(Totals() - removed), mapped(self._url):
            only = qdrant.FilterSelector(filter=document_filter(qdrant, [document_id]))
            retried(lambda: self._client.delete(self._collection, only, wait=True))

    def query(
        self,
        searches: Sequence[Nearest],
        limit: int,
        document_ids: Sequence[str] | None,
        scan: Scan | None,
        floor: float | None,
    ) -> list[list[ScoredPage]]:
        only = None if document_ids is None else document_filter(qdrant, document_ids)
        if self._url == IN_MEMORY:
            scan = None  # it is always exact there, and warns of parameters
        requests = [query_request(search, limit, only, scan, floor) for search in searches]
        with mapped(self._url):
            found = retried(lambda: self._client.query_batch_points(self._collection, requests))
        return [scored_pages(one.points, floor, asked) for one, asked in zip(found, searches, strict=True)]

    def retrieve(self, page_ids: Sequence[str], fields: bool | list[str], vectors: list[str]) -> list[Any]:
        with mapped(self._url):
            return retried(
                lambda: self._client.retrieve(
                    self._collection, list(page_ids), with_payload=fields, with_vectors=vectors or False
                )
            )

    def damaged(self) -> LibraryDamaged:
        return LibraryDamaged(
            f"The collection {self._collection} at {self._url} holds what Pagelight did not write"
        )

    def payloads(self, document_id: str | None, fields: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        only = None if document_id is None else document_filter(qdrant, [document_id])
        offset = None
        while True:
            with mapped(self._url):
                scroll = partial(self._client.scroll, self._collection, only, limit=_SCROLL, offset=offset)
                records, offset = retried(partial(scroll, with_payload=fields))
            for record in records:
                yield str(record.id), record.payload or {}
            if offset is None:
                return

    def totals(self) -> Totals:
        """Pages, vectors and patches; what others wrote is half a minute old at most."""
        with self._counts_lock:
            if self._totals is None or time.monotonic() - self._counted_at > _COUNTS_SECONDS:
                with mapped(self._url):
                    n_pages = retried(lambda: self._client.count(self._collection, exact=True)).count
                vectors, patches, shallow = (
                    self._values(name) for name in (fields.N_VECTORS, fields.N_PATCHES, fields.IS_SHALLOW)
                )
                self._totals = Totals(n_pages, _sum(vectors), _sum(patches), sum(n for _, n in shallow))
                self._counted_at = time.monotonic()
            return self._totals

    def n_without_meaning(self) -> int:
        """Always 0: what a server stores is its own to check."""
        return 0

    def bytes_on_disk(self) -> int:
        """Always 0: the server does not tell."""
        return 0

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def _counting(self, change: Totals) -> Iterator[None]:
        """What is written inside changes the counts so; where that fails, all pages are counted anew."""
        try:
            yield
        except BaseException:
            with self._counts_lock:
                self._totals = None
            raise
        with self._counts_lock:
            if self._totals is not None:
                self._totals += change

    def _values(self, name: str) -> list[tuple[int, int]]:
        """(value of the field, pages that have it), added up by the server."""
        with mapped(self._url):
            facet = partial(self._client.facet, self._collection, name, limit=_DIFFERENT, exact=True)
            return [(int(hit.value), hit.count) for hit in retried(facet).hits]


def _sum(values: Sequence[tuple[int, int]]) -> int:
    return sum(value * n_pages for value, n_pages in values)


def _batches(points: Sequence[Point]) -> Iterator[list[Point]]:
    batch: list[Point] = []
    numbers = 0
    for point in points:
        if batch and numbers + point.n_numbers > _NUMBERS_A_REQUEST:
            yield batch
            batch, numbers = [], 0
        batch.append(point)
        numbers += point.n_numbers
    if batch:
        yield batch


def to_point(point: Point) -> qdrant.PointStruct:
    """A page as the server takes it."""
    vectors: dict[str, Any] = {name: to_vector(vector) for name, vector in point.vectors.items()}
    return qdrant.PointStruct(id=point.page_id, vector=vectors, payload=point.payload)


def to_vector(vector: Any) -> Any:
    """A multivector or a sparse vector as the client wants it."""
    if isinstance(vector, SparseTerms):
        return qdrant.SparseVector(indices=vector.indices, values=vector.values)
    return vector.tolist()


def query_request(
    search: Nearest, limit: int, only: qdrant.Filter | None, scan: Scan | None, floor: float | None
) -> qdrant.QueryRequest:
    """A search. limit: unless it has its own; only: pages of these documents, unless it asks in others"""
    params = search_params(qdrant, scan)
    return qdrant.QueryRequest(
        query=to_vector(search.vector),
        using=search.using,
        prefetch=_prefetch(search, limit, only, params),
        limit=search.limit or limit,
        filter=_only(search, only),
        params=params,
        score_threshold=threshold(floor),
    )


def _prefetch(
    search: Nearest, limit: int, only: qdrant.Filter | None, params: Any
) -> list[qdrant.Prefetch] | None:
    return [
        qdrant.Prefetch(
            query=to_vector(first.vector),
            using=first.using,
            prefetch=_prefetch(first, limit, only, params),
            limit=first.limit or limit,
            filter=_only(first, only),
            params=params,
        )
        for first in search.prefetch
    ] or None


def _only(search: Nearest, only: qdrant.Filter | None) -> qdrant.Filter | None:
    if search.page_ids is not None:
        return qdrant.Filter(must=[qdrant.HasIdCondition(has_id=list(search.page_ids))])
    return only if search.is_filtered else None

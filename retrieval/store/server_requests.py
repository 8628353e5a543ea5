"""Points and searches as a Qdrant server's client takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qdrant_client import models as qdrant

from pagelight.retrieval.store import fields
from pagelight.retrieval.store.engine import Nearest, Point, Scan, threshold
from pagelight.retrieval.text.bm25 import SparseTerms


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
    params = _params(scan)
    return qdrant.QueryRequest(
        query=to_vector(search.vector),
        using=search.using,
        prefetch=_prefetch(search, limit, only, params),
        limit=search.limit or limit,
        filter=_only(search, only),
        params=params,
        score_threshold=threshold(floor),
    )


def document_filter(document_ids: Sequence[str]) -> qdrant.Filter:
    """Pages of these documents."""
    match = qdrant.MatchAny(any=list(document_ids))
    return qdrant.Filter(must=[qdrant.FieldCondition(key=fields.DOCUMENT_ID, match=match)])


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


def _params(scan: Scan | None) -> qdrant.SearchParams | None:
    if scan is None:
        return None
    if scan.oversampling is None:
        return qdrant.SearchParams(exact=True)
    return qdrant.SearchParams(
        quantization=qdrant.QuantizationSearchParams(rescore=True, oversampling=scan.oversampling)
    )

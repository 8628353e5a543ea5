"""Requests to the embedded engine: points and searches as it takes them, and its errors as ours."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import qdrant_edge as qdrant

from pagelight.retrieval.errors import DiskFull, LibraryDamaged, PagelightError, StoreError, repair_hint
from pagelight.retrieval.store.qdrant_engine import Nearest, Point, Scan, search_params, threshold
from pagelight.retrieval.text.bm25 import SparseTerms
from pagelight.retrieval.types import Floats


def to_point(point: Point) -> qdrant.Point:
    """A page as the shard takes it."""
    return qdrant.Point(point.page_id, to_vectors(point), point.payload)


def to_vectors(point: Point) -> dict[str, Any]:
    """Its vectors by name."""
    return {
        name: _sparse(vector) if isinstance(vector, SparseTerms) else vector
        for name, vector in point.vectors.items()
    }


def query_request(
    search: Nearest, limit: int, only: qdrant.Filter | None, scan: Scan | None, floor: float | None
) -> qdrant.QueryRequest:
    """A search. limit: unless it has its own; only: pages of these documents, unless it asks in others"""
    params = search_params(qdrant, scan)
    return qdrant.QueryRequest(
        limit=search.limit or limit,
        query=_nearest(search.vector, search.using),
        prefetches=_prefetches(search, limit, only, params),
        filter=_only(search, only),
        params=params,
        score_threshold=threshold(floor),
    )


def _sparse(terms: SparseTerms) -> qdrant.SparseVector:
    return qdrant.SparseVector(terms.indices, terms.values)


def _nearest(vector: SparseTerms | Floats, using: str) -> Any:
    query = _sparse(vector) if isinstance(vector, SparseTerms) else vector.tolist()
    return qdrant.Query.Nearest(query, using=using)


def _prefetches(
    search: Nearest, limit: int, only: qdrant.Filter | None, params: Any
) -> list[qdrant.Prefetch] | None:
    return [
        qdrant.Prefetch(
            limit=first.limit or limit,
            query=_nearest(first.vector, first.using),
            prefetches=_prefetches(first, limit, only, params),
            filter=_only(first, only),
            params=params,
        )
        for first in search.prefetch
    ] or None


def _only(search: Nearest, only: qdrant.Filter | None) -> qdrant.Filter | None:
    if search.page_ids is not None:
        return qdrant.Filter(must=[qdrant.HasIdCondition(set(search.page_ids))])
    return only if search.is_filtered else None


@contextmanager
def edge_errors(folder: Path) -> Iterator[None]:
    """Qdrant Edge raises bare Exceptions and Rust's panics; here they and the file system's become one line of ours."""
    try:
        yield
    except (PagelightError, TypeError):
        raise
    except BaseException as error:
        line = " ".join(str(error).split())
        if type(error).__name__ == "PanicException":  # of pyo3, no Exception, and nowhere to import from
            raise LibraryDamaged(
                f"The index in {folder} is damaged ({line[:200]}); if that stays so, {repair_hint(folder.parent)}"
            ) from error
        if not isinstance(error, Exception):
            raise
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"The disk is full: {folder} needs some room; free it and try again") from error
        raise StoreError(
            f"The index in {folder} failed: {line}; if that stays so, {repair_hint(folder.parent)}"
        ) from error

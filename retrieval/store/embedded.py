"""The embedded store: the Qdrant engine in this process (qdrant-edge), one folder, no server.

Every upsert is flushed, after which Qdrant's files hold it. One thread writes at a time; readers do not wait.
"""

from __future__ import annotations

import errno
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import qdrant_edge as qdrant

from pagelight.retrieval.disk import has_room, require_room
from pagelight.retrieval.errors import DiskFull, LibraryDamaged, PagelightError, StoreError
from pagelight.retrieval.store import codec
from pagelight.retrieval.store.floor import scored_pages, threshold
from pagelight.retrieval.store.lock import FolderLock
from pagelight.retrieval.store.page_cache import PageCache
from pagelight.retrieval.store.page_store import IndexConfig, ScoredPage, StoreStats
from pagelight.retrieval.store.precision import parse_precision
from pagelight.retrieval.store.record import COUNTS, Totals
from pagelight.retrieval.store.shard import open_shard
from pagelight.retrieval.text.bm25 import SparseTerms, query_vector
from pagelight.retrieval.types import Floats, StoredPage

_SCROLL = 10_000
#: pages written until Qdrant may tidy up: close a large segment, merge small ones, drop what is deleted
_TIDY_PAGES = 1000
#: what that may need for a while: two segments of the largest size
_TIDY_BYTES = 400 << 20


class EdgeStore:
    """Pages in a folder of this machine. Use `EdgeStore.open`."""

    def __init__(self, folder: Path, config: IndexConfig, shard: qdrant.EdgeShard, lock: FolderLock) -> None:
        self._folder = folder
        self._config = config
        self._precision = parse_precision(config.precision)
        self._shard = shard
        self._lock = lock
        self._writing = Lock()
        self._closed = False
        self._cache = PageCache(narrow=config.precision != "fp32")
        self._totals = Totals.of(self._payloads(None, COUNTS))
        self._untidied = 0  # pages

    @classmethod
    def open(cls, folder: Path, config: IndexConfig) -> EdgeStore:
        """The index in `folder`, made where there is none.

        Raises StoreLocked, ModelMismatch, StoreError.
        """
        folder = Path(folder)
        with _mapped(folder):
            folder.mkdir(parents=True, exist_ok=True)
            lock = FolderLock(folder)
        try:
            with _mapped(folder):
                return cls(folder, config, open_shard(folder, config), lock)
        except BaseException:
            lock.release()
            raise

    @property
    def config(self) -> IndexConfig:
        return self._config

    def upsert(self, pages: Sequence[StoredPage]) -> None:
        unique = {page.page_id: page for page in pages}
        points = [_point(page, self._config.dim) for page in unique.values()]
        if not points:
            return
        with self._writing, self._open_shard() as shard:
            require_room(self._folder, 2 * 4 * sum(page.embedding.vectors.size for page in unique.values()))
            present = shard.retrieve(list(unique), COUNTS, False)
            if present:
                # overwritten in place, a page could be left half old, half new by a crash; so it goes first
                shard.update(qdrant.UpdateOperation.delete_points([record.id for record in present]))
                shard.flush()
            shard.update(qdrant.UpdateOperation.upsert_points(points))
            shard.flush()
            self._cache.forget(unique)
            added = Totals.of(point.payload or {} for point in points)
            self._totals = self._totals + added - Totals.of(record.payload or {} for record in present)
            self._untidied += len(points)
            if self._untidied >= _TIDY_PAGES:
                self._tidy(shard)

    def search(
        self, vectors: Floats, limit: int, document_ids: Sequence[str] | None = None
    ) -> list[ScoredPage]:
        return self._query([_nearest(vectors)], limit, document_ids, self._first_scan(limit))[0]

    def search_tokens(
        self, vectors: Floats, limit: int, floor: float, document_ids: Sequence[str] | None = None
    ) -> list[list[ScoredPage]]:
        nearest = [_nearest(token[None]) for token in vectors]
        return self._query(nearest, limit, document_ids, qdrant.SearchParams(exact=True), floor)

    def search_text(
        self, terms: Sequence[str], limit: int, document_ids: Sequence[str] | None = None
    ) -> list[ScoredPage]:
        return self._query([_spelling(terms)], limit, document_ids, None)[0] if terms else []

    def search_terms(
        self, terms: Sequence[str], limit: int, document_ids: Sequence[str] | None = None
    ) -> list[list[ScoredPage]]:
        return self._query([_spelling([term]) for term in terms], limit, document_ids, None)

    def fetch(self, page_ids: Sequence[str]) -> list[StoredPage]:
        return self._cache.get(page_ids, self._read)

    def page_numbers(self, document_id: str) -> set[int]:
        return {int(payload[codec.PAGE]) for payload in self._payloads(_filter([document_id]), [codec.PAGE])}

    def delete_document(self, document_id: str) -> None:
        only = _filter([document_id])
        with self._writing:
            removed = Totals.of(self._payloads(only, COUNTS))
            with self._open_shard() as shard:
                shard.update(qdrant.UpdateOperation.delete_points_by_filter(only))
                shard.flush()
                self._cache.forget_document(document_id)
                self._totals -= removed
                self._tidy(shard)

    def stats(self) -> StoreStats:
        totals = self._totals
        return StoreStats(totals.n_pages, totals.n_vectors, totals.n_patches, _bytes_on_disk(self._folder))

    def close(self) -> None:
        """Write everything and let go of the folder; a second call does nothing."""
        with self._writing:
            if self._closed:
                return
            self._closed = True
            with _mapped(self._folder):
                self._shard.close()
            self._lock.release()

    def _tidy(self, shard: qdrant.EdgeShard) -> None:
        """Let Qdrant rewrite segments; readers go on, the writer waits, about a second for 1,000 pages."""
        self._untidied = 0
        if not has_room(self._folder, _TIDY_BYTES):
            return  # a segment is written anew before the old one goes; the next tidying makes up for it
        if shard.optimize():
            shard.flush()  # only now do the old segments' files go

    @contextmanager
    def _open_shard(self) -> Iterator[qdrant.EdgeShard]:
        if self._closed:
            raise StoreError(f"The index in {self._folder} is closed")
        with _mapped(self._folder):
            yield self._shard

    def _query(
        self,
        nearest: Sequence[Any],
        limit: int,
        document_ids: Sequence[str] | None,
        params: qdrant.SearchParams | None,
        floor: float | None = None,
    ) -> list[list[ScoredPage]]:
        """One list of pages for each query; Qdrant scores all queries in one pass over the pages."""
        if limit < 1 or not nearest or (document_ids is not None and not document_ids):
            return [[] for _ in nearest]
        only = None if document_ids is None else _filter(document_ids)
        below = threshold(floor)
        requests = [
            qdrant.QueryRequest(limit=limit, query=query, filter=only, params=params, score_threshold=below)
            for query in nearest
        ]
        with self._open_shard() as shard:
            found = shard.query_batch(qdrant.QueryBatchRequest(requests))
        return [scored_pages(points, floor) for points in found]

    def _first_scan(self, limit: int) -> qdrant.SearchParams:
        """All kept vectors, or the coarse copy with enough pages handed on to the kept vectors."""
        oversampling = self._precision.first_scan(limit)
        if oversampling is None:
            return qdrant.SearchParams(exact=True)
        return qdrant.SearchParams(
            quantization=qdrant.QuantizationSearchParams(rescore=True, oversampling=oversampling)
        )

    def _read(self, page_ids: Sequence[str]) -> list[StoredPage]:
        with self._open_shard() as shard:
            records = shard.retrieve(list(page_ids), True, [codec.PATCHES])
        try:
            return codec.from_records(records, self._config.dim)
        except ValueError as error:  # vectors that do not fit their pages
            raise LibraryDamaged(f"The index in {self._folder} is damaged; {_mend(self._folder)}") from error

    def _payloads(self, only: qdrant.Filter | None, fields: list[str]) -> Iterator[dict[str, Any]]:
        offset = None
        while True:
            request = qdrant.ScrollRequest(
                offset=offset, limit=_SCROLL, filter=only, with_payload=fields, with_vector=False
            )
            with self._open_shard() as shard:
                records, offset = shard.scroll(request)
            for record in records:
                yield record.payload or {}
            if offset is None:
                return


def _point(page: StoredPage, dim: int) -> qdrant.Point:
    return qdrant.Point(page.page_id, codec.to_vectors(page, dim, _sparse), codec.to_payload(page))


def _sparse(terms: SparseTerms) -> qdrant.SparseVector:
    return qdrant.SparseVector(terms.indices, terms.values)


def _spelling(terms: Sequence[str]) -> Any:
    return qdrant.Query.Nearest(_sparse(query_vector(terms)), using=codec.WORDS)


def _nearest(vectors: Floats) -> Any:
    """vectors: (n_tokens, dim)"""
    return qdrant.Query.Nearest(vectors.tolist(), using=codec.PATCHES)


def _filter(document_ids: Sequence[str]) -> qdrant.Filter:
    match = qdrant.MatchAny(list(document_ids))
    return qdrant.Filter(must=[qdrant.FieldCondition(codec.DOCUMENT_ID, match=match)])


@contextmanager
def _mapped(folder: Path) -> Iterator[None]:
    """Qdrant Edge raises bare Exceptions and Rust's panics; here they and the file system's become one line of ours."""
    try:
        yield
    except (PagelightError, TypeError):
        raise
    except BaseException as error:
        line = " ".join(str(error).split())
        if type(error).__name__ == "PanicException":  # of pyo3, no Exception, and nowhere to import from
            raise LibraryDamaged(
                f"The index in {folder} is damaged ({line[:200]}); {_mend(folder)}"
            ) from error
        if not isinstance(error, Exception):
            raise
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"The disk is full: {folder} needs some room; free it and try again") from error
        raise StoreError(f"The index in {folder} failed: {line}; {_mend(folder)}") from error


def _mend(folder: Path) -> str:
    return f"if that stays so, mend it from the documents with: pagelight repair --data {folder.parent}"


def _bytes_on_disk(folder: Path) -> int:
    """What the files take up; Qdrant's are sparse, so that their sizes tell nothing."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                status = os.stat(os.path.join(parent, name))
            except FileNotFoundError:  # an optimizer just removed it
                continue
            total += getattr(status, "st_blocks", math.ceil(status.st_size / 512)) * 512
    return total

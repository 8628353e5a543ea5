"""The embedded engine: Qdrant in this process (qdrant-edge), one folder, no server.

Every upsert is flushed, after which Qdrant's files hold it. One thread writes at a time; readers do not wait.
"""

from __future__ import annotations

import errno
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import qdrant_edge as qdrant

from pagelight.retrieval.disk import has_room, require_room
from pagelight.retrieval.errors import DiskFull, LibraryDamaged, PagelightError, StoreError
from pagelight.retrieval.store import codec
from pagelight.retrieval.store.engine import Nearest, Point, Scan, scored_pages, threshold
from pagelight.retrieval.store.lock import FolderLock
from pagelight.retrieval.store.page_store import IndexConfig, ScoredPage
from pagelight.retrieval.store.qdrant_store import QdrantStore
from pagelight.retrieval.store.record import COUNTS, CountsFile, Totals
from pagelight.retrieval.store.shard import open_shard, write_durably
from pagelight.retrieval.text.bm25 import SparseTerms
from pagelight.retrieval.types import Floats

#: pages that are listed at once (block)
_SCROLL = 10_000
#: pages written until Qdrant may tidy up: close a large segment, merge small ones, drop what is deleted (limit)
_TIDY_PAGES = 1000
#: what that may need for a while: two segments of the largest size (limit)
_TIDY_BYTES = 400 << 20
#: the suffix of what is kept beside the pages (form)
_KEPT = ".kept"
#: what the system is asked to keep of the files at most: a quarter of a machine with 16 GB (limit)
_AHEAD_BYTES = 4 << 30
#: ... and in one call, of which Linux leaves out what is beyond some MB (block)
_STEP_BYTES = 2 << 20


class EdgeStore(QdrantStore):
    """Pages in a folder of this machine. Use `EdgeStore.open`."""

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
                return cls(config, EdgeEngine(folder, open_shard(folder, config), lock))
        except BaseException:
            lock.release()
            raise


class EdgeEngine:
    """`QdrantEngine` over one shard."""

    def __init__(self, folder: Path, shard: qdrant.EdgeShard, lock: FolderLock) -> None:
        self._folder = folder
        self._shard = shard
        self._lock = lock
        self._writing = Lock()
        self._closed = False
        self._counts = CountsFile(folder / "counts.json")
        self._kept = folder / "kept"
        with self._open_shard() as opened:
            n_pages = opened.count(qdrant.CountRequest(exact=True))
        self._totals = self._counts.read(n_pages) or Totals.of(
            payload for _, payload in self.payloads(None, COUNTS)
        )
        self._untidied = 0  # pages
        Thread(target=_read_ahead, args=(folder,), daemon=True).start()

    def upsert(self, points: Sequence[Point]) -> None:
        with self._writing, self._open_shard() as shard:
            require_room(self._folder, 2 * 4 * sum(_n_numbers(point) for point in points))
            self._counts.drop()
            present = shard.retrieve([point.page_id for point in points], COUNTS, False)
            if present:
                # overwritten in place, a page could be left half old, half new by a crash; so it goes first
                shard.update(qdrant.UpdateOperation.delete_points([record.id for record in present]))
                shard.flush()
            shard.update(qdrant.UpdateOperation.upsert_points([_point(point) for point in points]))
            shard.flush()
            added = Totals.of(point.payload for point in points)
            self._totals = self._totals + added - Totals.of(record.payload or {} for record in present)
            self._counts.write(self._totals)
            self._wrote(shard, len(points))

    def deepen(self, points: Sequence[Point]) -> None:
        with self._writing, self._open_shard() as shard:
            require_room(self._folder, 2 * 4 * sum(_n_numbers(point) for point in points))
            records = shard.retrieve([point.page_id for point in points], True, False)
            payloads = {str(record.id): dict(record.payload or {}) for record in records}
            found = [point for point in points if point.page_id in payloads]
            vectors = [qdrant.PointVectors(p.page_id, _vectors(p)) for p in found if p.vectors]
            self._counts.drop()
            if vectors:
                shard.update(qdrant.UpdateOperation.update_vectors(vectors))
                shard.flush()
            # the mark goes last of all, so that a crash before it does everything again; written once, since a payload
            # that grows leaves a hole
            for point in found:
                payload = payloads[point.page_id]
                changed = {name: value for name, value in payload.items() if name != codec.SHALLOW}
                overwrite = qdrant.UpdateOperation.overwrite_payload
                shard.update(overwrite([point.page_id], {**changed, **point.payload}))
            shard.flush()
            shallow = sum(codec.SHALLOW in payload for payload in payloads.values())
            self._totals -= Totals(n_shallow=shallow)
            self._counts.write(self._totals)
            self._wrote(shard, len(found))

    def enter(self, points: Sequence[Point]) -> None:
        with self._writing, self._open_shard() as shard:
            there = {str(record.id) for record in shard.retrieve([p.page_id for p in points], False, False)}
            vectors = [qdrant.PointVectors(p.page_id, _vectors(p)) for p in points if p.page_id in there]
            if vectors:
                # a page that stands in a finished segment is written anew with all of its vectors
                require_room(self._folder, _TIDY_BYTES)
                shard.update(qdrant.UpdateOperation.update_vectors(vectors))
                shard.flush()
                self._wrote(shard, len(vectors))

    @property
    def notice_seconds(self) -> float:
        """No time at all: nobody else has the folder open."""
        return 0.0

    def keep(self, name: str, content: bytes) -> None:
        with self._writing, self._open_shard():
            require_room(self._folder, len(content))
            self._kept.mkdir(exist_ok=True)
            write_durably(self._kept / f"{name}{_KEPT}", content)

    def kept(self) -> list[str]:
        return [path.stem for path in self._kept.glob(f"*{_KEPT}")]

    def read_kept(self, name: str) -> bytes | None:
        path = self._kept / f"{name}{_KEPT}"
        with _mapped(self._folder):
            return path.read_bytes() if path.exists() else None

    def drop_kept(self, name: str) -> None:
        with self._writing, self._open_shard():
            (self._kept / f"{name}{_KEPT}").unlink(missing_ok=True)

    def delete_document(self, document_id: str) -> None:
        with self._writing:
            removed = Totals.of(payload for _, payload in self.payloads(document_id, COUNTS))
            with self._open_shard() as shard:
                self._counts.drop()
                shard.update(qdrant.UpdateOperation.delete_points_by_filter(_filter([document_id])))
                shard.flush()
                self._totals -= removed
                self._counts.write(self._totals)
                self._tidy(shard)

    def query(
        self,
        searches: Sequence[Nearest],
        limit: int,
        document_ids: Sequence[str] | None,
        scan: Scan | None,
        floor: float | None,
    ) -> list[list[ScoredPage]]:
        only = None if document_ids is None else _filter(document_ids)
        below = threshold(floor)
        requests = [
            qdrant.QueryRequest(
                limit=search.limit or limit,
                query=_nearest(search.vector, search.using),
                prefetches=_prefetches(search, limit, only, _params(scan)),
                filter=_only(search, only),
                params=_params(scan),
                score_threshold=below,
            )
            for search in searches
        ]
        with self._open_shard() as shard:
            found = shard.query_batch(qdrant.QueryBatchRequest(requests))
        return [scored_pages(points, floor, one) for points, one in zip(found, searches, strict=True)]

    def retrieve(self, page_ids: Sequence[str], fields: bool | list[str], vectors: list[str]) -> list[Any]:
        with self._open_shard() as shard:
            return shard.retrieve(list(page_ids), fields, vectors or False)

    def damaged(self) -> LibraryDamaged:
        return LibraryDamaged(f"The index in {self._folder} is damaged; {_mend(self._folder)}")

    def payloads(self, document_id: str | None, fields: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        only = None if document_id is None else _filter([document_id])
        offset = None
        while True:
            request = qdrant.ScrollRequest(
                offset=offset, limit=_SCROLL, filter=only, with_payload=fields, with_vector=False
            )
            with self._open_shard() as shard:
                records, offset = shard.scroll(request)
            for record in records:
                yield str(record.id), record.payload or {}
            if offset is None:
                return

    def totals(self) -> Totals:
        return self._totals

    def bytes_on_disk(self) -> int:
        """Bytes that the files take up; Qdrant's are sparse, so that their sizes tell nothing."""
        total = 0
        for parent, _, names in os.walk(self._folder):
            for name in names:
                try:
                    status = os.stat(os.path.join(parent, name))
                except FileNotFoundError:  # an optimizer just removed it
                    continue
                total += getattr(status, "st_blocks", math.ceil(status.st_size / 512)) * 512
        return total

    def close(self) -> None:
        with self._writing:
            if self._closed:
                return
            self._closed = True
            with _mapped(self._folder):
                self._shard.close()
            self._lock.release()

    def _wrote(self, shard: qdrant.EdgeShard, n_pages: int) -> None:
        self._untidied += n_pages
        if self._untidied >= _TIDY_PAGES:
            self._tidy(shard)

    def _tidy(self, shard: qdrant.EdgeShard) -> None:
        """Let Qdrant rewrite segments; readers go on, the writer waits, about a second for 1,000 pages."""
        self._untidied = 0
        if not has_room(self._folder, _TIDY_BYTES):
            return  # a segment is written anew before the old one goes; the next tidying makes up for it
        if shard.optimize():
            shard.flush()  # only now do the old segments' files go
            _read_ahead(self._folder)

    @contextmanager
    def _open_shard(self) -> Iterator[qdrant.EdgeShard]:
        if self._closed:
            raise StoreError(f"The index in {self._folder} is closed")
        with _mapped(self._folder):
            yield self._shard


def _read_ahead(folder: Path) -> None:
    """Ask the system to read the files, newest first, which takes none of this process's memory.

    Qdrant lets go of what it does not need at once, and does not read beyond what it asks for: a page that nobody read
    before took four reads from the disk, a millisecond in all.
    """
    if not hasattr(os, "posix_fadvise"):
        return
    left, found = _AHEAD_BYTES, list[Path]()
    with suppress(OSError):  # a folder that goes away meanwhile needs nothing
        # Qdrant's own alone: opening a file of SQLite and closing it would drop the locks that this process has on it
        found = sorted((folder / "shard").rglob("*.*"), key=_changed_at, reverse=True)
    for path in found:
        with suppress(OSError), path.open("rb") as file:  # an optimizer may just have removed it
            status = os.fstat(file.fileno())
            left -= status.st_blocks * 512
            if left < 0:
                return
            for start in range(0, status.st_size, _STEP_BYTES):
                os.posix_fadvise(file.fileno(), start, _STEP_BYTES, os.POSIX_FADV_WILLNEED)


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _point(point: Point) -> qdrant.Point:
    return qdrant.Point(point.page_id, _vectors(point), point.payload)


def _vectors(point: Point) -> dict[str, Any]:
    return {
        name: _sparse(vector) if isinstance(vector, SparseTerms) else vector
        for name, vector in point.vectors.items()
    }


def _n_numbers(point: Point) -> int:
    return sum(len(v.indices) if isinstance(v, SparseTerms) else v.size for v in point.vectors.values())


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
            limit=ahead.limit or limit,
            query=_nearest(ahead.vector, ahead.using),
            prefetches=_prefetches(ahead, limit, only, params),
            filter=_only(ahead, only),
            params=params,
        )
        for ahead in search.ahead
    ] or None


def _only(search: Nearest, only: qdrant.Filter | None) -> qdrant.Filter | None:
    if search.among is not None:
        return qdrant.Filter(must=[qdrant.HasIdCondition(set(search.among))])
    # those ahead hand on what is asked for only, and a long list of documents takes its time
    return None if search.everywhere or search.ahead else only


def _params(scan: Scan | None) -> qdrant.SearchParams | None:
    if scan is None:
        return None
    if scan.oversampling is None:
        return qdrant.SearchParams(exact=True)
    return qdrant.SearchParams(
        quantization=qdrant.QuantizationSearchParams(rescore=True, oversampling=scan.oversampling)
    )


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

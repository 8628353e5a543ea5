"""The embedded engine: Qdrant in this process (qdrant-edge), one folder, no server.

Every upsert is flushed, after which Qdrant's files hold it. One thread writes at a time; readers do not wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import qdrant_edge as qdrant

from pagelight.retrieval.disk import has_room, require_room, used_bytes, write_durably
from pagelight.retrieval.errors import LibraryDamaged, StoreError, repair_hint
from pagelight.retrieval.store import fields
from pagelight.retrieval.store.edge_requests import (
    edge_errors,
    query_request,
    to_point,
    to_vectors,
)
from pagelight.retrieval.store.lock import FolderLock
from pagelight.retrieval.store.page_store import IndexConfig, ScoredPage
from pagelight.retrieval.store.qdrant_engine import Nearest, Point, Scan, document_filter, scored_pages
from pagelight.retrieval.store.qdrant_store import QdrantStore
from pagelight.retrieval.store.record import COUNTS, CountsFile, Totals, has_meaning
from pagelight.retrieval.store.shard import open_shard, read_ahead

#: pages that are listed at once (block)
_SCROLL = 10_000
#: pages written until Qdrant may tidy up: close a large segment, merge small ones, drop what is deleted (limit)
_TIDY_PAGES = 1000
#: room that tidying needs for a while: two segments of the largest size (limit)
_TIDY_BYTES = 400 << 20
#: the end of a side file's name (form)
_SUFFIX = ".kept"


class EdgeStore(QdrantStore):
    """Pages in a folder of this machine. Use `EdgeStore.open`."""

    @classmethod
    def open(cls, folder: Path, config: IndexConfig) -> EdgeStore:
        """The index in `folder`, made if it is missing.

        Raises StoreLocked, ModelMismatch, StoreError.
        """
        folder = Path(folder)
        with edge_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            lock = FolderLock(folder)
        try:
            with edge_errors(folder):
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
        self.side_files = FolderFiles(folder / "kept", self._exclusive)
        with self._open_shard() as opened:
            n_pages = opened.count(qdrant.CountRequest(exact=True))
        self._totals = self._counts.read(n_pages) or Totals.of(
            payload for _, payload in self.payloads(None, COUNTS)
        )
        self._untidied = 0  # pages
        Thread(target=read_ahead, args=(folder,), daemon=True).start()

    def upsert(self, points: Sequence[Point]) -> None:
        with self._writing, self._open_shard() as shard:
            require_room(self._folder, 2 * 4 * sum(point.n_numbers for point in points))
            self._counts.drop()
            present = shard.retrieve([point.page_id for point in points], COUNTS, False)
            if present:
                # overwritten in place, a page could be left half old, half new by a crash; so it goes first
                shard.update(qdrant.UpdateOperation.delete_points([record.id for record in present]))
                shard.flush()
            shard.update(qdrant.UpdateOperation.upsert_points([to_point(point) for point in points]))
            shard.flush()
            added = Totals.of(point.payload for point in points)
            self._totals = self._totals + added - Totals.of(record.payload or {} for record in present)
            self._counts.write(self._totals)
            self._wrote(shard, len(points))

    def deepen(self, points: Sequence[Point]) -> None:
        with self._writing, self._open_shard() as shard:
            require_room(self._folder, 2 * 4 * sum(point.n_numbers for point in points))
            records = shard.retrieve([point.page_id for point in points], True, False)
            payloads = {str(record.id): dict(record.payload or {}) for record in records}
            found = [point for point in points if point.page_id in payloads]
            vectors = [qdrant.PointVectors(p.page_id, to_vectors(p)) for p in found if p.vectors]
            self._counts.drop()
            if vectors:
                shard.update(qdrant.UpdateOperation.update_vectors(vectors))
                shard.flush()
            # the mark goes last of all, so that a crash before it does everything again; written once, since a payload
            # that grows leaves a hole
            for point in found:
                payload = payloads[point.page_id]
                changed = {name: value for name, value in payload.items() if name != fields.SHALLOW}
                overwrite = qdrant.UpdateOperation.overwrite_payload
                shard.update(overwrite([point.page_id], {**changed, **point.payload}))
            shard.flush()
            shallow = sum(fields.SHALLOW in payload for payload in payloads.values())
            meant = sum(has_meaning(point.payload) for point in found)
            self._totals += Totals(n_shallow=-shallow, n_meant=meant)
            self._counts.write(self._totals)
            self._wrote(shard, len(found))

    def update_vectors(self, points: Sequence[Point]) -> None:
        with self._writing, self._open_shard() as shard:
            there = {str(record.id) for record in shard.retrieve([p.page_id for p in points], False, False)}
            vectors = [qdrant.PointVectors(p.page_id, to_vectors(p)) for p in points if p.page_id in there]
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

    def delete_document(self, document_id: str) -> None:
        with self._writing:
            removed = Totals.of(payload for _, payload in self.payloads(document_id, COUNTS))
            with self._open_shard() as shard:
                self._counts.drop()
                shard.update(
                    qdrant.UpdateOperation.delete_points_by_filter(document_filter(qdrant, [document_id]))
                )
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
        only = None if document_ids is None else document_filter(qdrant, document_ids)
        requests = [query_request(search, limit, only, scan, floor) for search in searches]
        with self._open_shard() as shard:
            found = shard.query_batch(qdrant.QueryBatchRequest(requests))
        return [scored_pages(points, floor, one) for points, one in zip(found, searches, strict=True)]

    def retrieve(self, page_ids: Sequence[str], fields: bool | list[str], vectors: list[str]) -> list[Any]:
        with self._open_shard() as shard:
            return shard.retrieve(list(page_ids), fields, vectors or False)

    def damaged(self) -> LibraryDamaged:
        return LibraryDamaged(
            f"The index in {self._folder} is damaged; if that stays so, {repair_hint(self._folder.parent)}"
        )

    def payloads(self, document_id: str | None, fields: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        only = None if document_id is None else document_filter(qdrant, [document_id])
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

    def n_without_meaning(self) -> int:
        if not self._totals.n_meant:
            return 0
        with self._open_shard() as shard:
            having: list[Any] = [
                qdrant.HasVectorCondition(name) for name in (fields.PASSAGES, fields.SUBJECT)
            ]
            there = shard.count(qdrant.CountRequest(filter=qdrant.Filter(must=having), exact=True))
        return max(self._totals.n_meant - there, 0)

    def bytes_on_disk(self) -> int:
        return used_bytes(self._folder)

    def close(self) -> None:
        with self._writing:
            if self._closed:
                return
            self._closed = True
            with edge_errors(self._folder):
                self._shard.close()
            self._lock.release()

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Nobody else writes meanwhile, and nobody closes the index."""
        with self._writing, self._open_shard():
            yield

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
            read_ahead(self._folder)

    @contextmanager
    def _open_shard(self) -> Iterator[qdrant.EdgeShard]:
        if self._closed:
            raise StoreError(f"The index in {self._folder} is closed")
        with edge_errors(self._folder):
            yield self._shard


class FolderFiles:
    """`SideFiles` in a folder of the embedded index."""

    def __init__(self, folder: Path, exclusive: Callable[[], AbstractContextManager[None]]) -> None:
        """folder: made with the first file; exclusive: held while a file is written or removed"""
        self._folder, self._exclusive = folder, exclusive

    def write(self, name: str, content: bytes) -> None:
        with self._exclusive():
            require_room(self._folder.parent, len(content))
            self._folder.mkdir(exist_ok=True)
            write_durably(self._path(name), content)

    def names(self) -> list[str]:
        return [path.stem for path in self._folder.glob(f"*{_SUFFIX}")]

    def read(self, name: str) -> bytes | None:
        with edge_errors(self._folder.parent):
            return self._path(name).read_bytes() if self._path(name).exists() else None

    def remove(self, name: str) -> None:
        with self._exclusive():
            self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"

"""Index of pages by centroids that are learned from them, and learned anew when the library has grown.

New centroids are kept first; then each page gets its entries of them in place of those it had; when no page is left they
count as settled, and the older ones go. Until then a query looks up the entries of both, so that every page is found by those
that it has. Whoever breaks off loses nothing: what is kept tells which centroids there are, a mark among a page's
entries which of them it has.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from pagelight.retrieval.centroids import CENTROIDS, SLOTS, Centroids, mark_of
from pagelight.retrieval.store import fields
from pagelight.retrieval.store.qdrant_engine import Nearest, Point, QdrantEngine
from pagelight.retrieval.text.bm25 import SparseTerms
from pagelight.retrieval.types import Floats, StoredPage

log = logging.getLogger(__name__)

#: names of what is kept, before a number that counts up (form)
_LEARNED, _SETTLED = "learned-", "settled-"
#: time after which it is looked at again what others have kept (time)
NOTICE_SECONDS = 30.0
#: pages that are read and entered at once: a search waits for them (block)
_TOGETHER = 32
#: lets the same library give the same sample (form)
_SEED = 5


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """The kept state: centroids by their number, oldest first; settled: the last number whose pages have all moved, 0 for none."""

    names: frozenset[str]
    learned: dict[int, Centroids]
    settled: int

    @property
    def newest(self) -> Centroids | None:
        return self.learned[max(self.learned)] if self.learned else None

    @property
    def is_settled(self) -> bool:
        return bool(self.learned) and max(self.learned) == self.settled


class CentroidIndex:
    """The centroids of one index, and the pages by them. Safe for several threads; one of them calls `update`."""

    def __init__(self, engine: QdrantEngine, dim: int, writing: Lock) -> None:
        """writing: held while pages that were given entries are written or deleted"""
        self._engine, self._dim, self._writing = engine, dim, writing
        self._looking = Lock()
        self._state = _State(frozenset(), {}, 0)
        self._looked_at = -np.inf
        self._waiting: deque[str] | None = None  # pages to move; None: nobody looked yet

    @property
    def is_ready(self) -> bool:
        """Whether every page has entries that a query can look up."""
        state = self._look()
        return state.settled in state.learned

    def candidates(self, vectors: Floats, limit: int) -> Nearest:
        """The first stage of a search for the best `limit` pages by tokens (n_tokens, dim), weights folded into their length."""
        found = [learned.query_entries(vectors) for learned in self._look().learned.values()]
        pairs = sorted(pair for one in found for pair in zip(one.indices, one.values, strict=True))
        entries = SparseTerms([index for index, _ in pairs], [value for _, value in pairs])
        n = CENTROIDS.n_candidates(self._engine.totals().n_pages)
        return Nearest(fields.CENTROIDS, entries, max(n, 2 * limit))

    def page_entries(self, pages: Sequence[StoredPage]) -> list[SparseTerms]:
        """The entries of pages that are written now; none before anything was learned."""
        newest = self._look().newest
        if newest is None:
            return [SparseTerms([], []) for _ in pages]
        return newest.page_entries([page.embedding.vectors for page in pages])

    @property
    def is_due(self) -> bool:
        """Whether centroids are to be learned, or pages still to be moved, as far as that is known without reading them."""
        state = self._look()
        return self._is_grown(state) or (bool(state.learned) and not state.is_settled)

    def update(self, wanted: Callable[[], bool]) -> bool:
        """Learn centroids where it is time for that, or move a few pages; False where nothing is left to do.

        wanted: asked while something is learned, which is broken off where it no longer is
        """
        state = self._look()
        if self._is_grown(state):
            self._learn(state, wanted)
            return True
        newest = state.newest
        if newest is None:
            return False
        if self._waiting is None or (not self._waiting and not state.is_settled):
            self._waiting = deque(self._strays(newest))
            if not self._waiting and not state.is_settled:
                self._settle(state)
                return True
        if not self._waiting:
            return False
        self._move(newest, [self._waiting.popleft() for _ in range(min(_TOGETHER, len(self._waiting)))])
        return True

    def _is_grown(self, state: _State) -> bool:
        """Whether the library is large enough for centroids, or for others, and no pages are being moved."""
        newest, n_vectors = state.newest, self._engine.totals().n_vectors
        if newest is None:
            return n_vectors > CENTROIDS.exhaustive
        return state.is_settled and n_vectors > CENTROIDS.growth * newest.learned_from

    def _learn(self, state: _State, wanted: Callable[[], bool]) -> None:
        """Learn centroids from a sample of the pages; the index is open to everybody meanwhile."""
        sizes = {
            page_id: int(payload[fields.N_VECTORS])
            for page_id, payload in self._engine.payloads(None, [fields.N_VECTORS])
        }
        n_vectors, ids = sum(sizes.values()), list(sizes)
        left = CENTROIDS.n_samples(n_vectors)
        sample: list[str] = []
        for place in np.random.default_rng(_SEED).permutation(len(ids)).tolist():
            if left <= 0:
                break
            sample.append(ids[place])
            left -= sizes[ids[place]]
        pages: list[Floats] = []
        for start in range(0, len(sample), _TOGETHER):
            if not wanted():
                return
            pages += self._vectors(sample[start : start + _TOGETHER]).values()
        began = time.perf_counter()
        learned = Centroids.learn(self._free_slot(state), pages, n_vectors, CENTROIDS, wanted)
        if learned is None:
            return
        took = time.perf_counter() - began
        log.info("%d centroids learned from %d pages in %.0f s", len(learned), len(pages), took)
        number = max([0, state.settled, *_numbers(state.names, _LEARNED)]) + 1
        with self._writing:  # what is written from here on is entered by them
            if not state.learned:
                for name in state.names:  # what cannot be read
                    self._engine.side_files.remove(name)
            self._engine.side_files.write(f"{_LEARNED}{number}", learned.pack())
            self._look(again=True)
        self._waiting = None
        # whoever does not know them yet would miss the pages that are moved
        time.sleep(self._engine.notice_seconds)

    def _free_slot(self, state: _State) -> int:
        """A slot that no page has a mark of."""
        slots = [s for s in range(SLOTS) if all(s != one.slot for one in state.learned.values())]
        marks = [_marked(slot, 1) for slot in slots]
        found = self._engine.query(marks, 1, None, None, None)
        return next((slot for slot, pages in zip(slots, found, strict=True) if not pages), slots[0])

    def _strays(self, newest: Centroids) -> list[str]:
        """The pages without entries of these centroids."""
        ids = [page_id for page_id, _ in self._engine.payloads(None, [fields.PAGE])]
        (marked,) = self._engine.query([_marked(newest.slot, len(ids) + 1)], 1, None, None, None)
        there = {page.page_id for page in marked}
        return [page_id for page_id in ids if page_id not in there]

    def _move(self, newest: Centroids, page_ids: Sequence[str]) -> None:
        with self._writing:  # else a page could be replaced between reading and entering it
            pages = self._vectors(page_ids)
            entries = newest.page_entries(list(pages.values()))
            self._engine.update_vectors(
                [Point(i, {fields.CENTROIDS: own}, {}) for i, own in zip(pages, entries, strict=True)]
            )

    def _settle(self, state: _State) -> None:
        number = max(state.learned)
        self._engine.side_files.write(f"{_SETTLED}{number}", b"all pages have entries of these centroids\n")
        for name in state.names - {f"{_LEARNED}{number}"}:
            self._engine.side_files.remove(name)
        self._look(again=True)

    def _vectors(self, page_ids: Sequence[str]) -> dict[str, Floats]:
        """The vectors (n, dim) of the pages that are there, by id."""
        found = {}
        for record in self._engine.retrieve(page_ids, False, [fields.PATCHES]):
            own = (record.vector or {}).get(fields.PATCHES)
            found[str(record.id)] = np.asarray([] if own is None else own, np.float32).reshape(-1, self._dim)
        return found

    def _look(self, again: bool = False) -> _State:
        """The kept state, read again after a while; centroids that cannot be read count as missing."""
        with self._looking:
            if not again and time.monotonic() - self._looked_at < NOTICE_SECONDS:
                return self._state
            names = frozenset(self._engine.side_files.names())
            if names != self._state.names:
                known, numbers = self._state.learned, sorted(_numbers(names, _LEARNED))
                settled = max([0, *_numbers(names, _SETTLED)])
                read = {n: known.get(n) or self._read(n) for n in numbers if n >= settled}
                learned = {number: one for number, one in read.items() if one is not None}
                # pages have entries of all of them: without one it is as if nothing had been learned
                self._state = _State(names, learned if len(learned) == len(read) else {}, settled)
            self._looked_at = time.monotonic()
            return self._state

    def _read(self, number: int) -> Centroids | None:
        packed = self._engine.side_files.read(f"{_LEARNED}{number}")
        try:
            return None if packed is None else Centroids.unpack(packed)
        except ValueError as error:
            log.warning("%s; all pages are compared until others are learned", error)
            return None


def _marked(slot: int, limit: int) -> Nearest:
    return Nearest(fields.CENTROIDS, SparseTerms([mark_of(slot)], [1.0]), limit)


def _numbers(names: frozenset[str], kind: str) -> list[int]:
    """
    >>> _numbers(frozenset({"learned-3", "settled-2"}), "learned-")
    [3]
    """
    return [int(name.removeprefix(kind)) for name in names if name.startswith(kind)]

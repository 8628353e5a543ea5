"""Pages in Qdrant: the one store, whatever engine answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock

import numpy as np

from pagelight.retrieval.codebook import Codebook
from pagelight.retrieval.store import codec, fields
from pagelight.retrieval.store.candidate_search import SUBJECT_CHOICE, CandidateSearch
from pagelight.retrieval.store.centroid_index import CentroidIndex
from pagelight.retrieval.store.columns import PageColumn, PageColumns
from pagelight.retrieval.store.index_layout import Layout
from pagelight.retrieval.store.page_cache import ByteCache, PageCache
from pagelight.retrieval.store.page_store import Candidates, IndexConfig, Lookup, ScoredPage, StoreStats
from pagelight.retrieval.store.qdrant_engine import Nearest, Point, QdrantEngine, Scan
from pagelight.retrieval.store.record import has_entries, has_meaning
from pagelight.retrieval.types import Floats, PageMeaning, PageWords, StoredPage

#: every vector that is kept, and nothing coarser
EXACT = Scan(None)
#: memory for the columns that rankings read: some 100,000 pages of the built-in encoder's (limit)
COLUMN_BYTES = 512 * 2**20
#: pages whose columns are loaded at once, which takes some milliseconds (block)
_LOADED = 64
#: pages that an exhaustive search reads at once (block)
BLOCK = 500


class QdrantStore:
    """`PageStore` over a `QdrantEngine`."""

    def __init__(self, config: IndexConfig, engine: QdrantEngine) -> None:
        self._config = config
        self._layout = Layout(config)
        self._engine = engine
        self._cache = PageCache(narrow=config.precision != "fp32")
        self._columns: ByteCache[PageColumn] = ByteCache(
            COLUMN_BYTES, lambda column: column.n_bytes, lambda column: column.name.document_id
        )
        self._keeps_columns = False
        self._writing = Lock()  # between giving pages entries and writing them nobody moves pages
        self._centroid_index = CentroidIndex(engine, config.dim, self._writing) if config.centroids else None
        self._writes = 0
        self._counting = Lock()
        self._candidates = CandidateSearch(engine, self._layout)

    @property
    def config(self) -> IndexConfig:
        return self._config

    @property
    def codebook(self) -> Codebook | None:
        return self._layout.codebook

    def upsert(self, pages: Sequence[StoredPage]) -> None:
        unique = {page.page_id: page for page in pages}
        if unique:
            with self._writing:
                self._engine.upsert(self._points(list(unique.values())))
            self._wrote(list(unique))

    def shallow_pages(self, document_id: str) -> set[int]:
        payloads = self._engine.payloads(document_id, [fields.PAGE, fields.IS_SHALLOW])
        return {int(payload[fields.PAGE]) for _, payload in payloads if fields.SHALLOW in payload}

    def without_meaning(self, document_id: str) -> set[int]:
        found = self._engine.payloads(document_id, [fields.PAGE, fields.N_LINES])
        expected = {page_id: payload for page_id, payload in found if has_meaning(payload)}
        there = set(expected)
        for name in (fields.PASSAGES, fields.SUBJECT) if expected else ():
            anything = np.ones((1, self._config.meaning_dim or 0), np.float32)
            vectors = anything if name == fields.PASSAGES else anything[0]
            asked = Nearest(name, vectors, page_ids=list(expected))
            there &= {page.page_id for page in self._query([asked], len(expected), None, EXACT)[0]}
        return {int(payload[fields.PAGE]) for page_id, payload in expected.items() if page_id not in there}

    def n_without_meaning(self) -> int:
        return self._engine.n_without_meaning()

    def without_terms(self, page_ids: Sequence[str]) -> set[str]:
        if self.codebook is None:
            return set()
        records = self._engine.retrieve(page_ids, [fields.N_VECTORS], [fields.SEEN])
        return {
            str(record.id)
            for record in records
            if (record.payload or {}).get(fields.N_VECTORS) and not has_entries(record.vector)
        }

    def fetch_to_understand(self, page_ids: Sequence[str]) -> dict[str, PageWords]:
        records = self._engine.retrieve(page_ids, [fields.WORDS, "n_words", fields.SHALLOW], [])
        found = {str(r.id): codec.words_to_understand(r.payload or {}) for r in records}
        return {page_id: words for page_id, words in found.items() if words is not None}

    def deepen(self, meanings: Mapping[str, PageMeaning]) -> None:
        records = self._engine.retrieve(list(meanings), [fields.IS_SHALLOW], [])
        points = []
        for record in records:
            shallow = (record.payload or {}).get(fields.SHALLOW)
            if shallow is not None:
                page_id = str(record.id)
                points.append(codec.meaning_point(page_id, meanings[page_id], bool(shallow["read"])))
        if points:
            self._engine.deepen(points)
            self._wrote([point.page_id for point in points])

    def search(
        self, vectors: Floats, limit: int, document_ids: Sequence[str] | None = None, exact: bool = True
    ) -> list[ScoredPage]:
        if not exact and self._centroid_index is not None and self._centroid_index.is_ready:
            prefetch = (self._centroid_index.candidates(vectors, limit),)
            best = Nearest(fields.PATCHES, vectors, prefetch=prefetch)  # chosen and compared in one request
            (found,) = self._query([best], limit, document_ids, EXACT)
            if len(found) >= limit:  # else these documents have fewer, and comparing them takes no time
                return found
        if self.codebook is not None:
            scored = self._scored(vectors, document_ids)
            totals = [
                ScoredPage(page_id, float(best.sum())) for page_id, best in scored if np.isfinite(best).all()
            ]
            return sorted(totals, key=lambda page: -page.score)[: max(limit, 0)]
        scan = Scan(self._layout.precision.first_scan(limit)) if limit > 0 else EXACT
        return self._query([Nearest(fields.PATCHES, vectors)], limit, document_ids, scan)[0]

    @property
    def has_first_stage(self) -> bool:
        return self._centroid_index is not None and self._centroid_index.is_ready

    @property
    def has_current_centroids(self) -> bool:
        return self._centroid_index is None or not self._centroid_index.is_due

    def update_centroids(self, wanted: Callable[[], bool] = lambda: True) -> bool:
        return self._centroid_index is not None and self._centroid_index.update(wanted)

    def search_meaning(
        self, vectors: Floats, limit: int, document_ids: Sequence[str] | None = None, exact: bool = True
    ) -> list[ScoredPage]:
        if not self._config.meaning_dim or not len(vectors):
            return []
        prefetch = (
            () if exact else self._candidates.near_subject(vectors, max(SUBJECT_CHOICE.compared, 2 * limit))
        )
        return self._query(
            [Nearest(fields.PASSAGES, vectors, prefetch=prefetch)], limit, document_ids, EXACT
        )[0]

    def closeness(self, vectors: Floats, page_ids: Sequence[str]) -> dict[str, float]:
        if not self._config.meaning_dim or not len(vectors) or not page_ids:
            return {}
        asked = Nearest(fields.PASSAGES, vectors, page_ids=page_ids)
        return {page.page_id: page.score for page in self._query([asked], len(page_ids), None, EXACT)[0]}

    def find(self, lookup: Lookup, document_ids: Sequence[str] | None = None) -> Candidates:
        return self._candidates.find(lookup, document_ids, self.stats().generation)

    def columns(self, page_ids: Sequence[str]) -> PageColumns:
        found = self._columns.get(page_ids, self._read_columns)
        return PageColumns.of([found[i] for i in dict.fromkeys(page_ids) if i in found], self._layout.packing)

    def prepare_writing(self) -> None:
        _ = self._layout.codebook

    def load_columns(self, wanted: Callable[[], bool] = lambda: True) -> None:
        if self._config.codebook is None or self._engine.notice_seconds:
            return  # not across a network, and not what others may write anew
        self._keeps_columns = True
        ids = [page_id for page_id, _ in self._engine.payloads(None, [fields.PAGE])]
        for start in range(0, len(ids), _LOADED):
            if self._columns.is_full or not wanted():
                return
            self._columns.get(ids[start : start + _LOADED], self._read_columns)

    def search_tokens(
        self, vectors: Floats, limit: int, floor: float, document_ids: Sequence[str] | None = None
    ) -> list[list[ScoredPage]]:
        if self.codebook is None:
            tokens = [Nearest(fields.PATCHES, token[None]) for token in vectors]
            return self._query(tokens, limit, document_ids, EXACT, floor)
        scored = list(self._scored(vectors, document_ids))
        if not scored:
            return [[] for _ in vectors]
        found: list[list[ScoredPage]] = []
        best = np.stack([similar for _, similar in scored])  # (n_pages, n_tokens)
        for similar in best.T:
            order = np.argsort(-similar, kind="stable")[: max(limit, 0)]
            found.append([ScoredPage(scored[i][0], float(similar[i])) for i in order if similar[i] >= floor])
        return found

    def search_text(
        self, terms: Sequence[str], limit: int, document_ids: Sequence[str] | None = None
    ) -> list[ScoredPage]:
        return self._query([self._layout.spelling(terms)], limit, document_ids)[0] if terms else []

    def search_terms(
        self, terms: Sequence[str], limit: int, document_ids: Sequence[str] | None = None
    ) -> list[list[ScoredPage]]:
        return self._query([self._layout.spelling([term]) for term in terms], limit, document_ids)

    def fetch(self, page_ids: Sequence[str]) -> list[StoredPage]:
        return self._cache.get(page_ids, self._read)

    def fetch_words(self, page_ids: Sequence[str]) -> list[PageWords]:
        found = codec.words_of(self._engine.retrieve(page_ids, [fields.WORDS, "n_words"], []))
        return [found.get(page_id, PageWords()) for page_id in page_ids]

    def fetch_text(self, page_ids: Sequence[str]) -> dict[str, PageWords]:
        wanted = [fields.WORDS, "n_words", fields.LEGIBLE, fields.N_LEGIBLE]
        return codec.words_of(self._engine.retrieve(page_ids, wanted, []))

    def page_numbers(self, document_id: str) -> set[int]:
        return {int(payload[fields.PAGE]) for _, payload in self._engine.payloads(document_id, [fields.PAGE])}

    def document_ids(self) -> set[str]:
        payloads = self._engine.payloads(None, [fields.DOCUMENT_ID])
        return {str(payload[fields.DOCUMENT_ID]) for _, payload in payloads}

    def delete_document(self, document_id: str) -> None:
        with self._writing:
            self._engine.delete_document(document_id)
        self._cache.forget_document(document_id)
        self._columns.forget_document(document_id)
        self._changed()

    def stats(self) -> StoreStats:
        totals = self._engine.totals()
        generation = (self._writes, totals.n_pages, totals.n_vectors)
        return StoreStats(totals.n_pages, totals.n_vectors, totals.n_patches, totals.n_shallow, generation)

    def bytes_on_disk(self) -> int:
        return self._engine.bytes_on_disk()

    def close(self) -> None:
        """Write everything and let go; a second call does nothing."""
        self._engine.close()

    def _wrote(self, page_ids: Sequence[str]) -> None:
        """Let go of what is known of pages that were just written."""
        self._cache.forget(page_ids)
        self._columns.forget(page_ids)
        self._changed()
        if self._keeps_columns and not self._columns.is_full:
            self._columns.get(page_ids, self._read_columns)

    def _changed(self) -> None:
        with self._counting:
            self._writes += 1

    def _points(self, pages: Sequence[StoredPage]) -> list[Point]:
        points = self._layout.points(pages)
        if self._centroid_index is not None:
            for point, near in zip(points, self._centroid_index.page_entries(pages), strict=True):
                if near:
                    point.vectors[fields.CENTROIDS] = near
        return points

    def _scored(self, vectors: Floats, document_ids: Sequence[str] | None) -> Iterator[tuple[str, Floats]]:
        """(page id, best similarity with each of the vectors (n_tokens,)) of all pages, read block by block."""
        ids: list[str] = []
        for document in [None] if document_ids is None else dict.fromkeys(document_ids):
            ids += dict(self._engine.payloads(document, [fields.PAGE]))
        for start in range(0, len(ids), BLOCK):
            columns = self.columns(ids[start : start + BLOCK])
            yield from zip(columns.page_ids, columns.best(vectors), strict=True)

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

    def _read_columns(self, page_ids: Sequence[str]) -> dict[str, PageColumn]:
        records = self._engine.retrieve(page_ids, fields.COLUMNS, [])
        try:
            return codec.columns_of(records, self._layout.packing)
        except ValueError as error:  # vectors that do not fit their pages
            raise self._engine.damaged() from error

    def _read(self, page_ids: Sequence[str]) -> list[StoredPage]:
        records = self._engine.retrieve(page_ids, True, self._layout.multivectors)
        try:
            return codec.from_records(records, self._layout.packing, self._config.pruning)
        except ValueError as error:  # vectors that do not fit their pages
            raise self._engine.damaged() from error

"""Pages in Qdrant: the one store, whatever engine answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from threading import Lock

import numpy as np

from pagelight.retrieval.codebook import Codebook, Entry
from pagelight.retrieval.store import codec
from pagelight.retrieval.store.columns import PageColumn, PageColumns
from pagelight.retrieval.store.engine import Nearest, Point, QdrantEngine, Scan
from pagelight.retrieval.store.page_cache import ByteCache, PageCache
from pagelight.retrieval.store.page_store import IndexConfig, ScoredPage, StoreStats
from pagelight.retrieval.store.precision import parse_precision
from pagelight.retrieval.text.bm25 import SparseTerms, query_vector
from pagelight.retrieval.types import Floats, PageMeaning, PageWords, StoredPage

#: every vector that is kept, and nothing coarser
EXACT = Scan(None)
#: pages that the sum of a query's tokens chooses by meaning, of which every token then chooses the best
MEANING_AHEAD = 256
#: what the pages that searches came back to may take in memory
COLUMN_BYTES = 192 * 2**20
#: pages that an exhaustive search reads at once
BLOCK = 500


class QdrantStore:
    """`PageStore` over a `QdrantEngine`."""

    def __init__(self, config: IndexConfig, engine: QdrantEngine) -> None:
        self._config = config
        self._precision = parse_precision(config.precision)
        self._engine = engine
        self._multivectors = [
            *([] if config.codebook else [codec.PATCHES]),
            *([codec.PASSAGES] if config.meaning_dim else []),
        ]
        self._cache = PageCache(narrow=config.precision != "fp32")
        self._columns: ByteCache[PageColumn] = ByteCache(
            COLUMN_BYTES, lambda column: column.n_bytes, lambda column: column.document_id
        )
        self._codebook_lock = Lock()
        self._codebook: Codebook | None = None
        self._writes = 0
        self._counting = Lock()

    @property
    def config(self) -> IndexConfig:
        return self._config

    @property
    def codebook(self) -> Codebook | None:
        """Loaded at its first use, which takes half a second."""
        if self._config.codebook is None:
            return None
        with self._codebook_lock:
            if self._codebook is None:
                self._codebook = Codebook.load(self._config.codebook)
            return self._codebook

    @property
    def _split(self) -> int:
        codebook = self.codebook
        return codebook.dim if codebook else 0

    def upsert(self, pages: Sequence[StoredPage]) -> None:
        unique = {page.page_id: page for page in pages}
        if unique:
            self._engine.upsert(self._points(list(unique.values())))
            self._cache.forget(unique)
            self._columns.forget(unique)
            self._changed()

    def shallow_pages(self, document_id: str) -> set[int]:
        payloads = self._engine.payloads(document_id, [codec.PAGE, codec.IS_SHALLOW])
        return {int(payload[codec.PAGE]) for _, payload in payloads if codec.SHALLOW in payload}

    def fetch_to_understand(self, page_ids: Sequence[str]) -> dict[str, PageWords]:
        records = self._engine.retrieve(page_ids, [codec.WORDS, "n_words", codec.SHALLOW], [])
        found = {str(r.id): codec.words_to_understand(r.payload or {}) for r in records}
        return {page_id: words for page_id, words in found.items() if words is not None}

    def deepen(self, meanings: Mapping[str, PageMeaning]) -> None:
        records = self._engine.retrieve(list(meanings), [codec.IS_SHALLOW], [])
        points = []
        for record in records:
            meaning, shallow = meanings[str(record.id)], (record.payload or {}).get(codec.SHALLOW)
            if shallow is None:
                continue
            if len(meaning):
                vectors = {codec.PASSAGES: codec.checked_passages(meaning, f"page {record.id}")}
                payload = {codec.MEANING: codec.to_meaning(meaning, bool(shallow["read"]))}
                points.append(Point(str(record.id), {**vectors}, payload))
            else:
                points.append(Point(str(record.id), {}, {}))
        if points:
            self._engine.deepen(points)
            ids = [point.page_id for point in points]
            self._cache.forget(ids)
            self._columns.forget(ids)
            self._changed()

    def search(
        self, vectors: Floats, limit: int, document_ids: Sequence[str] | None = None
    ) -> list[ScoredPage]:
        if self.codebook is not None:
            scored = self._scored(vectors, document_ids)
            totals = [
                ScoredPage(page_id, float(best.sum())) for page_id, best in scored if np.isfinite(best).all()
            ]
            return sorted(totals, key=lambda page: -page.score)[: max(limit, 0)]
        scan = Scan(self._precision.first_scan(limit)) if limit > 0 else EXACT
        return self._query([Nearest(codec.PATCHES, vectors)], limit, document_ids, scan)[0]

    def search_meaning(
        self, vectors: Floats, limit: int, document_ids: Sequence[str] | None = None, exact: bool = True
    ) -> list[ScoredPage]:
        if not self._config.meaning_dim or not len(vectors):
            return []
        ahead = None if exact else (vectors.sum(axis=0, keepdims=True), max(MEANING_AHEAD, 2 * limit))
        return self._query([Nearest(codec.PASSAGES, vectors, ahead=ahead)], limit, document_ids, EXACT)[0]

    def closeness(self, vectors: Floats, page_ids: Sequence[str]) -> dict[str, float]:
        if not self._config.meaning_dim or not len(vectors) or not page_ids:
            return {}
        among = Nearest(codec.PASSAGES, vectors, among=page_ids)
        return {page.page_id: page.score for page in self._query([among], len(page_ids), None, EXACT)[0]}

    def search_entries(
        self,
        entries: Sequence[Entry],
        counted: Sequence[int],
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> tuple[list[ScoredPage], Floats]:
        scores: dict[int, float] = {}
        for entry in entries:
            scores[entry.number] = max(entry.score, scores.get(entry.number, 0.0))
        numbers = sorted(scores)
        first = Nearest(codec.SEEN, SparseTerms(numbers, [scores[number] for number in numbers]))
        each = [Nearest(codec.SEEN, SparseTerms([number], [1.0]), 1, everywhere=True) for number in counted]
        found, *singles = self._query([first, *each], limit, document_ids)
        rarity = np.array([pages[0].score if pages else np.inf for pages in singles], np.float64)
        # Qdrant's inverse document frequency, log(1 + (n - f + .5) / (f + .5)), solved for f
        n_pages = self._engine.totals().n_pages
        return found, np.asarray(np.clip((n_pages + 1) * np.exp(-rarity) - 0.5, 0, n_pages), np.float32)

    def columns(self, page_ids: Sequence[str]) -> PageColumns:
        found = self._columns.get(page_ids, self._read_columns)
        return PageColumns.of({i: found[i] for i in page_ids if i in found}, self._split)

    def search_tokens(
        self, vectors: Floats, limit: int, floor: float, document_ids: Sequence[str] | None = None
    ) -> list[list[ScoredPage]]:
        if self.codebook is not None:
            return self._best_pages(vectors, limit, floor, document_ids)
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

    def fetch_words(self, page_ids: Sequence[str]) -> list[PageWords]:
        found = codec.words_of(self._engine.retrieve(page_ids, [codec.WORDS, "n_words"], []))
        return [found.get(page_id, PageWords()) for page_id in page_ids]

    def page_numbers(self, document_id: str) -> set[int]:
        return {int(payload[codec.PAGE]) for _, payload in self._engine.payloads(document_id, [codec.PAGE])}

    def document_ids(self) -> set[str]:
        payloads = self._engine.payloads(None, [codec.DOCUMENT_ID])
        return {str(payload[codec.DOCUMENT_ID]) for _, payload in payloads}

    def delete_document(self, document_id: str) -> None:
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

    def _changed(self) -> None:
        with self._counting:
            self._writes += 1

    def _points(self, pages: Sequence[StoredPage]) -> list[Point]:
        dim, codebook = self._config.dim, self.codebook
        if codebook is None:
            return [Point(p.page_id, codec.to_vectors(p, dim), codec.to_payload(p)) for p in pages]
        spelled = [codec.page_terms(page.words) for page in pages]
        packed = [
            codec.to_packed(page, dim, codebook.dim, self._precision.fine, len(own))
            for page, own in zip(pages, spelled, strict=True)
        ]
        entries = codebook.page_codes([page.embedding for page in pages])
        return [
            Point(page.page_id, codec.to_vectors(page, dim, own, own_terms), payload)
            for page, own, own_terms, payload in zip(pages, entries, spelled, packed, strict=True)
        ]

    def _scored(self, vectors: Floats, document_ids: Sequence[str] | None) -> Iterator[tuple[str, Floats]]:
        """(page id, best similarity with each of the vectors (n_tokens,)) of all pages, read block by block."""
        if document_ids is None:
            ids = [page_id for page_id, _ in self._engine.payloads(None, [codec.PAGE])]
        else:
            chosen = dict.fromkeys(document_ids)
            ids = [i for document in chosen for i, _ in self._engine.payloads(document, [codec.PAGE])]
        for start in range(0, len(ids), BLOCK):
            columns = self.columns(ids[start : start + BLOCK])
            yield from zip(columns.page_ids, columns.best(vectors), strict=True)

    def _best_pages(
        self, vectors: Floats, limit: int, floor: float, document_ids: Sequence[str] | None
    ) -> list[list[ScoredPage]]:
        scored = list(self._scored(vectors, document_ids))
        found: list[list[ScoredPage]] = []
        if not scored:
            return [[] for _ in vectors]
        best = np.stack([similar for _, similar in scored])  # (n_pages, n_tokens)
        for similar in best.T:
            order = np.argsort(-similar, kind="stable")[: max(limit, 0)]
            found.append([ScoredPage(scored[i][0], float(similar[i])) for i in order if similar[i] >= floor])
        return found

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
        records = self._engine.retrieve(page_ids, codec.COLUMNS, [codec.WORDS])
        try:
            return codec.columns_of(records, self._config.dim, self._split, self._precision.fine)
        except ValueError as error:  # vectors that do not fit their pages
            raise self._engine.damaged() from error

    def _read(self, page_ids: Sequence[str]) -> list[StoredPage]:
        records = self._engine.retrieve(page_ids, True, self._multivectors)
        try:
            return codec.from_records(records, self._config.dim, self._split, self._precision.fine)
        except ValueError as error:  # vectors that do not fit their pages
            raise self._engine.damaged() from error


def _spelling(terms: Sequence[str]) -> Nearest:
    return Nearest(codec.WORDS, query_vector(terms))

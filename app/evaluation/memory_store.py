"""A store for measurements: it counts what it is given, and answers a repeated request from memory.

`none` keeps more than ten thousand vectors a page for the built-in encoder. Qdrant compares a query with those of 261
pages in seconds, and hands over one page in a quarter of a second; an evaluation reads each page for dozens of
queries. So pages stay in memory, and all queries can be compared with all vectors at once, which is the same
arithmetic some ten times faster.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pagelight.app.evaluation.dataset import Place
from pagelight.retrieval.store import codec
from pagelight.retrieval.store.page_cache import PageCache
from pagelight.retrieval.store.page_store import IndexConfig, PageStore, ScoredPage
from pagelight.retrieval.text.bm25 import document_vector
from pagelight.retrieval.types import Floats, PageMeaning, PageWords, StoredPage

#: memory for pages; the store is asked for those beyond
MAX_BYTES = 2 * 2**30
#: bytes of a term in the BM25 vector: its index and a float16 weight
TERM_BYTES = 6

_DTYPES = {"fp32": np.float32, "fp16": np.float16}


@dataclass(slots=True)
class Cost:
    """Sums over the pages that were stored.

    kept: of the shares of vectors that pruning left; wordless: pages whose document has no words for them, as scans
    word_bytes: the words with their boxes and BM25 weights; map_bytes: which cell has which vector
    seconds: of storing
    """

    n_pages: int = 0
    n_vectors: int = 0
    kept: float = 0.0
    word_bytes: int = 0
    map_bytes: int = 0
    seconds: float = 0.0
    wordless: list[Place] = field(default_factory=list)

    def add(self, page: StoredPage) -> None:
        payload = codec.to_payload(page)
        self.n_pages += 1
        self.n_vectors += len(page.embedding)
        self.kept += page.kept
        texts = len(payload.get("words", "")) + len(payload.get("legible", ""))
        self.word_bytes += texts + TERM_BYTES * len(document_vector(codec.page_terms(page.words)).indices)
        self.map_bytes += len(payload["cells"])


class MemoryStore:
    """`PageStore` in front of another. The answers are the other's, up to the last bits of a sum.

    with_words: False leaves the documents' own words out of the store
    """

    def __init__(self, store: PageStore, with_words: bool = True) -> None:
        self._store = store
        self._with_words = with_words
        self.cost = Cost()
        self._dtype = _DTYPES.get(store.config.precision)  # None: what is kept is known to the store alone
        self._pages = PageCache(MAX_BYTES, narrow=False)  # widening float16 takes longer than scoring
        self._ids: list[str] = []
        self._last: tuple[bytes, list[list[ScoredPage]]] = b"", []
        self._tokens: dict[bytes, int] = {}
        self._best: Floats = np.zeros((0, 0), np.float32)  # (n_tokens, n_pages)

    def __getattr__(self, name: str) -> Any:
        """Anything else is the store's own."""
        return getattr(self._store, name)

    @property
    def config(self) -> IndexConfig:
        return self._store.config

    @property
    def is_exact(self) -> bool:
        """Are the vectors kept as they are, so that `compare_all` gives what the store would answer?"""
        return self._dtype is not None

    @property
    def has_compared(self) -> bool:
        return bool(self._tokens)

    def upsert(self, pages: Sequence[StoredPage]) -> None:
        """Store the pages, and keep them as the store would hand them over."""
        known = set(self._ids)  # scans are written again when they were read
        self.cost.wordless += [
            (page.document, page.page) for page in pages if page.page_id not in known and not len(page.words)
        ]
        if not self._with_words:
            pages = [replace(page, words=PageWords()) for page in pages]
        new = [page for page in pages if page.page_id not in known]
        start = time.perf_counter()
        self._store.upsert(pages)
        self.cost.seconds += time.perf_counter() - start
        for page in new:
            self.cost.add(page)
        self._ids += [page.page_id for page in new]
        self._pages.forget([page.page_id for page in pages])
        if self._dtype is not None:
            by_id = {page.page_id: page for page in pages}
            self._pages.get(list(by_id), lambda ids: [self._read_back(by_id[i]) for i in ids])

    def deepen(self, meanings: Mapping[str, PageMeaning]) -> None:
        """Store what pages mean, and keep it beside them."""
        start = time.perf_counter()
        self._store.deepen(meanings)
        self.cost.seconds += time.perf_counter() - start
        pages = {page.page_id: page for page in self.fetch(list(meanings))}
        self._pages.forget(meanings)
        if self._dtype is not None:
            self._pages.get(
                list(pages),
                lambda ids: [replace(pages[i], meaning=meanings[i], to_understand=None) for i in ids],
            )

    def compare_all(self, queries: Sequence[Floats]) -> None:
        """Compare all queries (n_tokens, dim) with all pages; `search_tokens` then knows the answers."""
        tokens = np.unique(np.concatenate(queries), axis=0)
        self._tokens = {token.tobytes(): row for row, token in enumerate(tokens)}
        # Qdrant rounds a query as it does the vectors
        rounded = tokens.astype(self._dtype).astype(np.float32)
        self._best = np.full((len(tokens), len(self._ids)), -np.inf, np.float32)
        for column, page_id in enumerate(self._ids):
            for page in self.fetch([page_id]):
                if len(page.embedding):
                    self._best[:, column] = (rounded @ page.embedding.vectors.T).max(axis=1)

    def forget_last(self) -> None:
        """Forget the last answer, so that the next search takes its time."""
        self._last = b"", []

    def load_columns(self, wanted: Callable[[], bool] = lambda: True) -> None:
        """Everything is in memory."""

    def search_tokens(
        self, vectors: Floats, limit: int, floor: float, document_ids: Sequence[str] | None = None
    ) -> list[list[ScoredPage]]:
        if document_ids is not None:
            return self._store.search_tokens(vectors, limit, floor, document_ids)
        key = b"%d %r " % (limit, floor) + vectors.tobytes()
        if self._last[0] != key:
            rows = [self._tokens.get(token.tobytes()) for token in vectors]
            known = [row for row in rows if row is not None]
            answer = (
                [self._compared(row, limit, floor) for row in known]
                if len(known) == len(rows)
                else self._store.search_tokens(vectors, limit, floor)
            )
            self._last = key, answer
        return self._last[1]

    def fetch(self, page_ids: Sequence[str]) -> list[StoredPage]:
        return self._pages.get(page_ids, self._store.fetch)

    def _compared(self, row: int, limit: int, floor: float) -> list[ScoredPage]:
        scores = self._best[row]
        order = np.argsort(-scores, kind="stable")[:limit]
        return [ScoredPage(self._ids[i], float(scores[i])) for i in order if scores[i] >= floor]

    def _read_back(self, page: StoredPage) -> StoredPage:
        own = page.embedding
        vectors = own.vectors.astype(self._dtype).astype(np.float32)
        passages = page.meaning.vectors if len(page.meaning) else None
        return codec.from_payload(codec.to_payload(page), vectors, own.counts, own.kinds, passages)

"""A store that is asked the same things again and again while it is measured, and works only once.

`none` keeps more than ten thousand vectors a page for the built-in encoder. Qdrant compares a query with those of 261
pages in seconds, and hands over one page in a quarter of a second; an evaluation reads each page for dozens of
queries. So pages stay in memory, and all queries can be compared with all vectors at once, which is the same
arithmetic some ten times faster.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pagelight.retrieval.store import codec
from pagelight.retrieval.store.page_cache import PageCache
from pagelight.retrieval.store.page_store import IndexConfig, PageStore, ScoredPage, StoreStats
from pagelight.retrieval.types import Floats, StoredPage

#: what held pages may take in memory; the store is asked for those beyond
MAX_BYTES = 2 * 2**30

_DTYPES = {"fp32": np.float32, "fp16": np.float16}


class HeldStore:
    """`PageStore` in front of another. The answers are the other's, up to the last bits of a sum."""

    def __init__(self, store: PageStore) -> None:
        self._store = store
        self._dtype = _DTYPES.get(store.config.precision)  # None: what is kept is known to the store alone
        self._pages = PageCache(MAX_BYTES, narrow=False)  # widening float16 takes longer than scoring
        self._ids: list[str] = []
        self._last: tuple[bytes, list[list[ScoredPage]]] = b"", []
        self._tokens: dict[bytes, int] = {}
        self._best: Floats = np.zeros((0, 0), np.float32)  # (n_tokens, n_pages)

    @property
    def config(self) -> IndexConfig:
        return self._store.config

    @property
    def learns(self) -> bool:
        """Are the vectors kept as they are, so that `learn` gives what the store would answer?"""
        return self._dtype is not None

    @property
    def learned(self) -> bool:
        return bool(self._tokens)

    def hold(self, pages: Sequence[StoredPage]) -> None:
        """Keep pages that were upserted, as the store would hand them over."""
        self._ids += [page.page_id for page in pages]
        if self._dtype is not None:
            by_id = {page.page_id: page for page in pages}
            self._pages.get(list(by_id), lambda ids: [self._read_back(by_id[i]) for i in ids])

    def learn(self, queries: Sequence[Floats]) -> None:
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

    def forget(self) -> None:
        """Forget the last answer, so that the next search takes its time."""
        self._last = b"", []

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
                [self._known(row, limit, floor) for row in known]
                if len(known) == len(rows)
                else self._store.search_tokens(vectors, limit, floor)
            )
            self._last = key, answer
        return self._last[1]

    def _known(self, row: int, limit: int, floor: float) -> list[ScoredPage]:
        scores = self._best[row]
        order = np.argsort(-scores, kind="stable")[:limit]
        return [ScoredPage(self._ids[i], float(scores[i])) for i in order if scores[i] >= floor]

    def fetch(self, page_ids: Sequence[str]) -> list[StoredPage]:
        return self._pages.get(page_ids, self._store.fetch)

    def _read_back(self, page: StoredPage) -> StoredPage:
        vectors = page.embedding.vectors.astype(self._dtype)
        return codec.from_payload(codec.to_payload(page), vectors, self.config.dim)

    # The rest is the store's own.

    def upsert(self, pages: Sequence[StoredPage]) -> None:
        self._store.upsert(pages)

    def search(
        self, vectors: Floats, limit: int, document_ids: Sequence[str] | None = None
    ) -> list[ScoredPage]:
        return self._store.search(vectors, limit, document_ids)

    def search_text(
        self, terms: Sequence[str], limit: int, document_ids: Sequence[str] | None = None
    ) -> list[ScoredPage]:
        return self._store.search_text(terms, limit, document_ids)

    def search_terms(
        self, terms: Sequence[str], limit: int, document_ids: Sequence[str] | None = None
    ) -> list[list[ScoredPage]]:
        return self._store.search_terms(terms, limit, document_ids)

    def page_numbers(self, document_id: str) -> set[int]:
        return self._store.page_numbers(document_id)

    def delete_document(self, document_id: str) -> None:
        self._store.delete_document(document_id)

    def stats(self) -> StoreStats:
        return self._store.stats()

    def close(self) -> None:
        self._store.close()

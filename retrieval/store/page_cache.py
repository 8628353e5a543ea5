"""Decoded pages in memory.

Qdrant hands vectors over as Python numbers, about 3 ms for a page of 200 vectors; rescoring reads dozens of pages
for each query, often the same ones.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from threading import Lock

import numpy as np

from pagelight.retrieval.types import StoredPage

#: what the cached pages' vectors may take in memory, as float16
MAX_BYTES = 256 * 2**20

Read = Callable[[Sequence[str]], Iterable[StoredPage]]


class PageCache:
    """Least recently used pages by id, with vectors as float16. Safe for several threads."""

    def __init__(self, max_bytes: int = MAX_BYTES, narrow: bool = True) -> None:
        """narrow: hold vectors as float16; False where the store keeps more than that."""
        self._max_bytes = max_bytes
        self._dtype = np.float16 if narrow else np.float32
        self._pages: OrderedDict[str, StoredPage] = OrderedDict()
        self._bytes = 0
        self._generation = 0
        self._lock = Lock()

    def get(self, page_ids: Sequence[str], read: Read) -> list[StoredPage]:
        """The pages in the given order, those not held through `read`; ids that it does not know are left out."""
        with self._lock:
            generation = self._generation
            held = {i: self._pages[i] for i in page_ids if i in self._pages}
            for page_id in held:
                self._pages.move_to_end(page_id)
        missing = [i for i in dict.fromkeys(page_ids) if i not in held]
        found = {i: _with_vectors(page, np.float32) for i, page in held.items()}
        if missing:
            fresh = {page.page_id: page for page in read(missing)}
            found |= fresh
            self._put(fresh, generation)
        return [found[i] for i in page_ids if i in found]

    def forget(self, page_ids: Iterable[str]) -> None:
        """Drop pages that were replaced or deleted."""
        with self._lock:
            self._generation += 1  # what is being read right now may be the old page
            for page_id in page_ids:
                page = self._pages.pop(page_id, None)
                if page is not None:
                    self._bytes -= _bytes(page)

    def forget_document(self, document_id: str) -> None:
        """Drop all pages of a document."""
        with self._lock:
            ids = [i for i, page in self._pages.items() if page.document_id == document_id]
        self.forget(ids)

    def _put(self, pages: dict[str, StoredPage], generation: int) -> None:
        narrow = {i: _with_vectors(page, self._dtype) for i, page in pages.items()}
        with self._lock:
            if generation != self._generation:
                return
            for page_id, page in narrow.items():
                if page_id not in self._pages:
                    self._pages[page_id] = page
                    self._bytes += _bytes(page)
            while self._bytes > self._max_bytes:
                _, page = self._pages.popitem(last=False)
                self._bytes -= _bytes(page)


def _with_vectors(page: StoredPage, dtype: type[np.floating]) -> StoredPage:
    vectors = page.embedding.vectors.astype(dtype)
    meaning = replace(page.meaning, vectors=page.meaning.vectors.astype(dtype))
    return replace(page, embedding=replace(page.embedding, vectors=vectors), meaning=meaning)


def _bytes(page: StoredPage) -> int:
    return page.embedding.vectors.nbytes + page.meaning.vectors.nbytes

"""Pages that were read, kept in memory within a number of bytes.

Qdrant hands passages over as Python numbers, and words have to be unpacked; a page that is looked at is read several
times, and searches come back to the same pages.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.types import StoredPage

#: memory for whole pages, their words included (limit)
MAX_BYTES = 128 * 2**20
#: bytes of a Python object beside its content: a short string, an array (limit)
_OBJECT_BYTES = 56

Entry = TypeVar("Entry")
Read = Callable[[Sequence[str]], Iterable[StoredPage]]


class ByteCache(Generic[Entry]):
    """Least recently used entries by page id. Safe for several threads."""

    def __init__(
        self, max_bytes: int, size: Callable[[Entry], int], document: Callable[[Entry], str]
    ) -> None:
        self._max_bytes, self._size, self._document = max_bytes, size, document
        self._entries: OrderedDict[str, tuple[Entry, int]] = OrderedDict()
        self._bytes = 0
        self._generation = 0
        self._lock = Lock()

    def get(
        self, page_ids: Sequence[str], read: Callable[[Sequence[str]], Mapping[str, Entry]]
    ) -> dict[str, Entry]:
        """The entries of these pages, those not held through `read`; ids that it does not know are left out."""
        found: dict[str, Entry] = {}
        with self._lock:
            generation = self._generation
            for page_id in page_ids:
                held = self._entries.get(page_id)
                if held is not None:
                    found[page_id] = held[0]
                    self._entries.move_to_end(page_id)
        missing = [i for i in dict.fromkeys(page_ids) if i not in found]
        if missing:
            fresh = read(missing)
            found |= fresh
            self._put(fresh, generation)
        return found

    @property
    def is_full(self) -> bool:
        """Whether another page would cost one that is held; a tenth is left for what grows."""
        with self._lock:
            return self._bytes > 0.9 * self._max_bytes

    def forget(self, page_ids: Iterable[str]) -> None:
        """Drop pages that were replaced or deleted."""
        with self._lock:
            self._generation += 1  # what is being read right now may be the old page
            for page_id in page_ids:
                self._bytes -= self._entries.pop(page_id, (None, 0))[1]

    def forget_document(self, document_id: str) -> None:
        """Drop all pages of a document."""
        with self._lock:
            ids = [i for i, (entry, _) in self._entries.items() if self._document(entry) == document_id]
        self.forget(ids)

    def _put(self, fresh: Mapping[str, Entry], generation: int) -> None:
        sizes = {page_id: self._size(entry) for page_id, entry in fresh.items()}
        with self._lock:
            if generation != self._generation:
                return
            for page_id, entry in fresh.items():
                if page_id not in self._entries:
                    self._entries[page_id] = entry, sizes[page_id]
                    self._bytes += sizes[page_id]
            while self._bytes > self._max_bytes:
                self._bytes -= self._entries.popitem(last=False)[1][1]


class PageCache:
    """Least recently used pages by id, with vectors as float16. Safe for several threads."""

    def __init__(self, max_bytes: int = MAX_BYTES, narrow: bool = True) -> None:
        """narrow: hold vectors as float16; False where the store keeps more than that."""
        self._dtype = np.float16 if narrow else np.float32
        self._held: ByteCache[StoredPage] = ByteCache(max_bytes, page_bytes, lambda page: page.document_id)

    def get(self, page_ids: Sequence[str], read: Read) -> list[StoredPage]:
        """The pages in the given order, those not held through `read`; ids that it does not know are left out."""
        found = self._held.get(
            page_ids,
            lambda missing: {page.page_id: _with_vectors(page, self._dtype) for page in read(missing)},
        )
        return [_with_vectors(found[i], np.float32) for i in page_ids if i in found]

    def forget(self, page_ids: Iterable[str]) -> None:
        """Drop pages that were replaced or deleted."""
        self._held.forget(page_ids)

    def forget_document(self, document_id: str) -> None:
        """Drop all pages of a document."""
        self._held.forget_document(document_id)


def _with_vectors(page: StoredPage, dtype: type[np.floating]) -> StoredPage:
    with np.errstate(over="ignore"):  # numbers of a damaged file, which the doctor tells of
        vectors = page.embedding.vectors.astype(dtype)
        meaning = replace(page.meaning, vectors=page.meaning.vectors.astype(dtype))
    return replace(page, embedding=replace(page.embedding, vectors=vectors), meaning=meaning)


def page_bytes(page: StoredPage) -> int:
    """Bytes of a page in memory: its arrays, and its words one by one."""
    embedding, meaning = page.embedding, page.meaning
    arrays: list[NDArray[Any]] = [
        embedding.vectors,
        embedding.cell_to_vector,
        embedding.importance,
        embedding.counts,
        embedding.kinds,
        page.words.boxes,
        meaning.vectors,
        meaning.lines,
        meaning.passage_of_line,
    ]
    texts = sum(map(sys.getsizeof, page.words.texts)) + sys.getsizeof(page.words.texts)
    return sum(array.nbytes + 2 * _OBJECT_BYTES for array in arrays) + texts

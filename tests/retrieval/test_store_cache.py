"""Decoded pages stay in memory up to a limit, and never longer than they are true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pagelight.retrieval.store.page_cache import PageCache, page_bytes
from pagelight.retrieval.types import PageWords, StoredPage
from tests.retrieval.stored_pages import DIM, document_id, stored_page


class Shelf:
    """Pages to read, and a note of what was read."""

    def __init__(self, n_pages: int) -> None:
        rng = np.random.default_rng(0)
        pages = [stored_page(rng, page=number, n_vectors=10) for number in range(1, n_pages + 1)]
        self.pages = {page.page_id: page for page in pages}
        self.ids = list(self.pages)
        self.read: list[str] = []

    def __call__(self, page_ids: Sequence[str]) -> list[StoredPage]:
        self.read += page_ids
        return [self.pages[i] for i in page_ids if i in self.pages]


def test_a_page_is_read_once() -> None:
    shelf, cache = Shelf(3), PageCache()
    first, second, _ = shelf.ids
    assert [p.page_id for p in cache.get([first, second, first], shelf)] == [first, second, first]
    assert [p.page_id for p in cache.get([second, first], shelf)] == [second, first]
    assert shelf.read == [first, second]


def test_unknown_pages_are_left_out_and_asked_for_again() -> None:
    shelf, cache = Shelf(1), PageCache()
    for _ in range(2):
        assert cache.get(["unknown"], shelf) == []
    assert shelf.read == ["unknown", "unknown"]


def test_the_pages_used_longest_ago_make_room() -> None:
    shelf = Shelf(3)
    narrow = replace(
        shelf.pages[shelf.ids[0]].embedding, vectors=np.zeros((10, DIM), np.float16)
    )  # as it is held
    two = 2 * max(page_bytes(replace(page, embedding=narrow)) for page in shelf.pages.values())
    cache = PageCache(max_bytes=two)
    first, second, third = shelf.ids
    for page_id in (first, second, first, third, first, second):
        cache.get([page_id], shelf)
    assert shelf.read == [first, second, third, second]


def test_vectors_are_held_as_float16_and_come_back_as_float32() -> None:
    shelf, cache = Shelf(1), PageCache()
    fresh, held = (cache.get(shelf.ids, shelf)[0].embedding.vectors for _ in range(2))
    assert fresh.dtype == held.dtype == np.float32
    stored = shelf.pages[shelf.ids[0]].embedding.vectors
    np.testing.assert_array_equal(held, stored.astype(np.float16).astype(np.float32))
    exact = PageCache(narrow=False)
    exact.get(shelf.ids, shelf)
    np.testing.assert_array_equal(exact.get(shelf.ids, shelf)[0].embedding.vectors, stored)


def test_a_page_counts_with_its_words() -> None:
    page = stored_page(np.random.default_rng(0), n_words=9)
    without = replace(page, words=PageWords())
    assert page_bytes(page) - page_bytes(without) > sum(map(len, page.words.texts)) + page.words.boxes.nbytes


def test_forgotten_pages_are_read_again() -> None:
    shelf, cache = Shelf(2), PageCache()
    cache.get(shelf.ids, shelf)
    cache.forget(shelf.ids[:1])
    cache.get(shelf.ids, shelf)
    assert shelf.read == [*shelf.ids, shelf.ids[0]]
    cache.forget_document(document_id(0))
    cache.get(shelf.ids, shelf)
    assert len(shelf.read) == 5


def test_a_page_that_is_replaced_while_it_is_read_is_not_kept() -> None:
    shelf, cache = Shelf(1), PageCache()

    def read_slowly(page_ids: Sequence[str]) -> list[StoredPage]:
        old = shelf(page_ids)
        cache.forget(page_ids)  # a writer comes in between
        return old

    cache.get(shelf.ids, read_slowly)
    cache.get(shelf.ids, shelf)
    assert len(shelf.read) == 2

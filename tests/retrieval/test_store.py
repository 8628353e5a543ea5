"""Every store gives the same pages and scores, those of brute force in numpy.

The embedded store, qdrant-client's in-memory mode and, where PAGELIGHT_TEST_QDRANT_URL is set, a real server.
"""

from __future__ import annotations

import math
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pagelight.retrieval.maxsim import maxsim
from pagelight.retrieval.store.page_store import IndexConfig, PageStore, ScoredPage
from pagelight.retrieval.text.analyzer import terms
from pagelight.retrieval.text.bm25 import BM25
from pagelight.retrieval.types import Floats, PageWords, StoredPage
from tests.retrieval.opened_stores import STORES
from tests.retrieval.stored_pages import DIM, document_id, library, stored_page, unit_vectors
from tests.retrieval.test_store_codec import assert_same

CONFIG = IndexConfig("builtin", DIM, "none")
#: float16 has 11 significant bits; a score adds up a few similarities
FLOAT16 = 4e-3


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PageStore]:
    yield from request.param(tmp_path / "index", CONFIG)


def brute_force(pages: Sequence[StoredPage], query: Floats) -> list[ScoredPage]:
    scored = [ScoredPage(page.page_id, maxsim(query, page.embedding.vectors)) for page in pages]
    return sorted(scored, key=lambda hit: -hit.score)


def assert_equal_hits(
    found: Sequence[ScoredPage], expected: Sequence[ScoredPage], tolerance: float = FLOAT16
) -> None:
    """The same scores rank by rank, and for each page; pages with nearly the same score may change places."""
    assert len(found) == len(expected)
    np.testing.assert_allclose([h.score for h in found], [h.score for h in expected], atol=tolerance)
    scores = {hit.page_id: hit.score for hit in expected}
    for hit in found:
        if hit.page_id not in scores:  # tied with the last one
            assert hit.score == pytest.approx(expected[-1].score, abs=tolerance)
        else:
            assert hit.score == pytest.approx(scores[hit.page_id], abs=tolerance)


def test_an_empty_store_finds_nothing(store: PageStore) -> None:
    query = unit_vectors(np.random.default_rng(0), 3)
    assert store.search(query, 5) == []
    assert store.search_tokens(query, 5, 0.1) == [[], [], []]
    assert store.search_text(["revenu"], 5) == []
    assert store.fetch([str(uuid.uuid4())]) == []
    assert store.page_numbers(document_id(1)) == set()
    assert store.stats().n_pages == 0
    store.upsert([])


@pytest.mark.parametrize("n_tokens", [1, 6])
def test_search_is_maxsim(store: PageStore, n_tokens: int) -> None:
    pages = library()
    store.upsert(pages)
    # weights are folded into the length of the vectors
    query = unit_vectors(np.random.default_rng(7), n_tokens) * np.linspace(0.2, 2.0, n_tokens)[
        :, None
    ].astype("f4")
    assert_equal_hits(store.search(query, 8), brute_force(pages, query)[:8])
    assert_equal_hits(store.search(query, 1000), brute_force(pages, query))


def test_negative_similarities_stay_negative(store: PageStore) -> None:
    rng = np.random.default_rng(3)
    query = unit_vectors(rng, 1)
    pages = [
        stored_page(rng, page=1, vectors=-query),
        stored_page(rng, page=2, vectors=np.concatenate([-query, -0.5 * query])),
        stored_page(rng, page=3, vectors=-0.25 * query),
    ]
    store.upsert(pages)
    found = store.search(query, 5)
    assert [hit.page_id for hit in found] == [pages[i].page_id for i in (2, 1, 0)]
    np.testing.assert_allclose([hit.score for hit in found], [-0.25, -0.5, -1], atol=FLOAT16)


def test_search_stays_within_the_chosen_documents(store: PageStore) -> None:
    pages = library()
    store.upsert(pages)
    query = unit_vectors(np.random.default_rng(8), 4)
    chosen = [document_id(1), document_id(3)]
    inside = [page for page in pages if page.document_id in chosen]
    assert_equal_hits(store.search(query, 50, chosen), brute_force(inside, query))
    assert store.search(query, 50, [document_id(99)]) == []
    assert store.search(query, 50, []) == []
    assert store.search_tokens(query, 50, -1, []) == [[]] * 4
    ids = {page.page_id for page in inside}
    assert {hit.page_id for hit in store.search_text(terms("annual report"), 50, chosen)} <= ids
    for hits in store.search_tokens(query, 50, -1, chosen):
        assert {hit.page_id for hit in hits} == ids


@pytest.mark.parametrize("floor", [-0.2, 0.0, 0.35])
def test_tokens_are_searched_apart_down_to_the_floor(store: PageStore, floor: float) -> None:
    pages = library()
    store.upsert(pages)
    query = unit_vectors(np.random.default_rng(9), 5)
    found = store.search_tokens(query, 1000, floor)
    assert len(found) == 5
    for token, hits in zip(query, found, strict=True):
        expected = brute_force(pages, token[None])
        assert all(hit.score >= floor for hit in hits)
        # pages within float16 of the floor may fall on either side
        sure = [hit for hit in expected if hit.score > floor + FLOAT16]
        assert_equal_hits(hits[: len(sure)], sure)
        assert len(hits) <= sum(hit.score > floor - FLOAT16 for hit in expected)


def test_a_similarity_of_exactly_the_floor_is_found(store: PageStore) -> None:
    vectors = np.zeros((1, DIM), np.float32)
    vectors[0, 0] = 0.5
    page = stored_page(np.random.default_rng(1), vectors=vectors)
    store.upsert([page])
    assert [hit.page_id for hit in store.search_tokens(vectors * 2, 5, 0.5)[0]] == [page.page_id]


def test_text_is_ranked_by_bm25(store: PageStore) -> None:
    pages = library(seed=5)
    pages[0] = replace(pages[0], words=PageWords())
    store.upsert(pages)
    counts = {page.page_id: Counter(terms(" ".join(page.words.texts))) for page in pages}
    with_words = [c for c in counts.values() if c]
    query = terms("the annual tariff of rotation")
    asked = set(query) - {"the", "of"}
    assert len(asked) == 3
    expected = []
    for name, count in counts.items():
        score = 0.0
        for term in asked & set(count):
            df = sum(term in c for c in with_words)
            idf = math.log(1 + (len(with_words) - df + 0.5) / (df + 0.5))
            norm = 1.2 * (0.25 + 0.75 * sum(count.values()) / BM25.mean_length)
            score += idf * count[term] * 2.2 / (count[term] + norm)
        if score > 0:
            expected.append(ScoredPage(name, score))
    expected.sort(key=lambda hit: -hit.score)
    assert 0 < len(expected) < len(pages)
    assert_equal_hits(store.search_text(query, 100), expected)
    assert store.search_text(terms("zeppelin"), 100) == []
    assert store.search_text([], 100) == []


def test_each_term_finds_the_pages_that_spell_it(store: PageStore) -> None:
    pages = library()
    store.upsert(pages)
    spelled = {page.page_id: set(terms(" ".join(page.words.texts))) for page in pages}
    asked = [*terms("annual tariff"), "zeppelin", *terms("rotation")]
    found = store.search_terms(asked, 100)
    assert [{hit.page_id for hit in hits} for hits in found] == [
        {name for name, own in spelled.items() if term in own} for term in asked
    ]
    assert any(found)
    assert not found[2]
    chosen = [pages[0].document_id]
    only = {page.page_id for page in pages if page.document_id in chosen}
    assert [{hit.page_id for hit in hits} for hits in store.search_terms(asked, 100, chosen)] == [
        {name for name in only if term in spelled[name]} for term in asked
    ]
    assert store.search_terms([], 100) == []


def test_pages_come_back_as_they_were(store: PageStore) -> None:
    pages = library()
    rng = np.random.default_rng(4)
    bare = stored_page(rng, 9, 1, n_words=0)
    blank = stored_page(rng, 9, 2, vectors=np.zeros((0, DIM), np.float32))
    store.upsert([*pages, bare, blank])
    wanted = [pages[3], bare, pages[0], blank]
    for _ in range(2):  # from Qdrant, then from memory
        unknown = str(uuid.uuid4())
        found = store.fetch([unknown, *[page.page_id for page in wanted]])
        assert len(found) == 4
        for got, page in zip(found, wanted, strict=True):
            assert_same(got, page)
            assert got.embedding.vectors.dtype == np.float32


def test_what_was_read_is_there_to_select_and_counts_as_no_word_of_the_document(store: PageStore) -> None:
    rng = np.random.default_rng(0)
    read = PageWords(("old", "letter"), np.array([[0.1, 0.1, 0.2, 0.2], [0.3, 0.1, 0.5, 0.2]], np.float32))
    own = stored_page(rng, page=1, n_words=2)
    scan = replace(stored_page(rng, page=2, n_words=0), legible=read)
    store.upsert([own, scan])
    found = store.fetch_text([own.page_id, scan.page_id, "f" * 32])
    assert {one: words.texts for one, words in found.items()} == {
        own.page_id: own.words.texts,
        scan.page_id: read.texts,
    }
    np.testing.assert_allclose(found[scan.page_id].boxes, read.boxes, atol=1 / 2048)
    assert [words.texts for words in store.fetch_words([own.page_id, scan.page_id])] == [own.words.texts, ()]
    assert store.search_text(["letter"], 2) == []


def test_names_and_words_that_are_no_unicode_are_stored(store: PageStore) -> None:
    page = stored_page(np.random.default_rng(0), n_words=2)
    store.upsert(
        [replace(page, document="a\udcff.pdf", words=replace(page.words, texts=("b\udcff", "c\0d")))]
    )
    back = store.fetch([page.page_id])[0]
    assert back.document == "a?.pdf"
    assert back.words.texts == ("b?", "cd")


def test_a_page_that_is_added_again_is_replaced(store: PageStore) -> None:
    pages = library()
    store.upsert(pages)
    store.fetch([page.page_id for page in pages])
    rng = np.random.default_rng(11)
    again = stored_page(rng, 2, 3, n_vectors=15, n_words=3)
    old = next(page for page in pages if page.page_id == again.page_id)
    store.upsert([again])
    store.upsert([again, again])
    after = [again if page is old else page for page in pages]
    query = unit_vectors(rng, 4)
    assert_equal_hits(store.search(query, 100), brute_force(after, query))
    assert_same(store.fetch([again.page_id])[0], again)
    assert_stats(store, after)


def test_a_deleted_document_is_gone_and_the_others_stay(store: PageStore) -> None:
    pages = library()
    store.upsert(pages)
    store.fetch([page.page_id for page in pages])
    store.delete_document(document_id(1))
    store.delete_document(document_id(99))
    rest = [page for page in pages if page.document_id != document_id(1)]
    query = unit_vectors(np.random.default_rng(12), 4)
    assert_equal_hits(store.search(query, 100), brute_force(rest, query))
    assert len(store.fetch([page.page_id for page in pages])) == len(rest)
    assert store.page_numbers(document_id(1)) == set()
    assert store.page_numbers(document_id(2)) == {1, 2, 3, 4, 5}
    assert_stats(store, rest)
    store.upsert([page for page in pages if page not in rest])
    assert_stats(store, pages)


def assert_stats(store: PageStore, pages: Sequence[StoredPage]) -> None:
    stats = store.stats()
    assert stats.n_pages == len(pages)
    assert stats.n_vectors == sum(len(page.embedding) for page in pages)
    assert stats.n_patches == sum(int(page.embedding.counts.sum()) for page in pages)


def test_vectors_of_another_length_are_refused(store: PageStore) -> None:
    with pytest.raises(ValueError, match="expected"):
        store.upsert([stored_page(np.random.default_rng(0), dim=8)])
    assert store.stats().n_pages == 0

"""What is answered from memory is what the store itself would answer."""

import numpy as np
import pytest

from pagelight.app.evaluation import run_queries
from pagelight.app.evaluation.dataset import Query
from pagelight.app.evaluation.memory_store import MemoryStore
from pagelight.app.evaluation.run_queries import run_queries as put
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.store.embedded import EdgeStore
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.types import Kind, QueryEmbedding, all_of
from tests.retrieval.stored_pages import DIM, document_id, stored_page, unit_vectors

N_PAGES = 12


class Counting(EdgeStore):
    """Counts what is asked of it."""

    asked = 0

    def search_tokens(self, vectors, limit, floor, document_ids=None):
        self.asked += 1
        return super().search_tokens(vectors, limit, floor, document_ids)


def filled(folder, precision):
    rng = np.random.default_rng(5)
    store = Counting.open(folder, IndexConfig("model", DIM, "none", precision))
    held = MemoryStore(store)
    pages = [stored_page(rng, page=number, n_vectors=20) for number in range(1, N_PAGES + 1)]
    held.upsert(pages)
    return store, held, pages


@pytest.fixture(params=["fp16", "fp32", "int8", "turbo4"])
def stores(request, tmp_path):
    store, held, pages = filled(tmp_path / "index", request.param)
    yield store, held, pages
    store.close()


def test_pages_come_back_as_from_the_store(stores):
    store, held, pages = stores
    ids = [page.page_id for page in pages]
    for ours, theirs in zip(held.fetch(ids), store.fetch(ids), strict=True):
        # a second reading comes out of the store's own cache, as float16
        np.testing.assert_allclose(ours.embedding.vectors, theirs.embedding.vectors, atol=1e-3)
        for name in ("cell_to_vector", "importance", "counts"):
            np.testing.assert_array_equal(getattr(ours.embedding, name), getattr(theirs.embedding, name))
        np.testing.assert_array_equal(ours.words.boxes, theirs.words.boxes)
        assert (ours.page_id, ours.words.texts, ours.kept) == (
            theirs.page_id,
            theirs.words.texts,
            theirs.kept,
        )


def test_the_same_question_is_passed_on_once(stores):
    store, held, _ = stores
    query = unit_vectors(np.random.default_rng(6), 4)
    assert held.search_tokens(query, 5, 0.1) == held.search_tokens(query, 5, 0.1)
    assert store.asked == 1
    held.search_tokens(query, 5, 0.2)
    held.forget_last()
    held.search_tokens(query, 5, 0.2)
    assert store.asked == 3


@pytest.mark.parametrize("precision", ["fp16", "fp32"])
def test_what_was_compared_is_what_the_store_would_say(tmp_path, precision):
    store, held, _ = filled(tmp_path / "index", precision)
    queries = [unit_vectors(np.random.default_rng(seed), 3) for seed in range(4)]
    assert not held.has_compared
    held.compare_all(queries)
    assert held.has_compared
    for query in queries:
        theirs = store.search_tokens(query, 7, 0.2)
        asked = store.asked
        ours = held.search_tokens(query, 7, 0.2)
        assert store.asked == asked
        for found, expected in zip(ours, theirs, strict=True):
            assert [page.page_id for page in found] == [page.page_id for page in expected]
            assert [p.score for p in found] == pytest.approx([p.score for p in expected], abs=1e-4)
    store.close()


def test_unknown_queries_and_chosen_documents_are_passed_on(stores):
    store, held, _ = stores
    known, unknown = (unit_vectors(np.random.default_rng(seed), 3) for seed in (1, 2))
    if held.is_exact:
        held.compare_all([known])
    held.search_tokens(unknown, 5, 0.1)
    held.search_tokens(known, 5, 0.1, [document_id(0)])
    assert store.asked == 2


class TermEncoder:
    """Each query is a fixed set of random tokens, one a word."""

    scoring = TermScoring(midpoint=0.4, slope=8.0, floor=0.2)

    def encode_query(self, text):
        vectors = unit_vectors(np.random.default_rng(int(text)), 3)
        return QueryEmbedding(
            text,
            ("a", "b", "c"),
            vectors,
            np.arange(3, dtype=np.int32),
            np.ones(3, np.float32),
            kinds=all_of(Kind.PATCH, 3),
        )


def test_a_large_index_is_timed_on_some_queries_and_finds_the_same_for_all(tmp_path, monkeypatch):
    store, held, pages = filled(tmp_path / "index", "fp16")
    queries = [Query(f"q{n}", str(n), "t", {(pages[0].document, 1 + n % N_PAGES): 1}) for n in range(20)]
    ids = {pages[0].document: pages[0].document_id}
    slow = put(TermEncoder(), held, queries, ids, image_only=True, n_views=3).outcomes
    monkeypatch.setattr(run_queries, "LARGE", 100)
    store.asked = 0
    answers = put(TermEncoder(), held, queries, ids, image_only=True, n_views=3)
    fast = answers.outcomes
    assert [outcome.found for outcome in fast] == [outcome.found for outcome in slow]
    assert [outcome.matched for outcome in fast] == [outcome.matched for outcome in slow]
    assert [outcome.query for outcome in fast] == queries
    n_timed = sum(outcome.seconds is not None for outcome in fast)
    assert 1 < n_timed <= run_queries.TIMED_IF_LARGE
    assert store.asked == n_timed + 1  # and once before the clock runs
    assert all(outcome.seconds is not None for outcome in slow)
    assert len(answers.page_views) == 3
    store.close()


def test_words_that_shall_not_be_searched_are_not_stored_but_known_of(tmp_path):
    rng = np.random.default_rng(5)
    store = EdgeStore.open(tmp_path / "index", IndexConfig("model", DIM, "none"))
    wordless = MemoryStore(store, with_words=False)
    pages = [stored_page(rng, page=number, n_vectors=20) for number in (1, 2)]
    wordless.upsert(pages)
    assert all(len(page.words) for page in pages)
    assert not any(len(page.words) for page in store.fetch([page.page_id for page in pages]))
    assert (wordless.cost.n_pages, wordless.cost.n_vectors, wordless.cost.wordless) == (2, 40, [])
    store.close()


def test_words_that_are_not_stored_cost_nothing_and_pages_that_are_written_again_cost_once(tmp_path):
    rng = np.random.default_rng(5)
    store = EdgeStore.open(tmp_path / "index", IndexConfig("model", DIM, "none", "fp16"))
    wordless = MemoryStore(store, with_words=False)
    page = stored_page(rng, page=1, n_vectors=20)
    assert len(page.words)
    wordless.upsert([page])
    wordless.upsert([page])
    assert (wordless.cost.word_bytes, wordless.cost.n_pages) == (0, 1)
    store.close()

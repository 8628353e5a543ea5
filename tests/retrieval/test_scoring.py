"""Soft term frequency against hand-made numbers."""

from dataclasses import replace

import numpy as np
import pytest

from pagelight.retrieval.scoring import TermScoring, own_weights
from pagelight.retrieval.types import Kind, PageEmbedding, PatchGrid, QueryEmbedding, all_of

SCORING = TermScoring(midpoint=0.5, slope=100, floor=0.3, k1=1.2, b=0.0, power=1.0)


def _query(word_of_token: list[int], weights: list[float], vectors: list[list[float]]) -> QueryEmbedding:
    words = tuple(f"w{i}" for i in range(max(word_of_token) + 1))
    return QueryEmbedding(
        " ".join(words),
        words,
        np.array(vectors, np.float32),
        np.array(word_of_token, np.int32),
        np.array(weights, np.float32),
        kinds=all_of(Kind.PATCH, len(weights)),
    )


def _page(vectors: list[list[float]], counts: list[int]) -> PageEmbedding:
    n = len(vectors)
    return PageEmbedding(
        np.array(vectors, np.float32),
        PatchGrid(1, n),
        np.arange(n, dtype=np.int32),
        np.ones(n, np.float32),
        np.array(counts, np.int32),
        kinds=all_of(Kind.PATCH, n),
    )


def test_a_similarity_at_the_midpoint_is_half_a_match() -> None:
    np.testing.assert_allclose(SCORING.match(np.array([0.0, 0.5, 1.0], np.float32)), [0, 0.5, 1], atol=1e-6)


def test_a_words_frequency_counts_the_patches_that_its_vectors_stand_for() -> None:
    query = _query([0, 1], [1, 1], [[1, 0], [0, 1]])
    page = _page([[1, 0], [0, 1], [1, 0]], [2, 1, 3])
    np.testing.assert_allclose(SCORING.frequencies(query, page), [5, 1], atol=1e-4)


def test_an_alternative_counts_by_its_weight_and_only_where_the_word_itself_is_absent() -> None:
    query = _query([0, 0], [1.0, 0.4], [[1, 0], [0, 1]])
    assert SCORING.frequencies(query, _page([[0, 1]], [1]))[0] == pytest.approx(0.4, abs=1e-4)
    assert SCORING.frequencies(query, _page([[1, 0]], [1]))[0] == pytest.approx(1.0, abs=1e-4)


def test_coverage_takes_the_best_alternative_of_each_word() -> None:
    query = _query([0, 0, 1], [1.0, 0.5, 1.0], [[1, 0], [0, 1], [1, 0]])
    coverage = SCORING.coverage(query, np.array([[0.0, 1.0, 1.0], [1.0, 1.0, 0.0]], np.float32))
    np.testing.assert_allclose(coverage, [[0.5, 1.0], [1.0, 0.0]], atol=1e-5)


def test_a_word_that_every_page_has_weighs_next_to_nothing() -> None:
    query = _query([0, 1], [1, 1], [[1, 0], [0, 1]])
    coverage = np.array([[1, 1], [1, 0], [1, 0]], np.float32)
    common, rare = SCORING.weights_of(query, coverage.sum(axis=0), n_pages=3)
    assert common == pytest.approx(np.log1p(0.5 / 3.5), abs=1e-5)
    assert rare == pytest.approx(np.log1p(2.5 / 1.5), abs=1e-5)


def test_score_is_bm25_times_the_share_of_the_query_that_is_shown() -> None:
    weights = np.array([3.0, 1.0], np.float32)
    one = _score(SCORING, [1.0, 0.0], weights, 10, 10)
    assert one == pytest.approx(3.0 * 0.75, abs=1e-5)
    both = _score(SCORING, [1.0, 1.0], weights, 10, 10)
    assert both == pytest.approx(4.0, abs=1e-5)


def test_long_pages_are_normalized() -> None:
    scoring = TermScoring(midpoint=0.5, slope=100, floor=0.3, b=0.75)
    weights = np.ones(1, np.float32)
    short = _score(scoring, [1.0], weights, 100, 200)
    long = _score(scoring, [1.0], weights, 400, 200)
    assert short > long


def test_own_weight_is_the_strongest_tokens_and_prompt_tokens_have_none() -> None:
    query = QueryEmbedding(
        "a b",
        ("a", "b"),
        np.zeros((4, 2), np.float32),
        np.array([-1, 0, 0, 1], np.int32),
        np.array([9, 0.2, 0.7, 0.5], np.float32),
        kinds=all_of(Kind.PATCH, 4),
    )
    np.testing.assert_allclose(own_weights(query), [0.7, 0.5])


def test_many_pages_at_once_are_scored_like_one_page_after_the_other() -> None:
    """Empty pages, prompt tokens and alternatives included."""
    rng = np.random.default_rng(3)
    scoring = TermScoring(midpoint=0.5, slope=20, floor=0.3)
    for n_pages in (0, 1, 7):
        vectors = [rng.normal(size=(int(rng.integers(0, 6)), 3)) for _ in range(n_pages)]
        units = [v / np.linalg.norm(v, axis=1, keepdims=True) for v in vectors]
        pages = [
            _page(v.tolist() or np.zeros((0, 3)), rng.integers(1, 5, len(v)).tolist())
            for v in units
            if len(v)
        ]
        if pages:
            empty = np.zeros(0, np.int64)
            pages.insert(
                1,
                replace(
                    pages[0],
                    vectors=np.zeros((0, 3), np.float32),
                    importance=empty,
                    counts=empty,
                    kinds=empty,
                    cell_to_vector=np.full(pages[0].grid.n_cells, -1, np.int32),
                ),
            )
        query = _query([-1, 0, 0, 1], [1.0, 1.0, 0.3, 0.5], rng.normal(size=(4, 3)).tolist())
        expected = [scoring.frequencies(query, page) if len(page) else np.zeros(2) for page in pages]
        found = scoring.frequencies_of(query, pages)
        assert found.shape == (len(pages), 2)
        np.testing.assert_allclose(found, np.reshape(expected, (-1, 2)), atol=1e-4)


def _score(
    scoring: TermScoring, frequencies: list[float], weights: np.ndarray, length: float, mean: float
) -> float:
    """Of one page."""
    return float(scoring.scores(np.array([frequencies], np.float32), weights, np.array([length]), mean)[0])

"""Entries of the codebook: the words that a page's vectors are, and what a query looks up for its own."""

from __future__ import annotations

import numpy as np
import pytest

from pagelight.retrieval.codebook import CODEBOOK, WORDS, Codebook, word_scores
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.types import Floats, Kind, PageEmbedding, PatchGrid, QueryEmbedding, all_of

SCORING = TermScoring(0.9, 40, 0.75)
N_WORDS, DIM, N_LOOKS = 3000, 28, 5


@pytest.fixture(scope="module")
def words() -> Floats:
    vectors = np.random.default_rng(0).standard_normal((N_WORDS, DIM)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def codebook(words: Floats) -> Codebook:
    return Codebook(words)


def page(words: Floats, looks: Floats | None = None) -> PageEmbedding:
    """A page of these words (n, DIM), and of looks (m, N_LOOKS)."""
    shown = np.zeros((0, N_LOOKS), np.float32) if looks is None else looks
    vectors = np.zeros((len(words) + len(shown), DIM + N_LOOKS), np.float32)
    vectors[: len(words), :DIM], vectors[len(words) :, DIM:] = words, shown
    kinds = np.concatenate([all_of(Kind.WORD, len(words)), all_of(Kind.FIGURE, len(shown))])
    n = len(vectors)
    return PageEmbedding(
        vectors,
        PatchGrid(1, 1),
        np.full(1, -1, np.int32),
        np.ones(n, np.float32),
        np.ones(n, np.int32),
        kinds,
    )


def query(words: Floats, looks: Floats | None = None) -> QueryEmbedding:
    embedding = page(words, looks)
    n = len(embedding)
    return QueryEmbedding(
        "query",
        tuple("abcdefgh"[:n]),
        embedding.vectors,
        np.arange(n, dtype=np.int32),
        np.ones(n, np.float32),
        embedding.kinds,
        ("",) * n,
    )


def test_a_page_of_known_words_has_one_entry_for_each_and_queries_look_them_up(
    codebook: Codebook, words: Floats
) -> None:
    (entries,) = codebook.page_codes([page(words[[5, 80, 5]])])
    assert len(entries) == 2
    codes = codebook.query_codes(query(words[[80]]), SCORING)
    surest = codes.entries[codes.match.argmax()]
    assert surest in entries
    assert codes.match.max() == pytest.approx(SCORING.match(np.ones(1, np.float32))[0], abs=0.01)


def test_a_word_that_no_codebook_has_finds_its_like(codebook: Codebook) -> None:
    rng = np.random.default_rng(1)
    unknown = rng.standard_normal((40, DIM)).astype(np.float32)
    unknown /= np.linalg.norm(unknown, axis=1, keepdims=True)
    seen = unknown + 0.02 * rng.standard_normal(unknown.shape).astype(np.float32)
    seen /= np.linalg.norm(seen, axis=1, keepdims=True)
    pages = codebook.page_codes([page(seen[[i]]) for i in range(40)])
    found = [
        set(codebook.query_codes(query(unknown[[i]]), SCORING).entries) & set(pages[i]) for i in range(40)
    ]
    assert np.mean([bool(common) for common in found]) >= 0.9


def test_looks_have_entries_by_how_sure_they_are(codebook: Codebook, words: Floats) -> None:
    looks = np.zeros((3, N_LOOKS), np.float32)
    looks[0, 1], looks[1, 2], looks[2, 3] = 0.95, 0.9, 0.5
    (entries,) = codebook.page_codes([page(words[:0], looks)])
    assert len(entries) == 4 + 4 + 2  # one for each fifth that it is surer
    wanted = np.zeros((1, N_LOOKS), np.float32)
    wanted[0, 1] = 1
    codes = codebook.query_codes(query(words[:0], wanted), SCORING)
    assert codes.match[np.isin(codes.entries, entries)].sum() == pytest.approx(0.8)


def test_the_least_look_that_counts_is_the_first_that_has_an_entry() -> None:
    """Else a search by the index would miss what one of all pages finds, or find what does not count."""
    assert min(CODEBOOK.look_levels) == SCORING.least_look


def test_pages_without_vectors_have_no_entries(codebook: Codebook, words: Floats) -> None:
    nothing, something = codebook.page_codes([page(words[:0]), page(words[:1])])
    assert not len(nothing)
    assert len(something) == 1


def test_light_words_count_for_less(codebook: Codebook, words: Floats) -> None:
    both = query(words[[1, 2]])
    light = QueryEmbedding(
        "query",
        both.words,
        both.vectors,
        both.word_of_token,
        np.array([1.0, 0.1], np.float32),
        both.kinds,
        ("", ""),
    )
    codes = codebook.query_codes(light, SCORING)
    scores = word_scores(light, SCORING, codes)
    assert scores[codes.tokens == 0].max() > 9 * scores[codes.tokens == 1].max()


def test_the_vocabulary_is_a_codebook_and_nothing_else_is() -> None:
    assert Codebook.load(WORDS).dim == DIM
    with pytest.raises(ValueError, match="expected words-3"):
        Codebook.load("words-0")

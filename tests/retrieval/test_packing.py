"""Vectors as strings come back as they were, up to a step; what is none of them is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pagelight.retrieval.store.columns import PageColumns
from pagelight.retrieval.store.packing import pack, unpack, unpack_page
from pagelight.retrieval.types import Floats, Kind, Kinds, QueryEmbedding

DIM, SPLIT = 7, 4


def vectors_of(kinds: Kinds) -> Floats:
    vectors = np.random.default_rng(0).uniform(-1, 1, (len(kinds), DIM)).astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1)
    vectors[kinds == Kind.WORD, SPLIT:] = 0
    vectors[kinds != Kind.WORD, :SPLIT] = 0
    return vectors


@pytest.mark.parametrize(("fine", "step"), [(True, 1 / 4231), (False, 1 / 45)])
@pytest.mark.parametrize("kinds", [[], [1], [2], [1, 2, 1, 1, 2], [2, 2], [1] * 30])
def test_a_page_comes_back(kinds: list[int], fine: bool, step: float) -> None:
    of = np.array(kinds, np.uint8)
    vectors, counts = vectors_of(of), np.arange(3, 3 + len(of), dtype=np.int32)
    packed = pack(vectors, counts, of, SPLIT, fine)
    assert packed.isascii()
    assert packed.isprintable()
    back, back_counts, back_kinds = unpack_page(packed, len(of), DIM, SPLIT, fine)
    assert np.abs(back - vectors).max(initial=0) <= step
    np.testing.assert_array_equal(back_counts, counts)
    np.testing.assert_array_equal(back_kinds, of)


def test_many_pages_come_back_as_each_alone() -> None:
    pages = [np.array(kinds, np.uint8) for kinds in ([1, 2], [], [2, 1, 1], [1])]
    packed = [pack(vectors_of(k), np.ones(len(k), np.int32), k, SPLIT, True) for k in pages]
    together = unpack(packed, [len(k) for k in pages], DIM, SPLIT, True)
    words = [
        unpack_page(text, len(k), DIM, SPLIT, True)[0][k == Kind.WORD][:, :SPLIT]
        for text, k in zip(packed, pages, strict=True)
    ]
    np.testing.assert_allclose(
        together.words.numbers * together.words.scales[:, None], np.concatenate(words), atol=1e-6
    )
    tokens = np.eye(SPLIT, dtype=np.float32)
    np.testing.assert_allclose(together.words.similarities(tokens), np.concatenate(words).T, atol=1e-6)


def test_a_page_takes_two_characters_a_number_and_no_escapes_but_one() -> None:
    kinds = np.full(176, Kind.WORD, np.uint8)
    packed = pack(vectors_of(kinds), np.ones(176, np.int32), kinds, SPLIT, True)
    assert len(packed) == 176 * (3 + 2 * SPLIT)
    assert len(json.dumps(packed)) < 1.05 * len(packed)


def test_a_text_of_another_length_is_refused() -> None:
    kinds = np.array([1, 2], np.uint8)
    packed = pack(vectors_of(kinds), np.ones(2, np.int32), kinds, SPLIT, True)
    with pytest.raises(ValueError, match="expected"):
        unpack([packed + "#"], [2], DIM, SPLIT, True)


def test_a_word_with_a_look_is_refused() -> None:
    with pytest.raises(ValueError, match="expected words in the first 4 columns"):
        pack(np.ones((1, DIM), np.float32) / 3, np.ones(1, np.int32), np.array([1], np.uint8), SPLIT, True)


def test_no_page_at_all_is_like_nothing() -> None:
    """A query without any candidate met vectors without a width, and failed."""
    query = QueryEmbedding(
        "x",
        ("x",),
        np.ones((2, DIM), np.float32),
        np.zeros(2, np.int32),
        np.ones(2, np.float32),
        np.array([Kind.WORD, Kind.FIGURE], np.uint8),
        ("x", ""),
    )
    found = PageColumns.of({}, SPLIT).similarities(query)
    assert [similar.shape for _, similar, _, _ in found] == [(1, 0), (1, 0)]

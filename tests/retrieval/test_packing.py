"""Vectors as strings come back as they were, up to a step; what is none of them is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pagelight.retrieval.store.columns import PageColumns
from pagelight.retrieval.store.packing import Grain, Packing, Rows, pack_terms, packed_term, unpack_terms
from pagelight.retrieval.types import Floats, Kind, Kinds, QueryEmbedding

DIM, SPLIT = 7, 4


def vectors_of(kinds: Kinds) -> Floats:
    vectors = np.random.default_rng(0).uniform(-1, 1, (len(kinds), DIM)).astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1)
    vectors[kinds == Kind.WORD, SPLIT:] = 0
    vectors[kinds != Kind.WORD, :SPLIT] = 0
    return vectors


@pytest.mark.parametrize(
    ("grain", "step"), [(Grain.FINE, 1 / 4231), (Grain.COARSE, 1 / 45), (Grain.PAIRS, 1 / 8 + 0.01)]
)
@pytest.mark.parametrize("kinds", [[], [1], [2], [1, 2, 1, 1, 2], [2, 2], [1] * 30])
def test_a_page_comes_back(kinds: list[int], grain: Grain, step: float) -> None:
    of = np.array(kinds, np.uint8)
    vectors, counts = vectors_of(of), np.arange(3, 3 + len(of), dtype=np.int32)
    packing = Packing(DIM, SPLIT, grain)
    packed = packing.pack(vectors, counts, of)
    assert packed.isascii()
    assert packed.isprintable()
    back, back_counts, back_kinds = packing.unpack(packed, len(of))
    assert np.abs(back - vectors).max(initial=0) <= step
    np.testing.assert_array_equal(back_counts, counts)
    np.testing.assert_array_equal(back_kinds, of)


@pytest.mark.parametrize("grain", Grain)
def test_many_pages_come_back_as_each_alone(grain: Grain) -> None:
    packing = Packing(DIM, SPLIT, grain)
    pages = [np.array(kinds, np.uint8) for kinds in ([1, 2], [], [2, 1, 1], [1])]
    packed = [packing.pack(vectors_of(k), np.ones(len(k), np.int32), k) for k in pages]
    apart = [packing.take_apart(text, len(k)) for text, k in zip(packed, pages, strict=True)]
    each, looks = packing.rows(apart)
    assert [len(rows) for rows in each] == [1, 0, 2, 1]
    assert [len(rows) for rows in looks] == [1, 0, 1, 0]
    together = Rows.joined(each, SPLIT)
    words = [
        packing.unpack(text, len(k))[0][k == Kind.WORD][:, :SPLIT]
        for text, k in zip(packed, pages, strict=True)
    ]
    assert Rows.joined([], SPLIT).numbers.shape == (0, SPLIT)
    np.testing.assert_allclose(together.numbers * together.scales[:, None], np.concatenate(words), atol=1e-6)
    tokens = np.eye(SPLIT, dtype=np.float32)
    np.testing.assert_allclose(together.similarities(tokens), np.concatenate(words).T, atol=1e-6)


def test_terms_come_back_page_by_page() -> None:
    pages = [{7: 1, 2**32 - 1: 3, 92**4: 500, 8: 10, 9: 22}, {}, {0: 2}]
    packed = [pack_terms(page) for page in pages]
    assert "".join(packed).isprintable()
    indices, counts, starts = unpack_terms(packed)
    assert starts.tolist() == [0, 5, 5, 6]
    found = dict(zip(indices[:5].tolist(), counts[:5].tolist(), strict=True))
    assert found == {7: 1, packed_term(2**32 - 1): 3, packed_term(92**4): 91, 8: 10, 9: 20}
    assert (indices[5], counts[5]) == (0, 2)


def test_a_number_of_half_a_character_takes_half_a_character() -> None:
    kinds = np.full(176, Kind.WORD, np.uint8)
    packed = Packing(DIM, SPLIT, Grain.PAIRS).pack(vectors_of(kinds), np.ones(176, np.int32), kinds)
    assert len(packed) == 176 * (3 + SPLIT // 2)


def test_a_page_takes_two_characters_a_number_and_no_escapes_but_one() -> None:
    kinds = np.full(176, Kind.WORD, np.uint8)
    packed = Packing(DIM, SPLIT, Grain.FINE).pack(vectors_of(kinds), np.ones(176, np.int32), kinds)
    assert len(packed) == 176 * (2 + 2 * SPLIT)
    assert len(json.dumps(packed)) < 1.05 * len(packed)


def test_a_text_of_another_length_is_refused() -> None:
    kinds = np.array([1, 2], np.uint8)
    packing = Packing(DIM, SPLIT, Grain.FINE)
    packed = packing.pack(vectors_of(kinds), np.ones(2, np.int32), kinds)
    with pytest.raises(ValueError, match="expected"):
        packing.take_apart(packed + "#", 2)


def test_a_word_with_a_look_is_refused() -> None:
    with pytest.raises(ValueError, match="expected words in the first 4 columns"):
        Packing(DIM, SPLIT, Grain.FINE).pack(
            np.ones((1, DIM), np.float32) / 3, np.ones(1, np.int32), np.array([1], np.uint8)
        )


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
    found = PageColumns.of({}, Packing(DIM, SPLIT, Grain.FINE)).similarities(query)
    assert [similar.shape for _, similar, _, _ in found] == [(1, 0), (1, 0)]

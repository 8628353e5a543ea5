"""A page comes back from its payload as it went in."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pagelight.retrieval.store import codec, fields
from pagelight.retrieval.store.packing import Grain, Packing
from pagelight.retrieval.types import PRUNED, Kind, PageEmbedding, PageWords, PatchGrid, StoredPage, all_of
from tests.retrieval.stored_pages import DIM, stored_page, unit_vectors

USUAL = "importance:t=0.5"


def round_trip(page: StoredPage) -> StoredPage:
    payload = json.loads(json.dumps(codec.to_unpacked(page, USUAL)))
    vectors = {fields.PATCHES: page.embedding.vectors.tolist()} if len(page.embedding) else {}
    record = SimpleNamespace(payload=payload, vector=vectors)
    (back,) = codec.from_records([record], Packing(page.embedding.dim, 0, Grain.FINE), USUAL)
    return back


def assert_same(left: StoredPage, right: StoredPage) -> None:
    assert (left.document_id, left.document, left.page) == (right.document_id, right.document, right.page)
    assert (left.pruning, left.kept) == (right.pruning, right.kept)
    assert left.embedding.grid == right.embedding.grid
    assert left.embedding.n_special == right.embedding.n_special
    np.testing.assert_array_equal(left.embedding.cell_to_vector, right.embedding.cell_to_vector)
    np.testing.assert_array_equal(left.embedding.counts, right.embedding.counts)
    np.testing.assert_array_equal(left.embedding.kinds, right.embedding.kinds)
    np.testing.assert_allclose(left.embedding.vectors, right.embedding.vectors, atol=1e-3)
    assert left.words.texts == right.words.texts
    np.testing.assert_allclose(left.words.boxes, right.words.boxes, atol=1.01 / 4096)


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(1, 40),
    cols=st.integers(1, 40),
    n_vectors=st.integers(1, 400),
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)),
)
def test_any_page_comes_back(seed: int, rows: int, cols: int, n_vectors: int, texts: list[str]) -> None:
    rng = np.random.default_rng(seed)
    page = StoredPage(
        "ab" * 32,
        "Bericht 'é' \u202e.pdf",
        3001,
        PageEmbedding(
            vectors=unit_vectors(rng, n_vectors),
            grid=PatchGrid(rows, cols),
            cell_to_vector=rng.integers(PRUNED, n_vectors, rows * cols).astype(np.int32),
            importance=rng.standard_normal(n_vectors).astype(np.float32),
            counts=rng.integers(1, 900, n_vectors).astype(np.int32),
            kinds=rng.choice(np.array(Kind, np.uint8), n_vectors),
        ),
        # words may stand partly outside of the page
        PageWords(tuple(texts), rng.uniform(-0.5, 1.5, (len(texts), 4)).astype(np.float32)),
    )
    back = round_trip(page)
    assert_same(page, back)
    assert np.isnan(back.embedding.importance).all()


@pytest.mark.parametrize("pruning", [USUAL, "none"])
def test_the_index_s_own_pruning_is_not_repeated(pruning: str) -> None:
    page = replace(stored_page(np.random.default_rng(1)), pruning=pruning)
    assert ("pruning" in codec.to_payload(page, USUAL)) == (pruning != USUAL)
    assert round_trip(page).pruning == pruning


@pytest.mark.parametrize("text", ["", "#", "##", "#~~~~", "#abcdefgh"])
def test_places_that_nobody_packed_are_refused(text: str) -> None:
    payload = codec.to_unpacked(stored_page(np.random.default_rng(1)))
    record = SimpleNamespace(payload={**payload, "cells": text}, vector={})
    with pytest.raises(ValueError, match=r"packed|cells"):
        codec.from_records([record], Packing(DIM, 0, Grain.FINE))


def test_a_page_without_vectors_and_words_comes_back_empty() -> None:
    page = stored_page(np.random.default_rng(1), n_words=0, vectors=np.zeros((0, DIM), np.float32))
    back = round_trip(page)
    assert back.embedding.vectors.shape == (0, DIM)
    assert len(back.words) == 0
    assert not codec.page_terms(page.words)


def test_a_page_of_one_word_can_be_changed_after_reading() -> None:
    back = round_trip(stored_page(np.random.default_rng(1), n_words=1))
    back.words.boxes[:] = 1
    back.embedding.cell_to_vector[:] = PRUNED
    assert (back.words.boxes == 1).all()
    assert (back.embedding.cell_to_vector == PRUNED).all()


def test_vectors_that_cannot_be_compared_are_refused() -> None:
    page = stored_page(np.random.default_rng(1))
    with pytest.raises(ValueError, match=r"expected \(at most 32767, 8\)"):
        codec.checked(page, 8)
    page.embedding.vectors[2, 3] = np.nan
    with pytest.raises(ValueError, match="NaN or infinity"):
        codec.checked(page, DIM)


def test_words_and_places_of_a_full_page_take_few_bytes() -> None:
    """500 words in lines and 200 of 1,000 cells kept: far below the 51,200 bytes of the vectors."""
    rng = np.random.default_rng(2)
    letters = rng.choice(list("eeeeettaoinshrdlcum"), (3000, 6))
    dictionary = [
        "".join(word)[: int(length)] for word, length in zip(letters, rng.integers(2, 7, 3000), strict=True)
    ]
    texts = tuple(dictionary[int(i)] for i in (3000 * rng.random(500) ** 3))
    left = np.tile(np.arange(10), 50) * 0.08 + 0.1
    top = np.repeat(np.arange(50), 10) * 0.016 + 0.1
    width = np.array([len(text) for text in texts]) * 0.011
    boxes = np.stack([left, top, left + width, top + 0.012], axis=1).astype(np.float32)
    cells = np.full(1000, PRUNED, np.int32)
    cells[np.sort(rng.choice(1000, 200, replace=False))] = np.arange(200)
    embedding = PageEmbedding(
        unit_vectors(rng, 200),
        PatchGrid(40, 25),
        cells,
        rng.random(200).astype(np.float32),
        np.ones(200, np.int32),
        kinds=all_of(Kind.PATCH, 200),
    )
    page = StoredPage("ab" * 32, "a.pdf", 1, embedding, PageWords(texts, boxes))
    assert len(json.dumps(codec.to_payload(page))) < 5_000

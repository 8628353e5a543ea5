"""What holds for every pruning: what survives, and that each vector's place survives with it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagelight.retrieval.maxsim import maxsim, similarity_map
from pagelight.retrieval.pruning import parse_pruning, pruned_meaning
from pagelight.retrieval.pruning.strategy import merge, select
from pagelight.retrieval.types import PRUNED, PageEmbedding, PageMeaning
from tests.retrieval.pruned_pages import pages, prune, unhurried

SELECTING = (
    "none",
    "docpruner:k=-0.25",
    "docpruner:k=9",
    "ratio:0.4",
    "random:0.4",
    "random:0.4,ink",
    "importance:0.5",
)
MERGING = (
    "pool:3",
    "pool:1000",
    "near:0.4",
    "near:0.3,w=0.2",
    "repeats:s=0.4",
    "repeats:s=-1",
    "repeats:0.2+pool:2",
)
BOTH = (
    "merge:k=-0.5,m=2",
    "importance:0.5+repeats:0.5",
    "repeats:0.5+docpruner:k=0",
    "pool:2+ratio:0.5+near:0.5",
)


@unhurried
@given(pages, st.sampled_from(SELECTING + MERGING + BOTH))
def test_every_page_keeps_its_special_vectors_and_at_least_one_patch(page: PageEmbedding, spec: str) -> None:
    small = prune(spec, page)
    assert page.n_special + 1 <= len(small) <= len(page)
    assert small.n_special == page.n_special
    np.testing.assert_array_equal(small.vectors[: page.n_special], page.vectors[: page.n_special])


@unhurried
@given(pages, st.sampled_from(SELECTING))
def test_a_selected_cell_keeps_its_very_vector_or_is_pruned(page: PageEmbedding, spec: str) -> None:
    small = prune(spec, page)
    for before, after in zip(page.cell_to_vector, small.cell_to_vector, strict=True):
        if after != PRUNED:
            np.testing.assert_array_equal(small.vectors[after], page.vectors[before])
            assert small.importance[after] == page.importance[before]


@unhurried
@given(pages, st.sampled_from(MERGING))
def test_merging_prunes_no_cell_and_counts_add_up(page: PageEmbedding, spec: str) -> None:
    small = prune(spec, page)
    np.testing.assert_array_equal(small.cell_to_vector == PRUNED, page.cell_to_vector == PRUNED)
    assert small.counts.sum() == page.counts.sum()


@unhurried
@given(pages, st.sampled_from(MERGING + BOTH))
def test_cells_of_one_vector_stay_together(page: PageEmbedding, spec: str) -> None:
    small = prune(spec, page)
    for vector in range(len(page)):
        assert len(set(small.cell_to_vector[page.cell_to_vector == vector].tolist())) <= 1


@unhurried
@given(pages, st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_each_cell_maps_to_the_vector_that_its_own_went_into(
    page: PageEmbedding, n_groups: int, seed: int
) -> None:
    lot = np.random.default_rng(seed)
    kept = lot.random(len(page) - page.n_special) < 0.7
    if not kept.any():
        kept[0] = True
    chosen = select(page, kept)
    groups = lot.integers(0, n_groups, len(chosen) - chosen.n_special)
    small = merge(chosen, groups)
    for cell, vector in enumerate(page.cell_to_vector):
        if vector == PRUNED or not kept[vector - page.n_special]:
            assert small.cell_to_vector[cell] == PRUNED
            continue
        rank = int(kept[: vector - page.n_special].sum())
        members = np.flatnonzero(groups == groups[rank])
        got = small.cell_to_vector[cell]
        mean = chosen.vectors[chosen.n_special + members].astype(np.float64).mean(axis=0)
        if np.linalg.norm(mean) > 1e-5:
            np.testing.assert_allclose(small.vectors[got], mean / np.linalg.norm(mean), atol=1e-4)
        assert small.counts[got] == len(members)
        assert small.importance[got] == chosen.importance[chosen.n_special + members].max()


@unhurried
@given(pages, st.sampled_from(MERGING + BOTH))
def test_merged_vectors_are_unit_vectors(page: PageEmbedding, spec: str) -> None:
    np.testing.assert_allclose(np.linalg.norm(prune(spec, page).vectors, axis=1), 1, atol=1e-5)


@unhurried
@given(pages, st.sampled_from(SELECTING), st.integers(0, 2**32 - 1))
def test_searching_the_selected_page_equals_maxsim_with_the_rest_masked(
    page: PageEmbedding, spec: str, seed: int
) -> None:
    query = np.random.default_rng(seed).standard_normal((4, page.dim)).astype(np.float32)
    small = prune(spec, page)
    survivors = {vector.tobytes() for vector in small.vectors}
    gone = np.array([vector.tobytes() not in survivors for vector in page.vectors])
    masked = np.where(gone, -np.inf, query @ page.vectors.T)  # (n_tokens, n_vectors)
    assert maxsim(query, small.vectors) == pytest.approx(float(masked.max(axis=1).sum()), abs=1e-4)


@unhurried
@given(pages, st.sampled_from(SELECTING + MERGING + BOTH))
def test_maps_of_a_pruned_page_are_nan_exactly_where_cells_are_pruned(page: PageEmbedding, spec: str) -> None:
    small = prune(spec, page)
    maps = similarity_map(page.vectors[:1], small)
    np.testing.assert_array_equal(np.isnan(maps[0]).reshape(-1), small.cell_to_vector == PRUNED)


@unhurried
@given(pages, st.sampled_from(SELECTING + MERGING + BOTH))
def test_pruning_changes_nothing_on_the_page_it_is_given(page: PageEmbedding, spec: str) -> None:
    before = [a.copy() for a in (page.vectors, page.cell_to_vector, page.importance, page.counts)]
    prune(spec, page)
    for was, now in zip(
        before, (page.vectors, page.cell_to_vector, page.importance, page.counts), strict=True
    ):
        np.testing.assert_array_equal(was, now)


def test_a_page_of_very_many_passages_has_as_many_vectors_as_a_server_takes() -> None:
    n, dim = 5000, 384
    vectors = np.random.default_rng(0).standard_normal((n, dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    lines = np.zeros((n, 4), np.float32)
    meaning = PageMeaning(vectors, lines, np.arange(n, dtype=np.int32))
    fitted = pruned_meaning(parse_pruning("none"), meaning)
    assert fitted.vectors.size < 2**20  # what Qdrant 1.19 takes for a multivector
    assert fitted.passage_of_line[[0, -1]].tolist() == [0, len(fitted) - 1]
    assert set(np.diff(fitted.passage_of_line)) == {0, 1}
    own = (fitted.vectors[fitted.passage_of_line] * vectors).sum(axis=1)
    assert own.min() > 0.5  # each passage is near to the vector that it shares

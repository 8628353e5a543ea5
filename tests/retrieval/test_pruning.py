"""Pruning: what survives, and that every vector's place survives with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from scipy.cluster.hierarchy import fcluster, linkage

from retrieval.errors import InvalidPruning
from retrieval.maxsim import maxsim, similarity_map
from retrieval.pruning import Budget, calibrate, encoder_for, parse_pruning
from retrieval.pruning.ink import cell_ink, with_ink
from retrieval.pruning.pooling import centroids
from retrieval.pruning.protocol import Importance
from retrieval.pruning.regroup import merge, select
from retrieval.types import PRUNED, PageEmbedding, PatchGrid

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


#: a busy machine is no failure
unhurried = settings(deadline=None)


def make_page(
    n_rows: int = 3,
    n_cols: int = 5,
    dim: int = 8,
    n_special: int = 2,
    seed: int = 0,
    shared: bool = False,
    pruned: bool = False,
) -> PageEmbedding:
    """A page by lot. shared: several cells have one vector; pruned: some cells have none."""
    lot = np.random.default_rng(seed)
    grid = PatchGrid(n_rows, n_cols)
    n_patches = max(1, grid.n_cells // 2) if shared else grid.n_cells
    vectors = lot.standard_normal((n_special + n_patches, dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    cells = n_special + (lot.integers(0, n_patches, grid.n_cells) if shared else np.arange(n_patches))
    if pruned:
        cells = np.where(lot.random(grid.n_cells) < 0.3, PRUNED, cells)
    return PageEmbedding(
        vectors=vectors,
        grid=grid,
        cell_to_vector=cells.astype(np.int32),
        importance=lot.random(len(vectors)).astype(np.float32),
        counts=np.ones(len(vectors), np.int32),
        n_special=n_special,
    )


pages = st.builds(
    make_page,
    n_rows=st.integers(1, 7),
    n_cols=st.integers(1, 7),
    dim=st.integers(1, 6),
    n_special=st.integers(0, 3),
    seed=st.integers(0, 2**32 - 1),
    shared=st.booleans(),
    pruned=st.booleans(),
)


def prune(spec: str, page: PageEmbedding) -> PageEmbedding:
    return parse_pruning(spec).apply(page)


# --- what holds for all of them ---


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


# --- one by one ---


def line(importance: list[float], n_special: int = 0) -> PageEmbedding:
    """A page of one row whose patches have the importance given."""
    page = make_page(1, len(importance), n_special=n_special)
    return replace(page, importance=np.array([np.nan] * n_special + importance, np.float32))


def kept_cells(page: PageEmbedding) -> list[int]:
    return np.flatnonzero(page.cell_to_vector != PRUNED).tolist()


def test_docpruner_keeps_what_passes_mean_plus_k_population_deviations() -> None:
    page = line([0, 0, 2, 2], n_special=1)  # mean 1, population deviation 1 (a sample's would be 1.15)
    assert kept_cells(prune("docpruner:k=0.99", page)) == [2, 3]
    assert kept_cells(prune("docpruner:k=-0.5", page)) == [2, 3]
    assert kept_cells(prune("docpruner:k=-1.1", page)) == [0, 1, 2, 3]


def test_docpruner_is_strict_and_falls_back_to_the_most_important_patch() -> None:
    assert kept_cells(prune("docpruner:k=1", line([0, 0, 2, 2]))) == [2]
    assert kept_cells(prune("docpruner:k=0", line([1, 1, 1]))) == [0]


def test_ratio_keeps_the_most_important_share() -> None:
    assert kept_cells(prune("ratio:0.4", line([5, 1, 4, 2, 3]))) == [0, 2]
    assert kept_cells(prune("ratio:0.001", line([5, 1, 9]))) == [2]


def test_random_draws_the_same_lot_for_the_same_page_and_another_for_another() -> None:
    first, second = make_page(8, 8, seed=1), make_page(8, 8, seed=2)
    assert kept_cells(prune("random:0.5", first)) == kept_cells(prune("random:0.5", first))
    assert kept_cells(prune("random:0.5", first)) != kept_cells(prune("random:0.5", second))
    assert len(kept_cells(prune("random:0.5", first))) == 32


def test_random_with_ink_draws_from_the_cells_with_ink_only() -> None:
    page = line([0, 0.3, 0, 0.2, 0.4, 0, 0, 0, 0, 0])
    assert set(kept_cells(prune("random:0.2,ink", page))) < {1, 3, 4}
    assert kept_cells(prune("random:0.9,ink", page)) == [1, 3, 4]
    assert len(kept_cells(prune("random:0.9,ink", line([0, 0, 0])))) == 1


def test_pooling_makes_the_clusters_of_colpali_engine() -> None:
    page = make_page(6, 7, dim=12, n_special=0, seed=3)
    rows = 1 - page.vectors.astype(np.float64) @ page.vectors.astype(np.float64).T
    want = fcluster(linkage(rows, method="ward", metric="euclidean"), t=42 // 3, criterion="maxclust")
    got = prune("pool:3", page).cell_to_vector
    for cell in range(42):
        np.testing.assert_array_equal(got == got[cell], want == want[cell])


def test_pooling_by_hand() -> None:
    page = replace(
        make_page(2, 3, dim=2, n_special=0),
        vectors=np.array([[1, 0], [0, 1], [1, 0], [0, 1], [0.6, 0.8], [0.8, 0.6]], np.float32),
    )
    small = prune("pool:2", page)
    assert small.cell_to_vector.tolist() == [0, 1, 0, 1, 2, 2]
    np.testing.assert_allclose(small.vectors, [[1, 0], [0, 1], [0.70710678, 0.70710678]], atol=1e-6)
    assert small.counts.tolist() == [2, 2, 2]


def test_near_keeps_clusters_more_compact_than_pooling_at_the_same_size() -> None:
    page = make_page(12, 12, dim=16, n_special=1, seed=5)

    def spread(small: PageEmbedding) -> float:
        own = np.stack(np.divmod(np.arange(144), 12), axis=1) + 0.5
        return float(np.linalg.norm(own - centroids(small)[small.cell_to_vector], axis=1).mean())

    pooled, near = prune("pool:4", page), prune("near:0.25,w=1", page)
    assert len(near) == len(pooled)
    assert spread(near) < spread(pooled) / 2


def test_near_leaves_vectors_without_a_place_apart() -> None:
    page = make_page(2, 4, n_special=0)
    page = replace(page, cell_to_vector=np.array([0, 1, 2, 3, 4, 5, -1, -1], np.int32))
    small = prune("near:0.001", page)
    assert small.counts.tolist() == [6, 1, 1]


def test_repeats_merges_what_is_the_same_word_and_not_its_neighbours_neighbour() -> None:
    angles = np.radians([0, 20, 40, 180])
    page = replace(
        make_page(1, 4, dim=2, n_special=0),
        vectors=np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32),
        importance=np.array([0.9, 0.5, 0.6, 0.1], np.float32),
    )
    small = prune("repeats:s=0.9", page)  # cos 20° = 0.94, cos 40° = 0.77
    assert small.cell_to_vector.tolist() == [0, 0, 1, 2]
    assert small.counts.tolist() == [2, 1, 1]
    np.testing.assert_allclose(small.importance, [0.9, 0.6, 0.1])


def test_merging_leaves_vectors_that_an_encoder_scaled_apart() -> None:
    page = make_page(1, 4, dim=2, n_special=0)
    page = replace(page, vectors=np.array([[1, 0], [0.5, 0], [1, 0], [0.5, 0]], np.float32))
    for spec in ("repeats:s=0.4", "pool:4", "near:0.1"):
        assert prune(spec, page).cell_to_vector.tolist() == [0, 1, 0, 2]


def test_merging_opposed_vectors_keeps_a_vector() -> None:
    page = replace(make_page(1, 2, dim=2, n_special=0), vectors=np.array([[1, 0], [-1, 0]], np.float32))
    np.testing.assert_array_equal(prune("pool:2", page).vectors, [[1, 0]])


def test_merging_twice_weighs_by_counts() -> None:
    page = replace(make_page(1, 2, dim=2, n_special=0), vectors=np.eye(2, dtype=np.float32))
    page = replace(page, counts=np.array([3, 1], np.int32))
    small = merge(page, np.array([0, 0]))
    np.testing.assert_allclose(small.vectors, [np.array([3, 1]) / np.sqrt(10)], atol=1e-6)
    assert small.counts.tolist() == [4]


@pytest.mark.parametrize(
    "spec", ["docpruner", "ratio:0.4", "importance", "merge", "sap:0.2", "random:0.4,ink", "ink"]
)
def test_an_encoder_without_importance_is_named_as_the_reason(spec: str) -> None:
    page = replace(make_page(), importance=np.full(17, np.nan, np.float32))
    with pytest.raises(InvalidPruning, match="gives its patches no importance"):
        prune(spec, page)


@pytest.mark.parametrize("spec", ["none", "random:0.4", "pool:3", "near:0.4", "repeats:0.9"])
def test_the_others_need_no_importance(spec: str) -> None:
    prune(spec, replace(make_page(), importance=np.full(17, np.nan, np.float32)))


# --- budget ---


@pytest.mark.parametrize("spec", ["budget:0.3", "budget:0.3,importance"])
def test_a_budget_becomes_a_setting_that_keeps_its_share(spec: str) -> None:
    library = [make_page(10, 12, seed=seed) for seed in range(8)]
    concrete = calibrate(parse_pruning(spec), library)
    assert parse_pruning(concrete.spec) == concrete
    kept = sum(len(concrete.apply(page)) for page in library) / sum(len(page) for page in library)
    assert kept == pytest.approx(0.3, abs=0.01)


def test_a_budget_is_no_setting_before_it_is_calibrated() -> None:
    with pytest.raises(InvalidPruning, match="calibrate it"):
        Budget(0.3).apply(make_page())
    with pytest.raises(InvalidPruning, match="at least one page"):
        calibrate(Budget(0.3), [])


# --- ink ---


def test_ink_is_where_something_is_drawn() -> None:
    image = Image.new("RGB", (100, 60), "white")
    ImageDraw.Draw(image).rectangle((52, 32, 70, 50), fill="black")
    ink = cell_ink(image, PatchGrid(2, 4)).reshape(2, 4)
    assert (ink > 0.02).tolist() == [[False] * 4, [False, False, True, False]]


def test_ink_of_an_image_smaller_than_its_grid_is_defined() -> None:
    assert np.isfinite(cell_ink(Image.new("L", (2, 3), 200), PatchGrid(7, 9))).all()


def test_the_ink_control_works_with_any_encoder() -> None:
    class Blind:
        info = scoring = None

        def encode_pages(self, images: list[Image.Image]) -> list[PageEmbedding]:
            return [replace(make_page(2, 4), importance=np.full(10, np.nan, np.float32)) for _ in images]

    image = Image.new("RGB", (100, 60), "white")
    image.paste((0, 0, 0), (60, 40, 70, 50))
    pruning = parse_pruning("ink")
    encoder = encoder_for(pruning, Blind())  # type: ignore[arg-type]
    assert kept_cells(pruning.apply(encoder.encode_pages([image])[0])) == [6]
    with pytest.raises(InvalidPruning, match="attention between patches"):
        encoder_for(parse_pruning("sap:0.2"), make_blind_named())  # type: ignore[arg-type]


def make_blind_named() -> object:
    class Named:
        class info:
            name = "blind"

    return Named()


def test_ink_of_a_vector_with_several_cells_is_its_highest() -> None:
    page = replace(make_page(1, 2, n_special=1), cell_to_vector=np.array([1, 1], np.int32))
    image = Image.new("L", (20, 10), 255)
    image.paste(0, (2, 2, 5, 5))
    assert with_ink(page, image).importance[1] > 0.1
    assert with_ink(page, image).importance[0] == 0


def test_strategies_say_which_importance_they_read() -> None:
    kinds = {spec: parse_pruning(spec).importance for spec in ("pool:3", "merge", "sap:0.2", "ink+pool:2")}
    assert kinds == {
        "pool:3": Importance.NONE,
        "merge": Importance.OWN,
        "sap:0.2": Importance.IN_DEGREE,
        "ink+pool:2": Importance.INK,
    }

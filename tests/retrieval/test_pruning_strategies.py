"""Each pruning strategy by itself, and the importance that it reads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy.cluster.hierarchy import fcluster, linkage

from pagelight.retrieval.encoders.encoder import Importance
from pagelight.retrieval.errors import InvalidPruning
from pagelight.retrieval.pruning import Budget, calibrate, encoder_for, parse_pruning, pruned_meaning
from pagelight.retrieval.pruning.ink import cell_ink, with_ink
from pagelight.retrieval.pruning.pooling import centroids
from pagelight.retrieval.pruning.strategy import merge, select
from pagelight.retrieval.types import PRUNED, Kind, PageEmbedding, PageMeaning, PatchGrid
from tests.retrieval.pruned_pages import make_page, prune


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


def test_merging_leaves_figures_apart() -> None:
    page = make_page(1, 4, dim=2, n_special=0)
    vectors = np.array([[1, 0], [0.5, 0], [1, 0], [0.5, 0]], np.float32)
    kinds = np.array([Kind.WORD, Kind.FIGURE, Kind.WORD, Kind.FIGURE], np.uint8)
    page = replace(page, vectors=vectors, kinds=kinds)
    for spec in ("repeats:s=0.4", "pool:4", "near:0.1"):
        assert prune(spec, page).cell_to_vector.tolist() == [0, 1, 0, 2]


def test_vectors_of_two_kinds_are_never_merged() -> None:
    page = make_page(1, 4, dim=2, n_special=0)
    kinds = np.array([Kind.WORD, Kind.PASSAGE, Kind.WORD, Kind.PASSAGE], np.uint8)
    page = replace(page, vectors=np.tile(np.array([1, 0], np.float32), (4, 1)), kinds=kinds)
    for spec in ("repeats:s=0.4", "pool:4", "near:0.1"):
        small = prune(spec, page)
        assert small.cell_to_vector.tolist() == [0, 1, 0, 1]
        assert small.kinds.tolist() == [Kind.WORD, Kind.PASSAGE]
    with pytest.raises(ValueError, match="one kind of vectors in each group"):
        merge(page, np.zeros(4, np.int64))


def test_what_is_selected_keeps_its_kind() -> None:
    page = make_page(1, 3, dim=2, n_special=1)
    page = replace(page, kinds=np.array([Kind.PATCH, Kind.WORD, Kind.FIGURE, Kind.WORD], np.uint8))
    assert select(page, np.array([False, True, True])).kinds.tolist() == [Kind.PATCH, Kind.FIGURE, Kind.WORD]


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
    page = replace(make_page(), importance=np.full(17, np.nan, np.float32))
    assert 1 <= len(prune(spec, page)) <= len(page)


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


@pytest.mark.parametrize("n", [1, 2, 7, 30, 64, 1000])
def test_a_fixed_number_of_vectors_is_that_number_whatever_is_on_the_page(n: int) -> None:
    page = make_page(6, 7, dim=12, n_special=1, seed=3)
    small = prune(f"fixed:{n}", page)
    assert len(small) <= max(min(n, len(page)), page.n_special + 1)
    assert len(small) >= min(n, len(page)) - 1  # Ward may have no cut at exactly this number
    assert small.counts.sum() == page.counts.sum()


def test_a_fixed_number_counts_figures_and_merges_none() -> None:
    kinds = np.array([Kind.FIGURE] * 3 + [Kind.WORD] * 9, np.uint8)
    page = replace(make_page(1, 12, n_special=0, seed=4), kinds=kinds)
    small = prune("fixed:6", page)
    assert (small.kinds == Kind.FIGURE).sum() == 3
    assert (small.kinds == Kind.WORD).sum() == 3


def test_neighbouring_passages_that_mean_the_same_share_a_vector_and_keep_their_lines() -> None:
    turned = np.array([[1, 0], [0.96, 0.28], [0, 1], [1, 0]], np.float32)
    lines = np.arange(20, dtype=np.float32).reshape(5, 4) / 100
    meaning = PageMeaning(turned, lines, np.array([0, 1, 2, 3, 3], np.int32))
    merged = pruned_meaning(parse_pruning("none+passages:0.75"), meaning)
    assert merged.passage_of_line.tolist() == [0, 0, 1, 2, 2]  # the last one means the same, but stands apart
    np.testing.assert_array_equal(merged.lines, lines)
    np.testing.assert_allclose(np.linalg.norm(merged.vectors, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(merged.vectors[1:], [[0, 1], [1, 0]], atol=1e-6)


@pytest.mark.parametrize(("share", "left"), [(0.01, 1), (0.2, 4), (0.5, 10), (0.9, 18)])
def test_as_many_passages_are_left_as_were_asked_for(share: float, left: int) -> None:
    vectors = np.random.default_rng(6).standard_normal((20, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    meaning = PageMeaning(vectors, np.zeros((20, 4), np.float32), np.arange(20, dtype=np.int32))
    merged = pruned_meaning(parse_pruning(f"passages:{share}"), meaning)
    assert len(merged) == left
    assert (np.diff(merged.passage_of_line) >= 0).all()


@pytest.mark.parametrize("spec", ["none", "passages:1", "importance:0.5+repeats:0.9"])
def test_other_prunings_leave_meaning_alone(spec: str) -> None:
    meaning = PageMeaning(
        np.eye(3, dtype=np.float32), np.zeros((3, 4), np.float32), np.arange(3, dtype=np.int32)
    )
    assert pruned_meaning(parse_pruning(spec), meaning) is meaning


def test_a_page_without_text_has_no_passages_to_merge() -> None:
    assert len(pruned_meaning(parse_pruning("passages:0.5"), PageMeaning.none(4))) == 0

"""Centroids: learned from vectors, the entries of pages, and what a query looks up."""

from __future__ import annotations

import numpy as np
import pytest

from pagelight.retrieval.centroids import SLOTS, CentroidParameters, Centroids, mark_of
from pagelight.retrieval.types import Floats
from tests.retrieval.stored_pages import unit_vectors

DIM = 16
FEW = CentroidParameters(exhaustive=0, per_root=2.0, samples=64, examples=8)


def gathered(rng: np.random.Generator, words: Floats, n: int, noise: float = 0.05) -> Floats:
    """(n, DIM): vectors near some of the words."""
    vectors = words[rng.integers(0, len(words), n)] + noise * rng.standard_normal((n, words.shape[1]))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


@pytest.fixture
def words() -> Floats:
    return unit_vectors(np.random.default_rng(0), 24, DIM)


@pytest.fixture
def pages(words: Floats) -> list[Floats]:
    rng = np.random.default_rng(1)
    return [gathered(rng, words, 10) for _ in range(80)]


@pytest.fixture
def centroids(pages: list[Floats]) -> Centroids:
    learned = Centroids.learn(3, pages, sum(map(len, pages)), FEW)
    assert learned is not None
    return learned


def test_vectors_that_gather_share_a_centroid(centroids: Centroids, words: Floats) -> None:
    rng = np.random.default_rng(2)
    same = [centroids.page_entries([gathered(rng, words[[i]], 5)])[0].indices for i in range(len(words))]
    assert np.mean([len(entries) for entries in same]) < 1 + 3  # the mark, and a few at most
    assert len({entry for entries in same for entry in entries}) > len(words)


def test_every_page_has_the_mark_and_no_entry_of_another_slot(
    centroids: Centroids, pages: list[Floats]
) -> None:
    empty = np.zeros((0, DIM), np.float32)
    entries = centroids.page_entries([pages[0], empty, pages[1]])
    assert [entries[1].indices] == [[mark_of(3)]]
    assert all(own.indices[-1] == mark_of(3) for own in entries)
    assert all(own.indices == sorted(set(own.indices)) for own in entries)
    others = [mark_of(slot) for slot in range(SLOTS) if slot != 3]
    assert all(min(own.indices) > mark_of(2) and not set(others) & set(own.indices) for own in entries)
    assert centroids.page_entries([]) == []


def test_a_query_finds_the_pages_that_score_best(centroids: Centroids, pages: list[Floats]) -> None:
    rng = np.random.default_rng(4)
    entries = [dict.fromkeys(own.indices) for own in centroids.page_entries(pages)]
    found, by_chance = [], []
    for _ in range(30):
        query = gathered(rng, pages[rng.integers(len(pages))], 4, noise=0.02)
        exact = np.array([(query @ page.T).max(axis=1).sum() for page in pages])
        asked = centroids.query_entries(query)
        weights = dict(zip(asked.indices, asked.values, strict=True))
        near = np.array([sum(weights.get(entry, 0.0) for entry in own) for own in entries])
        best = set(np.argsort(-exact)[:3].tolist())
        found.append(len(best & set(np.argsort(-near, kind="stable")[:16].tolist())) / 3)
        by_chance.append(len(best & set(rng.permutation(len(pages))[:16].tolist())) / 3)
    assert np.mean(found) > 0.9
    assert np.mean(by_chance) < 0.4


def test_weights_of_tokens_weigh_their_entries(centroids: Centroids, words: Floats) -> None:
    light, heavy = centroids.query_entries(words[:1]), centroids.query_entries(3 * words[:1])
    assert light.indices == heavy.indices
    np.testing.assert_allclose(3 * np.array(light.values), heavy.values, rtol=1e-4)
    assert min(light.values) > 0


def test_packed_and_unpacked_they_are_the_same(centroids: Centroids, pages: list[Floats]) -> None:
    again = Centroids.unpack(centroids.pack())
    assert (again.slot, again.learned_from, len(again)) == (3, 800, len(centroids))
    assert again.page_entries(pages) == centroids.page_entries(pages)
    assert again.query_entries(pages[0]) == centroids.query_entries(pages[0])


@pytest.mark.parametrize("packed", [b"", b"no file of numpy's", b"PK\x03\x04"])
def test_anything_else_is_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match="centroids: expected a file of them"):
        Centroids.unpack(packed)


def test_learning_is_broken_off_and_needs_vectors(pages: list[Floats]) -> None:
    assert Centroids.learn(0, pages, 800, FEW, wanted=lambda: False) is None
    with pytest.raises(ValueError, match="expected some with vectors"):
        Centroids.learn(0, [np.zeros((0, DIM), np.float32)], 0, FEW)


def test_fewer_vectors_than_centroids_are_centroids_themselves() -> None:
    page = unit_vectors(np.random.default_rng(5), 3, DIM)
    learned = Centroids.learn(0, [page], 1_000_000)
    assert learned is not None
    assert len(learned) == 3
    assert learned.page_entries([page])[0].indices == [0, 1, 2, mark_of(0)]


def test_numbers_grow_with_the_library() -> None:
    own = CentroidParameters()
    assert [own.n_centroids(n) for n in (1, 200_000, 20_000_000)] == [32, 16_384, 65_536]
    shares = [own.n_candidates(n) / n for n in (1_000, 10_000, 100_000, 1_000_000)]
    assert shares == sorted(shares, reverse=True)  # fewer and fewer of the pages …
    assert shares[2] > 0.02  # … but not so few that the best are left out
    assert own.n_samples(1_000) == 1_000

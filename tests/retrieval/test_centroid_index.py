"""Pages by centroids that are learned from them: the same in the folder and on a server."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pagelight.retrieval.maxsim import maxsim
from pagelight.retrieval.store.embedded import EdgeStore
from pagelight.retrieval.store.qdrant_store import QdrantStore
from pagelight.retrieval.types import Floats, StoredPage
from tests.retrieval.gathered_pages import CONFIG, SMALL, page, pages, shown
from tests.retrieval.opened_stores import STORES
from tests.retrieval.stored_pages import DIM, document_id, stored_page

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pagelight.retrieval.store.centroid_index.CENTROIDS", SMALL)
    monkeypatch.setattr("pagelight.retrieval.store.server.NOTICE_SECONDS", 0.0)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[QdrantStore]:
    yield from request.param(tmp_path / "index", CONFIG)


def update_all(store: QdrantStore) -> int:
    """All that is left to do; in how many pieces."""
    pieces = 0
    while store.update_centroids():
        pieces += 1
    return pieces


def found(
    store: QdrantStore, vectors: Floats, limit: int = 3, documents: Sequence[str] | None = None
) -> list[str]:
    return [one.page_id for one in store.search(vectors, limit, documents, exact=False)]


def assert_found(store: QdrantStore, stored: Sequence[StoredPage]) -> None:
    """Each page is found first by its own vectors, with its exact score."""
    for one in stored:
        query = one.embedding.vectors[:4]
        best = store.search(query, 1, exact=False)[0]
        assert best.page_id == one.page_id
        assert best.score == pytest.approx(maxsim(query, one.embedding.vectors), abs=4e-3)


def test_small_libraries_stay_exact(store: QdrantStore) -> None:
    stored = pages(10)
    store.upsert(stored)
    assert store.has_current_centroids
    assert not store.update_centroids()
    assert not store.has_first_stage
    assert_found(store, stored)


def test_a_large_library_gets_a_first_stage(store: QdrantStore) -> None:
    stored = pages(60)
    store.upsert(stored)
    assert not store.has_current_centroids
    assert not store.has_first_stage
    assert_found(store, stored[:5])
    assert update_all(store) >= 3  # learning, moving, settling
    assert store.has_current_centroids
    assert store.has_first_stage
    assert_found(store, stored)
    query = shown(1000, 5)
    exact = store.search(query, 60)
    near = store.search(query, 5, exact=False)
    assert {one.page_id: one.score for one in near}.items() <= {
        one.page_id: one.score for one in exact
    }.items()


def test_the_first_stage_finds_more_than_chance(store: QdrantStore) -> None:
    store.upsert(pages(60))
    update_all(store)
    shares = []
    for number in range(1000, 1030):
        query = shown(number, 4)
        best = [one.page_id for one in store.search(query, 3)]
        shares.append(len(set(best) & set(found(store, query))) / 3)
    assert np.mean(shares) > 0.85  # 15 of the 60 pages are compared


def test_pages_that_come_later_are_found_and_those_that_go_are_gone(store: QdrantStore) -> None:
    store.upsert(pages(60))
    update_all(store)
    late = [page(number) for number in range(100, 110)]
    store.upsert(late)
    assert not store.update_centroids()
    assert_found(store, late)
    changed = replace(late[3], embedding=page(200).embedding)
    store.upsert([changed])
    assert_found(store, [late[0], changed])
    store.delete_document(document_id(10))
    gone = {one.page_id for one in late}
    assert not gone & set(found(store, late[0].embedding.vectors, limit=8))


def test_a_search_of_some_documents_compares_only_them(store: QdrantStore) -> None:
    store.upsert(pages(60))
    update_all(store)
    only = [document_id(2), document_id(4)]
    inside = {one.page_id for number in (*range(20, 30), *range(40, 50)) for one in [page(number)]}
    query = page(55).embedding.vectors[:4]
    near = found(store, query, 20, only)
    assert set(near) == inside  # all that there are, also those that have nothing in common
    assert near[:3] == [one.page_id for one in store.search(query, 3, only)]
    assert found(store, query, 5, []) == []


def test_centroids_follow_a_library_that_grows(store: QdrantStore) -> None:
    stored = pages(140)
    store.upsert(stored[:60])
    update_all(store)
    (before,) = (name for name in store._engine.side_files.names() if name.startswith("learned"))
    store.upsert(stored[60:])
    assert not store.has_current_centroids
    assert store.update_centroids()  # learned, and no page moved yet
    assert len([name for name in store._engine.side_files.names() if name.startswith("learned")]) == 2
    assert_found(store, stored)
    assert store.update_centroids()  # some pages moved
    assert_found(store, stored)
    late = page(300)
    store.upsert([late])
    assert_found(store, [late])
    update_all(store)
    assert_found(store, [*stored, late])
    (after,) = (name for name in store._engine.side_files.names() if name.startswith("learned"))
    assert after != before
    assert store.has_current_centroids


def test_learning_that_is_no_longer_wanted_is_broken_off(store: QdrantStore) -> None:
    store.upsert(pages(60))
    assert store.update_centroids(lambda: False)
    assert store._engine.side_files.names() == []
    assert not store.has_current_centroids
    update_all(store)
    assert store.has_first_stage


def test_pages_without_vectors_do_no_harm(store: QdrantStore) -> None:
    empty = stored_page(np.random.default_rng(0), 90, 1, vectors=np.zeros((0, DIM), np.float32))
    store.upsert([*pages(60), empty])
    update_all(store)
    assert store.has_first_stage
    assert_found(store, pages(5))
    assert len(store.fetch([empty.page_id])) == 1


def test_what_is_broken_off_goes_on_in_another_process(tmp_path: Path) -> None:
    stored = pages(140)
    folder = tmp_path / "index"
    store = EdgeStore.open(folder, CONFIG)
    store.upsert(stored[:60])
    store.close()
    pieces = 0
    while True:
        store = EdgeStore.open(folder, CONFIG)
        if pieces == 4:
            store.upsert(stored[60:])
        going = store.update_centroids()
        assert_found(store, stored[:10])
        store.close()
        if not going and pieces > 4:
            break
        pieces += 1
    store = EdgeStore.open(folder, CONFIG)
    assert store.has_first_stage
    assert store.has_current_centroids
    assert not store.update_centroids()
    assert_found(store, stored)
    store.close()


@pytest.mark.slow
def test_a_crash_loses_no_page_and_the_first_stage_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    for seconds in (0.5, 1.0, 2.0):
        command = [sys.executable, "-m", "tests.retrieval.centroid_writer", str(folder)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        acknowledged = [int(line) for line in process.stdout.read().split()]
        process.wait()
        process.stdout.close()
        store = EdgeStore.open(folder, CONFIG)
        n_pages = store.stats().n_pages
        assert n_pages >= max(acknowledged, default=0)
        assert_found(store, pages(min(n_pages, 20)))
        store.close()
    store = EdgeStore.open(folder, CONFIG)
    update_all(store)
    assert store.has_first_stage
    assert_found(store, pages(store.stats().n_pages))
    store.close()


def learned_index(folder: Path, stored: list[StoredPage]) -> None:
    """These pages, with current centroids."""
    store = EdgeStore.open(folder, CONFIG)
    store.upsert(stored)
    update_all(store)
    store.close()


def test_damaged_centroids_are_learned_anew(tmp_path: Path) -> None:
    folder, stored = tmp_path / "index", pages(60)
    learned_index(folder, stored)
    (file,) = (folder / "kept").glob("learned-*")
    file.write_bytes(file.read_bytes()[:100])
    store = EdgeStore.open(folder, CONFIG)
    assert not store.has_first_stage
    assert_found(store, stored)
    update_all(store)
    assert store.has_first_stage
    assert_found(store, stored)
    store.close()


def test_centroids_that_are_gone_are_learned_anew_beside_the_old_entries(tmp_path: Path) -> None:
    folder, stored = tmp_path / "index", pages(60)
    learned_index(folder, stored)
    for file in (folder / "kept").iterdir():
        file.unlink()
    store = EdgeStore.open(folder, CONFIG)
    assert update_all(store) >= 3  # the pages were moved, whatever they had
    assert_found(store, stored)
    store.close()


@pytest.mark.parametrize("precision", ["fp32", "fp16", "turbo8", "turbo4", "int8", "binary"])
def test_every_precision_has_a_first_stage(tmp_path: Path, precision: str) -> None:
    stored = pages(60)
    store = EdgeStore.open(tmp_path, replace(CONFIG, precision=precision))
    store.upsert(stored)
    update_all(store)
    assert store.has_first_stage
    for one in stored:
        query = one.embedding.vectors[:4]
        near, exact = store.search(query, 3, exact=False), store.search(query, 3)
        assert near[0].page_id == one.page_id
        if precision not in ("int8", "binary"):  # of which all pages are compared by the coarse copy first
            assert near[0] == exact[0]
    store.close()

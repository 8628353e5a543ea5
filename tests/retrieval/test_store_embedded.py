"""What is special about the embedded store: durability, the lock and threads."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pagelight.retrieval.errors import LibraryDamaged, ModelMismatch, StoreError, StoreLocked
from pagelight.retrieval.store.embedded import EdgeStore
from pagelight.retrieval.store.page_store import IndexConfig
from tests.retrieval.stored_pages import DIM, document_id, library, stored_page, unit_vectors
from tests.retrieval.test_store_codec import assert_same

CONFIG = IndexConfig("builtin", DIM, "none")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def store(folder: Path) -> Iterator[EdgeStore]:
    opened = EdgeStore.open(folder, CONFIG)
    yield opened
    opened.close()


def writer(folder: Path) -> subprocess.Popen[str]:
    """A second process that adds pages, once it has the folder open."""
    command = [sys.executable, "-m", "tests.retrieval.store_writer", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def test_pages_survive_closing(folder: Path) -> None:
    pages = library()
    store = EdgeStore.open(folder, CONFIG)
    store.upsert(pages)
    before = store.stats()
    store.close()
    store.close()
    again = EdgeStore.open(folder, CONFIG)
    assert replace(again.stats(), generation=()) == replace(before, generation=())
    for got, page in zip(again.fetch([page.page_id for page in pages]), pages, strict=True):
        assert_same(got, page)
    again.close()


def test_no_stored_page_is_lost_when_the_process_is_killed(folder: Path) -> None:
    acknowledged: list[int] = []
    for _ in range(2):
        process = writer(folder)
        assert process.stdout is not None
        for _ in range(7):
            acknowledged.append(int(process.stdout.readline()))
        process.kill()
        acknowledged += [int(line) for line in process.stdout.read().split("\n")[:-1]]
        process.wait()
        process.stdout.close()
        store = EdgeStore.open(folder, CONFIG)
        stored = store.page_numbers(document_id(0))
        assert set(acknowledged) <= stored
        assert len(stored - set(acknowledged)) <= 1  # stored, but killed before it could say so
        acknowledged = sorted(stored)
        ids = [hit.page_id for hit in store.search(unit_vectors(np.random.default_rng(0), 2), 10_000)]
        assert len(ids) == len(stored) == store.stats().n_pages
        for page in store.fetch(ids):
            expected = stored_page(
                np.random.default_rng(page.page), page=page.page, n_vectors=page.page % 40 + 1
            )
            assert_same(page, expected)
        store.close()


def test_a_second_process_is_told_what_to_do(folder: Path) -> None:
    process = writer(folder)
    try:
        with pytest.raises(StoreLocked) as raised:
            EdgeStore.open(folder, CONFIG)
    finally:
        process.kill()
        process.communicate()
    message = str(raised.value)
    assert str(folder) in message
    assert "--data" in message
    assert "--qdrant-url" in message
    assert "\n" not in message
    EdgeStore.open(folder, CONFIG).close()  # the killed process no longer holds it


def test_the_same_process_cannot_open_it_twice(store: EdgeStore, folder: Path) -> None:
    with pytest.raises(StoreLocked):
        EdgeStore.open(folder, CONFIG)
    store.close()
    EdgeStore.open(folder, CONFIG).close()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (replace(CONFIG, model="colqwen2"), "model builtin, not model colqwen2"),
        (replace(CONFIG, dim=128), "dim 16, not dim 128"),
        (replace(CONFIG, pruning="pool:3"), "pruning none, not pruning pool:3"),
        (replace(CONFIG, precision="turbo4"), "precision fp16, not precision turbo4"),
    ],
)
def test_an_index_of_another_kind_says_how_to_index_again(
    folder: Path, asked: IndexConfig, said: str
) -> None:
    EdgeStore.open(folder, CONFIG).close()
    with pytest.raises(ModelMismatch, match=said) as raised:
        EdgeStore.open(folder, asked)
    assert f"delete {folder} to index anew" in str(raised.value)
    EdgeStore.open(folder, CONFIG).close()  # the failed try let go of the folder


@pytest.mark.parametrize("made_with", [{}, {"analyzer": 1}])
def test_an_index_of_another_text_analysis_says_how_to_rebuild_it(
    folder: Path, made_with: dict[str, int]
) -> None:
    EdgeStore.open(folder, CONFIG).close()
    record = json.loads((folder / "index.json").read_text())
    del record["analyzer"]
    (folder / "index.json").write_text(json.dumps(record | made_with))
    with pytest.raises(ModelMismatch, match="text analysis") as raised:
        EdgeStore.open(folder, CONFIG)
    assert f"delete {folder} to index anew" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_index_of_another_layout_is_refused(folder: Path) -> None:
    EdgeStore.open(folder, CONFIG).close()
    record = json.loads((folder / "index.json").read_text())
    (folder / "index.json").write_text(json.dumps(record | {"layout": 99}))
    with pytest.raises(StoreError, match="another version of Pagelight"):
        EdgeStore.open(folder, CONFIG)


def test_a_crash_while_the_index_is_made_leaves_nothing_behind(folder: Path) -> None:
    EdgeStore.open(folder, CONFIG).close()
    (folder / "index.json").unlink()
    (folder / "making").touch()
    store = EdgeStore.open(folder, CONFIG)
    store.upsert(library())
    assert store.stats().n_pages == len(library())
    store.close()


def test_a_shard_that_cannot_be_read_is_never_emptied(folder: Path) -> None:
    store = EdgeStore.open(folder, CONFIG)
    store.upsert(library())
    store.close()
    (folder / "index.json").unlink()
    for file in (folder / "shard").rglob("*.json"):
        file.write_text("{")
    with pytest.raises(LibraryDamaged, match="pagelight repair"):
        EdgeStore.open(folder, CONFIG)
    assert any((folder / "shard").rglob("*"))


def test_a_panic_of_the_engine_is_one_line(store: EdgeStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Qdrant's panics come as exceptions that `except Exception` does not catch."""
    panic = type("PanicException", (BaseException,), {})

    class Panicking:
        def query_batch(self, request: object) -> None:
            raise panic("index out of bounds")

        def close(self) -> None:
            pass

    shard = store._engine._shard
    monkeypatch.setattr(store._engine, "_shard", Panicking())
    with pytest.raises(LibraryDamaged, match="pagelight repair"):
        store.search(np.ones((1, DIM), np.float32), 3)
    monkeypatch.setattr(store._engine, "_shard", shard)


def test_broken_files_are_one_line(folder: Path) -> None:
    EdgeStore.open(folder, CONFIG).close()
    for file in (folder / "shard").rglob("*.json"):
        file.write_text("{")
    with pytest.raises(StoreError) as raised:
        EdgeStore.open(folder, CONFIG)
    assert str(folder) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="file/index failed"):
        EdgeStore.open(tmp_path / "file" / "index", CONFIG)


def test_a_closed_store_says_so(store: EdgeStore) -> None:
    store.close()
    with pytest.raises(StoreError, match="is closed"):
        store.search(unit_vectors(np.random.default_rng(0), 1), 1)
    with pytest.raises(StoreError, match="is closed"):
        store.upsert(library())


def test_readers_go_on_while_a_writer_writes(store: EdgeStore) -> None:
    pages = library(n_documents=6)
    store.upsert(pages[:5])
    query = unit_vectors(np.random.default_rng(1), 3)
    failures: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                hits = store.search(query, 5)
                assert len(hits) == 5
                for page, hit in zip(store.fetch([hit.page_id for hit in hits]), hits, strict=False):
                    assert page.document_id
                    assert hit.score <= 3.01
                store.search_tokens(query, 10, 0.0)
                store.search_text(["annual"], 5)
                store.stats()
        except BaseException as error:
            failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for thread in readers:
        thread.start()
    for page in pages[5:]:
        store.upsert([page])
    store.upsert(pages[20:])  # replaced
    store.delete_document(document_id(5))
    done.set()
    for thread in readers:
        thread.join()
    assert failures == []
    assert store.stats().n_pages == 25


def test_an_index_knows_its_counts_when_it_opens_and_counts_anew_where_they_are_gone(tmp_path: Path) -> None:
    store = EdgeStore.open(tmp_path, CONFIG)
    store.upsert(library())
    store.delete_document(library()[0].document_id)
    before = store.stats()
    store.close()
    counts = tmp_path / "counts.json"
    for text in (None, '{"n_pages": 3', "[]", '{"n_pages": 1, "n_vectors": 1, "n_patches": 1}'):
        assert f'"n_pages": {before.n_pages}' in counts.read_text()
        if text is None:
            counts.unlink()
        else:
            counts.write_text(text)
        store = EdgeStore.open(tmp_path, CONFIG)
        again = store.stats()
        assert again.n_vectors == before.n_vectors
        assert again.n_patches == before.n_patches
        store.upsert(library()[-1:])  # replaces a page
        store.close()

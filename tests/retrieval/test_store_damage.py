"""Damage and full disks: one sentence, nothing lost that was there, and never a process that dies."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pagelight.app.maintenance.doctor import damaged_pages
from pagelight.retrieval.errors import LibraryDamaged, StoreError
from pagelight.retrieval.store.embedded import EdgeStore
from pagelight.retrieval.store.page_store import IndexConfig
from tests.retrieval.stored_pages import DIM, library
from tests.retrieval.vocabulary_pages import CONFIG as CODEBOOK
from tests.retrieval.vocabulary_pages import VocabularyEncoder, vocabulary_page

ROOT = Path(__file__).resolve().parents[2]
CONFIG = IndexConfig("tests", DIM, "none")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An index with twenty pages, closed."""
    folder = tmp_path / "data" / "index"
    store = EdgeStore.open(folder, CONFIG)
    store.upsert(library())
    store.close()
    return folder


@pytest.mark.parametrize("damage", ["gone", "cut short"])
def test_an_index_that_lost_its_record_keeps_its_pages(folder: Path, damage: str) -> None:
    """It used to be deleted as a whole, without a word."""
    record = folder / "index.json"
    text = record.read_text()
    record.unlink() if damage == "gone" else record.write_text(text[:10])
    with pytest.raises(LibraryDamaged, match=f"pagelight repair --data {folder.parent}"):
        EdgeStore.open(folder, CONFIG)
    record.write_text(text)
    store = EdgeStore.open(folder, CONFIG)
    assert store.stats().n_pages == len(library())
    store.close()


DAMAGES = [
    "segment.json",
    "vectors/chunk_0.mmap",
    "offsets/chunk_0.mmap",
    "offsets/status.dat",
    "tracker.dat",
]


@pytest.mark.parametrize("name", DAMAGES)
def test_a_file_of_the_index_that_is_gone_is_one_line_with_the_command_that_mends_it(
    folder: Path, name: str
) -> None:
    """Some of them make Rust panic, and a panic is no Exception: it passed every `except Exception`."""
    for path in [path for path in (folder / "shard" / "segments").rglob("*") if str(path).endswith(name)]:
        if "payload_index" not in path.parts:
            path.unlink()

    def read_all() -> None:
        store = EdgeStore.open(folder, CONFIG)
        try:
            store.fetch([page.page_id for page in library()])
        finally:
            store.close()

    with pytest.raises(StoreError, match="pagelight repair --data") as raised:
        read_all()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("place", "mask"), [(0, 0x10), (0, 3), (20, 0x80), (21, 1), (41, 0x40)])
def test_a_byte_of_the_ids_that_is_wrong_is_one_line_with_the_command_that_mends_it(
    folder: Path, place: int, mask: int
) -> None:
    """The highest byte of a point's place made Qdrant ask for 50 GB, and Rust ended the process with a list of calls."""
    (path,) = (folder / "shard").rglob("mutable_id_tracker.mappings")
    content = bytearray(path.read_bytes())
    content[place] ^= mask
    path.write_bytes(content)
    with pytest.raises(LibraryDamaged, match="pagelight repair --data") as raised:
        EdgeStore.open(folder, CONFIG)
    assert "\n" not in str(raised.value)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 60 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=60m", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("needs root, to mount a small file system")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


FILL = """
import sys
from pathlib import Path
import numpy as np
from pagelight.retrieval.errors import DiskFull
from pagelight.retrieval.store.embedded import EdgeStore
from pagelight.retrieval.store.page_store import IndexConfig
from tests.retrieval.stored_pages import stored_page
store = EdgeStore.open(Path(sys.argv[1]) / "index", IndexConfig("tests", 128, "none"))
rng, written = np.random.default_rng(0), 0
try:
    for page in range(1, 200):
        store.upsert([stored_page(rng, 0, page, n_vectors=2000, dim=128)])
        written += 1
except DiskFull as error:
    print(error)
assert store.stats().n_pages == written > 3
store.delete_document("0".zfill(64))
store.close()
print("closed")
"""


def test_a_full_disk_is_an_error_and_not_the_end_of_the_process(small_disk: Path) -> None:
    """Qdrant maps its files: without room for them the process ended with SIGBUS."""
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(small_disk)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    full, closed = done.stdout.splitlines()
    assert full.startswith("The disk is full")
    assert closed == "closed"


def test_entries_of_the_codebook_that_are_lost_are_noticed(tmp_path: Path) -> None:
    """Searches choose pages by them: such pages were found by their meaning alone, and nothing said so."""
    encoder = VocabularyEncoder()
    shares = np.full(len(encoder.words), 1 / len(encoder.words))
    pages = [vocabulary_page(encoder, np.random.default_rng(i), shares, i) for i in range(5)]
    page_ids = [page.page_id for page in pages]
    folder = tmp_path / "data" / "index"
    store = EdgeStore.open(folder, CODEBOOK)
    store.upsert(pages)
    assert store.without_terms(page_ids) == set()
    store.close()
    for path in folder.glob("shard/segments/*/vector_storage-seen/store/page_0.dat"):
        path.write_bytes(bytes(path.stat().st_size))
    store = EdgeStore.open(folder, CODEBOOK)
    assert store.without_terms(page_ids) == set(page_ids)
    document_id = pages[0].document_id
    assert list(damaged_pages(store, document_id, [1, 2])) == [1, 2]
    store.close()

"""Precisions of stored vectors: what they find, and the room that they take."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pagelight.retrieval.errors import InvalidSetting
from pagelight.retrieval.maxsim import maxsim
from pagelight.retrieval.store.embedded import EdgeStore
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.store.precision import PRECISIONS
from pagelight.retrieval.types import PRUNED, Kind, PageEmbedding, PageWords, PatchGrid, StoredPage, all_of
from tests.retrieval.stored_pages import DIM, document_id, stored_page, unit_vectors

CONFIG = IndexConfig("builtin", DIM, "none")


def test_unknown_precisions_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    with pytest.raises(InvalidSetting, match="expected one of fp32, fp16"):
        EdgeStore.open(folder, replace(CONFIG, precision="fp8"))
    assert not folder.exists()


@pytest.mark.parametrize("precision", list(PRECISIONS))
def test_every_precision_finds_the_right_page(tmp_path: Path, precision: str) -> None:
    """64 dimensions, queries near a page's own vectors: what one bit a number can still tell apart."""
    rng = np.random.default_rng(6)
    pages = [stored_page(rng, page=i, n_vectors=12, dim=64) for i in range(1, 61)]
    store = EdgeStore.open(tmp_path, IndexConfig("builtin", 64, "none", precision))
    store.upsert(pages)
    tolerance = {"fp32": 1e-5, "turbo8": 2e-2, "turbo4": 0.2}.get(precision, 4e-3)
    for page in pages[::10]:
        query = page.embedding.vectors[:4] + 0.1 * unit_vectors(rng, 4, 64)
        best = store.search(query, 3)[0]
        assert best.page_id == page.page_id
        # what is returned was computed from the kept vectors, not from a coarser copy
        assert best.score == pytest.approx(maxsim(query, page.embedding.vectors), abs=tolerance)
        assert store.search_tokens(query, 1, 0.5)[0][0].page_id == page.page_id
        kept = store.fetch([page.page_id])[0].embedding.vectors
        np.testing.assert_allclose(kept, page.embedding.vectors, atol=tolerance)
    store.close()
    EdgeStore.open(tmp_path, IndexConfig("builtin", 64, "none", precision)).close()


def page_of_200(rng: np.random.Generator, number: int) -> StoredPage:
    cells = np.full(1000, PRUNED, np.int32)
    cells[np.sort(rng.choice(1000, 200, replace=False))] = np.arange(200)
    embedding = PageEmbedding(
        unit_vectors(rng, 200, 128),
        PatchGrid(40, 25),
        cells,
        rng.random(200).astype("f4"),
        np.ones(200, np.int32),
        kinds=all_of(Kind.PATCH, 200),
    )
    texts = tuple(f"word{i}" for i in rng.integers(0, 3000, 300))
    boxes = np.tile(np.array([0.1, 0.1, 0.2, 0.11], np.float32), (300, 1))
    return StoredPage(document_id(number // 20), "a.pdf", number, embedding, PageWords(texts, boxes))


@pytest.mark.parametrize(("precision", "most"), [("fp16", 58_000), ("turbo8", 34_000), ("turbo4", 21_000)])
def test_a_page_takes_little_more_than_its_vectors(tmp_path: Path, precision: str, most: int) -> None:
    """200 vectors of 128 numbers and 300 words: 51,200 bytes of float16, 25,600 at 8 bits, 12,800 at 4."""
    rng = np.random.default_rng(0)
    store = EdgeStore.open(tmp_path, IndexConfig("builtin", 128, "none", precision))
    empty = store.bytes_on_disk()
    assert empty < 300_000
    for first in range(0, 40, 20):
        store.upsert([page_of_200(rng, number) for number in range(first, first + 20)])
    full = store.bytes_on_disk()
    assert (full - empty) / 40 < most
    store.delete_document(document_id(0))
    store.close()

"""A vector says what it stands for, however coarsely its numbers are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pagelight.retrieval.encoders import load_encoder
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.search.searcher import Searcher
from pagelight.retrieval.store import open_store
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.types import Kind, PageWords, StoredPage
from tests.retrieval.encoders import printed_pages

QUERIES = (
    "granite blocks of the breakwater",
    "ferry brings children to school",
    "treasurer repair railings lamps",
    "photograph of each crack",
    "herons nested timber piles",
    "oysters on the southern bank",
    "winter storm damage",
    "electric engines noise",
    "bicycles travel free",
    "confidential draft",
    "captain waits behind the lighthouse",
    "telephone cable electrician",
)


@pytest.fixture(scope="module")
def printed() -> list[StoredPage]:
    """Three pages as the built-in encoder reads them, without words of a document."""
    encoder = load_encoder()
    pruning = parse_pruning(encoder.info.pruning)
    images = [page.image for page in (printed_pages.report(), printed_pages.poster(), printed_pages.slide())]
    embeddings = [pruning.apply(page) for page in encoder.encode_pages(images)]
    return [
        StoredPage(f"{i:064x}", f"{i}.pdf", 1, embedding, PageWords(), pruning.spec)
        for i, embedding in enumerate(embeddings)
    ]


def _centres(folder: Path, pages: list[StoredPage], precision: str) -> np.ndarray:
    """(n_queries, 2): the centre of the best region of the best page, NaN where nothing is found."""
    encoder = load_encoder()
    config = IndexConfig(encoder.info.name, encoder.info.dim, pages[0].pruning, precision)
    store = open_store(folder, config)
    store.upsert(pages)
    searcher = Searcher(encoder, store)
    centres = np.full((len(QUERIES), 2), np.nan)
    for i, query in enumerate(QUERIES):
        hits = searcher.search(query, 1).hits
        if hits and hits[0].regions:
            x0, y0, x1, y1 = hits[0].regions[0].box
            centres[i] = (x0 + x1) / 2, (y0 + y1) / 2
    store.close()
    return centres


def test_the_builtin_encoder_reads_words(printed: list[StoredPage]) -> None:
    for page in printed:
        words = page.embedding.kinds == Kind.WORD
        assert words.mean() > 0.9
        np.testing.assert_allclose(np.linalg.norm(page.embedding.vectors[words], axis=1), 1, atol=1e-3)


def test_words_that_are_kept_in_four_bits_are_still_words(tmp_path: Path, printed: list[StoredPage]) -> None:
    """Their lengths are off by some percent, which once made looks of a third of them."""
    exact = _centres(tmp_path / "fp16", printed, "fp16")
    coarse = _centres(tmp_path / "turbo4", printed, "turbo4")
    assert not np.isnan(exact).any()
    same = np.abs(exact - coarse).max(axis=1) < 0.02
    assert same.mean() >= 0.9

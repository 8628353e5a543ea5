"""Queries for what a page shows: a look counts by its probability, and goes before its name where nothing else is asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.search.searcher import Searcher
from pagelight.retrieval.store import open_store
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.types import Kind, PageEmbedding, QueryEmbedding, StoredPage, all_of
from tests.retrieval.word_encoder import DIM, WordEncoder, axis, stored_page

SCORING = TermScoring(0.75, 30, 0.55)


class LookEncoder(WordEncoder):
    """The word "pie" asks for its own look, which is another vector than the word."""

    def encode_query(self, text: str) -> QueryEmbedding:
        query = super().encode_query(text)
        asking = [i for i, word in enumerate(query.words) if word == "pie"]
        n = len(asking)
        return replace(
            query,
            vectors=np.concatenate([query.vectors, *[axis("look of a pie")[None]] * n]),
            word_of_token=np.concatenate([query.word_of_token, np.array(asking, np.int32)]),
            weights=np.concatenate([query.weights, np.ones(n, np.float32)]),
            kinds=np.concatenate([query.kinds, all_of(Kind.FIGURE, n)]),
        )


def showing(page: StoredPage, probability: float) -> StoredPage:
    """The page with a picture that is a pie so surely, on its last row."""
    own = page.embedding
    cells = own.cell_to_vector.copy()
    cells[-own.grid.n_cols :] = len(own)
    embedding = PageEmbedding(
        np.concatenate([own.vectors, probability * axis("look of a pie")[None]]),
        own.grid,
        cells,
        np.append(own.importance, np.float32(1)),
        np.append(own.counts, np.int32(1)),
        kinds=np.concatenate([own.kinds, all_of(Kind.FIGURE, 1)]),
    )
    return replace(page, embedding=embedding)


@pytest.fixture
def searcher(tmp_path: Path) -> Searcher:
    pages = [
        stored_page("spells.pdf", 1, ["pie of apples", "and pears"]),
        showing(stored_page("shows.pdf", 1, ["shares of revenue", "x x x"]), 0.5),
        showing(stored_page("surely.pdf", 1, ["costs of sales", "x x x"]), 0.9),
        showing(stored_page("hardly.pdf", 1, ["costs of wages", "x x x"]), 0.1),
    ]
    store = open_store(tmp_path, IndexConfig("words", DIM, "none"))
    store.upsert(pages)
    return Searcher(LookEncoder(SCORING), store)


def test_pages_that_show_it_go_before_one_that_spells_it(searcher: Searcher) -> None:
    hits = searcher.search("pie").hits
    assert [hit.document for hit in hits] == ["surely.pdf", "shows.pdf", "spells.pdf"]


def test_such_a_page_is_as_strong_as_it_surely_shows_it(searcher: Searcher) -> None:
    surely, shows, _ = searcher.search("pie").hits
    assert surely.strength == pytest.approx(0.9, abs=0.01)
    assert shows.strength == pytest.approx(0.5, abs=0.01)


def test_words_beside_a_look_count_too(searcher: Searcher) -> None:
    assert searcher.search("pie revenue").hits[0].document == "shows.pdf"


def test_the_receipt_of_a_look_adds_up(searcher: Searcher) -> None:
    hit = searcher.search("pie").hits[0]
    receipt = searcher.explain(hit.document_id, hit.page, "pie")
    assert receipt.score == pytest.approx(hit.score, abs=1e-3)
    assert receipt.entries[0].word == "pie"

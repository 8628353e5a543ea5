"""Pruning that leaves what the document spells to its own words: pages are found by them, images alone are refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pagelight.retrieval.errors import InvalidQuery
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.search.searcher import Searcher
from pagelight.retrieval.store import open_store
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.types import Kind, PageEmbedding, PageWords, all_of
from tests.retrieval.word_encoder import DIM, WordEncoder, axis, stored_page

SPELLED = PageWords(("one", "two"), np.array([[0, 0, 0.5, 0.5], [0.5, 0, 1, 0.5]], np.float32))


def page_of(kinds: list[Kind]) -> PageEmbedding:
    """A page of two rows of two words, of which the document spells those in the first row."""
    page = stored_page("a.pdf", 1, ["one two", "three four"]).embedding
    return replace(page, kinds=np.concatenate([all_of(kind, 1) for kind in kinds]))


def left(page: PageEmbedding) -> list[str]:
    pruned = parse_pruning("unspelled").apply(page, SPELLED)
    words = ("one", "two", "three", "four")
    return [word for word in words if (pruned.vectors @ axis(word)).max() > 0.9]


def test_words_that_the_document_spells_go_and_others_stay() -> None:
    assert left(page_of([Kind.WORD] * 4)) == ["three", "four"]


def test_looks_and_patches_stay() -> None:
    assert left(page_of([Kind.FIGURE, Kind.PATCH, Kind.WORD, Kind.WORD])) == ["one", "two", "three", "four"]


def test_a_word_that_lies_beside_as_well_stays() -> None:
    page = page_of([Kind.WORD] * 4)
    cells = page.cell_to_vector.copy()
    cells[2] = cells[0]  # what was read on the second row too
    assert "one" in left(replace(page, cell_to_vector=cells))


def test_a_page_that_the_document_spells_whole_keeps_a_vector() -> None:
    page = stored_page("a.pdf", 1, ["one two"]).embedding
    page = replace(page, kinds=all_of(Kind.WORD, 2))
    whole = PageWords(("one two",), np.array([[0, 0, 1, 1]], np.float32))
    assert len(parse_pruning("unspelled").apply(page, whole)) == 1


@pytest.mark.parametrize("spec", ["unspelled+importance:0.5", "importance:0.5+unspelled"])
def test_it_may_stand_anywhere_in_a_row(spec: str) -> None:
    page = page_of([Kind.WORD] * 4)
    assert len(parse_pruning(spec).apply(page, SPELLED)) == 2


def test_pages_without_words_of_their_own_stay_as_they_are() -> None:
    page = page_of([Kind.WORD] * 4)
    assert parse_pruning("unspelled").apply(page) is page


def test_an_index_of_it_is_searched_with_words_and_not_by_images_alone(tmp_path: Path) -> None:
    pruning = parse_pruning("none+unspelled")
    page = stored_page("a.pdf", 1, ["one two", "three four"], written=True)
    words = replace(page.embedding, kinds=all_of(Kind.WORD, 4))
    store = open_store(tmp_path, IndexConfig("words", DIM, pruning.spec))
    store.upsert([replace(page, embedding=pruning.apply(words, page.words), pruning=pruning.spec)])
    searcher = Searcher(WordEncoder(TermScoring(0.75, 30, 0.55)), store)
    assert searcher.search("three").hits[0].document == "a.pdf"
    with pytest.raises(InvalidQuery, match="reindex with another pruning"):
        searcher.search("three", image_only=True)

"""Centroids that follow a library: after each document, and while nothing is queued."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pagelight.ingest.library import Library
from pagelight.ingest.pipeline import Pipeline
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.search.searcher import Searcher
from pagelight.retrieval.store.embedded import EdgeStore
from pagelight.retrieval.store.page_store import IndexConfig
from tests import samples
from tests.retrieval.gathered_pages import SMALL
from tests.tiny_encoder import TinyEncoder


@pytest.fixture
def store(library: Library, monkeypatch: pytest.MonkeyPatch) -> Iterator[EdgeStore]:
    monkeypatch.setattr("pagelight.retrieval.store.centroid_index.CENTROIDS", SMALL)
    opened = EdgeStore.open(library.folder / "index", IndexConfig.of(TinyEncoder(), "none"))
    yield opened
    opened.close()


@pytest.fixture
def indexed(library: Library, store: EdgeStore, tmp_path: Path) -> Iterator[Pipeline]:
    """A document of nine pages with more vectors than are compared without centroids."""
    pipeline = Pipeline(TinyEncoder(), parse_pruning("none"), store, library)
    path = samples.text_pdf(tmp_path, 9)
    document = library.add(path, path.name)[0]
    assert pipeline.index(document.document_id).state == "indexed"
    yield pipeline
    pipeline.close()


def test_centroids_are_learned_at_the_end_of_a_document_and_settle_in_time(
    indexed: Pipeline, store: EdgeStore
) -> None:
    assert len(store._engine.side_files.names()) == 1  # learned; the pages are still to be moved
    assert not store.has_current_centroids
    assert not indexed.deepen(lambda: False)
    assert not store.has_first_stage
    assert indexed.deepen()
    assert store.has_current_centroids
    assert not Searcher(TinyEncoder(), store).search("page 7").exact


def test_a_disk_without_room_for_it_does_not_stop_the_library(
    indexed: Pipeline, store: EdgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pagelight.retrieval.store.embedded._TIDY_BYTES", 1 << 60)
    assert indexed.deepen()
    assert not store.has_first_stage
    assert Searcher(TinyEncoder(), store).search("page 7").exact
    monkeypatch.undo()

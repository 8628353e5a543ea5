"""Search with models of the ColPali family in a library that is large enough for a first stage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pagelight.retrieval.centroids import LEARNED
from pagelight.retrieval.encoders.colvision.vision_encoder import ColVisionEncoder
from pagelight.retrieval.search.searcher import Searcher
from pagelight.retrieval.store.embedded import EdgeStore
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.types import PageWords, StoredPage
from tests.retrieval.encoders.tiny_models import make_page
from tests.retrieval.gathered_pages import SMALL
from tests.retrieval.stored_pages import document_id

N_PAGES = 20


@pytest.fixture
def store(
    tmp_path: Path, encoders: dict[str, ColVisionEncoder], monkeypatch: pytest.MonkeyPatch
) -> Iterator[EdgeStore]:
    monkeypatch.setattr("pagelight.retrieval.store.centroid_index.CENTROIDS", SMALL)
    encoder = encoders["colpali"]
    opened = EdgeStore.open(tmp_path / "index", IndexConfig.of(encoder, "none"))
    embeddings = encoder.encode_pages([make_page(seed=seed) for seed in range(N_PAGES)])
    opened.upsert(
        [
            StoredPage(document_id(number // 5), "a.pdf", number % 5 + 1, embedding, PageWords())
            for number, embedding in enumerate(embeddings)
        ]
    )
    yield opened
    opened.close()


def test_an_index_of_such_a_model_has_centroids(store: EdgeStore) -> None:
    assert store.config.centroids == LEARNED
    assert store.config.codebook is None


def test_searches_say_whether_all_pages_were_compared(
    store: EdgeStore, encoders: dict[str, ColVisionEncoder]
) -> None:
    searcher = Searcher(encoders["colpali"], store)
    assert searcher.search("blue bars").exact
    while store.update_centroids():
        pass
    assert not Searcher(encoders["colpali"], store).search("blue bars").exact
    assert searcher.search("red bars", exact=True).exact


def test_hits_scores_and_heat_maps_are_those_of_comparing_all_pages(
    store: EdgeStore, encoders: dict[str, ColVisionEncoder]
) -> None:
    while store.update_centroids():
        pass
    searcher = Searcher(encoders["colpali"], store)
    for query in ("blue bars", "a page of lines", "x"):
        chosen, all_of_them = searcher.search(query, top_k=5), searcher.search(query, top_k=5, exact=True)
        assert not chosen.exact
        assert all_of_them.exact
        assert [(hit.document_id, hit.page, hit.score) for hit in chosen.hits] == [
            (hit.document_id, hit.page, hit.score) for hit in all_of_them.hits
        ]
        first = chosen.hits[0]
        assert first.regions == all_of_them.hits[0].regions
        heat = searcher.heatmap(first.document_id, first.page, query)
        assert heat.maps.shape[0] == len(heat.words)
        assert np.isfinite(heat.maps).all()
    only = searcher.search("blue bars", document_ids=[document_id(2)])
    assert {hit.document_id for hit in only.hits} == {document_id(2)}
    assert len(only.hits) == 5

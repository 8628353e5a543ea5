"""Search over a real embedded store, by MaxSim and by soft term frequency."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pagelight.retrieval.errors import InvalidQuery, NotFound
from pagelight.retrieval.highlights.maps import HIGHLIGHTS
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.search import lit_pages
from pagelight.retrieval.search.searcher import Searcher
from pagelight.retrieval.store import IndexConfig, PageStore, open_store
from pagelight.retrieval.types import QueryEmbedding, StoredPage
from tests.retrieval.word_encoder import DIM, WordEncoder, stored_page

PAGES = [
    stored_page("report.pdf", 1, ["annual report", "of the company"]),
    stored_page("report.pdf", 2, ["revenue by region", "europe asia america"]),
    stored_page("report.pdf", 3, ["revenue revenue revenue", "outlook of the company"]),
    stored_page("manual.pdf", 1, ["safety first", "wear goggles"], written=True),
    stored_page("manual.pdf", 2, ["pressure limits page"], written=True, pruned=["pressure", "limits"]),
    stored_page("scan.pdf", 1, ["torque table page"], pruned=["torque", "table"]),
]


@pytest.fixture(params=["maxsim", "terms"])
def searcher(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Searcher]:
    store = open_store(tmp_path / "index", IndexConfig("words", DIM, "none"))
    store.upsert(PAGES)
    scoring = TermScoring(midpoint=0.6, slope=30, floor=0.4) if request.param == "terms" else None
    yield Searcher(WordEncoder(scoring), store)
    store.close()


def _best(searcher: Searcher, query: str, **options: object) -> tuple[str, int]:
    hit = searcher.search(query, **options).hits[0]  # type: ignore[arg-type]
    return hit.document, hit.page


def test_the_page_with_all_words_comes_first(searcher: Searcher) -> None:
    result = searcher.search("revenue europe")
    assert (result.hits[0].document, result.hits[0].page) == ("report.pdf", 2)
    assert result.matched
    assert result.hits[0].strength > 0.5
    assert result.seconds > 0


def test_hits_are_best_first_and_not_more_than_asked(searcher: Searcher) -> None:
    hits = searcher.search("revenue company", top_k=2).hits
    assert len(hits) == 2
    assert hits[0].score >= hits[1].score


def test_a_region_lies_on_the_matching_words(searcher: Searcher) -> None:
    x0, y0, x1, y1 = searcher.search("asia america").hits[0].regions[0].box
    assert 1 / 3 <= (x0 + x1) / 2 <= 1
    assert 0.5 <= (y0 + y1) / 2 <= 1


def test_a_searcher_finds_its_regions_by_the_parameters_it_is_given(tmp_path: Path) -> None:
    nothing = replace(HIGHLIGHTS, matches=replace(HIGHLIGHTS.matches, least=2.0))
    with closing(open_store(tmp_path / "index", IndexConfig("words", DIM, "none"))) as store:
        store.upsert(PAGES)
        searcher = Searcher(WordEncoder(TermScoring(0.6, 30, 0.4)), store, nothing)
        hit = searcher.search("asia america").hits[0]
        assert hit.regions == ()
        assert searcher.heatmap(hit.document_id, hit.page, "asia america").regions == ()


def test_only_the_chosen_documents_are_searched(searcher: Searcher) -> None:
    manual = PAGES[3].document_id
    hits = searcher.search("revenue goggles", document_ids=[manual]).hits
    assert {hit.document for hit in hits} == {"manual.pdf"}


def test_pruned_words_are_still_found_by_the_documents_own_words(searcher: Searcher) -> None:
    hit = searcher.search("pressure limits").hits[0]
    assert (hit.document, hit.page) == ("manual.pdf", 2)
    assert "text" in hit.sources


def test_image_only_leaves_the_documents_own_words_unused(searcher: Searcher) -> None:
    hits = searcher.search("pressure limits", image_only=True).hits
    assert all(hit.sources in ((), ("visual",)) for hit in hits)
    assert all((hit.document, hit.page) != ("manual.pdf", 2) or hit.score == 0 for hit in hits)


def test_a_blank_query_is_refused(searcher: Searcher) -> None:
    with pytest.raises(InvalidQuery, match="empty"):
        searcher.search("  ")


def test_the_heat_map_lights_the_words_cell(searcher: Searcher) -> None:
    heat = searcher.heatmap(PAGES[1].document_id, 2, "region asia")
    assert heat.words == ("region", "asia")
    assert np.unravel_index(heat.maps[0].argmax(), heat.maps[0].shape) == (0, 2)
    assert np.unravel_index(heat.maps[1].argmax(), heat.maps[1].shape) == (1, 1)
    assert heat.indexed.all()
    assert heat.maps.max() <= 1


def test_the_heat_map_tells_pruned_cells_from_weak_ones(searcher: Searcher) -> None:
    heat = searcher.heatmap(PAGES[5].document_id, 1, "torque")
    assert heat.indexed.tolist() == [[False, False, True]]
    assert heat.maps[0, 0, :2].max() == 0


def test_the_documents_own_words_light_up_where_their_vectors_were_pruned(searcher: Searcher) -> None:
    heat = searcher.heatmap(PAGES[4].document_id, 2, "limits")
    assert heat.maps[0].tolist()[0][:2] == [0, 1]
    hit = searcher.search("pressure limits").hits[0]
    assert hit.regions[0].box == (0, 0, 1, 1)  # the line that they stand in
    assert hit.strength > 0.5


def test_image_only_lights_nothing_that_the_document_alone_spells(searcher: Searcher) -> None:
    heat = searcher.heatmap(PAGES[4].document_id, 2, "limits", image_only=True)
    assert heat.maps[0, 0, 1] == 0


def test_a_page_that_is_not_indexed_has_no_heat_map(searcher: Searcher) -> None:
    with pytest.raises(NotFound, match="page 9"):
        searcher.heatmap(PAGES[1].document_id, 9, "asia")


def test_words_that_nothing_has_match_nothing(tmp_path: Path) -> None:
    with _open(tmp_path) as store:
        store.upsert(PAGES)
        result = Searcher(WordEncoder(TermScoring(0.6, 30, 0.4)), store).search("xylophone zeppelin")
    assert not result.matched


def test_an_empty_library_answers_with_nothing(tmp_path: Path) -> None:
    with _open(tmp_path) as store:
        for scoring in (None, TermScoring(0.6, 30, 0.4)):
            result = Searcher(WordEncoder(scoring), store).search("anything")
            assert result.hits == ()
            assert not result.matched


class _open:
    def __init__(self, folder: Path) -> None:
        self.store: PageStore = open_store(folder / "index", IndexConfig("words", DIM, "none"))

    def __enter__(self) -> PageStore:
        return self.store

    def __exit__(self, *_: object) -> None:
        self.store.close()


def test_rare_words_weigh_more_than_common_ones(tmp_path: Path) -> None:
    pages: list[StoredPage] = [stored_page("a.pdf", n, ["common words here"]) for n in range(1, 9)]
    pages.append(stored_page("b.pdf", 1, ["rare thing"]))
    with _open(tmp_path) as store:
        store.upsert(pages)
        searcher = Searcher(WordEncoder(TermScoring(0.6, 30, 0.4)), store)
        assert _best(searcher, "common rare") == ("b.pdf", 1)


class Counting(WordEncoder):
    """Counts the queries that it encodes."""

    encoded = 0

    def encode_query(self, text: str) -> QueryEmbedding:
        self.encoded += 1
        return super().encode_query(text)


def _counted(own: Callable[..., object], calls: list[object]) -> Callable[..., object]:
    def call(*args: object, **options: object) -> object:
        calls.append(1)
        return own(*args, **options)

    return call


@pytest.mark.parametrize("scoring", [None, TermScoring(0.6, 30, 0.4)])
def test_a_query_is_prepared_once_until_the_index_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scoring: TermScoring | None
) -> None:
    """A browser searches, then opens a page of what was found."""
    store = open_store(tmp_path / "index", IndexConfig("words", DIM, "none"))
    store.upsert(PAGES[:2])
    encoder = Counting(scoring)
    searcher = Searcher(encoder, store)
    first = searcher.search("revenue europe")
    scans: list[object] = []
    for name in ("search", "search_tokens", "search_text"):
        monkeypatch.setattr(store, name, _counted(getattr(store, name), scans))
    before = encoder.encoded
    assert searcher.search("revenue europe").hits == first.hits
    searcher.heatmap(first.hits[0].document_id, first.hits[0].page, "revenue europe")
    assert (scans, encoder.encoded) == ([], before)
    store.upsert(PAGES[2:])
    assert searcher.search("revenue revenue").hits[0].page == 3
    assert len(searcher.search("revenue europe").hits) > len(first.hits)
    assert scans
    store.close()


def test_only_the_first_hit_is_lit_before_somebody_looks(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    lit: list[object] = []
    own = lit_pages.page_places
    monkeypatch.setattr(lit_pages, "page_places", lambda *args: lit.append(1) or own(*args))
    hits = searcher.search("revenue company").hits
    assert len(hits) > 1
    assert len(lit) == 1
    assert hits[1].regions[0].score > 0
    assert len(hits[1].regions) == len(list(hits[1].regions))
    assert len(lit) == 2
    heatmap = searcher.heatmap(hits[0].document_id, hits[0].page, "revenue company")
    assert heatmap.regions == hits[0].regions
    assert len(lit) == 2  # the search has lit it already


def test_the_layout_of_a_page_is_found_once_until_the_page_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = open_store(tmp_path / "index", IndexConfig("words", DIM, "none"))
    store.upsert(PAGES)
    searcher = Searcher(WordEncoder(TermScoring(0.6, 30, 0.4)), store)
    found: list[object] = []
    monkeypatch.setattr(lit_pages, "page_layout", _counted(lit_pages.page_layout, found))
    first = searcher.search("revenue europe").hits[0]
    assert searcher.search("europe revenue").hits[0].regions == first.regions
    searcher.heatmap(first.document_id, first.page, "revenue")
    assert len(found) == 1
    searcher.heatmap(first.document_id, first.page, "revenue", image_only=True)
    assert len(found) == 2
    store.upsert(PAGES)
    searcher.heatmap(first.document_id, first.page, "revenue")
    assert len(found) == 3
    store.close()


def test_a_word_with_a_slip_is_read_as_the_nearest_word_of_the_library_and_lit(tmp_path: Path) -> None:
    with _open(tmp_path) as store:
        store.upsert(PAGES)
        searcher = Searcher(WordEncoder(TermScoring(0.6, 30, 0.4)), store)
        result = searcher.search("wear gogglse")
        assert result.read_as == {"gogglse": "goggles"}
        assert (result.hits[0].document, result.hits[0].page) == ("manual.pdf", 1)
        heat = searcher.heatmap(PAGES[3].document_id, 1, "wear gogglse")
        assert heat.maps[1].max() == pytest.approx(1.0, abs=1e-3)
        assert not searcher.search("wear goggles").read_as
        assert not searcher.search("wear xylophone").read_as

"""Meaning in the index and in search: kept with its places, joined with words, lit, and refused where it is chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pagelight.retrieval.encoders.encoder import EncoderInfo
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.search.calibration import STRENGTH
from pagelight.retrieval.search.closeness import MeaningNulls
from pagelight.retrieval.search.searcher import Searcher
from pagelight.retrieval.store import open_store
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.types import Floats, PageMeaning, PageWords, QueryEmbedding, QueryMeaning, StoredPage
from tests.retrieval.word_encoder import DIM, WordEncoder, stored_page

MEANING_DIM = 32
SUBJECTS = ("hair", "money")
#: words that say the same
SAYS = {"bald": "hair", "wig": "hair", "bill": "money", "invoice": "money"}


def meaning_of(text: str) -> Floats:
    """(n_words, MEANING_DIM): words about a known subject lie on its axis, each other one somewhere near the last axes."""
    rows = []
    for word in text.split():
        vector = np.zeros(MEANING_DIM, np.float32)
        if word in SAYS:
            vector[SUBJECTS.index(SAYS[word])] = 1
        else:
            vector[len(SUBJECTS) + sum(map(ord, word)) % (MEANING_DIM - len(SUBJECTS))] = 1
        rows.append(vector)
    return np.array(rows, np.float32).reshape(-1, MEANING_DIM)


class MeaningEncoder(WordEncoder):
    """Words as `WordEncoder` knows them, and what `SAYS` says that they mean."""

    @property
    def info(self) -> EncoderInfo:
        return EncoderInfo("meaning", DIM, "none")

    def encode_query(self, text: str) -> QueryEmbedding:
        vectors = meaning_of(text)
        weights = np.full(len(vectors), 1 / max(len(vectors), 1), np.float32)
        return replace(super().encode_query(text), meaning=QueryMeaning(vectors, weights))


def page_about(document: str, number: int, text: str, subject: str, *, read: bool = True) -> StoredPage:
    """A page of two lines, each of them a passage: the text, which is about nothing, and another one about the subject."""
    vectors = np.zeros((2, MEANING_DIM), np.float32)
    vectors[0, -1] = vectors[1, SUBJECTS.index(subject)] = 1
    lines = np.array([[0, 0, 1, 0.125], [0, 0.75, 1, 0.875]], np.float32)
    meaning = PageMeaning(vectors, lines, np.array([0, 1], np.int32))
    rows = [text, *[""] * 5, " ".join(["other"] * len(text.split())), ""]
    return replace(stored_page(document, number, rows, written=True), meaning=meaning, meaning_read=read)


PAGES = (
    page_about("clinic.pdf", 1, "chemotherapy side effects", "hair"),
    page_about("office.pdf", 1, "payment within fourteen days", "money"),
)


@pytest.fixture
def config() -> IndexConfig:
    return IndexConfig("meaning", DIM, "none", meaning_dim=MEANING_DIM)


def searcher(folder: Path, config: IndexConfig, pages: tuple[StoredPage, ...] = PAGES) -> Searcher:
    store = open_store(folder, config)
    store.upsert(pages)
    return Searcher(MeaningEncoder(TermScoring(0.75, 30, 0.55)), store)


def test_passages_come_back_with_their_lines_after_a_restart(tmp_path: Path, config: IndexConfig) -> None:
    store = open_store(tmp_path, config)
    store.upsert(PAGES)
    store.close()
    store = open_store(tmp_path, config)
    page = store.fetch([PAGES[0].page_id])[0]
    np.testing.assert_allclose(page.meaning.lines, PAGES[0].meaning.lines, atol=1 / 8192)
    assert page.meaning.passage_of_line.tolist() == [0, 1]
    assert page.meaning_read
    cosines = (page.meaning.vectors * PAGES[0].meaning.vectors).sum(1)
    np.testing.assert_allclose(cosines, 1, atol=0.1)  # kept in four bits
    store.close()


@pytest.mark.parametrize("url", [None, ":memory:"])
def test_the_store_finds_the_page_whose_passage_is_closest(
    tmp_path: Path, config: IndexConfig, url: str | None
) -> None:
    store = open_store(tmp_path, config, url)
    store.upsert(PAGES)
    found = store.search_meaning(meaning_of("bald"), 2)
    assert found[0].page_id == PAGES[0].page_id
    assert found[0].score == pytest.approx(1, abs=0.1)
    assert [p.page_id for p in store.search_meaning(meaning_of("bald"), 2, [PAGES[1].document_id])] == [
        PAGES[1].page_id
    ]
    store.close()


def test_an_index_without_meaning_answers_nothing_by_it(tmp_path: Path) -> None:
    store = open_store(tmp_path, IndexConfig("meaning", DIM, "none"))
    store.upsert([replace(page, meaning=PageMeaning.none()) for page in PAGES])
    assert store.search_meaning(meaning_of("bald"), 2) == []
    assert not len(store.fetch([PAGES[0].page_id])[0].meaning)
    store.close()


def test_other_words_find_the_page_and_light_the_passage(tmp_path: Path, config: IndexConfig) -> None:
    result = searcher(tmp_path, config).search("bald wig")
    assert result.matched
    hit = result.hits[0]
    assert (hit.document, hit.sources) == ("clinic.pdf", ("meaning",))
    assert hit.regions[0].box == pytest.approx((0, 0.75, 1, 0.875), abs=0.01)
    assert len(result.hits) == 1  # the other page says nothing of it


def test_the_heat_map_shows_the_passage(tmp_path: Path, config: IndexConfig) -> None:
    search = searcher(tmp_path, config, (page_about("clinic.pdf", 1, "a b c d", "hair"),))
    heat = search.heatmap(PAGES[0].document_id, 1, "bald wig")
    assert heat.maps[:, 6, 1].min() > 0.3  # under both words
    assert heat.regions[0].box == pytest.approx((0, 0.75, 1, 0.875), abs=0.01)


def test_what_means_nothing_here_is_refused(tmp_path: Path, config: IndexConfig) -> None:
    assert not searcher(tmp_path, config).search("accordion marmalade").matched


def test_own_words_do_not_mean_anything_to_images_alone(tmp_path: Path, config: IndexConfig) -> None:
    own = tuple(replace(page, meaning_read=False) for page in PAGES)
    search = searcher(tmp_path, config, own)
    assert search.search("bald wig").hits
    assert not search.search("bald wig", image_only=True).hits


def test_images_alone_leave_meaning_out_where_it_is_known_of_some_pages_only(
    tmp_path: Path, config: IndexConfig
) -> None:
    own = page_about("office.pdf", 1, "payment within fourteen days", "money", read=False)
    scan = page_about("scan.pdf", 1, "payment", "money")
    search = searcher(tmp_path, config, (own, scan))
    hits = search.search("payment fourteen days", image_only=True).hits
    assert [hit.document for hit in hits] == ["office.pdf", "scan.pdf"]
    assert not any("meaning" in hit.sources for hit in hits)


def test_no_hit_is_weaker_than_one_below_it(tmp_path: Path, config: IndexConfig) -> None:
    hits = searcher(tmp_path, config).search("payment bald within").hits
    assert len(hits) == 2
    assert hits[0].strength >= hits[1].strength


def shallow(page: StoredPage) -> StoredPage:
    """The page before it is understood."""
    return replace(page, meaning=PageMeaning.none(), to_understand=page.words)


@pytest.mark.parametrize("url", [None, ":memory:"])
def test_what_a_page_means_is_added_to_it_later(tmp_path: Path, config: IndexConfig, url: str | None) -> None:
    store = open_store(tmp_path, config, url)
    page, other = PAGES
    store.upsert([shallow(page), other])
    assert store.stats().n_deep == 1
    assert store.shallow_pages(page.document_id) == {1}
    assert store.shallow_pages(other.document_id) == set()
    words = store.fetch_to_understand([page.page_id, other.page_id])
    assert {page_id: own.texts for page_id, own in words.items()} == {page.page_id: page.words.texts}
    generation = store.stats().generation
    store.deepen(
        {page.page_id: page.meaning, other.page_id: PageMeaning.none(MEANING_DIM), "0" * 32: page.meaning}
    )
    assert store.stats().generation != generation
    assert (store.stats().n_pages, store.stats().n_shallow) == (2, 0)
    found, untouched = store.fetch([page.page_id, other.page_id])
    assert (len(found.meaning), found.meaning_read, found.to_understand) == (2, True, None)
    assert len(untouched.meaning) == 2
    assert store.search_meaning(meaning_of("bald"), 2)[0].page_id == page.page_id
    store.close()


def test_a_page_that_is_not_understood_is_ranked_by_its_words(tmp_path: Path, config: IndexConfig) -> None:
    """As if it meant what is asked for: it loses to no page by what is not known of it."""
    asked = "payment within fourteen days bald"
    best = page_about("office.pdf", 1, "payment within fourteen days", "money")
    close = page_about("clinic.pdf", 1, "payment chemotherapy side effects", "hair")
    for number, pages in enumerate([(shallow(best), close), (shallow(best), shallow(close))]):
        hits = searcher(tmp_path / str(number), config, pages).search(asked).hits
        assert [hit.document for hit in hits] == ["office.pdf", "clinic.pdf"]
        assert "meaning" not in hits[0].sources
        assert hits[0].strength >= hits[1].strength > 0


def test_pages_that_are_not_understood_rank_among_themselves_as_without_meaning(
    tmp_path: Path, config: IndexConfig
) -> None:
    texts = ("payment within fourteen days", "payment within days", "payment")
    pages = tuple(shallow(page_about(f"{n}.pdf", 1, text, "money")) for n, text in enumerate(texts))
    deep = page_about("deep.pdf", 1, "invoice", "money")
    hits = searcher(tmp_path, config, (*pages, deep)).search("payment within fourteen days bill").hits
    assert [hit.document for hit in hits if hit.document != "deep.pdf"] == ["0.pdf", "1.pdf", "2.pdf"]


def test_a_receipt_of_a_page_that_is_not_understood_adds_up(tmp_path: Path, config: IndexConfig) -> None:
    best = page_about("office.pdf", 1, "payment within fourteen days", "money")
    close = page_about("clinic.pdf", 1, "payment chemotherapy side effects", "hair")
    search = searcher(tmp_path, config, (shallow(best), close))
    for hit in search.search("payment within fourteen bald").hits:
        receipt = search.explain(hit.document_id, hit.page, "payment within fourteen bald")
        assert receipt.score == pytest.approx(hit.score, abs=1e-3)


def test_chance_is_measured_on_pages_that_are_understood(tmp_path: Path, config: IndexConfig) -> None:
    """While there are none, meaning takes no part; the first few say little of what chance reaches in all of them."""
    store = open_store(tmp_path, config)
    search = Searcher(MeaningEncoder(TermScoring(0.75, 30, 0.55)), store)
    store.upsert([shallow(page) for page in PAGES])
    assert not search.search("bald wig").hits
    assert search.search("payment within fourteen days").matched
    store.deepen({page.page_id: page.meaning for page in PAGES})
    assert search.search("bald wig").hits[0].sources == ("meaning",)
    assert not search.search("accordion marmalade").matched
    store.close()


def test_the_first_search_after_the_warm_up_waits_for_its_own_words_alone(
    tmp_path: Path, config: IndexConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = MeaningEncoder()
    asked: list[str] = []
    encode_query = encoder.encode_query

    def encode(text: str) -> QueryEmbedding:
        asked.append(text)
        return encode_query(text)

    monkeypatch.setattr(encoder, "encode_query", encode)
    store = open_store(tmp_path, config)
    store.upsert(PAGES)
    searcher = Searcher(encoder, store)
    searcher.warm_up()
    assert len(asked) > 1
    asked.clear()
    searcher.search("wig")
    assert asked == ["wig"]
    store.close()


class _Text:
    """A text encoder of which the search wants nothing but what it compares with."""

    dim = MEANING_DIM

    def __init__(self, background: Floats) -> None:
        self.background = background

    def encode_words(self, pages: Sequence[PageWords]) -> list[PageMeaning]:
        raise NotImplementedError

    def plausibility(self, texts: Sequence[str]) -> float:
        raise NotImplementedError


class ComparingEncoder(MeaningEncoder):
    def __init__(self, scoring: TermScoring, background: Floats) -> None:
        super().__init__(scoring)
        self.text_encoder = _Text(background)


def test_what_much_else_is_as_close_to_is_less_of_a_match(tmp_path: Path, config: IndexConfig) -> None:
    """Of two subjects that pages are equally close to, one is in half of all that anybody writes."""
    rng = np.random.default_rng(7)
    background = np.abs(rng.normal(0, 0.1, (200, MEANING_DIM))).astype(np.float32)
    background[:100, SUBJECTS.index("money")] = 1
    background /= np.linalg.norm(background, axis=1, keepdims=True)
    store = open_store(tmp_path, config)
    store.upsert(PAGES)
    encoder = ComparingEncoder(TermScoring(0.75, 30, 0.55), background)
    nulls = MeaningNulls(encoder, store)
    rare, usual = (nulls.scores(encoder.encode_query(text).meaning) for text in ("bald wig", "bill invoice"))
    assert usual.deviations(1.0) < STRENGTH.understood < rare.deviations(1.0)
    store.close()

"""Two stages find what comparing everything finds, in the embedded store and on a server alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pagelight.retrieval.codebook import WORDS, Codebook, term_entry
from pagelight.retrieval.errors import ModelMismatch
from pagelight.retrieval.search import term_candidates
from pagelight.retrieval.search.first_stage import FIRST_STAGE, QueryEntries
from pagelight.retrieval.search.page_evidence import seen_in
from pagelight.retrieval.search.prepared import Scope
from pagelight.retrieval.search.searcher import Searcher
from pagelight.retrieval.search.term_candidates import TermCandidates
from pagelight.retrieval.store.collection import IN_MEMORY
from pagelight.retrieval.store.embedded import EdgeEngine, EdgeStore
from pagelight.retrieval.store.page_store import IndexConfig, Lookup, PageStore
from pagelight.retrieval.store.server import ServerStore
from pagelight.retrieval.text.analyzer import terms
from pagelight.retrieval.text.bm25 import term_index
from pagelight.retrieval.types import (
    PageWords,
    StoredPage,
)
from tests.retrieval.vocabulary_pages import (
    CONFIG,
    DIM,
    DOCUMENT,
    MEANING_DIM,
    SCORING,
    VocabularyEncoder,
    queries,
    vocabulary_page,
)

N_PAGES = FIRST_STAGE.exhaustive + 64


@pytest.fixture(scope="module")
def encoder() -> VocabularyEncoder:
    return VocabularyEncoder()


@pytest.fixture(scope="module")
def pages(encoder: VocabularyEncoder) -> list[StoredPage]:
    """Words by Zipf's law; every other document spells them, too; a chart on each tenth page; some passages."""
    rng = np.random.default_rng(3)
    shares = 1 / np.arange(10, 10 + len(encoder.words))
    return [vocabulary_page(encoder, rng, shares / shares.sum(), number) for number in range(N_PAGES)]


ENGINES = ["embedded", "server"]


@pytest.fixture(scope="module", params=ENGINES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, pages: list[StoredPage]
) -> Iterator[PageStore]:
    """Both engines, with all pages in them, for tests that only read."""
    yield from _filled(request.param, tmp_path_factory.mktemp("index"), pages)


@pytest.fixture(params=ENGINES)
def own_store(request: pytest.FixtureRequest, tmp_path: Path, pages: list[StoredPage]) -> Iterator[PageStore]:
    """Both engines, with all pages in them, for a test that writes."""
    yield from _filled(request.param, tmp_path, pages)


def _filled(engine: str, folder: Path, pages: list[StoredPage]) -> Iterator[PageStore]:
    made: PageStore
    if engine == "embedded":
        made = EdgeStore.open(folder / "index", CONFIG)
    else:
        made = ServerStore.open(IN_MEMORY, CONFIG)
    made.upsert(pages)
    yield made
    made.close()


def test_two_stages_find_what_comparing_everything_finds(
    store: PageStore, encoder: VocabularyEncoder
) -> None:
    searcher = Searcher(encoder, store)
    shared = []
    for query in queries(encoder):
        quick, exact = searcher.search(query), searcher.search(query, exact=True)
        assert not quick.exact
        assert exact.exact
        found = [{(hit.document_id, hit.page) for hit in result.hits} for result in (quick, exact)]
        shared.append(len(found[0] & found[1]) / len(found[1]))
        assert (quick.hits[0].document_id, quick.hits[0].page) == (
            exact.hits[0].document_id,
            exact.hits[0].page,
        )
    assert np.mean(shared) >= 0.95


def test_more_pages_are_handed_on_in_a_large_library(
    store: PageStore, encoder: VocabularyEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = encoder.encode_query(" ".join(encoder.words[:3]))
    seen = {}
    for large in (N_PAGES, N_PAGES + 1):
        few = replace(FIRST_STAGE, pages=8, pages_of_large=16, large=large)
        monkeypatch.setattr(term_candidates, "FIRST_STAGE", few)
        seen[large] = TermCandidates(encoder, SCORING, store).prepare(query, 1, Scope()).seen
    assert {large: len(found) for large, found in seen.items()} == {N_PAGES: 16, N_PAGES + 1: 8}


def test_the_index_tells_how_many_pages_have_a_word(
    store: PageStore, encoder: VocabularyEncoder, pages: list[StoredPage]
) -> None:
    text = " ".join(encoder.words[i] for i in (0, 3, 20, 200))
    query = encoder.encode_query(text)
    codebook = store.codebook
    assert codebook is not None
    own = QueryEntries.of(codebook, query, SCORING, image_only=True)
    frequencies = own.frequencies(store.find(Lookup(counted=own.counted)).counts, N_PAGES)
    best = np.stack([(query.vectors @ page.embedding.vectors.T).max(axis=1) for page in pages])
    exact = SCORING.coverage(query, best).sum(axis=0)
    np.testing.assert_allclose(frequencies, exact, rtol=0.25, atol=2)


def test_terms_are_counted_as_the_documents_spell_them(store: PageStore, pages: list[StoredPage]) -> None:
    word = next(text for page in pages for text in page.words.texts if text.isalpha() and len(text) > 3)
    (term,) = terms(word)
    spelled = sum(any(terms(text) == [term] for text in page.words.texts) for page in pages)
    counted, nothing = store.find(Lookup(counted=[term_entry(term_index(term)), 1 << 30])).counts
    assert counted == pytest.approx(spelled, abs=0.5)
    assert nothing == 0


def test_columns_hold_what_the_pages_hold(
    store: PageStore, encoder: VocabularyEncoder, pages: list[StoredPage]
) -> None:
    wanted = [pages[30], pages[0], pages[41]]
    columns = store.columns([page.page_id for page in wanted])
    assert columns.page_ids == [page.page_id for page in wanted]
    query = encoder.encode_query(" ".join(encoder.words[i] for i in (0, 1, 2)))
    seen, best = seen_in(columns, query, SCORING)
    for row, page in enumerate(wanted):
        np.testing.assert_allclose(
            best[row], (query.vectors @ page.embedding.vectors.T).max(axis=1), atol=1e-3
        )
        np.testing.assert_allclose(
            seen[row], SCORING.frequencies(query, page.embedding), rtol=0.05, atol=0.01
        )
        back = store.fetch([page.page_id])[0]
        np.testing.assert_allclose(back.embedding.vectors, page.embedding.vectors, atol=1e-3)


def test_what_is_deleted_is_really_gone(
    own_store: PageStore, encoder: VocabularyEncoder, pages: list[StoredPage]
) -> None:
    codebook = own_store.codebook
    assert codebook is not None
    query = encoder.encode_query(encoder.words[0])
    gone = pages[0].document_id
    own_store.columns([page.page_id for page in pages])
    own_store.delete_document(gone)
    own = QueryEntries.of(codebook, query, SCORING, image_only=False)
    found = own_store.find(Lookup(own.entries, n_seen=N_PAGES)).seen
    left = {page.page_id for page in pages if page.document_id != gone}
    assert found
    assert {page.page_id for page in found} <= left
    assert len(own_store.columns([page.page_id for page in pages])) == len(left)


def test_only_the_chosen_documents_are_searched(
    store: PageStore, encoder: VocabularyEncoder, pages: list[StoredPage]
) -> None:
    chosen = pages[-1].document_id
    hits = Searcher(encoder, store).search(encoder.words[0], document_ids=[chosen]).hits
    assert hits
    assert {hit.document_id for hit in hits} == {chosen}


def test_meaning_that_goes_ahead_as_a_sum_finds_the_same(store: PageStore, pages: list[StoredPage]) -> None:
    rng = np.random.default_rng(5)
    for page in pages[:5]:
        tokens = (page.meaning.vectors + 0.05 * rng.standard_normal(page.meaning.vectors.shape)).astype(
            np.float32
        )
        quick = store.search_meaning(tokens, 3, exact=False)
        exact = store.search_meaning(tokens, 3)
        assert quick[0].page_id == exact[0].page_id == page.page_id
        close = store.closeness(tokens, [page.page_id, pages[7].page_id])
        assert close[page.page_id] == pytest.approx(exact[0].score, rel=1e-3)


def test_one_request_tells_how_close_all_candidates_are(
    store: PageStore, encoder: VocabularyEncoder, pages: list[StoredPage]
) -> None:
    codebook = store.codebook
    assert codebook is not None
    page = pages[DOCUMENT]  # its document brings its words
    query = encoder.encode_query(page.words.texts[0])
    own = QueryEntries.of(codebook, query, SCORING, image_only=False)
    tokens = pages[3].meaning.vectors
    found = store.find(Lookup(own.entries, terms(page.words.texts[0]), tokens, 20, 5, own.counted))
    assert found.meant[0].page_id == pages[3].page_id
    assert len(found.meant) == 5
    assert len(found.seen) == 20
    assert 0 < len(found.written) <= 5
    wanted = {one.page_id for one in (*found.seen, *found.written, *found.meant)}
    assert wanted <= set(found.close)
    assert found.close == pytest.approx(store.closeness(tokens, list(found.close)), rel=1e-3)


def test_a_replaced_page_has_its_new_entries_only(own_store: PageStore, pages: list[StoredPage]) -> None:
    codebook = own_store.codebook
    assert codebook is not None
    old, new = pages[0], pages[1]
    replaced = StoredPage(
        old.document_id, old.document, old.page, new.embedding, new.words, meaning=new.meaning
    )
    own_store.upsert([replaced])
    columns = own_store.columns([old.page_id, new.page_id])
    first, second = np.split(columns.words.numbers, columns.word_starts[1:-1])
    np.testing.assert_array_equal(first, second)
    mine, _ = codebook.page_codes([old.embedding, new.embedding])
    only_old = [int(entry) for entry in mine if entry not in set(codebook.page_codes([new.embedding])[0])]
    others = sum(
        only_old[0] in set(own) for own in codebook.page_codes([page.embedding for page in pages[1:]])
    )
    (counted,) = own_store.find(Lookup(counted=only_old[:1])).counts
    assert counted == pytest.approx(others, abs=0.8)  # Qdrant still counts the deleted point among all


def test_how_many_pages_have_an_entry_follows_what_is_written(
    own_store: PageStore, encoder: VocabularyEncoder, pages: list[StoredPage]
) -> None:
    codebook = own_store.codebook
    assert codebook is not None
    entries = [int(entry) for entry in codebook.page_codes([pages[0].embedding])[0]]

    def counts(documents: list[str] | None = None) -> list[float]:
        return own_store.find(Lookup(counted=entries), documents).counts.tolist()

    assert counts([]) == [0] * len(entries)
    before = counts()
    of_pages = codebook.page_codes([page.embedding for page in pages])
    assert before == pytest.approx([sum(e in set(own) for own in of_pages) for e in entries], abs=0.2)
    own_store.delete_document(pages[0].document_id)
    after = counts()
    assert all(now < then for now, then in zip(after, before, strict=True))


def test_a_word_is_as_common_whether_all_pages_are_compared_or_some(
    store: PageStore, encoder: VocabularyEncoder
) -> None:
    candidates = TermCandidates(encoder, SCORING, store)
    for start in range(0, 60, 3):
        query = encoder.encode_query(" ".join(encoder.words[start : start + 3]))
        quick, exact = (candidates.prepare(query, 20, Scope(exact=all_pages)) for all_pages in (False, True))
        assert (quick.exact, exact.exact) == (False, True)
        np.testing.assert_allclose(quick.weights, exact.weights, rtol=1e-5)


def test_packed_vectors_take_one_character_a_number_unless_somebody_says_otherwise(
    encoder: VocabularyEncoder,
) -> None:
    assert IndexConfig.of(encoder, "none").precision == "turbo8"
    assert IndexConfig.of(encoder, "none", "fp16").precision == "fp16"


def test_an_index_without_the_codebook_is_refused(tmp_path: Path) -> None:
    EdgeStore.open(tmp_path, IndexConfig("vocabulary", DIM, "none", meaning_dim=MEANING_DIM)).close()
    with pytest.raises(ModelMismatch, match="codebook None, not codebook words-3") as raised:
        EdgeStore.open(tmp_path, CONFIG)
    assert "\n" not in str(raised.value)


def test_the_codebook_is_made_once() -> None:
    assert Codebook.load(WORDS) is Codebook.load(WORDS)


def test_loaded_columns_are_read_from_memory_and_stay_true(
    tmp_path: Path, pages: list[StoredPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(EdgeStore.open(tmp_path / "index", CONFIG)) as store:
        store.upsert(pages[:60])
        store.load_columns()
        store.upsert(pages[60:80])
        store.delete_document(pages[0].document_id)
        replaced = replace(pages[30], words=PageWords(("changed",), pages[31].words.boxes[:1]))
        store.upsert([replaced])
        asked: list[str] = []
        monkeypatch.setattr(EdgeEngine, "retrieve", lambda engine, ids, *_: asked.extend(ids) or [])
        columns = store.columns([page.page_id for page in pages[:80]])
        assert asked == [page.page_id for page in pages[:DOCUMENT]]
        assert columns.page_ids == [page.page_id for page in pages[DOCUMENT:80]]
        spelled = columns.term_frequencies([term_index(term) for term in terms("changed")])
        assert spelled[columns.page_ids.index(replaced.page_id)] == [1]

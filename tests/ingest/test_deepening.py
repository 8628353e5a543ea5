"""Deepening: pages are found first and understood later, whatever comes in between."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pagelight.ingest.jobs import Jobs
from pagelight.ingest.library import Library
from pagelight.ingest.pipeline import Pipeline
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.store.embedded import EdgeStore
from pagelight.retrieval.text.analyzer import terms
from pagelight.retrieval.types import PageWords, StoredPage, page_id
from tests import samples
from tests.ingest.half_understood import CONFIG
from tests.ingest.killed_program import run_and_kill
from tests.understanding_encoder import UnderstandingEncoder
from tests.waiting import until


@pytest.fixture
def store(library: Library) -> Iterator[EdgeStore]:
    store = EdgeStore.open(library.folder, CONFIG)
    yield store
    store.close()


@pytest.fixture
def encoder() -> UnderstandingEncoder:
    return UnderstandingEncoder()


@pytest.fixture
def pipeline(library: Library, store: EdgeStore, encoder: UnderstandingEncoder) -> Iterator[Pipeline]:
    pipeline = Pipeline(encoder, parse_pruning("none"), store, library)
    yield pipeline
    pipeline.close()


def add(library: Library, path: Path) -> str:
    return library.add(path, path.name)[0].document_id


def pages_of(store: EdgeStore, document_id: str, n_pages: int) -> list[StoredPage]:
    return store.fetch([page_id(document_id, number) for number in range(1, n_pages + 1)])


def test_pages_are_found_first_and_understood_later(
    library: Library, store: EdgeStore, pipeline: Pipeline, encoder: UnderstandingEncoder, tmp_path: Path
) -> None:
    document_id = add(library, samples.text_pdf(tmp_path, 9))
    document = pipeline.index(document_id)
    assert (document.state, document.pages_indexed, document.pages_shallow) == ("indexed", 9, 9)
    assert library.depth() == (0, 9)
    assert len(store.search_text(terms("Page"), 20)) == 9
    assert encoder.text_encoder.n_pages == 0
    assert pipeline.deepen()
    assert library.get(document_id).pages_shallow == 0
    assert library.depth() == (9, 9)
    assert store.stats().n_shallow == 0
    for page in pages_of(store, document_id, 9):
        (wanted,) = encoder.text_encoder.encode_words([page.words])
        assert page.to_understand is None
        assert ((page.meaning.vectors * wanted.vectors).sum(axis=1) > 0.9).all()  # kept in four bits
        assert len(page.meaning.lines) == len(wanted.lines) > 0


def test_passages_share_vectors_where_the_pruning_says_so(
    library: Library, store: EdgeStore, encoder: UnderstandingEncoder, tmp_path: Path
) -> None:
    pipeline = Pipeline(encoder, parse_pruning("none+passages:0.01"), store, library)
    try:
        document_id = add(library, samples.text_pdf(tmp_path, 2))
        pipeline.index(document_id)
        pipeline.deepen()
        for page in pages_of(store, document_id, 2):
            (whole,) = encoder.text_encoder.encode_words([page.words])
            assert len(page.meaning) == 1 < len(whole)
            assert len(page.meaning.lines) == len(whole.lines)
    finally:
        pipeline.close()


def test_nothing_else_of_a_page_is_written(
    library: Library, store: EdgeStore, pipeline: Pipeline, tmp_path: Path
) -> None:
    document_id = add(library, samples.text_pdf(tmp_path, 3))
    pipeline.index(document_id)
    before = pages_of(store, document_id, 3)
    pipeline.deepen()
    for old, new in zip(before, pages_of(store, document_id, 3), strict=True):
        assert (new.words.texts, new.pruning, new.kept) == (old.words.texts, old.pruning, old.kept)
        assert (new.embedding.vectors == old.embedding.vectors).all()
        assert (new.embedding.cell_to_vector == old.embedding.cell_to_vector).all()


@pytest.mark.parametrize("own_words", [True, False])
def test_what_the_encoder_read_is_understood_without_drawing_the_page_again(
    library: Library, store: EdgeStore, tmp_path: Path, own_words: bool
) -> None:
    """On a scan, and wherever the document's own words take no part."""
    boxes = np.array([[0.1, 0.1, 0.3, 0.2], [0.4, 0.1, 0.6, 0.2]], np.float32)
    encoder = UnderstandingEncoder(reads=PageWords(("faded", "letter"), boxes))
    pipeline = Pipeline(encoder, parse_pruning("none"), store, library, own_words=own_words)
    file = samples.scan_pdf(tmp_path) if own_words else samples.text_pdf(tmp_path, 1)
    document_id = add(library, file)
    pipeline.index(document_id)
    (page,) = pages_of(store, document_id, 1)
    assert page.meaning_read
    assert page.to_understand is not None
    assert page.to_understand.texts == ("faded", "letter")
    assert page.words.texts != ("faded", "letter")
    pipeline.deepen()
    pipeline.close()
    (page,) = pages_of(store, document_id, 1)
    assert (len(page.meaning), page.meaning_read, page.to_understand) == (1, True, None)
    assert encoder.n_pages == 1


def test_understanding_twice_changes_nothing(
    library: Library, store: EdgeStore, pipeline: Pipeline, encoder: UnderstandingEncoder, tmp_path: Path
) -> None:
    document_id = add(library, samples.text_pdf(tmp_path, 2))
    pipeline.index(document_id)
    pipeline.deepen()
    before = pages_of(store, document_id, 2)
    library.set_shallow(document_id, 2)  # as a kill between the store and the database leaves it
    assert pipeline.deepen()
    assert encoder.text_encoder.n_pages == 2
    assert library.get(document_id).pages_shallow == 0
    for old, new in zip(before, pages_of(store, document_id, 2), strict=True):
        assert (old.meaning.vectors == new.meaning.vectors).all()


def test_a_page_without_words_does_not_wait(
    library: Library, store: EdgeStore, pipeline: Pipeline, tmp_path: Path
) -> None:
    document_id = add(library, samples.scan_pdf(tmp_path))
    document = pipeline.index(document_id)
    assert (document.pages_indexed, document.pages_shallow) == (1, 0)


def test_a_page_that_cannot_be_understood_costs_itself_alone(
    library: Library,
    store: EdgeStore,
    pipeline: Pipeline,
    encoder: UnderstandingEncoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = encoder.text_encoder.encode_words

    def fails_on_the_second(pages: list[PageWords]) -> object:
        if any("2" in words.texts for words in pages):
            raise RuntimeError("no")
        return whole(pages)

    monkeypatch.setattr(encoder.text_encoder, "encode_words", fails_on_the_second)
    document_id = add(library, samples.text_pdf(tmp_path, 4))
    pipeline.index(document_id)
    assert pipeline.deepen()
    understood = [len(page.meaning) > 0 for page in pages_of(store, document_id, 4)]
    assert understood == [True, False, True, True]


def test_a_document_that_is_removed_in_between_stays_away(
    library: Library, store: EdgeStore, pipeline: Pipeline, tmp_path: Path
) -> None:
    one, two = (add(library, samples.text_pdf(tmp_path, 6, f"{name}.pdf", name)) for name in ("one", "two"))
    pipeline.index(one)
    pipeline.index(two)
    looks = iter([True, False])
    assert not pipeline.deepen(lambda: next(looks))
    pipeline.remove(one)
    assert pipeline.deepen()
    assert store.document_ids() == {two}
    assert library.depth() == (6, 6)


def test_files_that_come_in_go_before_deepening(library: Library, store: EdgeStore, tmp_path: Path) -> None:
    encoder = UnderstandingEncoder(seconds_to_understand=0.1)
    jobs = Jobs(library, Pipeline(encoder, parse_pruning("none"), store, library))
    first = jobs.submit([(samples.text_pdf(tmp_path, 20, "one.pdf", "one"), "one.pdf")])
    until(lambda: library.depth()[0] > 0)
    second = jobs.submit([(samples.text_pdf(tmp_path, 2, "two.pdf", "two"), "two.pdf")])
    assert jobs.wait(second, 10)
    assert jobs.status(first).pages_shallow > 0
    assert jobs.wait(first, 20, deep=True)
    assert jobs.wait_until_deep(20)
    assert library.depth() == (22, 22)
    jobs.close()


def test_who_searches_goes_before_deepening(library: Library, store: EdgeStore, tmp_path: Path) -> None:
    searching = threading.Event()
    searching.set()
    pipeline = Pipeline(UnderstandingEncoder(), parse_pruning("none"), store, library)
    jobs = Jobs(library, pipeline, is_busy=searching.is_set)
    job = jobs.submit([(samples.text_pdf(tmp_path, 2), "a.pdf")])
    assert jobs.wait(job, 20)
    start = time.monotonic()
    assert library.depth() == (0, 2)
    assert jobs.wait(job, 20, deep=True)  # a busy server learns, too
    assert time.monotonic() - start > 0.5
    searching.clear()
    jobs.close()


def test_what_waits_goes_on_with_the_next_start(library: Library, store: EdgeStore, tmp_path: Path) -> None:
    document_id = add(library, samples.text_pdf(tmp_path, 5))
    first = Pipeline(UnderstandingEncoder(), parse_pruning("none"), store, library)
    first.index(document_id)
    first.close()
    jobs = Jobs(library, Pipeline(UnderstandingEncoder(), parse_pruning("none"), store, library))
    jobs.resume()
    assert jobs.wait_until_deep(20)
    assert store.shallow_pages(document_id) == set()
    jobs.close()


def test_kill_minus_nine_in_the_middle_of_deepening_loses_nothing(tmp_path: Path) -> None:
    """Killed five times; pages that were understood stay so, and the sixth start does the rest."""
    data, file = tmp_path / "data", samples.text_pdf(tmp_path, 40)
    dice = random.Random(5)
    understood: set[int] = set()
    for _ in range(5):
        _run_and_kill(data, file, min(len(understood) + dice.randint(1, 4), 40))
        library, store = Library(data), EdgeStore.open(data, CONFIG)
        (document,) = library.documents()
        numbers = store.page_numbers(document.document_id)
        assert numbers == set(range(1, 41))
        assert store.stats().n_pages == 40
        shallow = store.shallow_pages(document.document_id)
        assert understood <= numbers - shallow
        understood = numbers - shallow
        assert library.get(document.document_id).pages_shallow >= len(shallow)
        for page in pages_of(store, document.document_id, 40):
            assert (page.page in shallow) == (not len(page.meaning)) == (page.to_understand is not None)
        store.close()
        library.close()
    assert understood
    encoder = UnderstandingEncoder()
    library, store = Library(data), EdgeStore.open(data, CONFIG)
    jobs = Jobs(library, Pipeline(encoder, parse_pruning("none"), store, library))
    jobs.resume()
    assert jobs.wait_until_deep(30)
    jobs.close()
    assert encoder.n_pages == 0
    assert encoder.text_encoder.n_pages == 40 - len(understood)
    assert library.depth() == (40, 40)
    store.close()
    library.close()


def _run_and_kill(data: Path, file: Path, wanted: int) -> None:
    """Kill the program once so many pages are understood, or soon after."""
    run_and_kill(
        "tests.ingest.half_understood",
        data,
        [file],
        lambda library: library.depth()[1] == 40 and library.depth()[0] >= wanted,
    )

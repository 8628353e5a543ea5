"""The first pages of a document are drawn and encoded while the last ones of the document before it are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pagelight.ingest.library import Document, Library
from pagelight.ingest.pipeline import Pipeline
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.store.embedded import EdgeStore
from pagelight.retrieval.types import page_id
from tests import samples
from tests.tiny_encoder import TinyEncoder
from tests.waiting import until


def add(library: Library, path: Path) -> Document:
    return library.add(path, path.name)[0]


def test_the_first_pages_of_the_next_document_are_drawn_before_the_last_of_this_are_encoded(
    library: Library, store: EdgeStore, slow_pipeline: Pipeline, tmp_path: Path
) -> None:
    first, second = add(library, samples.text_pdf(tmp_path, 8)), add(library, samples.scan_pdf(tmp_path))
    slow_pipeline.count({first.document_id, second.document_id})
    asked_after: list[int] = []

    def following() -> str:
        asked_after.append(len(store.page_numbers(first.document_id)))
        return second.document_id

    slow_pipeline.index(first.document_id, following=following)
    (n_stored,) = asked_after
    assert n_stored < 8
    done = slow_pipeline.index(second.document_id)
    assert (done.state, done.pages_indexed) == ("indexed", done.pages)


@pytest.fixture
def encoder() -> TinyEncoder:
    return TinyEncoder(batch=2)


@pytest.fixture
def encoding(library: Library, store: EdgeStore, encoder: TinyEncoder) -> Iterator[Pipeline]:
    pipeline = Pipeline(encoder, parse_pruning("none"), store, library)
    yield pipeline
    pipeline.close()


@pytest.fixture
def encoded_ahead(library: Library, encoder: TinyEncoder, encoding: Pipeline, tmp_path: Path) -> Document:
    """A document of three pages that are encoded, and not stored; another one of three pages is indexed."""
    first = add(library, samples.text_pdf(tmp_path, 3))
    second = add(library, samples.multipage_tiff(tmp_path))
    encoding.count({first.document_id, second.document_id})
    encoding.index(first.document_id, following=lambda: second.document_id)
    until(lambda: encoder.n_pages == 6)
    return second


def test_the_first_pages_of_the_next_document_are_encoded_before_it_is_begun(
    store: EdgeStore, encoder: TinyEncoder, encoding: Pipeline, encoded_ahead: Document
) -> None:
    assert store.stats().n_pages == 3
    assert encoding.index(encoded_ahead.document_id).pages_indexed == 3
    assert encoder.n_pages == 6


def test_what_was_encoded_of_a_document_that_is_removed_meanwhile_is_not_stored(
    library: Library, store: EdgeStore, encoding: Pipeline, encoded_ahead: Document, tmp_path: Path
) -> None:
    encoding.remove(encoded_ahead.document_id)
    third = add(library, samples.scan_pdf(tmp_path))
    assert encoding.index(third.document_id).state == "indexed"
    assert store.stats().n_pages == 4


def test_pages_drawn_for_another_document_are_not_mistaken_for_this_ones(
    library: Library, store: EdgeStore, pipeline: Pipeline, tmp_path: Path
) -> None:
    first, second = add(library, samples.text_pdf(tmp_path, 9)), add(library, samples.scan_pdf(tmp_path))
    third = add(library, samples.multipage_tiff(tmp_path))
    ids = {document.document_id for document in (first, second, third)}
    pipeline.count(ids)
    pipeline.index(third.document_id, following=lambda: first.document_id)
    assert pipeline.index(second.document_id).state == "indexed"  # and the first one comes later
    assert pipeline.index(first.document_id).pages_indexed == 9
    (page,) = store.fetch([page_id(first.document_id, 1)])
    assert page.words.texts[:2] == ("Page", "1")
    pipeline.index(third.document_id, following=lambda: "gone")
    pipeline.count(ids)


def test_pages_that_are_no_longer_stored_are_drawn_although_they_were_when_drawing_began(
    library: Library, store: EdgeStore, pipeline: Pipeline, tmp_path: Path
) -> None:
    document, other = add(library, samples.text_pdf(tmp_path, 9)), add(library, samples.scan_pdf(tmp_path))
    pipeline.index(document.document_id)
    page = store.fetch([page_id(document.document_id, 4)])
    store.delete_document(document.document_id)
    store.upsert(page)
    pipeline.index(other.document_id, following=lambda: document.document_id)
    store.delete_document(document.document_id)
    assert pipeline.index(document.document_id).pages_indexed == 9

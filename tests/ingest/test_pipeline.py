"""Render, encode, prune, upsert: resumable, cancellable, and one bad page is no bad document."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pagelight.ingest.library import Document, Library
from pagelight.ingest.pipeline import Pipeline
from pagelight.ingest.render.limits import Limits
from pagelight.retrieval.errors import NotFound
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.store.embedded import EdgeStore
from pagelight.retrieval.types import PageEmbedding, StoredPage, page_id
from tests import samples
from tests.tiny_encoder import TinyEncoder


def add(library: Library, path: Path) -> Document:
    return library.add(path, path.name)[0]


def test_a_document_is_indexed_with_its_words(
    library: Library, store: EdgeStore, pipeline: Pipeline, tmp_path: Path
) -> None:
    document = add(library, samples.text_pdf(tmp_path, 9))
    done = pipeline.index(document.document_id)
    assert (done.state, done.pages, done.pages_indexed, done.reason) == ("indexed", 9, 9, "")
    assert store.page_numbers(document.document_id) == set(range(1, 10))
    (page,) = store.fetch([page_id(document.document_id, 7)])
    assert page.words.texts[:2] == ("Page", "7")
    assert (page.document, page.page, page.pruning, page.kept) == ("text.pdf", 7, "none", 1.0)


def test_the_kept_ratio_of_pruning_is_recorded(library: Library, store: EdgeStore, tmp_path: Path) -> None:
    document = add(library, samples.text_pdf(tmp_path, 3))
    pipeline = Pipeline(TinyEncoder(), parse_pruning("random:0.5"), store, library)
    assert pipeline.index(document.document_id).kept == pytest.approx(0.5, abs=0.05)
    (page,) = store.fetch([page_id(document.document_id, 2)])
    assert page.kept == pytest.approx(len(page.embedding) / 24)


def test_pages_are_stored_as_they_arrive(
    library: Library, store: EdgeStore, slow_pipeline: Pipeline, tmp_path: Path
) -> None:
    document = add(library, samples.text_pdf(tmp_path, 8))
    seen = []
    slow_pipeline.index(
        document.document_id,
        on_page=lambda done, total: seen.append((done, total, len(store.page_numbers(document.document_id)))),
    )
    assert seen[0] == (0, 8, 0)
    assert seen[-1] == (8, 8, 8)
    assert len(seen) >= 5
    assert all(done == stored for done, _, stored in seen)


class _Watched(TinyEncoder):
    """Tells that the second batch has begun; the first one takes until then where two may run side by side."""

    def __init__(self, side_by_side: int) -> None:
        super().__init__(batch=4)
        self._info = replace(self._info, side_by_side=side_by_side)
        self.n_begun, self.second = 0, threading.Event()

    def encode_pages(self, images: Sequence[Image.Image]) -> list[PageEmbedding]:
        self.n_begun += 1
        if self.n_begun == 2:
            self.second.set()
        elif self._info.side_by_side == 2:
            assert self.second.wait(10)
        return super().encode_pages(images)


@pytest.mark.parametrize("side_by_side", [1, 2])
def test_a_batch_is_encoded_while_the_one_before_it_is_stored(
    library: Library, store: EdgeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, side_by_side: int
) -> None:
    document = add(library, samples.text_pdf(tmp_path, 8))
    encoder = _Watched(side_by_side)
    pipeline = Pipeline(encoder, parse_pruning("none"), store, library)
    upsert, stored = store.upsert, []

    def watched(pages: Sequence[StoredPage]) -> None:
        stored.append(([page.page for page in pages], encoder.second.wait(10)))
        upsert(pages)

    monkeypatch.setattr(store, "upsert", watched)
    assert pipeline.index(document.document_id).pages_indexed == 8
    assert [page for pages, _ in stored for page in pages] == list(range(1, 9))
    assert all(overlapped for _, overlapped in stored)
    pipeline.close()


def test_cancel_keeps_what_is_indexed_and_adding_again_goes_on(
    library: Library, store: EdgeStore, slow_pipeline: Pipeline, tmp_path: Path
) -> None:
    path = samples.text_pdf(tmp_path, 10)
    document = add(library, path)
    stop = threading.Event()
    cancelled = slow_pipeline.index(
        document.document_id,
        on_page=lambda done, total: stop.set() if done >= 4 else None,
        cancelled=stop.is_set,
    )
    assert cancelled.state == "cancelled"
    assert 4 <= cancelled.pages_indexed < 10
    assert f"after {cancelled.pages_indexed} of 10 pages" in cancelled.reason
    again, wanted = library.add(path, "again.pdf")
    assert wanted
    encoded = []
    done = slow_pipeline.index(again.document_id, on_page=lambda done, total: encoded.append(done))
    assert encoded[0] == cancelled.pages_indexed
    assert (done.state, done.pages_indexed) == ("indexed", 10)


def test_a_document_that_is_cancelled_while_its_pages_are_counted_stays_so(
    library: Library, pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = add(library, samples.text_pdf(tmp_path, 3))
    count = pipeline._source.count

    def cancelled_meanwhile(one: Document) -> int:
        library.set_state(one.document_id, "cancelled")
        return count(one)

    monkeypatch.setattr(pipeline._source, "count", cancelled_meanwhile)
    pipeline.count({document.document_id})
    found = library.get(document.document_id)
    assert (found.state, found.pages) == ("cancelled", 3)


def test_gaps_are_filled_and_whole_documents_left_alone(
    library: Library, store: EdgeStore, pipeline: Pipeline, tmp_path: Path
) -> None:
    document = add(library, samples.text_pdf(tmp_path, 6))
    pipeline.index(document.document_id)
    pages = {n: store.fetch([page_id(document.document_id, n)])[0] for n in (2, 5)}
    store.delete_document(document.document_id)
    store.upsert(list(pages.values()))
    encoder = TinyEncoder()
    resumed = Pipeline(encoder, parse_pruning("none"), store, library)
    assert resumed.index(document.document_id).pages_indexed == 6
    assert encoder.n_pages == 4
    assert resumed.index(document.document_id).state == "indexed"
    assert encoder.n_pages == 4


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (samples.encrypted_pdf, "password"),
        (samples.corrupt_pdf, "damaged"),
        (samples.pageless_pdf, "no pages"),
        (samples.bomb_png, "megapixels"),
    ],
)
def test_a_bad_file_fails_with_its_reason(
    library: Library, pipeline: Pipeline, tmp_path: Path, make: object, words: str
) -> None:
    document = pipeline.index(add(library, make(tmp_path)).document_id)  # type: ignore[operator]
    assert document.state == "failed"
    assert words in document.reason


def test_a_page_that_cannot_be_drawn_is_named_and_the_others_are_indexed(
    library: Library, store: EdgeStore, pipeline: Pipeline, tmp_path: Path
) -> None:
    document = pipeline.index(add(library, samples.bad_page_pdf(tmp_path)).document_id)
    assert document.state == "indexed"
    assert document.reason == "Skipped page 2: it is damaged."
    assert store.page_numbers(document.document_id) == {1, 3}


def test_documents_over_a_limit_fail(library: Library, store: EdgeStore, tmp_path: Path) -> None:
    document = add(library, samples.text_pdf(tmp_path, 4))
    strict = Pipeline(TinyEncoder(), parse_pruning("none"), store, library, Limits(max_pages=3))
    assert "the limit is 3" in strict.index(document.document_id).reason


def test_an_error_of_the_encoder_is_logged_and_never_shown(
    library: Library, store: EdgeStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    document = add(library, samples.text_pdf(tmp_path, 2))
    broken = Pipeline(_Broken(), parse_pruning("none"), store, library)
    failed = broken.index(document.document_id)
    assert failed.state == "failed"
    assert "log" in failed.reason
    assert "secret detail" not in failed.reason
    assert "secret detail" in caplog.text


def test_a_document_can_be_removed_while_it_is_being_indexed(
    library: Library, store: EdgeStore, slow_pipeline: Pipeline, tmp_path: Path
) -> None:
    document = add(library, samples.text_pdf(tmp_path, 10))
    first = threading.Event()
    ended: list[Document] = []
    worker = threading.Thread(
        target=lambda: ended.append(
            slow_pipeline.index(
                document.document_id, on_page=lambda done, total: first.set() if done else None
            )
        )
    )
    worker.start()
    assert first.wait(20)
    slow_pipeline.remove(document.document_id)
    worker.join(20)
    assert ended[0].state == "cancelled"
    assert store.page_numbers(document.document_id) == set()
    with pytest.raises(NotFound):
        library.get(document.document_id)


def test_images_are_documents_too(
    library: Library, store: EdgeStore, pipeline: Pipeline, tmp_path: Path
) -> None:
    tiff = pipeline.index(add(library, samples.multipage_tiff(tmp_path)).document_id)
    assert (tiff.state, tiff.pages_indexed) == ("indexed", 3)
    png = pipeline.index(add(library, samples.picture(tmp_path, "a.png", "RGBA")).document_id)
    (page,) = store.fetch([page_id(png.document_id, 1)])
    assert not np.isnan(page.embedding.vectors).any()


class _Broken(TinyEncoder):
    def encode_pages(self, images):  # type: ignore[no-untyped-def]
        raise RuntimeError("secret detail")


def test_indexing_leaves_the_hosts_interpreter_as_it_is(
    library: Library, store: EdgeStore, slow_pipeline: Pipeline, tmp_path: Path
) -> None:
    document, before, during = add(library, samples.text_pdf(tmp_path, 2)), sys.getswitchinterval(), []
    slow_pipeline.index(
        document.document_id, on_page=lambda done, total: during.append(sys.getswitchinterval())
    )
    assert {*during, sys.getswitchinterval()} == {before}

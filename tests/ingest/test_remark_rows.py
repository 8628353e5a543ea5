"""Remarks on pages that were indexed before an interruption."""

from __future__ import annotations

import threading
from pathlib import Path

from pypdf import PdfReader, PdfWriter

from pagelight.ingest.jobs import Jobs
from pagelight.ingest.library import Library
from pagelight.ingest.pipeline import Pipeline
from pagelight.ingest.remarks import Note, Skip, begin_remarks, load_remarks, save_remarks
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.store.embedded import EdgeStore
from tests import samples
from tests.ingest.conftest import CONFIG
from tests.ingest.killed_program import kill_while_indexing
from tests.tiny_encoder import TinyEncoder

_TOO_LARGE = "Page 1: it is too large to be read at the size of its print"


def _large_first_page(folder: Path, pages: int) -> Path:
    path = samples.text_pdf(folder, pages)
    writer = PdfWriter(clone_from=PdfReader(path))
    writer.pages[0].mediabox.upper_right = (40000, 40000)
    writer.write(path)
    return path


def test_a_note_of_a_page_before_the_interruption_is_kept(
    library: Library, slow_pipeline: Pipeline, tmp_path: Path
) -> None:
    document, _ = library.add(_large_first_page(tmp_path, 10), "large.pdf")
    stop = threading.Event()
    broken_off = slow_pipeline.index(
        document.document_id,
        on_page=lambda done, total: stop.set() if done >= 4 else None,
        cancelled=stop.is_set,
    )
    assert 4 <= broken_off.pages_indexed < 10
    done = slow_pipeline.index(document.document_id)
    assert done.state == "indexed"
    assert done.reason.count(_TOO_LARGE) == 1


def test_a_note_survives_a_kill(tmp_path: Path) -> None:
    data = tmp_path / "data"
    stored = kill_while_indexing(data, [_large_first_page(tmp_path, 30)], 4)
    assert 4 <= len(stored) < 30
    library, store = Library(data), EdgeStore.open(data, CONFIG)
    jobs = Jobs(library, Pipeline(TinyEncoder(), parse_pruning("none"), store, library))
    try:
        jobs.resume()
        assert all(jobs.wait(job, 60) for job in jobs.active())
        (document,) = library.documents()
        assert (document.state, document.pages_indexed) == ("indexed", 30)
        assert document.reason.count(_TOO_LARGE) == 1
    finally:
        jobs.close()
        store.close()
        library.close()


def test_what_is_found_out_again_is_forgotten_first(library: Library, tmp_path: Path) -> None:
    document, _ = library.add(samples.text_pdf(tmp_path, 3), "a.pdf")
    database, key = library.database, document.document_id
    save_remarks(database, key, [Note(0, "It has no text."), Note(1, "old"), Skip(2, "it is damaged")])
    begin_remarks(database, key, {1, 3})
    assert load_remarks(database, key) == ([], [Note(1, "old")])
    library.delete(key)
    save_remarks(database, key, [Note(1, "late")])
    assert load_remarks(database, key) == ([], [])

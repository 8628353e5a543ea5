"""Scans that Tesseract reads once more, before they are understood."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from pagelight.ingest import scans, tesseract
from pagelight.ingest.library import Library
from pagelight.ingest.pipeline import Pipeline
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.store import open_store
from pagelight.retrieval.store.page_store import IndexConfig, PageStore
from pagelight.retrieval.types import PageWords, StoredPage, page_id
from tests.samples import headed_pdf
from tests.understanding_encoder import UnderstandingEncoder

INSTALLED = tesseract.installed_languages()
SENTENCE = "The harbour master's office opens at 7:30, and closes at noon."

Read = Callable[[Path], StoredPage]


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    page = Image.new("L", (1240, 1754), "white")
    font = ImageFont.load_default(34)
    for line in range(6):
        ImageDraw.Draw(page).text((120, 200 + 90 * line), SENTENCE, "black", font)
    page.save(tmp_path / "scan.png", dpi=(150, 150))
    return tmp_path / "scan.png"


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Read]:
    """Indexes a file, understands it, and returns its first page as it is stored then."""
    monkeypatch.setattr(tesseract, "installed_languages", lambda: ("eng",))
    seen = PageWords(
        ("harbour", "office"), np.array([[0.1, 0.1, 0.2, 0.12], [0.2, 0.1, 0.3, 0.12]], np.float32)
    )
    encoder = UnderstandingEncoder(reads=seen)
    store: PageStore = open_store(tmp_path / "index", IndexConfig.of(encoder, "none"))
    library = Library(tmp_path / "library")
    pipeline = Pipeline(encoder, parse_pruning("none"), store, library, read_scans=True)

    def indexed(path: Path) -> StoredPage:
        document_id = library.add(path, path.name)[0].document_id
        assert pipeline.index(document_id).state == "indexed"
        assert pipeline.deepen()
        (page,) = store.fetch([page_id(document_id, 1)])
        return page

    yield indexed
    pipeline.close()
    store.close()
    library.close()


@pytest.mark.skipif(not INSTALLED, reason="needs Tesseract")
def test_a_scan_has_the_words_that_tesseract_reads_and_their_places(scan: Path, read: Read) -> None:
    page = read(scan)
    assert " ".join(page.words.texts).count(SENTENCE) >= 5
    assert page.meaning_read
    assert len(page.meaning)
    assert page.to_understand is None
    x0, y0, x1, y1 = page.words.boxes[0]
    assert (x0, y0) == pytest.approx((120 / 1240, 205 / 1754), abs=0.01)
    assert x1 - x0 < 0.1
    assert y1 - y0 < 0.03


def test_the_text_of_a_document_is_not_read_again(
    tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(scans.ScanReader, "_words", lambda self, *of: asked.append(of))
    page = read(headed_pdf(tmp_path / "ledger.pdf", (("Wages", "Wages of the deck crew in spring"),)))
    assert "Wages" in page.words.texts
    assert not asked


@pytest.mark.parametrize("script", ["exit 3", "echo nonsense", "kill -9 $$"])
def test_a_scan_stays_as_it_was_read_where_tesseract_fails(
    script: str, scan: Path, tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "tesseract"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    page = read(scan)
    assert not len(page.words)
    assert len(page.meaning)
    assert page.to_understand is None

"""Scans that Tesseract reads once more, before they are understood."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
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
from tests.samples import dejavu, headed_pdf
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
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library(tmp_path / "library")
    yield opened
    opened.close()


@pytest.fixture
def read(tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch) -> Iterator[Read]:
    """Indexes a file, understands it, and returns its first page as it is stored then."""
    monkeypatch.setattr(tesseract, "installed_languages", lambda: ("eng",))
    seen = PageWords(
        ("harbour", "office"), np.array([[0.1, 0.1, 0.2, 0.12], [0.2, 0.1, 0.3, 0.12]], np.float32)
    )
    encoder = UnderstandingEncoder(reads=seen)
    store: PageStore = open_store(tmp_path / "index", IndexConfig.of(encoder, "none"))
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


@pytest.mark.skipif(not INSTALLED, reason="needs Tesseract")
def test_a_crooked_table_is_read_with_all_that_is_in_it(tmp_path: Path) -> None:
    """Tesseract reads nothing of it as it lies, and without its resolution nothing inside of the rules."""
    sheet = Image.new("L", (1700, 1200), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(34)
    for row in range(6):
        for column, cell in enumerate(("Larvik", "4471", "Bempton")):
            left, top = 250 + 400 * column, 250 + 100 * row
            draw.rectangle((left, top, left + 400, top + 100), outline="black", width=2)
            draw.text((left + 20, top + 30), cell, "black", font)
    picture = sheet.rotate(-7, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    across = np.array([[x, y, x + 0.1, y + 0.02] for y in (0.3, 0.5, 0.7) for x in (0.1, 0.3, 0.5, 0.7)])
    size = np.array(picture.size)
    lean = (
        np.tan(np.radians(7)) * size[0] / size[1]
    )  # the words that the encoder has read go down to the right
    across[:, [1, 3]] += lean * (across[:, [0, 0]] - 0.5)
    seen = PageWords(("read",) * len(across), across.astype(np.float32))
    words = scans.ScanReader(lambda *_: picture)._words(picture, seen)
    assert [words.texts.count(cell) for cell in ("Larvik", "4471", "Bempton")] == [6, 6, 6]
    x0, y0, x1, y1 = words.boxes[words.texts.index("Larvik")]
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((0.23, 0.24), abs=0.03)


@pytest.mark.skipif(not INSTALLED, reason="needs Tesseract")
def test_words_that_tesseract_leaves_out_stay_as_they_were_read(scan: Path) -> None:
    """Where they are many; a shaded sheet is read by what is around each place."""
    with Image.open(scan) as sheet:
        shade = np.linspace(0.15, 1, sheet.width)[None]
        shaded = Image.fromarray((np.asarray(sheet) * shade).astype(np.uint8))
    places = np.array([[0.1 + 0.05 * x, 0.12, 0.13 + 0.05 * x, 0.13] for x in range(14)])
    rows = np.concatenate([places + np.array([0, dy, 0, dy]) for dy in 0.0515 * np.arange(6)]).astype(
        np.float32
    )
    words = scans.ScanReader(lambda *_: shaded)._words(shaded, PageWords(("seen",) * len(rows), rows))
    assert " ".join(words.texts).count("closes at noon") >= 4
    below = rows + np.float32([0, 0.4, 0, 0.4])
    words = scans.ScanReader(lambda *_: shaded)._words(shaded, PageWords(("seen",) * len(rows), below))
    assert words.texts.count("seen") == len(rows)


@pytest.mark.skipif(not INSTALLED, reason="needs Tesseract")
def test_a_diagonal_stamp_on_a_scan_is_read_where_it_is(scan: Path) -> None:
    stamp = Image.new("L", (560, 90), "black")
    ImageDraw.Draw(stamp).text((10, 5), "SUPERSEDED", "white", ImageFont.load_default(80))
    stamp = stamp.rotate(30, Image.Resampling.BICUBIC, expand=True)
    with Image.open(scan) as sheet:
        sheet.paste(60, (350, 1000), stamp)
    words = scans.ScanReader(lambda *_: sheet)._words(sheet, PageWords())
    x0, y0, x1, y1 = words.boxes[words.texts.index("SUPERSEDED")]
    assert x0 == pytest.approx(350 / 1240, abs=0.03)
    assert x1 == pytest.approx((350 + stamp.width) / 1240, abs=0.06)
    assert y0 == pytest.approx(1000 / 1754, abs=0.06)
    assert y1 == pytest.approx((1000 + stamp.height) / 1754, abs=0.03)
    assert " ".join(words.texts).count(SENTENCE) >= 5


@pytest.mark.skipif(not INSTALLED, reason="needs Tesseract")
@pytest.mark.parametrize(
    ("size", "degrees", "colour", "opacity"),
    [
        (110, 40, (200, 30, 30), 255),
        (120, 55, (110, 110, 110), 120),
        (100, -30, (30, 30, 30), 255),
        (50, 25, (40, 60, 200), 255),
    ],
)
def test_a_stamp_across_the_text_is_read_where_it_is(
    size: int, degrees: int, colour: tuple[int, int, int], opacity: int
) -> None:
    sheet, font = Image.new("RGB", (1240, 1754), "white"), ImageFont.load_default(26)
    for row in range(38):
        ImageDraw.Draw(sheet).text((110, 120 + 38 * row), SENTENCE, "black", font)
    stamp = Image.new("L", (1000, 200), 0)
    ImageDraw.Draw(stamp).text((20, 20), "SUPERSEDED", opacity, ImageFont.load_default(size))
    stamp = stamp.crop(stamp.getbbox()).rotate(degrees, Image.Resampling.BICUBIC, expand=True)
    place = ((1240 - stamp.width) // 2, (1754 - stamp.height) // 2)
    sheet.paste(colour, place, stamp)
    words = scans.ScanReader(lambda *_: sheet)._words(sheet.resize((1700, 2405)), PageWords())
    x0, y0, x1, y1 = words.boxes[words.texts.index("SUPERSEDED")]
    assert (x0 + x1, y0 + y1) == pytest.approx((1, 1), abs=0.06)
    assert x1 - x0 == pytest.approx(stamp.width / 1240, abs=0.06)
    assert words.texts.count("harbour") > 10


@pytest.mark.skipif(not INSTALLED, reason="needs Tesseract")
def test_half_of_a_sheet_may_stand_on_its_head(scan: Path) -> None:
    lines = ("The harbour master's office opens at 7:30,", "and closes at noon; late barges pay a fine.")
    half, font = Image.new("L", (900, 1200), "white"), ImageFont.load_default(34)
    for row in range(12):
        ImageDraw.Draw(half).text((80, 100 + 80 * row), lines[row % 2], "black", font)
    sheet = Image.new("L", (1800, 1200), "white")
    sheet.paste(half, (0, 0))
    sheet.paste(half.rotate(180), (900, 0))
    places = [
        (0.06 * x, 0.06 * y, 0.06 * x + 0.05, 0.06 * y + 0.03) for y in range(1, 15) for x in range(1, 16)
    ]
    seen = PageWords(("the",) * len(places), np.array(places, np.float32))  # which tells the language
    words = scans.ScanReader(lambda *_: sheet)._words(sheet, seen)
    barges = [box for text, box in zip(words.texts, words.boxes, strict=True) if text == "barges"]
    assert len(barges) == 12
    assert sum(box[0] > 0.5 for box in barges) == 6


@pytest.mark.skipif("rus" not in INSTALLED, reason="needs Tesseract's Russian")
def test_the_script_tells_the_language_that_the_encoder_cannot_read(tmp_path: Path) -> None:
    sheet = Image.new("L", (1700, 1000), "white")
    font = ImageFont.truetype(dejavu(), 36)
    for row, line in enumerate(
        ("Минский завод выпустил новую партию тракторов.", "Продажи выросли на восемь процентов.") * 4
    ):
        ImageDraw.Draw(sheet).text((120, 100 + 80 * row), line, "black", font)
    words = scans.ScanReader(lambda *_: sheet)._words(sheet, PageWords())
    assert "тракторов." in words.texts


@pytest.mark.skipif(not INSTALLED, reason="needs Tesseract")
def test_a_scan_has_the_language_that_tesseract_reads(scan: Path, read: Read, library: Library) -> None:
    read(scan)
    (document,) = library.documents()
    assert document.language == "en"


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


def test_a_page_that_takes_too_long_is_told_in_one_line(
    scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    program = tmp_path / "bin" / "tesseract"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexec sleep 30\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    monkeypatch.setattr(tesseract, "installed_languages", lambda: ("eng",))
    monkeypatch.setattr(scans, "SCANS", replace(scans.SCANS, seconds=0.2))
    with Image.open(scan) as picture:
        assert not len(scans.ScanReader(lambda *_: picture)._words(picture, PageWords()))
    assert "no answer within" in caplog.messages[0]
    assert "--psm" not in caplog.text

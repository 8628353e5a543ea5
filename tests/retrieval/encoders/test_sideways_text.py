"""Text at any angle, as pictures: tables set sideways on upright pages, crooked and diagonal pages; read, and lit where it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from reportlab.pdfgen.canvas import Canvas

from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.retrieval.encoders.builtin.builtin_encoder import BuiltinEncoder
from tests.ingest.rendered_pages import pages_of
from tests.samples import LINES

ROWS = (
    ("Harbour", "Dues", "Berths", "Season"),
    ("Reykjavik", "4471", "twelve", "winter"),
    ("Trondheim", "5520", "seven", "summer"),
    ("Aberdeen", "3981", "nineteen", "autumn"),
    ("Gothenburg", "6105", "thirty", "spring"),
)


def scanned(path: Path, turned: int) -> Path:
    """A picture of a page with lines of text and, below them, a table that is turned counter-clockwise by 90 or 270 degrees."""
    canvas = Canvas(str(path.with_suffix(".pdf")), pagesize=(595, 842), invariant=True)
    canvas.setFont("Helvetica", 12)
    for row in range(6):
        canvas.drawString(60, 780 - 17 * row, LINES[row % 3])
    canvas.translate(*((200, 120) if turned == 90 else (330, 560)))
    canvas.rotate(turned)
    for row, cells in enumerate(ROWS):
        for column, cell in enumerate(cells):
            canvas.drawString(10 + 110 * column, -28 * row, cell)
    canvas.save()
    (page,) = pages_of(path.with_suffix(".pdf"), 200)
    page.image.convert("L").save(path, dpi=(200, 200))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("turned", [90, 270])
def test_a_table_set_sideways_on_an_upright_scan_is_found_and_lit(tmp_path: Path, turned: int) -> None:
    path = scanned(tmp_path / "scan.png", turned)
    with Service(Settings(data=tmp_path / "library", samples=False)) as service:
        service.add([path]).wait(120)
        assert service.search("lighthouse keeper").matched  # the upright lines are still read
        (hit,) = service.search("Aberdeen nineteen").hits
    left = (200 + 28 * 3) / 595 if turned == 90 else (330 - 28 * 3) / 595
    boxes = np.array([region.box for region in hit.regions])
    assert len(boxes)
    middle = (boxes[0, 0] + boxes[0, 2]) / 2
    assert abs(middle - left) < 0.06
    assert boxes[0, 1] > 0.3
    assert boxes[0, 3] - boxes[0, 1] > boxes[0, 2] - boxes[0, 0]  # it stands upright


@pytest.mark.parametrize("degrees", [-8, 35, 60, 150])
def test_a_page_at_any_angle_is_read(tmp_path: Path, degrees: float) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(595, 842), invariant=True)
    canvas.translate(297, 421)
    canvas.rotate(degrees)
    canvas.setFont("Helvetica", 14)
    for row in range(9):
        canvas.drawString(-170, 100 - 24 * row, LINES[row % 3])
    canvas.save()
    (page,) = pages_of(tmp_path / "a.pdf", 130)
    (found,) = BuiltinEncoder.load().encode_pages([page.image])
    own = {text.strip(".").lower() for text in page.words.texts}
    alike = [index for index, text in enumerate(found.read.texts) if text in own]
    assert len(alike) >= 0.5 * len(page.words)
    first = found.read.boxes[alike[0]]
    middles = [(box[:2] + box[2:]) / 2 for box in page.words.boxes]
    assert min(np.abs((first[:2] + first[2:]) / 2 - middle).max() for middle in middles) < 0.03


def test_an_upright_page_is_read_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    encoder = BuiltinEncoder.load()
    counted: list[int] = []
    read = encoder._read
    monkeypatch.setattr(encoder, "_read", lambda *given: (counted.append(1), read(*given))[1])
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(595, 842), invariant=True)
    for row in range(30):
        canvas.drawString(60, 780 - 20 * row, f"{LINES[row % 3]} {row} 1 2 3 I 4 l i 5")
    canvas.save()
    (page,) = pages_of(tmp_path / "a.pdf", 130)
    encoder.encode_pages([page.image])
    assert len(counted) == 1

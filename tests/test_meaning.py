"""Meaning, end to end: real PDFs, the built-in encoder, the service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import gradio
import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from pagelight.app.service import Service
from pagelight.app.settings import Settings

pytestmark = pytest.mark.slow

HAIR = "Patients who lose their hair during chemotherapy may be given a wig."
BILL = "Die Rechnung muss innerhalb von vierzehn Tagen bezahlt werden, sonst fallen Gebühren an."
FILLER = "The committee met on Monday and agreed on the minutes of the last meeting."


#: a cheetah, which Gradio brings with it
PHOTO = Path(gradio.__file__).parent / "media_assets" / "images" / "cheetah1.jpg"


def write(path: Path, lines: list[str], photo: Path | None = None) -> Path:
    canvas = Canvas(str(path), pagesize=A4)
    if photo is not None:
        canvas.drawImage(str(photo), 150, 250, 256, 256)
    for i, line in enumerate(lines):
        canvas.drawString(72, 740 - 60 * i, line)
    canvas.save()
    return path


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("meaning")
    files = [
        write(folder / "clinic.pdf", [FILLER, FILLER, HAIR, FILLER]),
        write(
            folder / "rechnung.pdf", [BILL, "Der Hund schläft den ganzen Tag im Garten unter dem alten Baum."]
        ),
        write(folder / "minutes.pdf", [FILLER] * 4),
        write(folder / "cover.pdf", [FILLER], photo=PHOTO),
    ]
    with Service(Settings(data=folder / "library", samples=False)) as made:
        made.add(files).wait()
        yield made


def test_a_paraphrase_finds_the_page_and_lights_the_sentence(service: Service) -> None:
    hit = service.search("someone going bald after cancer treatment").hits[0]
    assert hit.document == "clinic.pdf"
    assert "meaning" in hit.sources
    x0, y0, x1, y1 = hit.regions[0].box
    baseline = 1 - (740 - 120) / A4[1]  # of the third line
    assert y0 < baseline - 0.005 < y1
    assert y1 - y0 < 0.06
    assert x1 - x0 > 0.4


def test_an_english_question_finds_the_german_page(service: Service) -> None:
    hit = service.search("when does the invoice have to be paid").hits[0]
    assert hit.document == "rechnung.pdf"
    assert "meaning" in hit.sources


@pytest.mark.parametrize("query", ["photo of a cat", "cheetah", "photo d'un guépard"])
def test_a_photo_is_found_by_what_it_shows(service: Service, query: str) -> None:
    hit = service.search(query).hits[0]
    assert hit.document == "cover.pdf"
    x0, y0, x1, y1 = hit.regions[0].box
    assert 150 / A4[0] < (x0 + x1) / 2 < 406 / A4[0]
    assert 1 - 506 / A4[1] < (y0 + y1) / 2 < 1 - 250 / A4[1]


def test_what_no_page_is_about_is_refused(service: Service) -> None:
    assert not service.search("best pizza recipe").matched

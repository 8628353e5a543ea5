"""Text layers that hold a part of the page's text, or another text than the page shows."""

from __future__ import annotations

import io
import random
import string
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.ingest.page_text import LYING, PARTLY_LYING
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.pdf_words import GARBAGE
from pagelight.ingest.render.renderer import render_page

pytestmark = pytest.mark.slow

LINES = (
    "The keeper of the lighthouse writes the weather",
    "into the log book every evening before sunset.",
    "Visitors may climb the tower between ten and four,",
    "unless the wind is stronger than sixty knots.",
)
QUERY = "lighthouse keeper"


def written(path: Path, bullets: int = 0) -> Path:
    """A page that shows LINES; with bullets its text layer has only those, and the lines are a picture."""
    buffer = io.BytesIO()
    drawn = Canvas(buffer, pagesize=(595, 842), invariant=True)
    drawn.setFont("Helvetica", 18)
    for i, line in enumerate(LINES):
        drawn.drawString(80, 740 - 40 * i, line)
    drawn.save()
    path.write_bytes(buffer.getvalue())
    if not bullets:
        return path
    picture = render_page(path, 1, 1600, Limits())
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=True)
    canvas.drawImage(ImageReader(picture), 0, 0, 595, 842)
    for i in range(bullets):
        canvas.drawString(60, 740 - 20 * i, "•")
    canvas.save()
    return path


def with_character_table(path: Path, table: dict[str, str], fonts: str = "") -> Path:
    """The same page, whose fonts (those with this in their names) say that each letter is another one."""
    writer = PdfWriter(clone_from=PdfReader(path))
    lines = "\n".join(f"<{ord(shown):02x}> <{ord(said):04x}>" for shown, said in table.items())
    stream = DecodedStreamObject()
    stream.set_data(
        (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
            f"1 begincodespacerange <00> <ff> endcodespacerange {len(table)} beginbfchar\n{lines}\n"
            "endbfchar endcmap end end"
        ).encode()
    )
    reference = writer._add_object(stream)
    for font in writer.pages[0]["/Resources"]["/Font"].values():
        if fonts in font["/BaseFont"]:
            font.get_object()[NameObject("/ToUnicode")] = reference
    writer.write(path)
    return path


def shifted() -> dict[str, str]:
    letters = string.ascii_letters
    return dict(zip(letters, letters[7:] + letters[:7], strict=True))


def shuffled() -> dict[str, str]:
    letters = list(string.ascii_lowercase)
    random.Random(3).shuffle(letters)
    return dict(zip(string.ascii_lowercase, letters, strict=True))


def all_the_same() -> dict[str, str]:
    return dict.fromkeys(string.ascii_letters, "a")


def marks() -> dict[str, str]:
    return {letter: "!#%&*+"[i % 6] for i, letter in enumerate(string.ascii_letters)}


def spaces() -> dict[str, str]:
    return dict.fromkeys(string.ascii_letters, " ")


def private() -> dict[str, str]:
    return {letter: chr(0xE000 + ord(letter)) for letter in string.ascii_letters}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return Service(Settings(data=tmp_path_factory.mktemp("text") / "library", samples=False))


@pytest.mark.parametrize("make", [shifted, shuffled, all_the_same, marks, spaces, private])
def test_text_that_lies_is_read_from_the_picture(
    service: Service, tmp_path: Path, make: Callable[[], dict[str, str]]
) -> None:
    name = f"{make.__name__}.pdf"
    file = with_character_table(written(tmp_path / name), make())
    service.add([file]).wait(120)
    document = service.find_document(name)
    assert document.pages_indexed == 1
    # characters of nobody's alphabet are no text to begin with
    assert (GARBAGE if make in (spaces, private) else LYING) in document.reason
    assert not any(c.isalnum() for c in "".join(service.page_words(document.document_id, 1).texts))
    assert name in {hit.document for hit in service.search(QUERY).hits if "meaning" in hit.sources}


def test_letters_that_a_font_does_not_tell_are_filled_in_from_the_picture(
    service: Service, tmp_path: Path
) -> None:
    file = with_character_table(written(tmp_path / "untold.pdf"), {"k": "\ufffd"})
    service.add([file]).wait(120)
    document = service.find_document("untold.pdf")
    assert document.reason == ""
    assert {"keeper", "book"} <= set(service.page_words(document.document_id, 1).texts)


@pytest.mark.parametrize("make", [shifted, all_the_same])
def test_a_font_of_two_that_lies_leaves_the_words_of_the_other(
    service: Service, tmp_path: Path, make: Callable[[], dict[str, str]]
) -> None:
    file = tmp_path / f"half-{make.__name__}.pdf"
    canvas = Canvas(str(file), pagesize=(595, 842), invariant=True)
    for row, line in enumerate(LINES * 2):
        canvas.setFont("Helvetica" if row < 4 else "Helvetica-Bold", 18)
        canvas.drawString(80, 740 - 40 * row, line)
    canvas.save()
    with_character_table(file, make(), "Bold")
    service.add([file]).wait(120)
    document = service.find_document(file.name)
    assert PARTLY_LYING in document.reason
    assert " ".join(service.page_words(document.document_id, 1).texts) == " ".join(LINES)


def test_text_that_is_right_is_kept(service: Service, tmp_path: Path) -> None:
    file = written(tmp_path / "right.pdf")
    service.add([file]).wait(120)
    document = service.find_document("right.pdf")
    assert document.reason == ""
    assert " ".join(service.page_words(document.document_id, 1).texts) == " ".join(LINES)


def test_a_page_of_bullets_is_understood_by_what_its_picture_says(service: Service, tmp_path: Path) -> None:
    file = written(tmp_path / "bullets.pdf", bullets=12)
    service.add([file]).wait(120)
    hits = service.search("when may guests go up to the top of the building").hits
    assert "meaning" in next(hit for hit in hits if hit.document == "bullets.pdf").sources

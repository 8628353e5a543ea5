"""Text layers that hold a part of the page's text, or another text than the page shows."""

from __future__ import annotations

import io
import random
import re
import string
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.ingest.page_text import LYING, PARTLY_LYING, page_text, without_repeated
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.pdf_words import GARBAGE
from pagelight.ingest.render.renderer import render_page
from pagelight.retrieval.encoders.builtin.builtin_encoder import BuiltinEncoder
from pagelight.retrieval.types import PageWords
from tests.ingest.rendered_pages import pages_of
from tests.samples import dejavu

pytestmark = pytest.mark.slow

LINES = (
    "The keeper of the lighthouse writes the weather",
    "into the log book every evening before sunset.",
    "Visitors may climb the tower between ten and four,",
    "unless the wind is stronger than sixty knots.",
)
QUERY = "lighthouse keeper"


def test_words_that_were_read_twice_in_one_place_are_there_once() -> None:
    boxes = [[0.1, 0.1, 0.2, 0.2], [0.11, 0.1, 0.21, 0.2], [0.5, 0.1, 0.6, 0.2], [0.1, 0.1, 0.2, 0.2]]
    words = PageWords(("the", "the", "the", "than"), np.array(boxes, np.float32))
    once = without_repeated(words)
    assert once.texts == ("the", "the", "than")
    np.testing.assert_array_equal(once.boxes[1], words.boxes[2])
    assert len(without_repeated(PageWords())) == 0


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
def builtin() -> BuiltinEncoder:
    return BuiltinEncoder.load()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return Service(
        Settings(data=tmp_path_factory.mktemp("text") / "library", samples=False, read_scans=False)
    )


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
    (own,) = service.own_words([(document.document_id, 1)])
    assert not any(c.isalnum() for c in "".join(own.texts))
    assert "lighthouse" in service.page_words(document.document_id, 1).texts
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
def test_a_font_of_two_that_lies_leaves_the_words_of_the_other_and_is_read(
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
    texts = service.page_words(document.document_id, 1).texts
    n_right = len(" ".join(LINES).split())
    assert " ".join(texts[:n_right]) == " ".join(LINES)
    assert {"keeper", "weather", "visitors", "wind"} <= set(texts[n_right:])


@pytest.mark.parametrize("make", [shifted, all_the_same, private])
def test_a_heading_in_a_font_that_lies_is_found_and_lit(
    service: Service, tmp_path: Path, make: Callable[[], dict[str, str]]
) -> None:
    file = tmp_path / f"heading-{make.__name__}.pdf"
    canvas = Canvas(str(file), pagesize=(595, 842), invariant=True)
    canvas.setFont("Helvetica-Bold", 20)
    canvas.drawString(80, 740, "Kittiwake colonies")
    canvas.setFont("Helvetica", 14)
    for row in range(8):
        canvas.drawString(80, 700 - 30 * row, LINES[row % 4])
    canvas.save()
    with_character_table(file, make(), "Bold")
    service.add([file]).wait(120)
    document = service.find_document(file.name)
    assert PARTLY_LYING in document.reason
    result = service.search("kittiwake colonies", documents=[file.name])
    assert result.matched
    (region, *_) = result.hits[0].regions
    assert 0.05 < region.box[1] < 0.14


def vowels() -> dict[str, str]:
    return dict.fromkeys("aiou", "e")


@pytest.mark.parametrize(
    ("make", "n_lines"), [(shifted, 1), (all_the_same, 1), (shifted, 8), (all_the_same, 8), (vowels, 8)]
)
def test_few_words_and_few_letters_are_enough_to_tell(
    service: Service, tmp_path: Path, make: Callable[[], dict[str, str]], n_lines: int
) -> None:
    file = tmp_path / f"few-{make.__name__}-{n_lines}.pdf"
    canvas = Canvas(str(file), pagesize=(595, 842), invariant=True)
    canvas.setFont("Helvetica", 18)
    for row in range(n_lines):
        canvas.drawString(80, 740 - 40 * row, LINES[row % 4])
    canvas.save()
    with_character_table(file, make())
    service.add([file]).wait(120)
    document = service.find_document(file.name)
    assert LYING in document.reason or PARTLY_LYING in document.reason
    assert service.search(QUERY, documents=[file.name]).matched


@pytest.mark.parametrize("n_times", [1, 6])
@pytest.mark.parametrize(
    "line",
    [
        "ミツユビカモメ 報告について 北の崖にある",
        "上海证券交易所 由浙江菲达环保科技 股份有限公司 年度报告中 有关财务事项 的说明 天健函",
        "निष्कर्ष यह है कि भारत की जनसंख्या हर साल बढ़ रही है और",
        "Население России сокращается каждый год и города растут",
    ],
)
def test_scripts_that_the_reader_does_not_know_are_believed(
    builtin: BuiltinEncoder, line: str, n_times: int
) -> None:
    letters = random.Random(4)
    said = [word for word in line.split() if len(word) > 3] * n_times
    seen = ["".join(letters.choices("aeinrst", k=len(word) + letters.randint(-3, 3))) for word in said]
    boxes = np.array([(0.1, 0.01 * row, 0.4, 0.01 * row + 0.008) for row in range(len(said))], np.float32)
    assert builtin.text_encoder is not None
    text = page_text(PageWords(tuple(said), boxes), PageWords(tuple(seen), boxes), builtin.text_encoder)
    assert text.own.texts == tuple(said)
    assert text.note == ""


@pytest.mark.parametrize(("letters", "length"), [("0123456789ABCDEF", 8), ("ACGT", 12), ("rc0123456789", 4)])
def test_codes_that_the_reader_takes_for_other_ones_are_believed(
    builtin: BuiltinEncoder, tmp_path: Path, letters: str, length: int
) -> None:
    chosen = random.Random(5)
    said = ["".join(chosen.choices(letters, k=length)) for _ in range(180)]
    canvas = Canvas(str(tmp_path / "codes.pdf"), pagesize=(612, 792), invariant=True)
    canvas.setFont("Courier", 10)
    for index, code in enumerate(said):
        canvas.drawString(40 + index % 6 * 92, 750 - index // 6 * 16, code)
    canvas.save()
    (page,) = pages_of(tmp_path / "codes.pdf", 130)
    (embedding,) = builtin.encode_pages([page.image])
    assert builtin.text_encoder is not None
    text = page_text(page.words, embedding.read, builtin.text_encoder)
    assert text.own.texts == tuple(said)
    assert text.note == ""


def test_ligatures_that_are_told_as_marks_are_read(service: Service, tmp_path: Path) -> None:
    pdfmetrics.registerFont(TTFont("Ligatures", dejavu()))
    file = tmp_path / "ligatures.pdf"
    canvas = Canvas(str(file), pagesize=(595, 842), invariant=True)
    canvas.setFont("Ligatures", 16)
    for row, line in enumerate(
        ("The o\ufb03cial o\ufb03ce o\ufb00ers", "e\ufb03cient tra\ufb03c \ufb01gures")
    ):
        canvas.drawString(80, 740 - 40 * row, line)
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(file))
    for font in writer.pages[0]["/Resources"]["/Font"].values():
        if "DejaVu" in font["/BaseFont"]:
            table = font["/ToUnicode"].get_object()
            told = re.sub(rb"(?i)FB0[0-4]", b"0021", table.get_data())
            table.set_data(told)
    writer.write(file)
    service.add([file]).wait(120)
    document = service.find_document(file.name)
    assert PARTLY_LYING in document.reason
    assert {"official", "offers", "efficient"} <= set(service.page_words(document.document_id, 1).texts)


def test_text_that_is_right_is_kept(service: Service, tmp_path: Path) -> None:
    file = written(tmp_path / "right.pdf")
    service.add([file]).wait(120)
    document = service.find_document("right.pdf")
    assert document.reason == ""
    assert " ".join(service.page_words(document.document_id, 1).texts) == " ".join(LINES)


def test_a_page_of_bullets_is_understood_by_what_its_picture_says(service: Service, tmp_path: Path) -> None:
    file = written(tmp_path / "bullets.pdf", bullets=12)
    service.add([file]).wait(120)
    hits = service.search("when may guests go up to the top of the building", 50).hits
    assert "meaning" in next(hit for hit in hits if hit.document == "bullets.pdf").sources

"""Words that a page hides, and those that it seems to hide and shows."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from tests.ingest.raw_pdf import drawn, form, raw_pdf, stream, text
from tests.samples import dejavu

NAME, SECRET = text("Name", 20, 300), text("Secret", 60, 300)
BAR = "0 g 55 290 60 25 re f "
FAINT = "/ExtGState << /G << /ca 0.01 /CA 0.01 >> >>"
LAYERS = "/OCProperties << /OCGs [20 0 R 21 0 R] /D << /ON [20 0 R] /OFF [21 0 R] >> >>"
LAYER_OBJECTS = {20: "<< /Type /OCG /Name (on) >>", 21: "<< /Type /OCG /Name (off) >>"}


@pytest.mark.parametrize(
    ("content", "resources"),
    [
        (f"q 0 0 10 10 re W n {SECRET} Q", ""),
        (f"q 0 0 0 0 re W n {SECRET} Q", ""),
        (f"q /G gs {SECRET} Q", FAINT),
        (f"q /G gs {SECRET} Q", FAINT.replace("0.01", "0.05")),
        (f"0.996 g {SECRET}", ""),
        (f"0.95 g {SECRET}", ""),
        (f"0 0 0 0 k {SECRET}", ""),
        (f"{SECRET} 1 g 55 290 60 25 re f", ""),
        (f"{SECRET} q 80 0 0 30 55 290 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \xff EI Q", ""),
        (f"{SECRET} q 80 0 0 30 55 290 cm BI /W 1 /H 1 /IM true /D [0 1] /BPC 1 ID \0 EI Q", ""),
        (f"q 1 0 0 1 5000 0 cm {SECRET} Q", ""),
        (text("Secret", 60, -50), ""),
        (f"q 0.001 0 0 0.001 60 300 cm {SECRET} Q", ""),
        (text("Secret", 60, 300, before="3 Tr"), ""),
        (f"q {text('Secret', 60, 300, before='7 Tr')} Q", ""),
        (f"0 g 50 290 100 30 re f {SECRET}", ""),
        (f"{SECRET} {BAR} 1 g {text('Again', 60, 300)}", ""),
        (f"{SECRET} q 0 G 14 w [6 2] 0 d 55 304 m 115 304 l S Q", ""),
        (f"{SECRET} 5 w 55 298 m 65 312 l 70 298 l 80 312 l 85 298 l 95 312 l 100 298 l S", ""),
        (SECRET + text("XXXXXXX", 58, 300), ""),
        (SECRET + text("########", 57, 301), ""),
    ],
)
def test_words_that_nobody_sees_are_not_read(tmp_path: Path, content: str, resources: str) -> None:
    page = drawn(raw_pdf(tmp_path / "a.pdf", NAME + content, resources=resources))
    assert "Name" in page.words.texts
    assert "Secret" not in page.words.texts


@pytest.mark.parametrize(
    ("content", "resources"),
    [
        (f"q 50 280 100 50 re W n {SECRET} Q", ""),
        (f"0.93 g {text('Secret', 60, 300, 6)}", ""),
        (f"{SECRET} q 0 0 5 5 re W n {BAR} Q", ""),
        (f"{SECRET} q 0 0 5 5 re W n 1 g 0 0 400 600 re f Q", ""),
        (f"{SECRET} /OC /Off BDC {BAR} EMC", "/Properties << /Off 21 0 R >>"),
        (f"{SECRET} q /G gs 1 1 0 rg 55 290 60 25 re f Q", "/ExtGState << /G << /BM /Multiply >> >>"),
        (f"{SECRET} 0 g 0 0 400 600 re 10 10 380 580 re f*", ""),
        (f"1 g 50 290 100 30 re f 0 g {SECRET}", ""),
        (f"0 g 50 290 100 30 re f 1 g {SECRET}", ""),
        (text("Secret", 60, 300, 24, "1 Tr"), ""),
        (f"{SECRET} 0 g 58 303 42 1.6 re f", ""),  # struck through
        (f"{SECRET} 2 w 58 303 m 100 303 l S", ""),
        (f"{SECRET} 6 w 50 280 80 50 re S", ""),  # in a frame
        (f"{SECRET} 1 w 55 298 m 65 312 l 70 298 l 80 312 l 85 298 l S", ""),
    ],
)
def test_words_that_are_seen_are_read(tmp_path: Path, content: str, resources: str) -> None:
    path = raw_pdf(
        tmp_path / "a.pdf", NAME + content, resources=resources, catalogue=LAYERS, objects=LAYER_OBJECTS
    )
    assert set(drawn(path).words.texts) == {"Name", "Secret"}


@pytest.mark.parametrize(
    ("before", "after"), [("3 Tr", ""), ("1 g", "0 g"), ("q 0 0 5 5 re W n 0.2 g", "Q"), ("q /G gs", "Q")]
)
@pytest.mark.parametrize("x", [52, 96])
def test_hidden_letters_beside_a_word_are_no_part_of_it(
    tmp_path: Path, before: str, after: str, x: int
) -> None:
    hidden = f"{before} {text('X', x, 300)} {after} 0 Tr "
    content = hidden + SECRET if x < 60 else SECRET + hidden
    assert drawn(raw_pdf(tmp_path / "a.pdf", content, resources=FAINT)).words.texts == ("Secret",)


@pytest.mark.parametrize(
    ("membership", "seen"),
    [
        ("20 0 R", True),
        ("21 0 R", False),
        ("<< /Type /OCMD /OCGs [20 0 R 21 0 R] /P /AllOn >>", False),
        ("<< /Type /OCMD /OCGs [20 0 R 21 0 R] /P /AnyOn >>", True),
        ("<< /Type /OCMD /OCGs [20 0 R 21 0 R] /P /AllOff >>", False),
        ("<< /Type /OCMD /OCGs [20 0 R] /VE [/Not 20 0 R] >>", False),
        ("<< /Type /OCMD /OCGs [20 0 R 21 0 R] /VE [/And 20 0 R 21 0 R] >>", False),
        ("<< /Type /OCMD /OCGs [20 0 R 21 0 R] /VE [/Or 20 0 R [/Not 20 0 R]] >>", True),
    ],
)
@pytest.mark.parametrize("in_form", [False, True])
def test_layers_are_read_where_they_are_on(
    tmp_path: Path, membership: str, seen: bool, in_form: bool
) -> None:
    objects = {**LAYER_OBJECTS, 22: membership} if membership.startswith("<<") else LAYER_OBJECTS
    layer = "22 0 R" if membership.startswith("<<") else membership
    path = raw_pdf(
        tmp_path / "a.pdf",
        f"{NAME} /X Do" if in_form else f"{NAME} /OC /P BDC {SECRET} EMC",
        resources=f"/Properties << /P {layer} >> /XObject << /X 10 0 R >>",
        catalogue=LAYERS,
        objects={**objects, 10: form(SECRET, f"/OC {layer}")},
    )
    assert ("Secret" in drawn(path).words.texts) == seen


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (("Secret", "\u2588" * 6), {"Name"}),  # blacked out by typing
        (("\u2588" * 6, "Secret"), {"Name", "Secret"}),  # on a block of another colour
        (("Secret open", "\u2588" * 4), {"Name", "open"}),
    ],
)
def test_words_below_block_characters_are_not_read(
    tmp_path: Path, order: tuple[str, str], expected: set[str]
) -> None:
    path = typed_over(tmp_path / "a.pdf", ("Name", 20), *((words, 60) for words in order))
    found = {word for word in drawn(path).words.texts if not word.startswith("\u2588")}
    assert found == expected


def typed_over(path: Path, *texts: tuple[str, float]) -> Path:
    """Texts at places of one line, one drawn over the other in colours of their own."""
    pdfmetrics.registerFont(TTFont("DejaVu", dejavu()))
    canvas = Canvas(str(path), pagesize=(400, 600))
    for number, (words, x) in enumerate(texts):
        canvas.setFillColorRGB(0, number / 3, 0)
        canvas.setFont("DejaVu", 12)
        canvas.drawString(x, 300, words)
    canvas.save()
    return path


def written_picture(lines: tuple[str, ...], size: int, height: int) -> str:
    """A picture of 600 pixels' width, with lines 72 pixels apart."""
    picture = Image.new("L", (600, height), 255)
    for line, words in enumerate(lines):
        ImageDraw.Draw(picture).text((10, 10 + 72 * line), words, 0, ImageFont.load_default(size))
    packed = zlib.compress(picture.tobytes()).decode("latin-1")
    entries = f"/Type /XObject /Subtype /Image /Width 600 /Height {height} /ColorSpace /DeviceGray /BitsPerComponent 8"
    return stream(packed, f"{entries} /Filter /FlateDecode")


@pytest.mark.parametrize(
    ("lines", "size", "height", "left", "bottom", "font_size", "is_read"),
    [
        (("ACME",), 200, 240, 65, 345, 10, False),  # small words over a large one
        (("ACME",), 200, 240, 60, 322, 80, True),
        (("Secret of the harbour", "kept by pilots"), 48, 160, 65, 356, 24, True),
        (("Secret of the harbour", "kept by pilots"), 48, 160, 65, 353, 30, True),
    ],
)
def test_invisible_words_are_read_where_a_picture_shows_a_line_and_no_more(
    tmp_path: Path,
    lines: tuple[str, ...],
    size: int,
    height: int,
    left: float,
    bottom: float,
    font_size: float,
    is_read: bool,
) -> None:
    """Text recognition writes them over pictures of text; over a logo they are something else."""
    path = raw_pdf(
        tmp_path / "a.pdf",
        f"{NAME} q 300 0 0 {height / 2} 60 310 cm /I Do Q {text('Secret', left, bottom, font_size, '3 Tr')}",
        resources="/XObject << /I 10 0 R >>",
        objects={10: written_picture(lines, size, height)},
    )
    assert ("Secret" in drawn(path).words.texts) == is_read

"""Words that nobody can see are not read: covered, cut off, invisible, or on a layer that is off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
)
from reportlab.lib.colors import Color, black, red, white
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from tests import samples
from tests.ingest.rendered_pages import pages_of
from tests.ingest.written_sheet import Sheet, words_of


def test_case_12_words_under_a_bar_are_not_read() -> None:
    texts = words_of("12-redacted.pdf")
    assert not [text for text in texts if "ecret" in text or "lpha" in text]
    assert texts.count("Name:") == 3


@pytest.mark.parametrize("colour", [black, white, red])
@pytest.mark.parametrize(("below", "above"), [(3, 9), (4, 14), (12, 30), (2.5, 9.5)])
def test_words_under_bars_of_any_size_and_colour_are_not_read(
    sheet: Sheet, colour: object, below: float, above: float
) -> None:
    sheet.canvas.drawString(60, 300, "Name: Secretperson")
    sheet.canvas.setFillColor(colour)
    sheet.canvas.rect(94, 300 - below, 90, below + above, stroke=0, fill=1)
    assert sheet.texts() == ("Name:",)


def _thin_bars(canvas: Canvas) -> None:
    for row in range(14):
        canvas.rect(94, 296 + row, 90, 1.2, stroke=0, fill=1)


def _bars_side_by_side(canvas: Canvas) -> None:
    for column in range(3):
        canvas.rect(93.7 + 30 * column, 296, 30.6, 16, stroke=0, fill=1)


def _thick_line(canvas: Canvas) -> None:
    canvas.setLineWidth(16)
    canvas.line(94, 304, 184, 304)


def _bar_in_a_form(canvas: Canvas) -> None:
    canvas.beginForm("bar")
    canvas.rect(94, 296, 90, 16, stroke=0, fill=1)
    canvas.endForm()
    canvas.doForm("bar")


@pytest.mark.parametrize("cover", [_thin_bars, _bars_side_by_side, _thick_line, _bar_in_a_form])
def test_words_under_coverings_of_any_make_are_not_read(
    sheet: Sheet, cover: Callable[[Canvas], None]
) -> None:
    sheet.canvas.drawString(60, 300, "Name: Secretperson")
    cover(sheet.canvas)
    assert sheet.texts() == ("Name:",)


@pytest.mark.parametrize("subtype", ["/Square", "/Stamp", "/Redact"])
def test_words_under_an_annotation_are_not_read(sheet: Sheet, subtype: str) -> None:
    sheet.canvas.drawString(60, 300, "Name: Secretperson")
    sheet.canvas.save()
    writer = PdfWriter(clone_from=PdfReader(sheet.path))
    look = StreamObject()
    look.set_data(b"0 g 0 0 90 16 re f")
    look[NameObject("/Type")] = NameObject("/XObject")
    look[NameObject("/Subtype")] = NameObject("/Form")
    look[NameObject("/BBox")] = ArrayObject([FloatObject(edge) for edge in (0, 0, 90, 16)])
    bar = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject(subtype),
            NameObject("/Rect"): ArrayObject([FloatObject(edge) for edge in (94, 296, 184, 312)]),
            NameObject("/F"): NumberObject(4),
            NameObject("/AP"): DictionaryObject({NameObject("/N"): writer._add_object(look)}),
        }
    )
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(bar)])
    writer.write(sheet.path)
    (page,) = pages_of(sheet.path, 100)
    assert page.words.texts == ("Name:",)


def test_a_highlighter_hides_nothing(sheet: Sheet) -> None:
    sheet.canvas.drawString(60, 300, "Name: Person")
    sheet.canvas.setFillColor(Color(1, 1, 0, alpha=0.4))
    sheet.canvas.rect(94, 296, 90, 16, stroke=0, fill=1)
    assert sheet.texts() == ("Name:", "Person")


def test_a_bar_with_a_label_hides_too(sheet: Sheet) -> None:
    sheet.canvas.drawString(60, 300, "Name: Secretperson")
    sheet.canvas.rect(94, 296, 90, 16, stroke=0, fill=1)
    sheet.canvas.setFillColor(white)
    sheet.canvas.drawString(96, 300, "REDACTED")
    assert sheet.texts() == ("Name:", "REDACTED")


def test_a_picture_hides_what_is_under_it(sheet: Sheet) -> None:
    sheet.canvas.drawString(60, 300, "Name: Secretperson")
    sheet.canvas.drawImage(ImageReader(samples.picture_of("", (90, 20))), 94, 292, 90, 22)
    assert sheet.texts() == ("Name:",)


def test_a_struck_word_and_a_word_on_colour_are_read(sheet: Sheet) -> None:
    sheet.canvas.drawString(60, 300, "struck")
    sheet.canvas.line(58, 304, 100, 304)
    sheet.canvas.setFillColor(black)
    sheet.canvas.rect(50, 190, 200, 30, stroke=0, fill=1)
    sheet.canvas.setFillColor(white)
    sheet.canvas.drawString(60, 200, "inverted")
    sheet.canvas.setFillGray(0.8)
    sheet.canvas.drawString(60, 100, "pale")
    assert sheet.texts() == ("struck", "inverted", "pale")


def test_a_layer_that_is_off_is_not_read(sheet: Sheet) -> None:
    sheet.canvas.drawString(60, 300, "shown")
    sheet.canvas._code.append("/OC /Off BDC")
    sheet.canvas.drawString(60, 200, "switchedoff")
    sheet.canvas._code.append("EMC")
    sheet.canvas.save()
    writer = PdfWriter(clone_from=PdfReader(sheet.path))
    layer = writer._add_object(
        DictionaryObject({NameObject("/Type"): NameObject("/OCG"), NameObject("/Name"): NameObject("/L")})
    )
    writer.pages[0]["/Resources"][NameObject("/Properties")] = DictionaryObject({NameObject("/Off"): layer})  # type: ignore[index]
    off = DictionaryObject({NameObject("/ON"): ArrayObject(), NameObject("/OFF"): ArrayObject([layer])})
    writer._root_object[NameObject("/OCProperties")] = DictionaryObject(
        {NameObject("/OCGs"): ArrayObject([layer]), NameObject("/D"): off}
    )
    writer.write(sheet.path)
    (page,) = pages_of(sheet.path, 100)
    assert page.words.texts == ("shown",)


def test_words_cut_off_by_the_crop_box_are_not_read(tmp_path: Path) -> None:
    (page,) = pages_of(samples.rotated_pdf(tmp_path, 0, (200, 100, 500, 400)), 100)
    assert page.words.texts == ()


def test_invisible_words_over_other_words_are_not_read(sheet: Sheet) -> None:
    sheet.canvas.drawString(60, 300, "ordinary words")
    text = sheet.canvas.beginText(60, 300)
    text.setTextRenderMode(3)
    text.textOut("smuggled words")
    sheet.canvas.drawText(text)
    assert sheet.texts() == ("ordinary", "words")


def test_an_invisible_layer_over_a_scan_is_read_but_not_where_the_scan_is_blacked_out(sheet: Sheet) -> None:
    picture = samples.picture_of("Harbour dues", (400, 600))
    picture.paste((0, 0, 0), (40, 400, 360, 440))
    sheet.canvas.drawImage(ImageReader(picture), 0, 0, 400, 600)
    text = sheet.canvas.beginText(40, 550)
    text.setFont("Helvetica", 20)
    text.setTextRenderMode(3)
    text.textOut("Harbour dues")
    text.setTextOrigin(60, 175)
    text.textOut("blackedout")
    sheet.canvas.drawText(text)
    assert sheet.texts() == ("Harbour", "dues")


def test_words_under_a_scan_of_the_whole_page_are_its_words(sheet: Sheet) -> None:
    sheet.canvas.setFont("Helvetica", 20)
    sheet.canvas.drawString(40, 550, "Harbour dues")
    sheet.canvas.drawImage(ImageReader(samples.picture_of("Harbour dues", (400, 600))), 0, 0, 400, 600)
    assert sheet.texts() == ("Harbour", "dues")


def test_a_form_field_that_is_hidden_is_not_read(sheet: Sheet) -> None:
    sheet.canvas.acroForm.textfield(
        name="x", value="HIDDENVALUE", x=60, y=300, width=200, height=24, annotationFlags="hidden"
    )
    sheet.canvas.drawString(60, 340, "Berth:")
    assert sheet.texts() == ("Berth:",)

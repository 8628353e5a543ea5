"""Words that are broken at the end of a line, a column or a page are whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from tests import samples
from tests.ingest.raw_pdf import HELVETICA, drawn, raw_pdf, text, unicode_map
from tests.ingest.rendered_pages import pages_of
from tests.ingest.written_sheet import Sheet, words_of


def test_case_08_words_broken_by_any_hyphen_are_whole() -> None:
    texts = words_of("08-chrome-m2.pdf")
    assert "Genossenschaftsversammlung" in texts
    assert "Hafenmeisterbericht" in texts


@pytest.mark.parametrize("hyphen", ["-", "\u00ad", "\u2010"])
def test_a_hyphen_at_a_lines_end_joins(sheet: Sheet, hyphen: str) -> None:
    pdfmetrics.registerFont(TTFont("DejaVu", samples.dejavu()))
    sheet.canvas.setFont("DejaVu", 14)
    sheet.canvas.drawString(200, 300, f"the light{hyphen}")
    sheet.canvas.drawString(60, 280, "house keeper")
    assert sheet.texts() == ("the", "lighthouse", "keeper")


@pytest.mark.parametrize("told", ["200B002D", "002D00AD", "00AD002D", "2027", "2212", "2012", "058A"])
def test_a_hyphen_that_its_font_tells_as_something_else_joins(tmp_path: Path, told: str) -> None:
    path = raw_pdf(
        tmp_path / "a.pdf",
        text("the light~", 200, 300) + text("house keeper", 60, 285),
        objects={5: HELVETICA % "/ToUnicode 6 0 R", 6: unicode_map({"7E": told})},
    )
    assert drawn(path).words.texts == ("the", "lighthouse", "keeper")


def test_a_dash_of_two_hyphens_joins_nothing(tmp_path: Path) -> None:
    path = raw_pdf(tmp_path / "a.pdf", text("the light--", 200, 300) + text("house keeper", 60, 285))
    assert drawn(path).words.texts == ("the", "light--", "house", "keeper")


@pytest.mark.parametrize(
    ("written", "expected"),
    [("well\u2010known", "well-known"), ("light\u00adhouse", "lighthouse"), ("A\u2011frame", "A-frame")],
)
def test_a_hyphen_inside_a_word_is_kept_unless_it_is_soft(sheet: Sheet, written: str, expected: str) -> None:
    pdfmetrics.registerFont(TTFont("DejaVu", samples.dejavu()))
    sheet.canvas.setFont("DejaVu", 14)
    sheet.canvas.drawString(60, 300, written)
    assert sheet.texts() == (expected,)


@pytest.mark.parametrize("hyphen", ["-", "\u00ad", "\u2010"])
@pytest.mark.parametrize(
    ("halves", "expected"),
    [
        (("HAFENMEISTER", "BERICHT."), ("HAFENMEISTERBERICHT.",)),
        (("NATO", "Zone"), ("NATO-", "Zone")),
        (("KX", "AB"), ("KX-", "AB")),
        (("o\ufb03", "cial"), ("official",)),
        (("λιμενο", "φύλακας"), ("λιμενοφύλακας",)),
    ],
)
def test_halves_in_capitals_with_ligatures_and_in_greek_are_joined(
    sheet: Sheet, halves: tuple[str, str], expected: tuple[str, ...], hyphen: str
) -> None:
    pdfmetrics.registerFont(TTFont("DejaVu", samples.dejavu()))
    sheet.canvas.setFont("DejaVu", 12)
    sheet.canvas.drawString(60, 300, f"{halves[0]}{hyphen}")
    sheet.canvas.drawString(60, 284, halves[1])
    assert sheet.texts() == expected


@pytest.mark.parametrize("page_turn", [0, 90, 180, 270])
@pytest.mark.parametrize("text_turn", [0, 90, 180, 270])
def test_words_that_run_any_way_are_joined(sheet: Sheet, text_turn: int, page_turn: int) -> None:
    sheet.canvas.translate(200, 300)
    sheet.canvas.rotate(text_turn)
    sheet.canvas.drawString(-80, 20, "This is the light-")
    sheet.canvas.drawString(-80, 0, "house of the harbour.")
    sheet.canvas.drawString(-80, -60, "I N V O I C E   N U M B E R")
    sheet.canvas.save()
    writer = PdfWriter(clone_from=PdfReader(sheet.path))
    writer.pages[0].rotate(page_turn)
    writer.write(sheet.path)
    (page,) = pages_of(sheet.path, 100)
    assert {"lighthouse", "INVOICE", "NUMBER"} <= set(page.words.texts)
    at = page.words.texts.index("lighthouse")
    assert page.words.texts[at + 1 : at + 4] == ("of", "the", "harbour.")
    x0, y0, x1, y1 = page.words.boxes[page.words.texts.index("INVOICE")]
    long, short = (x1 - x0) * page.width_pt, (y1 - y0) * page.height_pt
    if (text_turn + page_turn) % 180:
        long, short = short, long
    assert long > 4 * short  # the box lies along the word


def test_a_word_goes_on_at_the_head_of_a_column_that_is_not_much_higher(sheet: Sheet) -> None:
    pdfmetrics.registerFont(TTFont("DejaVu", samples.dejavu()))
    sheet.canvas.setFont("DejaVu", 12)
    sheet.canvas.drawString(40, 520, "This column ends with")
    sheet.canvas.drawString(40, 502, "Hafenmeister\u2010")
    sheet.canvas.drawString(240, 520, "berichte in the next")
    sheet.canvas.drawString(240, 502, "one, as short.")
    assert "Hafenmeisterberichte" in sheet.texts()


@pytest.mark.parametrize("hyphen", ["-", "\u00ad", "\u2010", "\u2011"])
@pytest.mark.parametrize("has_head_and_foot", [False, True])
def test_a_word_goes_on_on_the_next_page(sheet: Sheet, hyphen: str, has_head_and_foot: bool) -> None:
    pdfmetrics.registerFont(TTFont("DejaVu", samples.dejavu()))
    for number, line in enumerate((f"the Genossenschafts{hyphen}", "versammlung, and ends here."), 1):
        sheet.canvas.setFont("DejaVu", 12)
        if has_head_and_foot:
            sheet.canvas.drawString(60, 570, "Minutes of 2026")
        sheet.canvas.drawString(60, 80 if number == 1 else 530, line)
        if has_head_and_foot:
            sheet.canvas.drawString(200, 30, f"Page {number}")
        sheet.canvas.showPage()
    sheet.canvas.save()
    first, second = pages_of(sheet.path, 100)
    assert "Genossenschaftsversammlung," in first.words.texts
    assert "versammlung," in second.words.texts


def test_a_word_with_a_hyphen_above_a_pages_last_line_stays(sheet: Sheet) -> None:
    for line in ("the Hafen- und Schiffsbau", "und weiter", "Hafen-"), ("und Schiffsbau",):
        sheet.canvas.setFont("Helvetica", 12)
        for row, words in enumerate(line):
            sheet.canvas.drawString(60, 500 - 20 * row, words)
        sheet.canvas.showPage()
    sheet.canvas.save()
    first, _ = pages_of(sheet.path, 100)
    assert first.words.texts.count("Hafen-") == 2


def test_a_word_goes_on_at_the_head_of_the_next_column(sheet: Sheet) -> None:
    sheet.canvas.drawString(60, 100, "the last light-")
    sheet.canvas.drawString(220, 500, "house keeper")
    assert sheet.texts() == ("the", "last", "lighthouse", "keeper")


@pytest.mark.parametrize(
    ("halves", "expected"),
    [
        (("light-\u00b9", "house"), ("lighthouse", "\u00b9")),
        (("light*-", "house"), ("lighthouse", "*")),
        (("GENOSSEN-", "SCHAFTS-", "TAG"), ("GENOSSENSCHAFTSTAG",)),
        (("light\u00ac", "house"), ("lighthouse",)),
        (("Schiffs-", "und Bootsbau"), ("Schiffs-", "und", "Bootsbau")),
        (("F-", "16 and"), ("F-", "16", "and")),
    ],
)
def test_broken_words_with_marks_in_capitals_and_before_conjunctions(
    sheet: Sheet, halves: Sequence[str], expected: tuple[str, ...]
) -> None:
    pdfmetrics.registerFont(TTFont("DejaVu", samples.dejavu()))
    sheet.canvas.setFont("DejaVu", 12)
    for row, half in enumerate(halves):
        sheet.canvas.drawString(60, 300 - 16 * row, half)
    assert sheet.texts() == expected


@pytest.mark.parametrize("hyphen_first", [False, True])
def test_a_raised_mark_is_no_part_of_its_word(sheet: Sheet, hyphen_first: bool) -> None:
    text = sheet.canvas.beginText(60, 300)
    for size, rise, piece in (
        ((12, 0, "light-"), (8, 5, "12")) if hyphen_first else ((12, 0, "light"), (8, 5, "12"), (12, 0, "-"))
    ):
        text.setFont("Helvetica", size)
        text.setRise(rise)
        text.textOut(piece)
    sheet.canvas.drawText(text)
    sheet.canvas.drawString(60, 284, "house and m2")
    assert sheet.texts() == ("lighthouse", "12", "and", "m2")


def test_words_of_columns_that_lie_line_by_line_in_the_file_go_on_in_their_column(sheet: Sheet) -> None:
    rows = (("the first light-", "the second har-"), ("house of all", "bour of all"))
    for row, (left, right) in enumerate(rows):
        sheet.canvas.drawString(40, 300 - 16 * row, left)
        sheet.canvas.drawString(220, 300 - 16 * row, right)
    assert {"lighthouse", "harbour"} <= set(sheet.texts())


def test_a_caption_between_the_halves_of_a_word_is_passed_over(sheet: Sheet) -> None:
    sheet.canvas.drawString(60, 300, "the light-")
    sheet.canvas.drawString(60, 100, "Figure 7: a boat")
    sheet.canvas.drawString(60, 284, "house keeper")
    assert "lighthouse" in sheet.texts()


def test_a_name_after_a_hyphen_stays_a_word(sheet: Sheet) -> None:
    sheet.canvas.drawString(200, 300, "Hafen-")
    sheet.canvas.drawString(60, 280, "Meister")
    assert sheet.texts() == ("Hafen-", "Meister")

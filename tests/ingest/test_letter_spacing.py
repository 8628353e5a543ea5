"""Letters that are set apart are words, and words that stand evenly by chance stay apart."""

from __future__ import annotations

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from tests import samples
from tests.ingest.written_sheet import Sheet, words_of


def test_case_10_letters_set_apart_are_words() -> None:
    assert words_of("10-spaced-letters.pdf")[:2] == ("INVOICE", "NUMBER")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("A N N U A L   R E P O R T", ("ANNUAL", "REPORT")),
        ("J a h r e s b e r i c h t", ("Jahresbericht",)),
        ("Q 3   2 0 2 5   R E S U L T S", ("Q3", "2025", "RESULTS")),
        ("1  2  3  4  5  6", ("1", "2", "3", "4", "5", "6")),
        ("O ' N E I L L ' S   B A R", ("O'NEILL'S", "BAR")),
        ("C O - O P E R A T I O N", ("CO-OPERATION",)),
        ("T O T A L   1 2 , 5 0   E U R", ("TOTAL", "12,50", "EUR")),
        ("I . N . V . O . I . C . E", ("I.N.V.O.I.C.E",)),
        ("I\u2009N\u2009V\u2009O\u2009I\u2009C\u2009E", ("INVOICE",)),
        ("I\u200aN\u200aV\u200aO\u200aI\u200aC\u200aE", ("INVOICE",)),
        ("a b", ("a", "b")),
    ],
)
def test_spaced_out_headings_are_joined_and_rows_of_figures_are_not(
    sheet: Sheet, written: str, expected: tuple[str, ...]
) -> None:
    if not written.isascii():
        pdfmetrics.registerFont(TTFont("DejaVu", samples.dejavu()))
        sheet.canvas.setFont("DejaVu", 12)
    sheet.canvas.drawString(60, 300, written)
    assert sheet.texts() == expected


@pytest.mark.parametrize("degrees", [30, 45, -45, 60])
def test_spaces_of_slanting_text_are_no_letters(sheet: Sheet, degrees: int) -> None:
    """The boxes of slanting letters reach into those of the spaces beside them."""
    sheet.canvas.translate(200, 300)
    sheet.canvas.rotate(degrees)
    sheet.canvas.drawString(-80, 0, "a b c of it is I am we go")
    assert sheet.texts() == tuple(["a", "b", "c", "of", "it", "is", "I", "am", "we", "go"])


def _in_cells(sheet: Sheet, text: str, pitch: float, *, middle: bool) -> None:
    """A letter to each cell, at its left side or in its middle; an empty cell for a space."""
    for cell, letter in enumerate(text):
        width = sheet.canvas.stringWidth(letter, sheet.canvas._fontname, 12) if middle else 0.0
        sheet.canvas.drawString(40 + cell * pitch - width / 2, 300, letter.strip())


@pytest.mark.parametrize("middle", [False, True])
@pytest.mark.parametrize("pitch", [9, 10, 12, 14, 16, 20, 24])
@pytest.mark.parametrize("written", ["INVOICE TOTAL", "Willemstad", "MUELLER 1974", "ΤΙΜΟΛΟΓΙΟ"])
def test_a_letter_to_each_cell_of_a_form_makes_words(
    sheet: Sheet, written: str, pitch: float, middle: bool
) -> None:
    if not written.isascii():
        pdfmetrics.registerFont(TTFont("DejaVu", samples.dejavu()))
        sheet.canvas.setFont("DejaVu", 12)
    _in_cells(sheet, written, pitch, middle=middle)
    assert sheet.texts() == tuple(written.split())


@pytest.mark.parametrize("font", ["Courier", "Helvetica", "Times-Roman"])
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("T O T A L", ("TOTAL",)),
        ("T O T A L  D U E", ("TOTAL", "DUE")),
        ("T  O  T  A  L", ("TOTAL",)),
        ("T  O  T  A  L    S  U  M", ("TOTAL", "SUM")),
        ("I L L I N O I S", ("ILLINOIS",)),
    ],
)
def test_headings_set_apart_are_words_in_every_font(
    sheet: Sheet, font: str, written: str, expected: tuple[str, ...]
) -> None:
    sheet.canvas.setFont(font, 12)
    sheet.canvas.drawString(40, 300, written)
    assert sheet.texts() == expected


@pytest.mark.parametrize(
    ("written", "pitch"),
    [("ABCDEF", 14), ("MTWTFSS", 14), ("JFMAMJJASOND", 16), ("YNYYNN", 18), ("ABCABEDC", 24), ("QUARTO", 40)],
)
def test_rows_of_a_table_calendar_or_list_of_answers_stay_apart(
    sheet: Sheet, written: str, pitch: float
) -> None:
    _in_cells(sheet, written, pitch, middle=True)
    assert sheet.texts() == tuple(written)


def test_words_that_stand_evenly_by_chance_stay_apart(sheet: Sheet) -> None:
    sheet.canvas.setFont("Times-Roman", 12)
    for row, line in enumerate(("one of our trucks", "is not be used", "dependent on it", "et de nous")):
        sheet.canvas.drawString(40, 400 - 20 * row, line)
    assert sheet.texts() == tuple(
        ["one", "of", "our", "trucks", "is", "not", "be", "used", "dependent", "on", "it", "et", "de", "nous"]
    )


def test_letters_that_head_the_columns_of_a_table_stay_apart(sheet: Sheet) -> None:
    for column, letter in enumerate("ABCDEF"):
        sheet.canvas.drawString(40 + 55 * column, 300, letter)
    assert sheet.texts() == tuple("ABCDEF")


@pytest.mark.parametrize("space", [6, 14, 28])
def test_letters_set_apart_by_the_font_are_one_word(sheet: Sheet, space: float) -> None:
    text = sheet.canvas.beginText(40, 300)
    text.setFont("Helvetica", 14)
    text.setCharSpace(space)
    text.textOut("HARBOUR")
    sheet.canvas.drawText(text)
    assert sheet.texts() == ("HARBOUR",)


@pytest.mark.parametrize("share", [0.7, 0.75, 0.8])
def test_small_capitals_that_are_set_apart_belong_to_their_initials(sheet: Sheet, share: float) -> None:
    line = sheet.canvas.beginText(60, 300)
    for letter in "I N V O I C E   N U M B E R":
        line.setFont("Helvetica", 16 if line.getX() == 60 or letter == "N" else 16 * share)
        line.textOut(letter)
    sheet.canvas.drawText(line)
    assert sheet.texts() == ("INVOICE", "NUMBER")

"""A page's own words: all that a person sees on it, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont as FontFile
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
)
from reportlab.lib.colors import Color, black, red, white
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from tests import samples
from tests.cases import CASES
from tests.ingest.rendered_pages import pages_of


class Sheet:
    """A PDF of one page of 400 x 600 points, written with `canvas`."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "sheet.pdf"
        self.canvas = Canvas(str(self.path), pagesize=(400, 600), invariant=True)
        self.canvas.setFont("Helvetica", 12)

    def texts(self) -> tuple[str, ...]:
        self.canvas.save()
        (page,) = pages_of(self.path, 100)
        return page.words.texts


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    return Sheet(tmp_path)


def words_of(name: str) -> tuple[str, ...]:
    (page,) = pages_of(CASES / name, 100)
    return page.words.texts


# Text that the page shows


def test_case_06_values_of_fields_and_notes_are_words_with_boxes() -> None:
    (page,) = pages_of(CASES / "06-filled-form.pdf", 100)
    assert {"Новосибирск", "Παπαδοπούλου", "KX-77120-B", "delivery"} <= set(page.words.texts)
    x0, y0, x1, y1 = page.words.boxes[page.words.texts.index("KX-77120-B")]
    assert x1 - x0 < 0.3
    assert y1 - y0 < 0.05


def test_a_typed_note_is_read_where_it_stands(sheet: Sheet) -> None:
    sheet.canvas.drawString(40, 500, "printed")
    sheet.canvas.save()
    writer = PdfWriter(clone_from=PdfReader(sheet.path))
    writer.add_annotation(0, FreeText(text="remember the moorings", rect=(40, 100, 300, 140)))
    note = writer.pages[0]["/Annots"][0].get_object()  # type: ignore[index]
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    look = StreamObject()
    look.set_data(b"BT /F1 14 Tf 4 12 Td (remember the moorings) Tj ET")
    look.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject([*map(_number, (0, 0, 260, 40))]),
            NameObject("/Resources"): DictionaryObject(
                {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
            ),
        }
    )
    note[NameObject("/AP")] = DictionaryObject({NameObject("/N"): writer._add_object(look)})
    writer.write(sheet.path)
    (page,) = pages_of(sheet.path, 100)
    assert page.words.texts == ("printed", "remember", "the", "moorings")
    assert page.words.boxes[1][1] == pytest.approx(1 - 125 / 600, abs=0.03)


def _number(value: float) -> object:
    from pypdf.generic import FloatObject

    return FloatObject(value)


@pytest.mark.parametrize("need_appearances", [False, True])
def test_a_filled_field_is_read(sheet: Sheet, need_appearances: bool) -> None:
    form = sheet.canvas.acroForm
    form.textfield(name="berth", value="BERTH-4471", x=60, y=300, width=200, height=24, fontSize=12)
    sheet.canvas.drawString(60, 340, "Berth:")
    sheet.canvas.save()
    writer = PdfWriter(clone_from=PdfReader(sheet.path))
    if need_appearances:
        writer._root_object["/AcroForm"][NameObject("/NeedAppearances")] = BooleanObject(True)  # type: ignore[index]
    writer.write(sheet.path)
    (page,) = pages_of(sheet.path, 100)
    assert page.words.texts == ("Berth:", "BERTH-4471")


def test_case_07_letters_beyond_the_first_plane_are_letters() -> None:
    texts = words_of("07-chrome-m.pdf")
    assert texts[:4] == ("Лемма", "о", "маяке", "Пусть")
    assert "abcdef" in texts


@pytest.mark.skipif(not shutil.which("chromium"), reason="no Chromium")
def test_the_value_of_a_printed_field_is_one_word(tmp_path: Path) -> None:
    """pdfium adds breaks between its letters, which touch each other."""
    page, path = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text("<!doctype html><input value=Fieldvalue>")
    command = ["chromium", "--headless", "--no-sandbox", "--no-pdf-header-footer", f"--print-to-pdf={path}"]
    subprocess.run([*command, str(page)], check=True, capture_output=True, timeout=60)
    (printed,) = pages_of(path, 100)
    assert printed.words.texts == ("Fieldvalue",)


@pytest.mark.parametrize(
    ("initial", "rest", "words"),
    [
        ("O", "nce upon", ("Once", "upon", "a", "time")),
        ("A ", "man came", ("A", "man", "came", "a", "time")),
    ],
)
def test_a_large_initial_belongs_to_its_word(
    sheet: Sheet, initial: str, rest: str, words: Sequence[str]
) -> None:
    sheet.canvas.setFontSize(40)
    sheet.canvas.drawString(20, 300, initial)
    left = 20 + sheet.canvas.stringWidth(initial)
    sheet.canvas.setFontSize(12)
    sheet.canvas.drawString(left, 319.5, rest)
    sheet.canvas.drawString(left, 303, "a time")
    assert sheet.texts() == tuple(words)


@pytest.mark.skipif(not shutil.which("chromium"), reason="no Chromium")
def test_letters_emoji_and_rare_ideographs_of_a_printed_web_page_are_read(tmp_path: Path) -> None:
    page, path = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text(
        '<meta charset="utf-8"><body style="font-size:20px"><p>lemma \U0001d400\U0001d401\U0001d402 '
        "\U0001d44e\U0001d44f proof</p><p>ferry \U0001f600\U0001f6a2 harbour \U00020000\U00020001 end</p>",
        encoding="utf-8",
    )
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile"]
    subprocess.run(
        ["chromium", *options, f"--print-to-pdf={path}", page.as_uri()],
        check=True,
        capture_output=True,
        timeout=100,
    )
    (printed,) = pages_of(path, 100)
    assert {"lemma", "proof", "ferry", "harbour", "end"} <= set(printed.words.texts)
    # fonts of a system may lack these: then boxes with crosses are printed, whose text says nothing
    assert not [text for text in printed.words.texts if "\ufffd" in text]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("harbour \U0001d400\U0001d401\U0001d402 master", ("harbour", "ABC", "master")),
        ("\U0001d4d0 harbour", ("A", "harbour")),
        ("\U0001f600 \U0001f601 harbour", ("\U0001f600", "\U0001f601", "harbour")),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467 harbour", ("\U0001f468\U0001f469\U0001f467", "harbour")),
        ("\U00020bb7\u91ce\u5bb6 harbour", ("\U00020bb7\u91ce\u5bb6", "harbour")),
    ],
)
def test_maps_that_write_rare_characters_as_one_number_are_understood(
    sheet: Sheet, tmp_path: Path, written: str, expected: tuple[str, ...]
) -> None:
    """As ReportLab writes them; pdfium takes the first four digits."""
    font = FontFile(samples.dejavu())
    for table in (table for table in font["cmap"].tables if table.format == 12):
        for number, character in enumerate(filter(lambda c: c not in " harboumste", written)):
            table.cmap[ord(character)] = font.getBestCmap()[ord("A") + number]
    name = f"Rare{written.encode().hex()}"  # fonts are registered for good
    for record in font["name"].names:
        record.string = name
    font.save(tmp_path / "rare.ttf")
    pdfmetrics.registerFont(TTFont(name, str(tmp_path / "rare.ttf")))
    sheet.canvas.setFont(name, 14)
    sheet.canvas.drawString(60, 300, written)
    assert sheet.texts() == expected


def test_emoji_leave_the_words_around_them(sheet: Sheet) -> None:
    pdfmetrics.registerFont(TTFont("DejaVu", samples.dejavu()))
    sheet.canvas.setFont("DejaVu", 14)
    sheet.canvas.drawString(60, 300, "ferry \U0001f600\U0001f601\U0001f602\U0001f603 harbour")
    texts = sheet.texts()
    assert texts[0] == "ferry"
    assert texts[-1] == "harbour"


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


@pytest.mark.slow
def test_case_14_text_of_any_length_is_read() -> None:
    """220,000 characters: more than a page was read of once."""
    assert {"xylographic", "zanzibar", "quokka"} <= set(words_of("14-dense.pdf"))


# Text that the page does not show


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

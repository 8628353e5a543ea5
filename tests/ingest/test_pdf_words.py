"""A page's own words: all that a person sees on it. (What nobody sees: `test_hidden_words.py`.)"""

from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Sequence
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
    StreamObject,
)
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from pagelight.ingest.render.word_joining import Word
from pagelight.ingest.render.word_order import for_each_direction
from tests import samples
from tests.cases import CASES
from tests.ingest.raw_pdf import drawn, raw_pdf, stream, text
from tests.ingest.rendered_pages import pages_of
from tests.ingest.written_sheet import Sheet, words_of


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


def test_letters_that_a_font_numbers_without_a_name_are_untold_letters(tmp_path: Path) -> None:
    """As Ghostscript and TeX write ligatures; U+0002 is a hyphen at a line's end only."""
    square = stream("900 0 0 0 700 700 d1 0 0 700 700 re f")
    codes = [*range(1, 13), *range(97, 123)]
    names = "".join(f"{code} /{'u' if code < 32 else chr(code)} " for code in codes)
    procs = "".join(f"/{name} 11 0 R " for name in ("u", *map(chr, range(97, 123))))
    font = (
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [.001 0 0 .001 0 0] /FirstChar 1 "
        f"/LastChar 122 /Widths [{'900 ' * 122}] /Encoding << /Differences [{names}] >> /CharProcs << {procs} >> "
        "/ToUnicode 12 0 R /Resources << >> >>"
    )
    told = "".join(f"<{code:02x}> <{code:04x}> " for code in codes)
    table = f"/CMapName /A def 1 begincodespacerange <00> <ff> endcodespacerange {len(codes)} beginbfchar {told} endbfchar"
    words = (
        text("o\\001ce sti\\002", 40, 500)
        + text("cli\\002s e\\014ect ports\\002", 200, 500)
        + text("mouth", 40, 484)
    )
    path = raw_pdf(tmp_path / "a.pdf", words, objects={5: font, 11: square, 12: stream(table)})
    (page,) = pages_of(path, 100)
    assert page.words.texts[:4] == ("o\ufffdce", "sti\ufffd", "cli\ufffds", "e\ufffdect")


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
@pytest.mark.parametrize("degrees", [-50, -30, -15, 15, 25, 30, 35, 50])
def test_slanted_words_are_read_in_their_order(tmp_path: Path, degrees: int) -> None:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    content = (
        f"BT /F1 10 Tf {cos:.4f} {sin:.4f} {-sin:.4f} {cos:.4f} 90 300 Tm (Quarterly dredging costs) Tj ET"
    )
    assert drawn(raw_pdf(tmp_path / "a.pdf", content)).words.texts == ("Quarterly", "dredging", "costs")


def test_a_letter_of_another_font_makes_no_word_slanted() -> None:
    """Two lines of a script that runs to the left, the last one first, as pdfium gives them."""
    upper, lower = (
        Word(
            ["a", "b"],
            left=0,
            right=20,
            bottom=y,
            top=y + 12.2,
            boxes=[(10, y, 20, y + 10), (0, y + 2.2, 10, y + 12.2)],
        )
        for y in (12.0, 0.0)
    )
    assert for_each_direction([upper, lower], list) == [lower, upper]


def test_words_of_a_letter_or_two_that_run_upwards_side_by_side_are_words(tmp_path: Path) -> None:
    said = ["It", "is", "in", "this", "spirit", "that", "a", "man", "of", "no", "law", "will", "be"]
    content = text("Title", 0, 217, 16) + "".join(
        f"BT /F1 7.51 Tf 0 1 -1 0 {18.8 + 11.27 * column:.2f} 136.7 Tm ({word}) Tj ET "
        for column, word in enumerate(said)
    )
    assert drawn(raw_pdf(tmp_path / "a.pdf", content)).words.texts == ("Title", *said)


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


@pytest.mark.slow
def test_case_14_text_of_any_length_is_read() -> None:
    """220,000 characters: more than a page was read of once."""
    assert {"xylographic", "zanzibar", "quokka"} <= set(words_of("14-dense.pdf"))

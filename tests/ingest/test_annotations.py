"""Fields, notes, stamps and marks: their words where people see them, and what they hide."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.ingest.raw_pdf import SHEET, drawn, form, raw_pdf, text

PRINTED = text("Name", 20, 300) + text("Secret", 60, 300)
ON_SECRET = "/Rect [55 290 115 315] /F 4 /QuadPoints [55 315 115 315 55 290 115 290]"
NOTE = "/Type /Annot /Rect [50 100 250 130] /DA (/Helv 12 Tf 0 g)"
FIELD = f"{NOTE} /Subtype /Widget /P 3 0 R /F 4 /T (f)"


def words_with(path: Path, annotation: str, look: str = "", need_appearances: bool = False) -> Sequence[str]:
    """The words of the page with an annotation, whose look is object 31."""
    path = raw_pdf(
        path,
        PRINTED,
        page=f"{SHEET} /Annots [30 0 R]",
        catalogue="/AcroForm << /Fields [30 0 R] /DA (/Helv 12 Tf 0 g) /DR << /Font << /Helv 5 0 R >> >> "
        f"{'/NeedAppearances true' * need_appearances} >>",
        objects={30: f"<< {annotation} >>", 31: form(look, box="[0 0 200 30]")},
    )
    return drawn(path).words.texts


@pytest.mark.parametrize(
    ("annotation", "hides"),
    [
        (f"/Type /Annot /Subtype /Highlight {ON_SECRET} /C [1 1 0] /Contents (Secret)", False),
        (f"/Type /Annot /Subtype /Underline {ON_SECRET} /C [1 0 0]", False),
        (f"/Type /Annot /Subtype /StrikeOut {ON_SECRET} /C [1 0 0]", False),
        (f"/Type /Annot /Subtype /Redact {ON_SECRET} /IC [0 0 0]", False),  # not applied yet
        (f"/Type /Annot /Subtype /Square {ON_SECRET} /C [1 0 0]", False),
        ("/Type /Annot /Subtype /Square /Rect [55 290 115 315] /F 2 /IC [0 0 0]", False),  # hidden
        ("/Type /Annot /Subtype /Square /Rect [55 290 115 315] /F 32 /IC [0 0 0]", False),  # not on screens
        (f"/Type /Annot /Subtype /Highlight {ON_SECRET} /C [0 0 0]", True),
        (f"/Type /Annot /Subtype /Square {ON_SECRET} /C [0 0 0] /IC [0 0 0]", True),
        ("/Type /Annot /Subtype /Circle /Rect [35 270 145 330] /F 4 /IC [0 0 0]", True),
    ],
)
def test_a_mark_without_a_look_of_its_own_hides_what_it_is_drawn_over(
    tmp_path: Path, annotation: str, hides: bool
) -> None:
    expected = ("Name",) if hides else ("Name", "Secret")
    assert words_with(tmp_path / "a.pdf", annotation) == expected


@pytest.mark.parametrize(
    ("annotation", "is_read"),
    [
        (f"{NOTE} /Subtype /FreeText /F 4 /Contents (typed)", True),  # readers make its look
        (f"{NOTE} /Subtype /FreeText /Contents (typed) /AP << /N 31 0 R >>", True),
        (f"{NOTE} /Subtype /Stamp /F 4 /Name /Approved /AP << /N 31 0 R >>", True),
        (f"{NOTE} /Subtype /Watermark /F 4 /AP << /N 31 0 R >>", True),
        (f"{NOTE} /Subtype /Text /F 4 /Contents (typed)", True),  # a sticky note
        (f"{NOTE} /Subtype /Text /F 2 /Contents (typed)", False),
        (f"{NOTE} /Subtype /FreeText /RC (<body><p>typed</p></body>)", True),
        (f"{NOTE} /Subtype /Text /F 4 /RC (<body><p>typed</p></body>)", True),
        (f"{NOTE} /Subtype /Highlight /F 4 /RC (<body><p>typed</p></body>)", True),
        ("/Type /Annot /Subtype /FreeText /Rect [50 100 250 130] /DA (odd) /Contents (typed)", True),
        *(
            (f"{NOTE} /Subtype /{mark} /F 4 /Contents (typed)", True)
            for mark in ("Line", "Polygon", "PolyLine", "Ink", "Square", "Circle", "Highlight", "Stamp")
        ),
        (f"{NOTE} /Subtype /FreeText /F 2 /Contents (typed) /AP << /N 31 0 R >>", False),
        (f"{NOTE} /Subtype /FreeText /F 36 /Contents (typed) /AP << /N 31 0 R >>", False),
    ],
)
def test_notes_and_stamps_are_read_where_screens_show_them(
    tmp_path: Path, annotation: str, is_read: bool
) -> None:
    words = words_with(tmp_path / "a.pdf", annotation, text("typed", 4, 10))
    assert ("typed" in words) == is_read


@pytest.mark.parametrize(
    ("name", "words"),
    [("Approved", ["Approved"]), ("NotForPublicRelease", ["Not", "For", "Public", "Release"])],
)
def test_a_stamp_of_a_known_name_is_read_where_readers_draw_it(
    tmp_path: Path, name: str, words: Sequence[str]
) -> None:
    path = raw_pdf(
        tmp_path / "a.pdf",
        PRINTED,
        page=f"{SHEET} /Annots [30 0 R]",
        objects={30: f"<< {NOTE} /Subtype /Stamp /F 4 /Name /{name} >>"},
    )
    found = drawn(path).words
    assert list(found.texts) == ["Name", "Secret", *words]
    assert np.allclose(found.boxes[-1], (50 / 400, 470 / 600, 250 / 400, 500 / 600), atol=0.01)


@pytest.mark.parametrize("need_appearances", [False, True])
@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("/FT /Tx /V (Valuable)", ["Valuable"]),
        (
            "/FT /Tx /V (much more than the field can show at once up to its tail)",
            ["much", "more", "than", "the", "field", "can", "show", "at", "once", "up", "to", "its", "tail"],
        ),
        ("/FT /Tx /V <FEFF041D043E0432043E>", ["Ново"]),
        ("/FT /Tx /V <FEFF03A003B103C003B1>", ["Παπα"]),
        ("/FT /Tx /Ff 4096 /V (Two words)", ["Two", "words"]),
        ("/FT /Tx /Ff 16777216 /MaxLen 10 /V (AB12345)", ["AB12345"]),
        ("/FT /Tx /Ff 16777216 /MaxLen 12 /V (DE 4471 08)", ["DE", "4471", "08"]),
        ("/FT /Tx /Ff 33554432 /V (Rich) /RV (<body><p>Rich</p></body>)", ["Rich"]),
        ("/FT /Ch /Ff 131072 /V (2) /Opt [[(1) (First)] [(2) (Second)]]", ["Second"]),
        ("/FT /Ch /Ff 131072 /V (Third) /Opt [(First) (Third)]", ["Third"]),
        ("/FT /Tx /Ff 8192 /V (hushhush)", []),  # a password
    ],
)
def test_fields_of_every_kind_are_read_without_a_look_of_their_own(
    tmp_path: Path, field: str, expected: Sequence[str], need_appearances: bool
) -> None:
    words = words_with(tmp_path / "a.pdf", f"{FIELD} {field}", need_appearances=need_appearances)
    assert [word for word in words if word not in ("Name", "Secret") and word.strip("*•")] == expected


@pytest.mark.parametrize("look", ["", "/Tx BMC EMC", "q 1 g 0 0 200 30 re f Q", "/Tx BMC q BT ET Q EMC"])
@pytest.mark.parametrize(
    "field", ["/FT /Tx /V (Valuable)", "/FT /Ch /Ff 131072 /V (2) /Opt [[(2) (Valuable)]]"]
)
def test_a_value_is_read_and_drawn_where_the_look_of_its_field_was_left_empty(
    tmp_path: Path, look: str, field: str
) -> None:
    words = words_with(tmp_path / "a.pdf", f"{FIELD} {field} /AP << /N 31 0 R >>", look)
    assert words == ("Name", "Secret", "Valuable")
    page = drawn(tmp_path / "a.pdf")
    height, width, _ = page.pixels.shape
    place = page.pixels[int(height * 470 / 600) : height * 500 // 600, width * 50 // 400 : width * 250 // 400]
    assert place.min() < 100


def test_an_empty_field_with_an_empty_look_stays_so(tmp_path: Path) -> None:
    assert words_with(tmp_path / "a.pdf", f"{FIELD} /FT /Tx /AP << /N 31 0 R >>") == ("Name", "Secret")


def test_what_is_chosen_of_a_list_is_read_where_it_shows_other_lines(tmp_path: Path) -> None:
    options = " ".join(f"(Line{number})" for number in range(9))
    field = f"{FIELD} /FT /Ch /Ff 2097152 /Opt [{options}] /V [(Line1) (Line7) (Line8)]"
    words = words_with(tmp_path / "a.pdf", field)
    assert {"Line1", "Line7", "Line8"} <= set(words)
    assert words.count("Line1") == 1


LAYERS = "/OCProperties << /OCGs [20 0 R 21 0 R] /D << /ON [20 0 R] /OFF [21 0 R] >> >>"


@pytest.mark.parametrize(
    "annotation",
    [
        f"{NOTE} /Subtype /FreeText /F 4 /Contents (typed)",
        f"{NOTE} /Subtype /Stamp /F 4 /AP << /N 31 0 R >>",
        f"{FIELD} /FT /Tx /V (typed)",
    ],
)
@pytest.mark.parametrize(
    ("layer", "is_on"),
    [
        ("20 0 R", True),
        ("21 0 R", False),
        ("<< /Type /OCMD /OCGs 21 0 R >>", False),
        ("<< /Type /OCMD /OCGs [20 0 R 21 0 R] >>", True),
        ("<< /Type /OCMD /OCGs [20 0 R 21 0 R] /P /AllOn >>", False),
        ("<< /Type /OCMD /OCGs [20 0 R 21 0 R] /P /AnyOff >>", True),
        ("<< /Type /OCMD /OCGs [21 0 R] /P /AllOff >>", True),
        ("<< /Type /OCMD /OCGs [20 0 R] /VE [/Not 21 0 R] >>", True),
        ("<< /Type /OCMD /VE [/And 20 0 R [/Or 21 0 R [/Not 20 0 R]]] >>", False),
    ],
)
def test_what_stands_on_a_layer_is_read_and_drawn_where_the_layer_is_on(
    tmp_path: Path, annotation: str, layer: str, is_on: bool
) -> None:
    path = raw_pdf(
        tmp_path / "a.pdf",
        PRINTED,
        page=f"{SHEET} /Annots [30 0 R]",
        catalogue=f"{LAYERS} /AcroForm << /Fields [30 0 R] /DR << /Font << /Helv 5 0 R >> >> >>",
        objects={
            20: "<< /Type /OCG /Name (on) >>",
            21: "<< /Type /OCG /Name (off) >>",
            30: f"<< {annotation} /OC {layer} >>",
            31: form(text("typed", 4, 10), box="[0 0 200 30]"),
        },
    )
    page = drawn(path)
    top, bottom, left, right = (
        int(share * side)
        for share, side in zip(
            (470 / 600, 500 / 600, 50 / 400, 250 / 400), np.repeat(page.pixels.shape[:2], 2), strict=True
        )
    )
    assert ("typed" in page.words.texts) == is_on
    assert bool((page.pixels[top:bottom, left:right] < 128).any()) == is_on


def test_a_value_in_letters_that_the_font_lacks_has_the_place_of_its_field(tmp_path: Path) -> None:
    # a script that the fonts of common machines lack too, of which pdfium would take it
    path = raw_pdf(
        tmp_path / "a.pdf",
        PRINTED,
        page=f"{SHEET} /Annots [30 0 R]",
        catalogue="/AcroForm << /Fields [30 0 R] /DR << /Font << /Helv 5 0 R >> >> >>",
        objects={30: f"<< {FIELD} /FT /Tx /V <FEFFA500A501A502A503> >>"},
    )
    words = drawn(path).words
    box = words.boxes[words.texts.index("ꔀꔁꔂꔃ")] * (400, 600, 400, 600)
    assert np.allclose(box, (50, 470, 250, 500), atol=1)


def test_a_sticky_note_without_a_size_has_that_of_its_sign(tmp_path: Path) -> None:
    note = "/Annots [<< /Type /Annot /Subtype /Text /Rect [100 290 100.05 300] /Contents (typed) >>]"
    page = drawn(raw_pdf(tmp_path / "a.pdf", PRINTED, page=f"{SHEET} {note}"))
    left, top, right, bottom = page.words.boxes[page.words.texts.index("typed")]
    assert right - left == pytest.approx(18 / 400, abs=0.002)
    assert bottom - top == pytest.approx(18 / 600, abs=0.002)


@pytest.mark.parametrize(
    ("page", "tree"),
    [
        ("", "/MediaBox [0 0 400 600]"),
        ("", "/MediaBox [0 0 1400 1600] /Rotate 90"),
        ("", "/MediaBox [0 0 400 600] /CropBox [10 80 380 590]"),
        (SHEET, "/CropBox [10 80 380 590]"),
        (f"{SHEET} /CropBox [-50 -50 900 900]", ""),
    ],
)
def test_a_note_leaves_the_page_as_it_is(tmp_path: Path, page: str, tree: str) -> None:
    note = f"/Annots [<< {NOTE} /Subtype /FreeText /F 4 /Contents (typed) >>]"
    bare = drawn(raw_pdf(tmp_path / "a.pdf", PRINTED, page=page, tree=tree))
    noted = drawn(raw_pdf(tmp_path / "b.pdf", PRINTED, page=f"{page} {note}", tree=tree))
    assert noted.pixels.shape == bare.pixels.shape
    assert "typed" in noted.words.texts
    for word, box in zip(bare.words.texts, bare.words.boxes, strict=True):
        assert noted.words.boxes[noted.words.texts.index(word)] == pytest.approx(box, abs=0.001)

"""Letters that are painted in unusual ways: by what lies below clear ones, in a mirror, twice, and mixed with the paper."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest.raw_pdf import drawn, form, raw_pdf, text

NAME = text("Name", 20, 400)
GROUP = "/Group << /S /Transparency /I true >>"
#: letters as a mask: what is painted through it shows them only
MASK = {
    20: "<< /SMask << /S /Luminosity /G 21 0 R >> >>",
    21: form(f"1 g {text('Gradient', 20, 300, 24)}", GROUP.replace("/I", "/CS /DeviceGray /I")),
    22: "<< /ca 0 >>",
}
CLEAR = f"q /Clear gs {text('Gradient', 20, 300, 24)} Q "
PAINTED = {10: form("1 0 0 rg 10 280 380 60 re f", GROUP)}
STATES = "/ExtGState << /Letters 20 0 R /Clear 22 0 R >> /XObject << /X 10 0 R >>"


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (f"q /Letters gs /X Do Q {CLEAR}", True),  # as browsers print text with a gradient
        (f"{CLEAR} q /Letters gs /X Do Q", True),
        (CLEAR, False),
        (f"/X Do {CLEAR}", False),  # on a panel of one colour
        (f"0 g {text('Another', 20, 300, 24)} {CLEAR}", False),
        (f"0 G 10 308 m 390 308 l S {CLEAR}", False),
    ],
)
def test_clear_letters_are_read_where_what_is_painted_below_has_their_shape(
    tmp_path: Path, content: str, seen: bool
) -> None:
    path = raw_pdf(tmp_path / "a.pdf", NAME + content, resources=STATES, objects={**MASK, **PAINTED})
    assert ("Gradient" in drawn(path).words.texts) == seen


def test_words_that_are_drawn_again_in_their_place_are_there_once(tmp_path: Path) -> None:
    twice = form(text("Double word", 20, 300), GROUP)
    path = raw_pdf(
        tmp_path / "a.pdf",
        f"{NAME} /X Do /X Do {text('word', 200, 300)}",
        resources="/XObject << /X 10 0 R >>",
        objects={10: twice},
    )
    assert drawn(path).words.texts == ("Name", "Double", "word", "word")


def test_a_line_below_mirrored_words_is_apart(tmp_path: Path) -> None:
    """As browsers print it: a group for each line, none of which ends in a space."""
    line = "3.125 0 0 3.125 0 0 cm BT /F1 24 Tf 1 0 0 -1 0 0 Tm ({}) Tj ET"
    box = "[-400 -400 2400 400]"
    path = raw_pdf(
        tmp_path / "a.pdf",
        ".24 0 0 -.24 0 600 cm q -1 0 0 1 1020 700 cm /X Do Q q 1 0 0 1 607 777 cm /Y Do Q",
        resources="/XObject << /X 10 0 R /Y 11 0 R >>",
        objects={
            10: form(line.format("Mirror words"), GROUP, box),
            11: form(line.format("Below"), GROUP, box),
        },
    )
    page = drawn(path)
    assert page.words.texts == ("Mirror", "words", "Below")
    assert page.words.boxes[1][0] == pytest.approx(page.words.boxes[2][0], abs=0.02)


@pytest.mark.parametrize("mode", ["Normal", "Multiply", "Darken", "HardLight", "Luminosity"])
@pytest.mark.parametrize(("grey", "seen"), [(0, True), (1, False)])
def test_letters_that_are_mixed_with_the_paper_are_read_where_they_show(
    tmp_path: Path, mode: str, grey: int, seen: bool
) -> None:
    path = raw_pdf(
        tmp_path / "a.pdf",
        f"{NAME} 1 g 0 280 400 60 re f /Mix gs {grey} g {text('Mixed', 20, 300, 18)}",
        resources=f"/ExtGState << /Mix << /BM /{mode} >> >>",
    )
    assert ("Mixed" in drawn(path).words.texts) == seen

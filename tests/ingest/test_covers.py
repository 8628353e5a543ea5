"""Words under what is nearly opaque, and words that no person could read: not read; words that show through are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.ingest.raw_pdf import drawn, form, raw_pdf, stream, text

NAME, SECRET = text("Name", 20, 500), text("Secret", 60, 300)
HIDDEN = text("Secret", 60, 300, before="3 Tr")
BAR = "55 290 60 25 re f"
XOBJECTS = "/XObject << /Bar 10 0 R /Group 11 0 R /Veil 12 0 R /Noise 14 0 R >>"
GROUP = "/Group << /S /Transparency /CS /DeviceGray >>"


def picture(grey: list[int], width: int, entries: str = "") -> str:
    return stream(
        "".join(map(chr, grey)),
        f"/Type /XObject /Subtype /Image /Width {width} /Height {len(grey) // width} "
        f"/ColorSpace /DeviceGray /BitsPerComponent 8 {entries}",
    )


def states(entries: str) -> str:
    return f"/ExtGState << /G << {entries} >> >> {XOBJECTS}"


OBJECTS = {
    10: form(f"0 g {BAR}"),
    11: form(f"0 g {BAR}", GROUP),
    12: picture([0] * 4, 2, "/SMask 13 0 R"),
    13: picture([240] * 4, 2),
    14: picture(np.random.default_rng(1).integers(0, 256, 4096).tolist(), 64),
    15: form(".95 g 0 0 400 600 re f", GROUP),
}
BARS_OF_A_CHART = "".join(f"0.2 0.4 {i / 10} rg {50 + i * 12} 280 8 {30 + i * 3} re f " for i in range(10))


@pytest.mark.parametrize(
    ("content", "resources"),
    [
        (f"{SECRET} q /G gs 0 g {BAR} Q", states("/ca .9")),
        (f"{SECRET} q /G gs 1 g {BAR} Q", states("/ca .9")),
        (f"{SECRET} q /G gs .2 .3 .6 rg {BAR} Q", states("/ca .95")),
        (f"{SECRET} q /G gs 14 w 55 304 m 115 304 l S Q", states("/CA .95")),
        (f"{SECRET} q /G gs 0 g {BAR} Q", states("/SMask << /S /Luminosity /G 15 0 R >>")),
        (f"{SECRET} q /G gs /Bar Do Q", states("/ca .95")),
        (f"{SECRET} q /G gs /Group Do Q", states("/ca .95")),
        (f"0 g 20 280 200 60 re f 1 g {SECRET} q /G gs 0 g {BAR} Q", states("/ca .92")),
        (f"{SECRET} q .5 0 0 .5 40 145 cm 0 g /G gs 30 290 120 50 re f Q", states("/ca .95")),
        (f"{SECRET} q 80 0 0 30 55 290 cm /Veil Do Q", XOBJECTS),
        (f"{SECRET} q 400 0 0 450 0 0 cm /Noise Do Q", XOBJECTS),  # no scan: other words stand beside it
        (BARS_OF_A_CHART + HIDDEN, ""),
        (text("Secret", 60, 300, 0.9), ""),
        ("BT /F1 1 Tf .3 0 0 .3 60 300 Tm (Secret) Tj ET", ""),
        (f".1 .2 .6 rg 40 280 200 50 re f .11 .21 .61 rg {SECRET}", ""),
    ],
)
def test_words_that_hardly_shine_through_are_not_read(tmp_path: Path, content: str, resources: str) -> None:
    path = raw_pdf(tmp_path / "a.pdf", NAME * 2 + content, resources=resources, objects=OBJECTS)
    assert set(drawn(path).words.texts) == {"Name"}


@pytest.mark.parametrize(
    ("content", "resources"),
    [
        (f"{SECRET} q /G gs 1 1 0 rg {BAR} Q", states("/ca .6")),
        (f"{SECRET} q /G gs /Bar Do Q", states("/ca .5")),
        (f"{SECRET} q /G gs 1 1 0 rg {BAR} Q", states("/BM /Multiply")),
        (f"q 400 0 0 450 0 0 cm /Noise Do Q {HIDDEN}", XOBJECTS),
        ("q BT 7 Tr /F1 12 Tf 60 300 Td (Secret) Tj ET 0 g 0 0 400 600 re f Q", ""),
        (f"{HIDDEN} 1 j 0 g {' '.join(f'{60 + i} {300 + i % 2 * 9} l' for i in range(1, 36))} S", ""),
        (text("Secret", 60, 300, 1.5), ""),
    ],
)
def test_words_that_shine_through_are_read(tmp_path: Path, content: str, resources: str) -> None:
    content = content.replace("g 61 309 l", "g 60 300 m 61 309 l")
    path = raw_pdf(tmp_path / "a.pdf", NAME + content, resources=resources, objects=OBJECTS)
    assert set(drawn(path).words.texts) == {"Name", "Secret"}


def test_nothing_is_left_in_the_picture_where_words_hardly_shine_through(tmp_path: Path) -> None:
    path = raw_pdf(tmp_path / "a.pdf", f"{SECRET} q /G gs 1 g {BAR} Q", resources=states("/ca .9"))
    assert drawn(path).pixels.min() == 255

"""Rendering real files: pages, words and pictures of every kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pagelight.ingest.render.limits import PAGE_SIZE
from pagelight.ingest.render.renderer import Limits, RenderedPage, render_page
from pagelight.retrieval.errors import NotFound
from tests import samples
from tests.ingest.rendered_pages import RENDERERS, count_of, pages_of


def ink_box(page: RenderedPage) -> tuple[float, float, float, float]:
    """The relative box of everything that is not white."""
    dark = np.asarray(page.image.convert("L")) < 128
    rows, cols = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    height, width = dark.shape
    return cols[0] / width, rows[0] / height, (cols[-1] + 1) / width, (rows[-1] + 1) / height


@pytest.mark.parametrize("renderer", RENDERERS)
def test_pages_come_in_order_with_their_words_and_size(tmp_path: Path, renderer: str) -> None:
    pages = pages_of(samples.text_pdf(tmp_path, 20), 50, renderer=renderer)
    assert [page.number for page in pages] == list(range(1, 21))
    assert pages[16].words.texts[:7] == ("Page", "17", "Harbour", "dues", "are", "paid", "monthly")
    assert abs(pages[0].width_pt - 595.3) < 1
    assert pages[0].image.mode == "RGB"
    assert abs(pages[0].image.width - 595.3 / 72 * 50) <= 1


@pytest.mark.parametrize("renderer", RENDERERS)
def test_first_and_skip_leave_pages_out(tmp_path: Path, renderer: str) -> None:
    path = samples.text_pdf(tmp_path, 6)
    assert [page.number for page in pages_of(path, first=3, skip={4}, renderer=renderer)] == [3, 5, 6]


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("crop", [None, (60, 400, 300, 640)])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_boxes_lie_on_the_ink_whatever_the_rotation_and_crop_box(
    tmp_path: Path, degrees: int, crop: tuple[float, ...] | None, renderer: str
) -> None:
    (page,) = pages_of(samples.rotated_pdf(tmp_path, degrees, crop), 100, renderer=renderer)
    assert page.words.texts == ("Needle",)
    ink, box = ink_box(page), page.words.boxes[0]
    slack = 12 / min(page.width_pt, page.height_pt)  # a box has the font's ascent and descent
    assert box[0] <= ink[0] + 0.005
    assert box[1] <= ink[1] + 0.005
    assert box[2] >= ink[2] - 0.005
    assert box[3] >= ink[3] - 0.005
    assert np.abs(np.array(ink) - box).max() < slack


def test_ligatures_are_spelled_out_and_accents_composed(tmp_path: Path) -> None:
    (page,) = pages_of(samples.accents_pdf(tmp_path))
    assert page.words.texts == ("office", "final", "déjà", "vu", "Σοφία", "état", "m²")


def test_words_are_told_apart_by_their_places_where_there_are_no_spaces(tmp_path: Path) -> None:
    (page,) = pages_of(samples.two_columns_pdf(tmp_path))
    assert set(page.words.texts) == {f"{side}{row}" for side in ("left", "right") for row in range(3)}


def test_text_that_nobody_can_see_is_dropped(tmp_path: Path) -> None:
    (page,) = pages_of(samples.hidden_text_pdf(tmp_path))
    assert page.words.texts == ("visible",)


def test_an_invisible_text_layer_over_a_scan_is_kept(tmp_path: Path) -> None:
    (page,) = pages_of(samples.scan_pdf(tmp_path, ocr=True))
    assert page.words.texts[0] == "Scanned"
    (bare,) = pages_of(samples.scan_pdf(tmp_path))
    assert len(bare.words) == 0


@pytest.mark.parametrize("renderer", RENDERERS)
def test_a_poster_is_drawn_as_large_as_is_read_at_most(tmp_path: Path, renderer: str) -> None:
    (page,) = pages_of(samples.huge_page_pdf(tmp_path), 100, renderer=renderer)
    assert max(page.image.size) == pytest.approx(PAGE_SIZE.most_read_pixels**0.5, abs=1)


@pytest.mark.parametrize("renderer", RENDERERS)
def test_a_huge_page_is_drawn_smaller(tmp_path: Path, renderer: str) -> None:
    (page,) = pages_of(
        samples.huge_page_pdf(tmp_path), 100, limits=Limits(max_pixels=1_000_000), renderer=renderer
    )
    assert 900_000 < page.image.width * page.image.height <= 1_002_000
    assert page.words.texts == ("Poster",)


def test_render_page_says_when_there_is_no_such_page(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no page 4"):
        render_page(samples.text_pdf(tmp_path, 3), 4, 100)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("a.png", "RGB"),
        ("a.png", "RGBA"),
        ("a.png", "LA"),
        ("a.png", "P"),
        ("a.png", "1"),
        ("a.png", "I;16"),
        ("a.jpg", "CMYK"),
        ("a.jpg", "L"),
        ("a.tiff", "CMYK"),
        ("a.tiff", "I;16"),
        ("a.tiff", "F"),
        ("a.webp", "RGBA"),
    ],
)
def test_images_of_every_mode_become_rgb_on_white(tmp_path: Path, name: str, mode: str) -> None:
    (page,) = pages_of(samples.picture(tmp_path, name, mode), 96)
    pixels = np.asarray(page.image)
    assert pixels.shape == (300, 400, 3)
    assert pixels[150, 80].max() < 30  # the bar
    assert pixels[150, 300].min() > 225  # the paper


def test_exif_orientation_is_applied(tmp_path: Path) -> None:
    (page,) = pages_of(samples.sideways_jpeg(tmp_path), 96)
    pixels = np.asarray(page.image.convert("L"))
    assert pixels.shape == (400, 300)
    assert pixels[50].mean() < 50
    assert pixels[350].mean() > 200


def test_every_frame_of_a_tiff_is_a_page_at_its_resolution(tmp_path: Path) -> None:
    path = samples.multipage_tiff(tmp_path)
    assert count_of(path) == 3
    pages = pages_of(path, 100)
    assert [page.number for page in pages] == [1, 2, 3]
    assert [(page.width_pt, page.height_pt) for page in pages] == [(144, 126), (144, 144), (144, 162)]
    assert pages[0].image.size == (400, 350)  # not made smaller, since it fits
    assert [page.number for page in pages_of(path, 100, skip={2})] == [1, 3]

"""Large pages are read at the size of their print, by tiles, and stay one page."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from pagelight.ingest.render.limits import Limits
from pagelight.ingest.tiles import Tile, TileParameters, joined_page, tiles_of
from pagelight.retrieval.encoders.builtin.builtin_encoder import BuiltinEncoder
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.types import PRUNED, Kind, PageEmbedding, PatchGrid
from tests.cases import CASES
from tests.ingest.rendered_pages import pages_of


def _embedding(n_rows: int, n_cols: int, n_special: int = 0, first: float = 0.0) -> PageEmbedding:
    """A vector a cell after the special ones, numbered from `first`."""
    n = n_special + n_rows * n_cols
    numbers = (first + np.arange(n, dtype=np.float32))[:, None]
    cells = np.arange(n_special, n, dtype=np.int32)
    ones, kinds = np.ones(n, np.int32), np.full(n, Kind.PATCH, np.uint8)
    return PageEmbedding(numbers, PatchGrid(n_rows, n_cols), cells, numbers[:, 0], ones, kinds, n_special)


def test_tiles_cover_a_page_and_are_cut_where_nothing_is_drawn() -> None:
    image = Image.new("L", (500, 3000), "white")
    draw = ImageDraw.Draw(image)
    for top in range(0, 3000, 40):
        draw.rectangle((20, top, 480, top + 30), fill="black")
    tiles = tiles_of(image, 50)
    assert (tiles[0].top, tiles[-1].bottom) == (0, 3000)
    assert all(before.bottom == after.top for before, after in pairwise(tiles))
    assert all(tile.bottom % 40 > 30 for tile in tiles[:-1])
    assert max(tile.bottom - tile.top for tile in tiles) <= 1.4 * 14 * 50
    assert tiles_of(Image.new("L", (700, 600)), 50) == [Tile(0, 0, 700, 600)]


@pytest.mark.parametrize("n_special", [0, 2])
def test_a_joined_page_shows_in_each_place_what_the_tile_there_shows(n_special: int) -> None:
    tiles = [Tile(0, 0, 40, 30), Tile(0, 30, 40, 50)]
    parts = [_embedding(6, 4, n_special), _embedding(2, 2, n_special, first=100)]
    page = joined_page(tiles, parts, (40, 50))
    assert (page.grid.n_rows, page.grid.n_cols) == (10, 4)
    assert page.n_special == 2 * n_special
    shown = page.vectors[page.cell_to_vector, 0].reshape(10, 4)
    assert shown[0].tolist() == [n_special + i for i in range(4)]
    assert shown[5].tolist() == [n_special + 20 + i for i in range(4)]
    assert shown[6].tolist() == [100 + n_special, 100 + n_special, 101 + n_special, 101 + n_special]
    assert shown[9].tolist() == [102 + n_special, 102 + n_special, 103 + n_special, 103 + n_special]


def test_pruned_cells_of_a_tile_stay_pruned() -> None:
    part = _embedding(2, 2)
    cells = part.cell_to_vector.copy()
    cells[3] = PRUNED
    part = PageEmbedding(part.vectors, part.grid, cells, part.importance, part.counts, part.kinds)
    page = joined_page([Tile(0, 0, 10, 10), Tile(10, 0, 20, 10)], [part, part], (20, 10))
    assert page.cell_to_vector.reshape(2, 4).tolist() == [[0, 1, 4, 5], [2, PRUNED, 6, PRUNED]]


def test_case_04_a_long_screenshot_is_as_large_as_its_part() -> None:
    (page,) = pages_of(CASES / "04-webpage-1280x7200.png", 130)
    (part,) = pages_of(CASES / "04-control-same-part-1280x1800.png", 130)
    assert page.image.width >= 0.9 * part.image.width
    assert page.image.height == pytest.approx(page.image.width * 7200 / 1280, rel=0.01)


@pytest.mark.parametrize(
    ("size", "least_width"),
    [((1080, 9000), 1080), ((9000, 900), 9000), ((640, 5000), 640), ((2480, 14000), 1000)],
)
def test_strips_are_not_made_smaller_than_their_print(
    tmp_path: Path, size: tuple[int, int], least_width: int
) -> None:
    Image.new("L", size, "white").save(tmp_path / "strip.png")
    (page,) = pages_of(tmp_path / "strip.png", 130)
    assert page.image.width >= 0.9 * least_width
    assert page.notes == ()


@pytest.mark.parametrize("size", [(1280, 1500), (1280, 7200), (7200, 1000)])
def test_a_screenshot_that_claims_to_be_a_scan_is_not_made_smaller(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    Image.new("L", size, "white").save(tmp_path / "shot.png", dpi=(300, 300))
    (page,) = pages_of(tmp_path / "shot.png", 130)
    assert page.image.width >= 0.8 * size[0]


@pytest.mark.parametrize("width", [14, 59.5, 300, 5950])
def test_a_page_that_is_one_picture_is_drawn_by_the_pictures_size(tmp_path: Path, width: float) -> None:
    """Whatever the page says of its own: a scan on a page of a stamp's size, or of a house front's."""
    scan = ImageReader(Image.new("L", (1240, 1754), "white"))
    canvas = Canvas(str(tmp_path / "scan.pdf"), pagesize=(width, width * 1754 / 1240), invariant=True)
    canvas.drawImage(scan, 0, 0, width, width * 1754 / 1240)
    canvas.save()
    (page,) = pages_of(tmp_path / "scan.pdf", 130)
    assert 1000 <= page.image.width <= 2500
    assert page.notes == ()


def test_a_poster_with_small_print_is_drawn_larger_than_a_slide_with_large_print(tmp_path: Path) -> None:
    widths = []
    for points in (9, 40):
        canvas = Canvas(str(tmp_path / f"{points}.pdf"), pagesize=(2384, 1684), invariant=True)
        canvas.setFont("Helvetica", points)
        for row in range(10):
            canvas.drawString(100, 1500 - 50 * row, "the lighthouse keeper signs the mooring book")
        canvas.save()
        (page,) = pages_of(tmp_path / f"{points}.pdf", 100)
        widths.append(page.image.width)
    assert widths[0] > 2000
    assert widths[1] == pytest.approx(1400, abs=2)


def test_a_page_that_is_read_too_small_says_so(tmp_path: Path) -> None:
    Image.new("1", (5000, 30_000), 1).save(tmp_path / "endless.png", dpi=(120, 120))
    (page,) = pages_of(tmp_path / "endless.png", 130, limits=Limits(max_pixels=200_000_000))
    assert "too large to be read" in page.notes[0]


def _strip(text: str, size: tuple[int, int], at: tuple[int, int]) -> Image.Image:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text(at, text, "black", font=ImageFont.load_default(26))
    return image


@pytest.mark.parametrize(
    ("size", "at"), [((1000, 7000), (100, 5600)), ((8000, 900), (6200, 300)), ((4200, 4200), (3000, 3500))]
)
def test_words_of_a_large_page_lie_in_their_place(size: tuple[int, int], at: tuple[int, int]) -> None:
    """The built-in encoder finds the words that a part of the page holds, at their place of the whole page."""
    encoder = BuiltinEncoder.load()
    image = _strip("harbour lighthouse certificate", size, at)
    tiles = tiles_of(image, encoder.info.dpi)
    assert len(tiles) > 2
    pieces = [image.crop((tile.left, tile.top, tile.right, tile.bottom)) for tile in tiles]
    page = joined_page(tiles, encoder.encode_pages(pieces), size)
    page = parse_pruning(encoder.info.pruning).apply(page)
    query = encoder.encode_query("lighthouse")
    best = int((query.vectors[0] @ page.vectors.T).argmax())
    rows, cols = np.divmod(np.flatnonzero(page.cell_to_vector == best), page.grid.n_cols)
    x, y = (cols.mean() + 0.5) / page.grid.n_cols * size[0], (rows.mean() + 0.5) / page.grid.n_rows * size[1]
    assert at[0] < x < at[0] + 450
    assert at[1] - 10 < y < at[1] + 50


def test_a_page_is_cut_by_the_parameters_it_is_given() -> None:
    image = Image.new("L", (500, 3000), "white")
    assert len(tiles_of(image, 50, TileParameters(whole=10.0))) == 1
    assert len(tiles_of(image, 50, TileParameters(most=2))) <= 2 < len(tiles_of(image, 50))

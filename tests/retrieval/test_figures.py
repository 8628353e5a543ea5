"""Looks: what a query asks to see, and what the shipped net finds on generated pages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

from pagelight.retrieval.encoders import load_encoder
from pagelight.retrieval.encoders.builtin.figures.detector import (
    FIGURE_KINDS,
    DetectedFigure,
    FigureDetector,
    figure_regions,
    load_figures,
    query_figures,
)
from pagelight.retrieval.encoders.builtin.figures.net import CLASSES, CellFigures
from pagelight.retrieval.encoders.builtin.figures.orientation import turn_of
from pagelight.retrieval.encoders.builtin.parameters import BUILTIN_PARAMETERS
from pagelight.retrieval.encoders.builtin.placement import in_gray
from pagelight.retrieval.scoring import own_weights
from pagelight.retrieval.types import Kind
from training.figures.batches import edges_of
from training.figures.check import measure
from training.figures.real import boxed_page

PATH = Path(__file__).resolve().parents[2] / "assets/encoder/figures.safetensors"


@pytest.fixture(scope="module")
def net() -> FigureDetector:
    return load_figures(PATH)


def asked(query: str) -> dict[str, float]:
    """All classes a query asks for, the strongest weight of each."""
    found: dict[str, float] = {}
    for _, classes in query_figures(query):
        for name, weight in classes.items():
            found[name] = max(found.get(name, 0.0), weight)
    return found


def strongest(query: str) -> str:
    return max(asked(query).items(), key=lambda item: item[1])[0]


@pytest.mark.parametrize(
    ("query", "look"),
    [
        ("bar chart of revenue", "bar chart"),
        ("Balkendiagramm der Umsätze", "bar chart"),
        ("diagramme en barres", "bar chart"),
        ("camembert des dépenses", "pie chart"),
        ("donut charts", "pie chart"),
        ("nuage de points", "scatter plot"),
        ("carte du réseau", "map"),
        ("mapa de la ciudad", "map"),
        ("Tabelle mit Summen", "table"),
        ("tableau récapitulatif", "table"),
        ("la firma del director", "signature"),
        ("Unterschrift des Vorstands", "signature"),
        ("capture d'écran du terminal", "screenshot"),
        ("photographs of the staff", "photo"),
        ("formulaire à remplir", "form"),
        ("flow chart of the process", "diagram"),
        ("histogramme des âges", "histogram"),
        ("listing of the program", "code"),
        ("colour swatches", "swatches"),
    ],
)
def test_a_query_names_a_look_in_five_languages(query: str, look: str) -> None:
    assert strongest(query) == look


def test_chart_asks_for_every_kind_of_chart() -> None:
    assert {"bar chart", "line chart", "pie chart", "histogram", "scatter plot"} <= set(
        asked("chart of sales")
    )


def test_words_that_mean_something_else_weigh_little() -> None:
    assert asked("table of contents").get("table", 0) < 0.3
    assert asked("a figure of 12 million").get("drawing", 0) < 0.3
    assert asked("carte bancaire").get("map", 0) == 0
    assert query_figures("net revenue in 2020") == ()


def test_the_words_of_a_look_are_given_as_they_stand_in_the_query() -> None:
    (words, _), *_ = query_figures("Capture d’écran du terminal")
    assert words == ("capture", "d", "ecran")


@pytest.mark.parametrize(
    ("query", "colour", "share"),
    [
        ("bar chart of sales in red", "red", BUILTIN_PARAMETERS.painted),
        ("Karte mit grünen Flächen", "grünen", BUILTIN_PARAMETERS.painted),
        ("map in black and white", "black", BUILTIN_PARAMETERS.colour),
        ("green energy sales", "green", 1),
    ],
)
def test_beside_a_look_a_colour_counts_shown_or_spelled(query: str, colour: str, share: float) -> None:
    embedding = load_encoder().encode_query(query)
    alone = load_encoder().encode_query(colour)
    own = embedding.word_of_token == embedding.words.index(colour)
    shown = embedding.kinds[own] == Kind.FIGURE
    weights = embedding.weights[own]
    assert weights[~shown].max() == pytest.approx(share * own_weights(alone)[0], rel=1e-5)
    assert shown.any() == (share > 1)
    assert weights[shown].max(initial=weights.max()) == weights[~shown].max()


def looks_of(*things: tuple[str, slice, slice]) -> CellFigures:
    """What a page of 12 x 20 cells says: background, but for the things, whose edges are told exactly."""
    shows, edges = torch.zeros(1, CLASSES, 12, 20), torch.ones(1, 4, 12, 20)
    shows[:, 0] = 3.0
    numbers = np.zeros((12, 20), np.uint8)
    for number, (name, rows, columns) in enumerate(things, 1):
        shows[0, FIGURE_KINDS.index(name) + 1, rows, columns] = 9.0
        numbers[rows, columns] = number
    told, sizes = edges_of(numbers)
    edges[0, :, sizes > 0] = torch.from_numpy(told[:, sizes > 0])
    return CellFigures(shows, edges, torch.zeros(1, 12, 20))


def test_cells_that_agree_make_a_thing() -> None:
    (thing,) = figure_regions(looks_of(("bar chart", slice(2, 8), slice(4, 16))))
    assert thing.box == pytest.approx((4 / 20, 2 / 12, 16 / 20, 8 / 12))
    assert len(thing.cells[0]) == 6 * 12
    assert thing.shows.argmax() == FIGURE_KINDS.index("bar chart") + 1


def test_charts_that_touch_are_told_apart() -> None:
    left, right = ("bar chart", slice(0, 8), slice(0, 9)), ("bar chart", slice(0, 8), slice(9, 20))
    boxes = sorted(thing.box for thing in figure_regions(looks_of(left, right)))
    assert boxes == [pytest.approx((0, 0, 9 / 20, 8 / 12)), pytest.approx((9 / 20, 0, 1, 8 / 12))]


def test_specks_and_words_are_no_things() -> None:
    speck, words = ("photo", slice(3, 5), slice(3, 5)), ("text", slice(6, 12), slice(0, 20))
    assert list(figure_regions(looks_of(speck, words))) == []


def test_an_empty_page_has_no_regions(net: FigureDetector) -> None:
    page = net.find(Image.new("RGB", (850, 1100), "white"))
    assert page.regions == ()
    assert page.turned == 0


PROSE = (
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness, "
    "it was the epoch of belief, it was the epoch of incredulity, it was the season of Light, it was the season of "
    "Darkness, it was the spring of hope, it was the winter of despair, we had everything before us, we had nothing "
    "before us, we were all going direct to Heaven, we were all going direct the other way. "
)


def written_page(lines: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A page of 850 × 1100 pixels with so many lines of prose."""
    image = Image.new("RGB", (850, 1100), "white")
    draw = ImageDraw.Draw(image)
    letters = ImageFont.load_default(size=16)
    for i in range(lines):
        start = i * 37 % len(PROSE)
        draw.text((90, 80 + i * 23), (PROSE * 2)[start : start + 80], fill="black", font=letters)
    return image, draw


def with_bars() -> Image.Image:
    """A page of text with a bar chart in the box (120, 480) to (720, 910)."""
    image, draw = written_page(14)
    draw.line((150, 500, 150, 880), fill="black", width=2)
    draw.line((150, 880, 700, 880), fill="black", width=2)
    letters = ImageFont.load_default(size=12)
    for i, height in enumerate((120, 190, 150, 260, 310, 350)):
        x = 175 + i * 88
        draw.rectangle((x, 880 - height, x + 55, 880), fill=(50, 110, 190))
        draw.text((x + 10, 885), str(2015 + i), fill="black", font=letters)
        draw.text((120, 870 - i * 70), str(i * 20), fill="black", font=letters)
    return image


def share_inside(region: DetectedFigure, box: tuple[float, float, float, float]) -> float:
    x0, y0, x1, y1 = region.box
    wide, tall = min(x1, box[2]) - max(x0, box[0]), min(y1, box[3]) - max(y0, box[1])
    return max(0.0, wide) * max(0.0, tall) / ((x1 - x0) * (y1 - y0))


def test_a_bar_chart_is_found_where_it_is(net: FigureDetector) -> None:
    regions = [r for r in net.find(with_bars()).regions if r.name == "bar chart"]
    assert regions
    assert share_inside(regions[0], (120 / 850, 480 / 1100, 720 / 850, 910 / 1100)) > 0.7


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1"])
def test_pages_of_any_mode_are_looked_at(net: FigureDetector, mode: str) -> None:
    regions = net.find(with_bars().convert(mode), 0).regions
    assert any(share_inside(r, (120 / 850, 480 / 1100, 720 / 850, 910 / 1100)) > 0.7 for r in regions)


def test_transparent_parts_are_white(net: FigureDetector) -> None:
    page = with_bars()
    clear = page.convert("RGBA")
    clear.putalpha(page.convert("L").point(lambda level: 0 if level == 255 else 255))
    clear.paste((0, 0, 0, 0), (0, 0, 850, 60))  # black that nobody sees
    shown, seen = net.find(page, 0).regions[0], net.find(clear, 0).regions[0]
    assert seen.box == pytest.approx(shown.box, abs=0.02)
    assert seen.name == shown.name


def full_page() -> Image.Image:
    return written_page(40)[0]


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_turned_page_of_text_is_told(turns: int) -> None:
    """``turns`` quarter turns counter-clockwise need as many clockwise to be upright."""
    assert turn_of(in_gray(full_page().rotate(90 * turns, expand=True))) == turns


def test_a_page_without_text_is_not_turned() -> None:
    rng = np.random.default_rng(3)
    assert turn_of(rng.integers(0, 255, (1100, 850), dtype=np.uint8)) == 0
    assert turn_of(np.full((30, 40), 200, np.uint8)) == 0


def test_regions_of_a_turned_page_lie_on_the_page_as_given(net: FigureDetector) -> None:
    page = with_bars()
    x0, y0, x1, y1 = next(r.box for r in net.find(page, 0).regions if r.name == "bar chart")
    turned = next(r.box for r in net.find(page.rotate(90, expand=True), 1).regions if r.name == "bar chart")
    assert turned == pytest.approx((y0, 1 - x1, y1, 1 - x0), abs=0.03)


def test_a_page_of_words_shows_nothing_else(net: FigureDetector) -> None:
    image, _ = written_page(30)
    assert not [r for r in net.find(image).regions if r.confidence > 0.3]


def test_measuring_counts_a_chart_that_is_named_right(net: FigureDetector) -> None:
    page = boxed_page(
        np.asarray(with_bars()), [((120 / 850, 480 / 1100, 720 / 850, 910 / 1100), "bar chart")]
    )
    assert measure(net, [page])["named"] == 1.0
    assert measure(net, [boxed_page(page.image, [(page.things[0][0], "photo")])])["named"] == 0.0

"""Looks: what a query asks to see, and what the shipped net finds on generated pages."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from retrieval.encoders.looks import (
    LOOK_VECTORS,
    LOOKS,
    LookNet,
    LookRegion,
    load_looks,
    look_vectors,
    query_looks,
    regions_of,
)

PATH = Path(__file__).resolve().parents[2] / "assets/encoder/looks.safetensors"


@pytest.fixture(scope="module")
def net() -> LookNet:
    return load_looks(PATH)


def asked(query: str) -> dict[str, float]:
    """All classes a query asks for, the strongest weight of each."""
    found: dict[str, float] = {}
    for _, classes in query_looks(query):
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
    assert {"bar chart", "line chart", "pie chart", "histogram", "scatter plot"} <= set(asked("chart of sales"))


def test_words_that_mean_something_else_weigh_little() -> None:
    assert asked("table of contents").get("table", 0) < 0.3
    assert asked("a figure of 12 million").get("drawing", 0) < 0.3
    assert asked("carte bancaire").get("map", 0) == 0
    assert query_looks("net revenue in 2020") == ()


def test_the_words_of_a_look_are_given_as_they_stand_in_the_query() -> None:
    (words, _), *_ = query_looks("Capture d’écran du terminal")
    assert words == ("capture", "d", "ecran")


def test_look_vectors_are_orthonormal_and_fixed() -> None:
    assert LOOK_VECTORS.shape == (len(LOOKS), 128)
    assert np.allclose(LOOK_VECTORS @ LOOK_VECTORS.T, np.eye(len(LOOKS)), atol=1e-5)
    assert np.array_equal(look_vectors(), LOOK_VECTORS)


def test_cells_of_one_class_become_one_region() -> None:
    chances = np.zeros((6, 10, len(LOOKS) + 1), np.float32)
    chances[..., 0] = 1
    chances[1:4, 2:8] = 0
    chances[1:4, 2:8, LOOKS.index("bar chart") + 1] = 0.7
    chances[1:4, 2:8, LOOKS.index("histogram") + 1] = 0.3
    first, second = regions_of(chances)
    assert first.name == "bar chart"
    assert first.box == pytest.approx((0.2, 1 / 6, 0.8, 4 / 6))
    assert first.confidence == pytest.approx(0.7)
    assert (second.name, second.box) == ("histogram", first.box)


def test_an_empty_page_has_no_regions(net: LookNet) -> None:
    page = net.find(Image.new("RGB", (850, 1100), "white"))
    assert page.regions == ()
    assert page.turned == 0


def written_page(width: int = 850, height: int = 1100) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A page with lines of text in its upper third."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    rng = random.Random(5)
    letters = ImageFont.load_default(size=15)
    words = "revenue of the company grew by about two percent and its quarterly report shows how".split()
    for y in range(80, height // 3, 21):
        draw.text((90, y), " ".join(rng.choice(words) for _ in range(13)), fill="black", font=letters)
    return image, draw


def with_bars() -> Image.Image:
    """A page of text with a bar chart in the box (150, 500) to (700, 900)."""
    image, draw = written_page()
    draw.line((150, 500, 150, 880), fill="black", width=2)
    draw.line((150, 880, 700, 880), fill="black", width=2)
    letters = ImageFont.load_default(size=12)
    for i, height in enumerate((120, 190, 150, 260, 310, 350)):
        x = 175 + i * 88
        draw.rectangle((x, 880 - height, x + 55, 880), fill=(50, 110, 190))
        draw.text((x + 10, 885), str(2015 + i), fill="black", font=letters)
        draw.text((120, 870 - i * 70), str(i * 20), fill="black", font=letters)
    return image


def share_inside(region: LookRegion, box: tuple[float, float, float, float]) -> float:
    x0, y0, x1, y1 = region.box
    wide, tall = min(x1, box[2]) - max(x0, box[0]), min(y1, box[3]) - max(y0, box[1])
    return max(0.0, wide) * max(0.0, tall) / ((x1 - x0) * (y1 - y0))


def test_a_bar_chart_is_found_where_it_is(net: LookNet) -> None:
    regions = [r for r in net.find(with_bars()).regions if r.name == "bar chart"]
    assert regions
    assert share_inside(regions[0], (120 / 850, 480 / 1100, 720 / 850, 910 / 1100)) > 0.7


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_turned_page_of_text_is_told(net: LookNet, turns: int) -> None:
    """``turns`` quarter turns counter-clockwise need as many clockwise to be upright."""
    image = with_bars().rotate(90 * turns, expand=True)
    assert net.find(image).turned == turns


def test_regions_of_a_turned_page_lie_on_the_page_as_given(net: LookNet) -> None:
    upright = [r for r in net.find(with_bars()).regions if r.name == "bar chart"]
    turned = [r for r in net.find(with_bars().rotate(90, expand=True)).regions if r.name == "bar chart"]
    x0, y0, x1, y1 = upright[0].box
    assert turned[0].box == pytest.approx((y0, 1 - x1, y1, 1 - x0), abs=0.06)


def test_a_page_of_words_shows_no_picture(net: LookNet) -> None:
    image, _ = written_page()
    names = {r.name for r in net.find(image).regions if r.confidence > 0.5}
    assert names <= {"text", "heading"}

"""What photos show and how pages are painted: named, stored without a place, asked for in words."""

from __future__ import annotations

from pathlib import Path

import gradio
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from pagelight.retrieval.encoders import load_encoder
from pagelight.retrieval.encoders.builtin.builtin_encoder import ASSETS, BuiltinEncoder
from pagelight.retrieval.encoders.builtin.figures.colours import COLOURS, colour_shares, page_colours
from pagelight.retrieval.encoders.builtin.figures.pictures import PICTURES, PictureNamer
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.types import Kind, PageEmbedding

#: photos that Gradio brings with it
PHOTOS = Path(gradio.__file__).parent / "media_assets" / "images"
TEXT = "The quarterly report of the society for local history and old mills"


@pytest.fixture(scope="module")
def namer() -> PictureNamer:
    return PictureNamer(ASSETS / PICTURES)


@pytest.fixture(scope="module")
def encoder() -> BuiltinEncoder:
    found = load_encoder()
    assert isinstance(found, BuiltinEncoder)
    return found


def text_page(colour: str = "white") -> Image.Image:
    page = Image.new("RGB", (1100, 1430), colour)
    draw = ImageDraw.Draw(page)
    for y in (*range(100, 460, 30), *range(1040, 1350, 30)):
        draw.text((120, y), TEXT, fill="black", font=ImageFont.load_default(20))
    return page


@pytest.fixture(scope="module")
def photo_page(encoder: BuiltinEncoder) -> PageEmbedding:
    page = text_page()
    page.paste(Image.open(PHOTOS / "cheetah1.jpg").convert("RGB"), (200, 500))
    return encoder.encode_pages([page])[0]


@pytest.mark.parametrize(
    ("name", "expected", "kind"), [("cheetah1.jpg", "cheetah", "cat"), ("lion.jpg", "lion", "cat")]
)
def test_a_photo_has_the_name_of_what_it_shows_and_of_its_kind(
    namer: PictureNamer, name: str, expected: str, kind: str
) -> None:
    (first, *_) = namer.names(Image.open(PHOTOS / name).convert("RGB"))
    assert first.text == expected
    assert {expected, kind} <= set(first.words)


def test_a_page_of_text_and_noise_show_nothing_that_has_a_name(namer: PictureNamer) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (300, 300, 3), np.uint8)
    assert namer.names(text_page()) == []
    assert namer.names(Image.fromarray(noise)) == []


def test_a_photo_on_a_page_is_a_phrase_in_its_place(photo_page: PageEmbedding) -> None:
    assert photo_page.shown.texts == ("cheetah",)
    (box,) = photo_page.shown.boxes * (1100, 1430, 1100, 1430)
    assert np.allclose(box, (200, 500, 456, 756), atol=12)


def test_its_words_are_on_the_page_whatever_is_pruned(
    photo_page: PageEmbedding, encoder: BuiltinEncoder
) -> None:
    pruned = parse_pruning("fixed:4").apply(photo_page)
    for page in (photo_page, pruned):
        words = page.vectors[: page.n_special][page.kinds[: page.n_special] == Kind.WORD]
        for word in ("cheetah", "cats"):
            query = encoder.encode_query(word)
            assert encoder.scoring is not None
            assert (query.vectors @ words.T).max() >= encoder.scoring.midpoint, word
        assert not set(range(page.n_special)) & set(page.cell_to_vector.tolist())


def test_a_turned_page_shows_the_same(encoder: BuiltinEncoder) -> None:
    page = text_page()
    page.paste(Image.open(PHOTOS / "cheetah1.jpg").convert("RGB"), (200, 500))
    (turned,) = encoder.encode_pages([page.transpose(Image.Transpose.ROTATE_90)])
    assert turned.shown.texts == ("cheetah",)


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((220, 30, 30), "red"),
        ((240, 140, 20), "orange"),
        ((250, 220, 50), "yellow"),
        ((40, 150, 60), "green"),
        ((140, 230, 150), "green"),
        ((30, 80, 200), "blue"),
        ((120, 200, 240), "blue"),
        ((110, 40, 150), "purple"),
        ((250, 180, 195), "pink"),
        ((120, 75, 40), "brown"),
    ],
)
def test_colours_have_the_names_that_people_give_them(rgb: tuple[int, int, int], name: str) -> None:
    shares = colour_shares(np.full((8, 8, 3), rgb, np.uint8))
    assert shares[COLOURS.index(name)] == shares.sum() == 1


def test_gray_black_and_white_are_no_colours() -> None:
    gray = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(16, 16, 3)
    assert not page_colours(gray).any()


def test_more_of_a_colour_is_more_likely_what_somebody_names() -> None:
    page = np.full((100, 100, 3), 255, np.uint8)
    found = []
    for n_rows in (0, 1, 10, 100):
        page[:n_rows] = (250, 220, 50)
        found.append(float(page_colours(page)[COLOURS.index("yellow")]))
    assert found[0] == 0
    assert found == sorted(set(found))
    assert found[-1] > 0.95


@pytest.mark.parametrize(
    "text", ["yellow page with a drawing", "gelbes Blatt mit Zeichnung", "dessin sur fond jaune"]
)
def test_beside_a_look_a_colour_asks_for_pages_that_have_it(encoder: BuiltinEncoder, text: str) -> None:
    yellow, white = encoder.encode_pages([text_page("#ffe34d"), text_page()])
    query = encoder.encode_query(text)
    scoring = encoder.scoring
    assert scoring is not None
    best = [(query.vectors @ page.vectors.T).max(axis=1) for page in (yellow, white)]
    word = next(i for i, own in enumerate(query.words) if own.casefold() in ("yellow", "gelbes", "jaune"))
    shown = scoring.looks(query, np.stack(best))[:, word]
    assert shown[0] > 0.9
    assert shown[1] < 1e-6


def test_alone_a_colour_is_a_word_like_others(encoder: BuiltinEncoder) -> None:
    assert set(encoder.encode_query("green hydrogen for yellow cabs").kinds.tolist()) == {Kind.WORD}

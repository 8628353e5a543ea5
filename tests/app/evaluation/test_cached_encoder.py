"""Encoded pages on disk: what a stopped run leaves behind, and which encoder it belongs to."""

from dataclasses import fields, replace

import numpy as np
from PIL import Image, ImageDraw

from pagelight.app.evaluation.cached_encoder import CachedEncoder
from pagelight.retrieval.types import PageWords
from tests.app.evaluation.colour_pages import COLOURS, ColourEncoder


def page(colour):
    image = Image.new("RGB", (160, 200), "white")
    ImageDraw.Draw(image).rectangle((20, 40, 39, 59), fill=COLOURS[colour])
    return image


def test_a_page_that_was_seen_is_not_encoded_again(tmp_path):
    encoder = ColourEncoder()
    cached = CachedEncoder(encoder, tmp_path)
    before = encoder.pages_seen
    cached.encode_pages([page("red"), page("green")])
    again = CachedEncoder(encoder, tmp_path)
    seen = encoder.pages_seen
    again.encode_pages([page("red"), page("green"), page("blue")])
    assert (seen, encoder.pages_seen) == (before + 3, before + 4)  # a fingerprint each


def test_everything_of_an_embedding_comes_back(tmp_path):
    plain = ColourEncoder().encode_pages([page("red")])[0]
    cached = CachedEncoder(ColourEncoder(), tmp_path)
    for _ in range(2):
        (found,) = cached.encode_pages([page("red")])
        for field in fields(plain):
            ours, theirs = getattr(found, field.name), getattr(plain, field.name)
            if isinstance(theirs, np.ndarray):
                assert ours.dtype == theirs.dtype
                np.testing.assert_allclose(ours, theirs, atol=1e-3)
            elif isinstance(theirs, PageWords):
                assert ours.texts == theirs.texts
                np.testing.assert_array_equal(ours.boxes, theirs.boxes)
            else:
                assert ours == theirs


def test_the_seconds_of_encoding_are_remembered_with_the_page(tmp_path):
    first = CachedEncoder(ColourEncoder(), tmp_path)
    first.encode_pages([page("red")])
    second = CachedEncoder(ColourEncoder(), tmp_path)
    second.encode_pages([page("red")])
    assert first.seconds > 0
    assert second.seconds == first.seconds


def test_half_a_page_is_no_page(tmp_path):
    encoder = ColourEncoder()
    cached = CachedEncoder(encoder, tmp_path)
    cached.encode_pages([page("red")])
    (whole,) = cached.folder.rglob("*.npz")
    whole.unlink()  # its vectors are there
    before = encoder.pages_seen
    cached.encode_pages([page("red")])
    assert encoder.pages_seen == before + 1


def test_another_model_has_another_cache(tmp_path):
    class Shifted(ColourEncoder):
        def _page(self, image):
            page = super()._page(image)
            return replace(page, vectors=np.roll(page.vectors, 1, axis=1))

    assert CachedEncoder(ColourEncoder(), tmp_path).folder == CachedEncoder(ColourEncoder(), tmp_path).folder
    assert CachedEncoder(ColourEncoder(), tmp_path).folder != CachedEncoder(Shifted(), tmp_path).folder


class ReadingEncoder(ColourEncoder):
    """Reads two words on every page."""

    def encode_pages(self, images):
        words = PageWords(("two", "wörds"), np.array([[0, 0, 0.5, 0.25], [0.5, 0, 1, 0.25]], np.float32))
        return [replace(embedding, read=words) for embedding in super().encode_pages(images)]


def test_what_was_read_comes_back(tmp_path):
    cached = CachedEncoder(ReadingEncoder(), tmp_path)
    for _ in range(2):
        (found,) = cached.encode_pages([page("red")])
        assert found.read.texts == ("two", "wörds")
        assert found.read.boxes.tolist() == [[0, 0, 0.5, 0.25], [0.5, 0, 1, 0.25]]

"""The built-in encoder on pages as they come: turned, coarse, fine, dark, worn, askew, with tiny and huge print.

A word is found where the vector that is most like it passes the scoring's midpoint. Of each page's words one fewer must be
found than were when the bar was set (beside it): a changed letter passes, a page that is no longer read does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from pagelight.retrieval.encoders import Encoder, load_encoder
from pagelight.retrieval.maxsim import similarity_map
from pagelight.retrieval.types import PageEmbedding
from tests.retrieval.encoders.printed_pages import PrintedPage, note, poster, report, slide

STORY = ("engineers", "granite", "concrete", "ferry", "fishermen", "lighthouse", "treasurer", "insurance")
NOTES = ("measured", "sonar", "compared", "wages", "volunteers", "breakfast", "museum", "compass")
SLIDE = ("tramway", "passengers", "tickets", "machine", "electric", "bicycles", "confidential", "transport")
TITLE = ("winter", "storm", "damage", "along", "northern", "coastline")
LINES = ("harbour", "dues", "monthly", "pilot", "renews", "certificate", "ferries", "seven")
#: on none of the pages, nor anything that looks like them
ABSENT = ("parliament", "chocolate", "mathematics", "violin", "penguin", "umbrella", "kitchen", "telescope")
#: how far from the box of its word, in page widths or heights, a vector may lie: a cell's height
NEAR = 0.006


@dataclass(frozen=True, slots=True)
class Case:
    """A page, the words to look for on it, and how many of them must be found."""

    make: Callable[[], PrintedPage]
    words: tuple[str, ...]
    at_least: int


CASES = {
    "upright": Case(report, STORY, 7),  # 8 found
    "turned clockwise": Case(lambda: report().turned(1), STORY, 7),  # 8
    "upside down": Case(lambda: report().turned(2), STORY, 7),  # 8
    "turned counterclockwise": Case(lambda: report().turned(3), STORY, 7),  # 8
    "turned and 200 dpi": Case(
        lambda: report(200).turned(1), STORY, 7
    ),  # the lines alone do not tell this turn
    "turned slide": Case(lambda: slide().turned(1), SLIDE, 6),  # nor this one
    "few lines upside down": Case(lambda: note().turned(2), LINES, 7),
    "few lines turned clockwise": Case(lambda: note().turned(1), LINES, 7),
    "capitals upside down": Case(lambda: note(capitals=True).turned(2), LINES, 6),
    "60 dpi": Case(lambda: report(60), STORY, 7),  # 8
    "300 dpi": Case(lambda: report(300), STORY, 7),  # 8
    "landscape slide": Case(slide, SLIDE, 7),  # 8
    "tiny footnotes": Case(lambda: report(footnotes=7), NOTES, 6),  # 7
    "60-point title": Case(poster, TITLE, 5),  # 6
    "white on dark": Case(lambda: report().inverted(), STORY, 7),  # 8
    "grain and JPEG": Case(lambda: report().compressed(quality=25, grain=8), STORY, 7),  # 8
    "askew by 2 degrees": Case(lambda: report().skewed(2), STORY, 7),  # 8
}


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """A page and what the encoder made of it."""

    printed: PrintedPage
    page: PageEmbedding
    encoder: Encoder

    def match(self, word: str) -> tuple[float, tuple[float, float]]:
        """0..1, how surely the page shows the word, and the middle of the cells of the vector most like it."""
        query = self.encoder.encode_query(word)
        own = [query.spellings.index(word)]  # its other tokens are alternatives
        similarity = np.nan_to_num(similarity_map(query.vectors[own], self.page)[0], nan=-1.0).ravel()
        vector = self.page.cell_to_vector[similarity.argmax()]
        cells = [self.page.grid.box(int(cell)) for cell in np.flatnonzero(self.page.cell_to_vector == vector)]
        x0, y0, x1, y1 = np.mean(cells, axis=0)
        assert self.encoder.scoring is not None
        return float(self.encoder.scoring.match(similarity.max())), ((x0 + x1) / 2, (y0 + y1) / 2)

    def found(self, words: tuple[str, ...]) -> list[str]:
        return [word for word in words if self.match(word)[0] >= 0.5]

    def in_place(self, word: str) -> bool:
        """Whether the vector lies on one of the places where the word is printed."""
        x, y = self.match(word)[1]
        return any(
            box[0] - NEAR < x < box[2] + NEAR and box[1] - NEAR < y < box[3] + NEAR
            for box in self.printed.boxes[word]
        )


@pytest.fixture(scope="session")
def read() -> Callable[[str], Read]:
    """Name of a case → its page, read once for all tests by one encoder."""
    encoder = load_encoder()

    @cache
    def reading(name: str) -> Read:
        printed = CASES[name].make()
        return Read(printed, encoder.encode_pages([printed.image])[0], encoder)

    return reading


every_case = pytest.mark.parametrize("name", CASES)


@every_case
def test_words_are_found_on_the_page(name: str, read: Callable[[str], Read]) -> None:
    case = CASES[name]
    found = read(name).found(case.words)
    assert len(found) >= case.at_least, f"missed {set(case.words) - set(found)}"


@every_case
def test_words_are_found_where_they_are_printed(name: str, read: Callable[[str], Read]) -> None:
    """On the page as it lies: a turned page's places are turned with it."""
    page = read(name)
    assert [word for word in page.found(CASES[name].words) if not page.in_place(word)] == []


@every_case
def test_words_of_other_pages_are_not_found(name: str, read: Callable[[str], Read]) -> None:
    assert read(name).found(ABSENT) == []

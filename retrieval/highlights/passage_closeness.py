"""Closeness of each passage of a page to what a query means, in whatever words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pagelight.retrieval.geometry import area
from pagelight.retrieval.highlights.passages import Fragments
from pagelight.retrieval.types import Box, Floats, Ints, PageMeaning, QueryMeaning


@dataclass(frozen=True, slots=True)
class MeantParameters:
    """Weights by which meaning joins the words in the choice of regions.

    deviation: what a passage gains, in shares of the query, that is closer to it than the page's passages are on
        average by one deviation of passages about anything (measured on both sets)
    most: passages without any word of the query that take part, the closest (speed)
    whole: length of a passage's lines together, as a share of the page's width, from which it gains in full: headings and labels, of a
        few words, are close to much (measured on both sets)
    """

    deviation: float = 0.1
    most: int = 12
    whole: float = 0.8


MEANT = MeantParameters()


@dataclass(frozen=True, slots=True, eq=False)
class Closeness:
    """Closeness of the passages that were encoded to a query.

    lines: (n, 4) of the passages; passage_of_line: (n,)
    deviations: (k,) of each passage above the page's mean, in deviations of what passages about anything reach
    """

    lines: Floats
    passage_of_line: Ints
    deviations: Floats

    @classmethod
    def of(cls, query: QueryMeaning, page: PageMeaning, deviation: float) -> Closeness:
        """deviation: of the cosines that passages about anything reach"""
        close = _cosines(query, page)
        return cls(page.lines, page.passage_of_line, (close - close.mean()) / deviation)

    def of_places(self, parts: Fragments, n_places: int, parameters: MeantParameters = MEANT) -> Floats:
        """(n_places,): the deviations of the passages that each place lies in, by the share of its area; 0 elsewhere.

        Of short places, only a part of what they would gain.
        """
        boxes, lines = parts.boxes[:, None], self.lines[None]
        low, high = np.maximum(boxes[..., :2], lines[..., :2]), np.minimum(boxes[..., 2:], lines[..., 2:])
        meeting = np.maximum(high - low, 0).prod(axis=2)  # (f, n)
        close = np.bincount(parts.passage, meeting @ self.deviations[self.passage_of_line], n_places)
        whole = np.bincount(parts.passage, area(parts.boxes), n_places)
        long_sides = (parts.boxes[:, 2:] - parts.boxes[:, :2]).max(axis=1)  # text may run up or down
        length = np.bincount(parts.passage, long_sides, n_places)
        gains = close / np.maximum(whole, 1e-9)
        return np.where(gains > 0, gains * np.minimum(1, length / parameters.whole), gains).astype(np.float32)


def closest_passage(query: QueryMeaning | None, page: PageMeaning) -> Box | None:
    """The box of the passage that is closest to the query; None where nothing is known of meaning."""
    if query is None or not len(query.vectors) or not len(page):
        return None
    lines = page.lines[page.passage_of_line == int(_cosines(query, page).argmax())]
    (x0, y0), (x1, y1) = lines[:, :2].min(axis=0), lines[:, 2:].max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def _cosines(query: QueryMeaning, page: PageMeaning) -> Floats:
    """(k,): the weighted mean cosine of the query's tokens with each passage."""
    return np.asarray((query.weighted @ page.vectors.T).sum(axis=0), np.float32)

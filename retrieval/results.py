"""Results of a search: hits, the places on their pages that answer, and maps of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.types import Box, Floats, PatchGrid


@dataclass(frozen=True, slots=True)
class Region:
    """A place on a page that matches; score in 0..1, best first wherever regions are listed."""

    box: Box
    score: float


@dataclass(frozen=True, slots=True)
class PageHit:
    """One found page.

    score: the encoder's late-interaction score (or the fused score where text took part); comparable
        within one result only
    strength: calibrated 0..1, comparable between queries
    sources: any of "visual", "text" and "meaning"
    regions: best first; all but the first hit's are found when somebody looks at them
    """

    document: str
    document_id: str
    page: int
    score: float
    strength: float
    sources: tuple[str, ...]
    regions: Sequence[Region] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Result of a search; `matched` is False when nothing in the library answers.

    read_as: words of the query that the library does not have, and the words that they were read as
    exact: all pages were compared; False where a first stage chose some hundred of them
    """

    query: str
    matched: bool
    seconds: float
    hits: tuple[PageHit, ...]
    read_as: Mapping[str, str] = field(default_factory=dict)
    exact: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Heatmap:
    """The places on a page where each word of a query matches.

    words: the query's words
    maps: (n_words, n_rows, n_cols) float32, 0..1, 1 = strongest
    weights: (n_words,) float32, what each word weighs in the library, 1 = the heaviest of the query
    indexed: (n_rows, n_cols) bool, False where the cell was pruned
    """

    grid: PatchGrid
    words: Sequence[str]
    maps: Floats
    weights: Floats
    indexed: NDArray[np.bool_]
    regions: tuple[Region, ...]

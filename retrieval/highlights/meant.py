"""The passage of a page that says what a query means, in whatever words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pagelight.retrieval.geometry import overlap
from pagelight.retrieval.results import Heatmap, Region
from pagelight.retrieval.types import Box, Floats, PageMeaning, PatchGrid, QueryMeaning


@dataclass(frozen=True, slots=True)
class MeantParameters:
    """How a passage joins the regions that words make.

    same: regions that share more of the smaller one are the same, as for those that words make (geometry)
    most: regions of a page (what a person looks at)
    """

    same: float = 0.3
    most: int = 5


MEANT = MeantParameters()


@dataclass(frozen=True, slots=True, eq=False)
class MeantPassage:
    """lines: (n, 4) of the passage that is closest; certainty: 0..1 that it says what the query means"""

    lines: Floats
    certainty: float

    @property
    def box(self) -> Box:
        x0, y0 = self.lines[:, :2].min(axis=0)
        x1, y1 = self.lines[:, 2:].max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)


def find_passage(query: QueryMeaning | None, page: PageMeaning, certainty: float) -> MeantPassage | None:
    """The passage that is closest to the query.

    certainty: 0..1 that the page as a whole means what the query does; the passage has as much of that as of the closeness
    """
    if query is None or certainty <= 0 or not len(query.vectors) or not len(page):
        return None
    similar = query.weighted @ page.vectors.T  # (n_tokens, n_passages)
    together = similar.sum(axis=0)
    best = int(together.argmax())
    share = float(together[best]) / max(float(similar.max(axis=1).sum()), 1e-6)
    return MeantPassage(page.lines[page.passage_of_line == best], certainty * min(max(share, 0.0), 1.0))


def with_passage(
    regions: Sequence[Region], passage: MeantPassage | None, parameters: MeantParameters = MEANT
) -> tuple[Region, ...]:
    """The regions that words make and the passage, best first: it counts for what the words leave open."""
    if passage is None:
        return tuple(regions)
    left_open = 1 - max((region.score for region in regions), default=0.0)
    meant = Region(passage.box, round(min(max(passage.certainty * left_open, 1e-4), 1.0), 4))
    same = [region for region in regions if overlap(region.box, meant.box) > parameters.same]
    if any(region.score >= meant.score for region in same):
        return tuple(regions)
    kept = [meant, *(region for region in regions if region not in same)]
    return tuple(sorted(kept, key=lambda region: -region.score)[: parameters.most])


def light_passage(
    heat: Heatmap, passage: MeantPassage | None, parameters: MeantParameters = MEANT
) -> Heatmap:
    """The heat map with the passage lit under every word: its meaning is that of all of them."""
    regions = with_passage(heat.regions, passage, parameters)
    lit = next((region for region in regions if passage and region.box == passage.box), None)
    if passage is None or lit is None:
        return replace(heat, regions=regions)
    inside = _cells(passage.lines, heat.grid)
    return replace(heat, regions=regions, maps=np.where(inside, np.maximum(heat.maps, lit.score), heat.maps))


def _cells(lines: Floats, grid: PatchGrid) -> np.ndarray:
    """(n_rows, n_cols) bool: the cells that the lines touch the middle of."""
    x, y = (np.arange(grid.n_cols) + 0.5) / grid.n_cols, (np.arange(grid.n_rows) + 0.5) / grid.n_rows
    across = (x >= lines[:, :1]) & (x <= lines[:, 2:3])  # (n, n_cols)
    down = (y >= lines[:, 1:2]) & (y <= lines[:, 3:])  # (n, n_rows)
    return np.asarray((down[:, :, None] & across[:, None]).any(axis=0))

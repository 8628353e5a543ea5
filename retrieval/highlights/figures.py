"""Charts, tables, maps, photographs …: the places that an encoder names by their look, with their captions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pagelight.retrieval.geometry import shared
from pagelight.retrieval.highlights.layout import Layout
from pagelight.retrieval.types import Box, Floats, Kind, PageEmbedding, QueryEmbedding

#: a look that covers fewer cells is no place
LEAST_CELLS = 60
#: shares of the page above which a look tells nothing, and tells something only where it is this sure
HUGE, BIG, SURE = 0.7, 0.55, 0.5
#: a look that is less sure than this has no caption
CAPTIONED = 0.4
#: so much of the page a picture takes at least
LEAST_AREA = 0.02
#: how far a caption lies from its picture, and how high it is at most
CAPTION_BELOW, CAPTION_ABOVE, CAPTION_HEIGHT = 0.035, 0.025, 0.06
#: lines of a title that stands above its table or chart, at most
TITLE_LINES = 2.6
#: letters this many times as high as the page's usual ones are a heading of what follows, and no caption
HEADING = 1.2


@dataclass(frozen=True, slots=True)
class Picture:
    """asked: how surely it has a look that the query asks for, 0..1; sure: how surely it is a picture at all"""

    box: Box
    asked: float
    sure: float

    @property
    def size(self) -> float:
        """Its share of the page."""
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])

    @property
    def captioned(self) -> bool:
        """Whether text beside it is taken for its caption."""
        return self.sure >= CAPTIONED and LEAST_AREA <= self.size <= BIG


def asks_for_look(query: QueryEmbedding) -> bool:
    """Whether any of the query's tokens stands for a look."""
    return bool((query.kinds == Kind.FIGURE).any())


def find_pictures(query: QueryEmbedding, page: PageEmbedding) -> tuple[Picture, ...]:
    """The looks of a page that have a place on it; none for encoders whose vectors do not stand for looks."""
    found = []
    looks, weights = _looks_asked(query)
    for i in np.flatnonzero(page.kinds == Kind.FIGURE):
        cells = np.flatnonzero(page.cell_to_vector == i)
        if len(cells) < LEAST_CELLS:
            continue
        rows, cols = np.divmod(cells, page.grid.n_cols)
        x0, x1 = int(cols.min()) / page.grid.n_cols, (int(cols.max()) + 1) / page.grid.n_cols
        y0, y1 = int(rows.min()) / page.grid.n_rows, (int(rows.max()) + 1) / page.grid.n_rows
        # a vector that stands for a look holds the probability of each
        asked = float(looks @ page.vectors[i] @ weights)
        picture = Picture((x0, y0, x1, y1), min(max(asked, 0.0), 1.0), float(page.vectors[i].sum()))
        if picture.size <= (BIG if picture.sure < SURE else HUGE):
            found.append(picture)
    return tuple(found)


def _looks_asked(query: QueryEmbedding) -> tuple[Floats, Floats]:
    """(n, dim) the looks that the query asks for, each once, and the weight of the word that asks most (n,)."""
    asking = query.kinds == Kind.FIGURE
    weights = query.weights[asking]
    looks, which = np.unique(query.vectors[asking], axis=0, return_inverse=True)
    most = np.zeros(len(looks), np.float32)
    np.maximum.at(most, which.ravel(), weights)
    return looks, most


def captions(picture: Box, layout: Layout) -> np.ndarray:
    """Indices of the blocks that touch the picture from below, or from above where they are titles."""
    blocks = layout.blocks
    height = blocks[:, 3] - blocks[:, 1]
    slack = -0.9 * height - 0.01
    under, over = blocks[:, 1] - picture[3], picture[1] - blocks[:, 3]
    below = (blocks[:, 3] > picture[3]) & (slack <= under) & (under < CAPTION_BELOW)
    below &= layout.line_heights <= HEADING * layout.text_height
    above = (blocks[:, 1] < picture[1]) & (slack <= over) & (over < CAPTION_ABOVE)
    above &= height <= TITLE_LINES * layout.line_heights
    fits = (height <= CAPTION_HEIGHT) & (shared(picture, blocks, 0) >= 0.5)
    return np.flatnonzero((below | above) & fits)

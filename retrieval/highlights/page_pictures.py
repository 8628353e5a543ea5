"""Charts, tables, maps, photographs …: the places that an encoder names by their look, with their captions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pagelight.retrieval.geometry import as_box, shared, union
from pagelight.retrieval.highlights.layout import Layout
from pagelight.retrieval.text.question_words import is_question
from pagelight.retrieval.types import Box, Floats, Kind, PageEmbedding, QueryEmbedding


@dataclass(frozen=True, slots=True)
class PictureParameters:
    """Which figures of a page are places, and which text is their caption.

    least_cells: a figure that covers fewer cells is no place (measured on the first set)
    huge: share of the page above which a figure tells nothing (measured on the first set)
    big: share of the page above which it tells something only where it is sure (measured on the first set)
    sure: from here on it is (measured on the first set)
    captioned: a figure that is less sure has no caption (measured on the first set)
    least_area: share of the page that a figure with a caption takes at least (geometry)
    caption_below: how far a caption lies below its picture at most, as a share of the page's height (geometry)
    caption_above: the same for a title above it (geometry)
    caption_height: greatest height of a caption, as a share of the page's (geometry)
    caption_inside: share of its height that a caption may lie inside its picture, whose edges are not exact (geometry)
    caption_slack: the same as a share of the page's height (geometry)
    caption_beside: share of the narrower one's width that caption and picture have in common (geometry)
    title_lines: lines of a title that stands above its table or chart, at most (geometry)
    room: lines of text that fit above a caption at least, where there are none: something is drawn there (geometry)
    margin: of a page, as a share of its height: nothing is drawn there (geometry)
    clear: weight from which a word asks for a look more often than for something else (see `query_words`)
    said: share of the query from which text says what a word meant that asks for a look less often (labelled sets)
    answered: the same for a question, which a text answers as a rule (labelled sets)
    named: cosine from which a word of the query is one of the names that stand for the page's photos (as words match)
    telling: share of the heaviest word's weight that such a word has at least (by what it is for)
    heading: letters this many times as high as the page's usual ones are a heading of what follows, and no caption
        (geometry)
    """

    least_cells: int = 60
    huge: float = 0.7
    big: float = 0.55
    sure: float = 0.5
    captioned: float = 0.4
    least_area: float = 0.02
    caption_below: float = 0.035
    caption_above: float = 0.035
    caption_height: float = 0.06
    caption_inside: float = 0.9
    caption_slack: float = 0.01
    caption_beside: float = 0.5
    title_lines: float = 2.6
    room: float = 5.0
    margin: float = 0.06
    clear: float = 0.5
    said: float = 0.7
    answered: float = 0.3
    named: float = 0.9
    telling: float = 0.5
    heading: float = 1.2


PICTURES = PictureParameters()


@dataclass(frozen=True, slots=True)
class Picture:
    """asked: how surely it has a look that the query asks for, or shows what it names, 0..1; sure: how surely it is a picture
    gives_way: share of the query from which text goes before it, since it is asked for by a question, or by a word that asks for
        something else more often
    """

    box: Box
    asked: float
    sure: float
    gives_way: float = np.inf

    @property
    def size(self) -> float:
        """The share of the page that it takes."""
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])

    def is_captioned(self, parameters: PictureParameters = PICTURES) -> bool:
        """Whether text beside it is taken for its caption."""
        return self.sure >= parameters.captioned and parameters.least_area <= self.size <= parameters.big


def asks_for_figure(query: QueryEmbedding) -> bool:
    """Whether any of the query's tokens stands for a look."""
    return bool((query.kinds == Kind.FIGURE).any())


def asks_clearly(query: QueryEmbedding, parameters: PictureParameters = PICTURES) -> bool:
    """Whether one stands for a look more often than for something else, as "boxes" and "program" do not."""
    return bool(query.weights[query.kinds == Kind.FIGURE].max(initial=0.0) >= parameters.clear)


def find_pictures(
    query: QueryEmbedding, page: PageEmbedding, parameters: PictureParameters = PICTURES
) -> tuple[Picture, ...]:
    """The looks of a page that have a place on it; none for encoders whose vectors do not stand for looks."""
    found = []
    figures = np.flatnonzero(page.kinds == Kind.FIGURE)
    if not len(figures):
        return ()
    looks, weights = _looks_asked(query)
    is_named = _asks_for_name(query, page, parameters)
    gives_way = np.inf
    if not is_named and is_question(query.text):
        gives_way = parameters.answered
    elif not is_named and not asks_clearly(query, parameters):
        gives_way = parameters.said
    for i in figures:
        cells = np.flatnonzero(page.cell_to_vector == i)
        if len(cells) < parameters.least_cells:
            continue
        rows, cols = np.divmod(cells, page.grid.n_cols)
        x0, x1 = int(cols.min()) / page.grid.n_cols, (int(cols.max()) + 1) / page.grid.n_cols
        y0, y1 = int(rows.min()) / page.grid.n_rows, (int(rows.max()) + 1) / page.grid.n_rows
        # a vector that stands for a look holds the probability of each
        sure = float(page.vectors[i].sum())
        asked = max(float(looks @ page.vectors[i] @ weights), sure if is_named else 0.0)
        picture = Picture((x0, y0, x1, y1), min(max(asked, 0.0), 1.0), sure, gives_way)
        largest = parameters.big if picture.sure < parameters.sure else parameters.huge
        if picture.size <= largest:
            found.append(picture)
    return tuple(found)


def _asks_for_name(query: QueryEmbedding, page: PageEmbedding, parameters: PictureParameters) -> bool:
    """Whether a telling word of the query is on the page without a place there, as the names of what its photos show are."""
    placeless = page.vectors[: page.n_special][page.kinds[: page.n_special] == Kind.WORD]
    telling = query.kinds == Kind.WORD
    telling &= query.weights >= parameters.telling * query.weights[telling].max(initial=0.0)
    return bool((query.vectors[telling] @ placeless.T).max(initial=-1.0) >= parameters.named)


def _looks_asked(query: QueryEmbedding) -> tuple[Floats, Floats]:
    """(n, dim) the looks that the query asks for, each once, and the weight of the word that asks most (n,)."""
    asking = query.kinds == Kind.FIGURE
    weights = query.weights[asking]
    looks, which = np.unique(query.vectors[asking], axis=0, return_inverse=True)
    most = np.zeros(len(looks), np.float32)
    np.maximum.at(most, which.ravel(), weights)
    return looks, most


def captions(picture: Box, layout: Layout, parameters: PictureParameters = PICTURES) -> np.ndarray:
    """Indices of the blocks that touch the picture from below, or from above where they are titles."""
    blocks = layout.blocks
    height = blocks[:, 3] - blocks[:, 1]
    slack = -parameters.caption_inside * height - parameters.caption_slack
    under, over = blocks[:, 1] - picture[3], picture[1] - blocks[:, 3]
    below = (blocks[:, 3] > picture[3]) & (slack <= under) & (under < parameters.caption_below)
    below &= layout.line_heights <= parameters.heading * layout.text_height
    above = (blocks[:, 1] < picture[1]) & (slack <= over) & (over < parameters.caption_above)
    above &= height <= parameters.title_lines * layout.line_heights
    beside = shared(picture, blocks, 0) >= parameters.caption_beside
    fits = (height <= parameters.caption_height) & beside
    return np.flatnonzero((below | above) & fits)


@dataclass(frozen=True, slots=True)
class CaptionedPage:
    """A page's text, its pictures, and which text names which picture. look: whether the query asks for a look"""

    layout: Layout
    pictures: Sequence[Picture]
    look: bool
    parameters: PictureParameters

    @property
    def with_captions(self) -> list[Picture]:
        return [picture for picture in self.pictures if picture.is_captioned(self.parameters)]

    def captions(self, box: Box) -> np.ndarray:
        """Indices of the blocks that may be the caption of what lies in the box."""
        return captions(box, self.layout, self.parameters)

    def with_picture(self, block: Box, number: int) -> Box | None:
        """The block and the nearest picture or table whose caption it is, by its first words or since a look is asked for."""
        labelled = bool(self.layout.labelled[number])
        if not labelled and not self.look:
            return None
        boxes = [picture.box for picture in self.with_captions]
        nearest = self._named(block, number, [*boxes, *map(as_box, self.layout.tables if labelled else ())])
        if nearest is None and labelled:
            nearest = self._room_above(block)
        return union(block, nearest) if nearest else None

    def _room_above(self, caption: Box) -> Box | None:
        """The room without text above a caption, which is the place of its picture, whatever is seen there."""
        blocks = self.layout.blocks
        over = (blocks[:, 1] < caption[1]) & (shared(caption, blocks, 0) > 0)
        top = float(blocks[over, 3].max(initial=self.parameters.margin))
        room = caption[1] - top
        if room < self.parameters.room * self.layout.text_height:
            return None
        return caption[0], top, caption[2], caption[1]

    def own_captions(self, picture: Box) -> np.ndarray:
        """(n, 4): the blocks that may be the caption of this picture and lie nearer to it than to any other."""
        blocks, boxes = self.layout.blocks, [picture.box for picture in self.pictures]
        numbers = self.captions(picture).tolist()
        return blocks[[n for n in numbers if self._named(as_box(blocks[n]), n, boxes) == picture]]

    def _named(self, block: Box, number: int, boxes: Sequence[Box]) -> Box | None:
        """The nearest of the boxes whose caption the block may be."""
        fitting = [box for box in boxes if number in self.captions(box)]
        return min(fitting, key=lambda p: min(abs(block[1] - p[3]), abs(p[1] - block[3])), default=None)

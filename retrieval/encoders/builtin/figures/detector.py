"""Figures on a page: charts, tables, maps, photographs …, where they are, and which way the page is turned.

Fixed filters describe each cell of the page at about 33 dpi (`features`); a small net says what each shows and
where the thing ends that it belongs to (`net`), and cells that agree make a region. The net was trained on
practice pages, see ``training/figures``. How the page is turned is told without training (`orientation`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file

from pagelight.retrieval.encoders.builtin.figures.colours import COLOUR, ColourParameters, page_colours
from pagelight.retrieval.encoders.builtin.figures.features import page_features
from pagelight.retrieval.encoders.builtin.figures.net import CellFigures, FigureNet, folded
from pagelight.retrieval.encoders.builtin.figures.orientation import (
    ORIENTATION,
    OrientationParameters,
    turn_of,
)
from pagelight.retrieval.encoders.builtin.figures.query_words import (
    CELL,
    FIGURE_KINDS,
    LONG_SIDE,
    QueryFigure,
    query_figures,
)
from pagelight.retrieval.encoders.builtin.placement import in_gray, on_white, resized, upright
from pagelight.retrieval.geometry import ious
from pagelight.retrieval.types import Box, Floats

#: Background, text, headings: the first classes, which are no things (net)
N_PLAIN = 3
#: The feature that tells the root of the share of a cell that is not of the page's colour (net)
_INKED = 2


@dataclass(frozen=True, slots=True)
class DetectionParameters:
    """Cells that make a thing, and things that are shown.

    thing: probability of a thing from which a cell speaks for one (practice pages)
    same: intersection over union with a thing's box from which a cell's box is about it (practice pages)
    taken: intersection over union from which such a cell has no say any more (practice pages)
    least_cells: cells that have to agree on a thing (practice pages)
    least_ink: share of a region that is not of the page's colour, at least (practice pages)
    surest: no thing is told more surely (geometry: a figure's vector is shorter than 1)
    """

    thing: float = 0.3
    same: float = 0.5
    taken: float = 0.3
    least_cells: int = 6
    least_ink: float = 0.008
    surest: float = 0.97


DETECTION = DetectionParameters()


@dataclass(frozen=True, slots=True, eq=False)
class DetectedFigure:
    """box: x0, y0, x1, y1 relative to the page as given; kinds: (len(FIGURE_KINDS),) how likely it is of each."""

    box: Box
    kinds: Floats

    @property
    def sure(self) -> float:
        """Probability of a picture at all, 0..1."""
        return float(self.kinds.sum())

    @property
    def name(self) -> str:
        """The likeliest kind."""
        return FIGURE_KINDS[int(self.kinds.argmax())]

    @property
    def confidence(self) -> float:
        """Probability of the likeliest kind."""
        return float(self.kinds.max())


@dataclass(frozen=True, slots=True)
class DetectedFigures:
    """regions: those with the surest look first; turned: clockwise quarter turns that make the page upright, 0 where unsure.

    colours: (len(COLOURS),) how likely a person names each colour of the page
    """

    regions: tuple[DetectedFigure, ...]
    turned: int
    colours: Floats


class FigureDetector:
    """The shipped net, ready to run on one page at a time."""

    def __init__(
        self,
        model: FigureNet,
        parameters: DetectionParameters = DETECTION,
        orientation: OrientationParameters = ORIENTATION,
        colours: ColourParameters = COLOUR,
    ) -> None:
        self._model = folded(model)
        self._parameters, self._orientation, self._colours = parameters, orientation, colours

    def find(self, image: Image.Image, turned: int | None = None) -> DetectedFigures:
        """Regions and turn of a page image of any size and mode; `turned` where the turn is known."""
        parameters = self._parameters
        turned = turn_of(in_gray(image), self._orientation) if turned is None else turned
        small = _small(upright(image, turned))
        maps = page_features(small)
        with torch.inference_mode():
            cells = self._model(maps[None].contiguous(memory_format=torch.channels_last))
        inked = np.square(maps[_INKED].numpy())
        regions = [
            DetectedFigure(_turn_box(thing.box, turned), _kinds(thing.shows, parameters.surest))
            for thing in figure_regions(cells, parameters)
            if thing.mean(inked) >= parameters.least_ink
        ]
        surest_first = sorted(regions, key=lambda region: -region.confidence)
        return DetectedFigures(tuple(surest_first), turned, page_colours(small, self._colours))


def _kinds(shows: Floats, surest: float) -> Floats:
    """(len(FIGURE_KINDS),): what a thing shows but words, together at most `surest`, from (CLASSES,)."""
    kinds = shows[1:].copy()
    kinds[: N_PLAIN - 1] = 0
    return np.asarray(kinds * min(1.0, surest / float(kinds.sum())), np.float32)


def load_figures(
    path: Path | str,
    parameters: DetectionParameters = DETECTION,
    orientation: OrientationParameters = ORIENTATION,
    colours: ColourParameters = COLOUR,
) -> FigureDetector:
    """The net of a safetensors file; raises OSError or safetensors' error where there is none."""
    return FigureDetector(load_model(path), parameters, orientation, colours)


def load_model(path: Path | str) -> FigureNet:
    """The net of a safetensors file, not folded yet, with its weights in float32."""
    model = FigureNet()
    model.load_state_dict({name: value.float() for name, value in load_file(str(path)).items()})
    return model.eval()


def _small(image: Image.Image) -> NDArray[np.uint8]:
    """(height, width, 3): the page as the features want it, sides multiples of CELL."""
    share = LONG_SIDE / max(image.size)
    width, height = (max(4 * CELL, round(side * share / CELL) * CELL) for side in image.size)
    pixels = np.asarray(_reduced(on_white(image), 2 * max(width, height)))
    return resized(pixels, (width, height), "bilinear")


def _reduced(image: Image.Image, side: int) -> Image.Image:
    """The image reduced by a whole number where it is far larger than `side`: cheap, and against aliasing."""
    factor = max(1, int(max(image.size) / side))
    return image.reduce(factor) if factor > 1 else image


def _turn_box(box: Box, turned: int) -> Box:
    """A box of the upright page, on the page as given."""
    for _ in range(turned):  # each step undoes one clockwise quarter turn
        box = (box[1], 1 - box[2], box[3], 1 - box[0])
    return box


@dataclass(frozen=True, slots=True, eq=False)
class FigureRegion:
    """box: x0, y0, x1, y1 relative to the page; cells: rows and columns of those that speak for it; shows: (CLASSES,)."""

    box: Box
    cells: tuple[NDArray[np.intp], NDArray[np.intp]]
    shows: Floats

    def mean(self, values: Floats) -> float:
        """The mean over the thing's cells of a value that each cell of the page has."""
        return float(values[self.cells].mean())


def figure_regions(
    figures: CellFigures, parameters: DetectionParameters = DETECTION
) -> Iterator[FigureRegion]:
    """The things of a page, the surest first.

    The cell whose box fits best draws the first thing, together with all that agree with it; what lies in the thing has no
    say any more, and so on (non-maximum suppression).

    figures: of one page
    """
    shows = figures.shows[0].softmax(0).numpy()  # (CLASSES, rows, columns)
    speaks = shows[N_PLAIN:].sum(0)
    rows, columns = np.nonzero(speaks >= parameters.thing)
    n_rows, n_columns = speaks.shape
    left, top, right, bottom = figures.edges[0].numpy()[:, rows, columns]
    x, y = columns + 0.5, rows + 0.5
    boxes = np.stack([x - left, y - top, x + right, y + bottom], axis=1)
    boxes = np.clip(boxes, 0, [n_columns, n_rows, n_columns, n_rows]).astype(np.float32)
    sure = speaks[rows, columns] * figures.fits[0].sigmoid().numpy()[rows, columns]
    free = np.ones(len(rows), np.bool_)
    while free.any():
        first = int(np.where(free, sure, -1).argmax())
        alike = free & (ious(boxes[first], boxes) >= parameters.same)
        box = np.average(boxes[alike], axis=0, weights=sure[alike])
        alike = free & (ious(box, boxes) >= parameters.same)
        alike[first] = True
        inside = (x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])
        free &= ~(alike | inside | (ious(box, boxes) >= parameters.taken))
        if alike.sum() >= parameters.least_cells:
            cells = rows[alike], columns[alike]
            x0, y0, x1, y1 = (float(v) for v in box / [n_columns, n_rows, n_columns, n_rows])
            yield FigureRegion((x0, y0, x1, y1), cells, shows[:, rows[alike], columns[alike]].mean(1))


__all__ = [
    "FIGURE_KINDS",
    "DetectedFigure",
    "DetectedFigures",
    "FigureDetector",
    "QueryFigure",
    "figure_regions",
    "load_figures",
    "load_model",
    "query_figures",
]

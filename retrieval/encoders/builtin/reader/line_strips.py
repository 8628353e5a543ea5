"""Strips of a page for the line net: runs of detections of a line, cut out and made alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pagelight.retrieval.encoders.builtin.placement import Gray
from pagelight.retrieval.encoders.builtin.reader.line_net import COLUMN, HEIGHT
from pagelight.retrieval.encoders.builtin.reader.nets import CELL_HEIGHT
from pagelight.retrieval.encoders.builtin.reader.reading_order import READING_ORDER, line_of_words
from pagelight.retrieval.types import Floats, Ints

#: levels by which ink differs from paper, at least: less is no print (guard)
_FAINT = 24
#: share of a strip's pixels after which comes the darkest ink (form)
_DARKEST = 0.985
#: height of a word's box in font sizes (form)
BOX_HEIGHT = 1.05


@dataclass(frozen=True, slots=True)
class StripParameters:
    """Sizes and distances, in font sizes unless they say otherwise.

    tall: height of a strip: half a space above and below, since a detection may lie half a cell off (geometry)
    wide: how much wider than high a strip is shown to the net: two narrow letters want three columns (net)
    beside: greatest gap of two words of a strip, in heights (geometry)
    margin: added at either end, where there is room: long numbers go on where their detection ends (practice pages)
    level: by which a word may be higher or lower to be beside a strip (geometry)
    longest: a strip's length (speed)
    drift: by which the words of a strip may rise or fall, beside half a cell (geometry)
    """

    tall: float = 1.6
    wide: float = 1.5
    beside: float = 1.0
    margin: float = 0.7
    level: float = 0.6
    longest: float = 20.0
    drift: float = 0.2


STRIPS = StripParameters()


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """own: its detections; left, right, middle, size: pixels"""

    own: Ints
    left: float
    right: float
    middle: float
    size: float


def find_strips(
    boxes: Floats, unsure: NDArray[np.bool_], shape: tuple[int, ...], parameters: StripParameters = STRIPS
) -> Iterator[Strip]:
    """What is unsure and stands beside each other, up to the middle of the space to the words beside it.

    boxes: (n, 4) relative; unsure: (n,); shape: of the page, in pixels
    """
    are_many = int(unsure.sum()) > READING_ORDER.most_words
    line_of = np.arange(unsure.sum()) if are_many else line_of_words(boxes[unsure], parameters.beside)
    pixels = boxes * np.tile(shape[::-1], 2)
    middles, sizes = (pixels[:, 1] + pixels[:, 3]) / 2, (pixels[:, 3] - pixels[:, 1]) / BOX_HEIGHT
    chosen = np.flatnonzero(unsure)
    order = np.lexsort((pixels[chosen, 0], line_of))
    for line in np.split(chosen[order], np.flatnonzero(np.diff(line_of[order])) + 1):
        run: list[int] = []
        for i in line.tolist():
            if run and _ends(run, i, pixels, middles, sizes, parameters):
                yield _strip_of(run, pixels, middles, sizes, shape, parameters)
                run = []
            run.append(i)
        if run:
            yield _strip_of(run, pixels, middles, sizes, shape, parameters)


def _ends(
    run: Sequence[int],
    following: int,
    pixels: Floats,
    middles: Floats,
    sizes: Floats,
    parameters: StripParameters,
) -> bool:
    """Whether a strip that has a run of detections is too long, or not level, with another one."""
    size = float(sizes[list(run)].mean())
    is_long = pixels[following, 2] - pixels[run[0], 0] > parameters.longest * size
    return bool(
        is_long or abs(middles[following] - middles[run[0]]) > parameters.drift * size + CELL_HEIGHT / 2
    )


def _strip_of(
    run: Sequence[int],
    pixels: Floats,
    middles: Floats,
    sizes: Floats,
    shape: tuple[int, ...],
    parameters: StripParameters,
) -> Strip:
    """A strip of some detections, up to the middle of the space to the words beside them."""
    own = np.array(run, np.int32)
    size, middle = max(float(np.median(sizes[own])), 4.0), float(np.median(middles[own]))
    left, right = float(pixels[own, 0].min()), float(pixels[own, 2].max())
    level = np.abs(middles - middle) < parameters.level * size
    level[own] = False
    centres = (pixels[:, 0] + pixels[:, 2]) / 2
    before = pixels[level & (centres < left), 2].max(initial=-np.inf)
    after = pixels[level & (centres > right), 0].min(initial=np.inf)
    margin = parameters.margin * size
    return Strip(
        own,
        max(left - margin, min((left + before) / 2, left), 0.0),
        min(right + margin, max((right + after) / 2, right), float(shape[1])),
        middle,
        size,
    )


def cut(
    gray: Gray,
    left: float,
    right: float,
    middle: float,
    size: float,
    parameters: StripParameters = STRIPS,
) -> Gray:
    """(HEIGHT, width): the strip from left to right around `middle`, of print of this size; all in pixels."""
    half = parameters.tall * size / 2
    image = Image.fromarray(gray)
    box = (max(left, 0), max(middle - half, 0), min(right, image.width), min(middle + half, image.height))
    return np.asarray(
        image.resize((width_of(left, right, size, parameters), HEIGHT), Image.Resampling.BILINEAR, box)
    )


def width_of(left: float, right: float, size: float, parameters: StripParameters) -> int:
    """Pixels of a strip's width, as the net is shown it."""
    width = round(parameters.wide * (right - left) * HEIGHT / (parameters.tall * size))
    return max(-(-width // COLUMN) * COLUMN, 2 * COLUMN)


def ink(gray: Gray) -> Gray:
    """How much a strip differs from its paper, dark on light or light on dark: 0 to 255."""
    counts = np.bincount(gray.ravel(), minlength=256)
    paper = int(np.searchsorted(np.cumsum(counts), gray.size / 2))
    apart = np.abs(np.arange(256) - paper)
    order = np.argsort(apart, kind="stable")
    darkest = apart[order[np.searchsorted(np.cumsum(counts[order]), _DARKEST * gray.size)]]
    levels = np.clip(apart * (255 / max(darkest, _FAINT)), 0, 255).astype(np.uint8)
    return np.asarray(levels[gray])

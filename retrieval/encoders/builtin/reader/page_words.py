"""An upright page's words: detected at four sizes, the best detection of each place, recognized.

Two strips of the page, read at half size, tell how large its print is, and so how large the page has to be to be read. Then
it is read at that size, and at a half, a quarter and an eighth of it what is larger than the print read before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pagelight.retrieval.encoders.builtin.placement import Gray, fit
from pagelight.retrieval.encoders.builtin.reader.detected_words import (
    DETECTED_WORDS,
    DetectedWordParameters,
    Detections,
    read_again,
    recognized,
)
from pagelight.retrieval.encoders.builtin.reader.ink_regions import BLOCK, opened
from pagelight.retrieval.encoders.builtin.reader.line_reading import LineReader
from pagelight.retrieval.encoders.builtin.reader.nets import CELL_HEIGHT, CELL_WIDTH
from pagelight.retrieval.encoders.builtin.reader.page_inference import PageInference
from pagelight.retrieval.encoders.builtin.reader.reading_order import (
    READING_ORDER,
    ReadingOrderParameters,
    reading_order,
)
from pagelight.retrieval.encoders.builtin.reader.recognition import Recognizer
from pagelight.retrieval.types import Floats, Ints, Kind, PageEmbedding, PageWords, PatchGrid, all_of


@dataclass(frozen=True, slots=True)
class PageReadingParameters:
    """At which sizes a page is read, and what of it counts as a word.

    shortest_side: pixels; the reader sees pages with their long side from here on (A4 at 130 dpi has 1520): at 100 dpi
        small print is read much worse (practice pages)
    longest_side: pixels; and up to here (speed)
    smaller: the page is read at these shares of its size as well, so that footnotes and titles are read by the same
        weights (geometry)
    strips: middles of the strips that tell how large the page's print is, as shares of its width: print changes down a
        page more than across it (geometry)
    strip_width: width of such a strip, in blocks of the page at half size (speed)
    small_print: share of the page's words that may be smaller than `enough` on the reduced page (geometry)
    enough: pixels of font size; more cost time and are read no better (practice pages)
    least: a page is not reduced below this part of its size (practice pages)
    nearly_whole: a page that would keep more of its size keeps all (geometry)
    smallest: pixels of font size; what is smaller on a reduced page is read better at the next larger size (practice pages)
    largest: pixels of font size; what is larger is read better at the next smaller size (practice pages)
    read: a word with this saliency needs no reading at a smaller size, unless that size is the one for it (practice pages)
    finest: pixels; the edge of some stroke of a word is at least so high on the page read first (geometry)
    stroke: pixels; the same of a word of `smallest` on the smaller ones (geometry)
    rule: pixels; what is higher is a rule or a side of a box (geometry)
    in_text: a detection with less saliency may be no word, and is left out of the text that was read (practice pages)
    order: lines, columns and blocks
    words: which detections stand as words
    """

    shortest_side: int = 1300
    longest_side: int = 1820
    smaller: tuple[float, ...] = (0.5, 0.25, 0.125)
    strips: tuple[float, ...] = (0.25, 0.75)
    strip_width: int = 6
    small_print: float = 0.1
    enough: float = 15.0
    least: float = 0.6
    nearly_whole: float = 0.95
    smallest: float = 12.0
    largest: float = 28.0
    read: float = 0.5
    finest: int = 4
    stroke: int = 8
    rule: int = 32
    in_text: float = 0.5
    order: ReadingOrderParameters = READING_ORDER
    words: DetectedWordParameters = DETECTED_WORDS


PAGE_READING = PageReadingParameters()


@dataclass(frozen=True, slots=True, eq=False)
class PageReading:
    """page: words in the first dimensions of its vectors; owner: (n_cells,) the detection that owns each cell, or -1.

    n_words: detections that stand; legible: the share of them that is surely read
    """

    page: PageEmbedding
    owner: Ints
    n_words: int
    legible: float


def read_page(
    gray: Gray,
    reader: PageInference,
    recognizer: Recognizer,
    dim: int,
    parameters: PageReadingParameters = PAGE_READING,
    lines: LineReader | None = None,
) -> PageReading:
    """The words of a page as it lies. dim: of the vectors that they become; lines: reads once more what is unsure"""
    usual = min(max(parameters.shortest_side, *gray.shape), parameters.longest_side)
    if usual != max(gray.shape):
        gray = fit(gray, usual)
    base = fit(gray, round(usual * _enough(gray, reader, parameters)))
    grid = PatchGrid(base.shape[0] // CELL_HEIGHT, base.shape[1] // CELL_WIDTH)
    found = [_detect(base, 1.0, reader, [], parameters)]
    for scale in parameters.smaller:
        if min(base.shape) * scale >= 4 * BLOCK:
            found.append(_detect(base, scale, reader, found, parameters))
    detected = recognized(found, grid, recognizer, dim, parameters.words)
    if lines is not None:
        detected = read_again(gray, detected, grid, recognizer, lines, parameters.words)
    owner = detected.owner
    page = PageEmbedding(
        detected.vectors,
        grid,
        np.where(owner >= 0, owner, np.arange(grid.n_cells)).astype(np.int32),
        detected.importance,
        np.ones(len(detected.importance), np.int32),
        all_of(Kind.WORD, len(detected.importance)),
        read=_text(detected.texts, detected.boxes, detected.standing(parameters.in_text), parameters.order),
    )
    return PageReading(page, owner, detected.n_words, detected.legible)


def _text(
    texts: Sequence[str], boxes: Floats, certain: NDArray[np.bool_], order: ReadingOrderParameters
) -> PageWords:
    """The words that were read for certain, in reading order."""
    chosen = np.flatnonzero(certain & np.array([bool(text) for text in texts]))
    in_order = chosen[reading_order(boxes[chosen], order)]
    return PageWords(tuple(texts[i] for i in in_order.tolist()), boxes[in_order])


def _enough(gray: Gray, reader: PageInference, parameters: PageReadingParameters) -> float:
    """The part of its size that the page's print asks for, told from strips of it at half size."""
    width = 2 * parameters.strip_width * BLOCK
    if gray.shape[1] < 2 * width:
        return 1.0
    lefts = [round(middle * gray.shape[1] - width / 2) for middle in parameters.strips]
    strips = [_in_blocks(_reduced(gray[:, left : left + width], 2)) for left in lefts]
    side_by_side = np.concatenate(strips, axis=1)
    sizes = reader.print_sizes(side_by_side, opened(reader.edges(side_by_side), parameters.finest // 2))
    if not len(sizes):
        return 1.0
    small_print = 2 * float(np.quantile(sizes, parameters.small_print))
    part = max(parameters.enough / small_print, parameters.least)
    return part if part <= parameters.nearly_whole else 1.0


def _detect(
    base: Gray,
    scale: float,
    reader: PageInference,
    larger: Sequence[Detections],
    parameters: PageReadingParameters,
) -> Detections:
    """Detections at one size: every cell at full size, at smaller sizes what the larger ones cannot read.

    larger: what was found at those
    """
    small = _reduced(base, round(1 / scale))
    pixels = _in_blocks(small)
    readings = reader.read(pixels, _unread(reader.edges(pixels), small.shape, larger, parameters))
    size = readings.extents[2]
    smallest = 0 if scale == 1 else parameters.smallest
    largest = np.inf if scale == parameters.smaller[-1] else parameters.largest
    fits = (size >= smallest) & (size <= largest)
    saliency = np.where(fits, readings.saliency, 0)
    least = 0.0 if scale == 1 else parameters.words.candidate
    rows, cols = (axis.astype(np.int32) for axis in np.nonzero(saliency >= least))
    to_left, to_right, size = readings.extents[:, rows, cols]
    x, y = cols * CELL_WIDTH + CELL_WIDTH / 2, rows * CELL_HEIGHT + CELL_HEIGHT / 2
    left, right = x - to_left, x + to_right
    boxes = (
        np.stack([left, y - 0.55 * size, right, y + 0.5 * size], axis=1)
        / np.tile(base.shape[::-1], 2)
        / scale
    )
    return Detections(
        readings, rows, cols, left, right, size, saliency[rows, cols], boxes.clip(0, 1).astype(np.float32)
    )


def _unread(
    edges: NDArray[np.bool_],
    shape: tuple[int, ...],
    larger: Sequence[Detections],
    parameters: PageReadingParameters,
) -> NDArray[np.bool_]:
    """Places of a page with strokes that may be of words to be read at its size.

    edges: of its pixels; shape: (height, width) of the page on them; larger: what was read at larger sizes
    """
    if not larger:
        return opened(edges, parameters.finest)
    boxes = [f.boxes[(f.saliency >= parameters.read) & (f.sizes <= 2 * parameters.smallest)] for f in larger]
    covered = _covered(np.concatenate(boxes) * np.tile(shape[::-1], 2), edges.shape)
    return opened(edges & ~covered, parameters.stroke) & ~opened(edges, parameters.rule)


def _covered(boxes: Floats, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The pixels that lie in a box (left, top, right, bottom), or just beside it."""
    ends = (boxes.round() + np.array([-2, -1, 3, 2])).clip(0).astype(np.int32)
    covered = np.zeros(shape, np.bool_)
    for left, top, right, bottom in ends.tolist():
        covered[top:bottom, left:right] = True
    return covered


def _reduced(gray: Gray, factor: int) -> Gray:
    """Means over squares of `factor` pixels; those at the right and lower edges may be of less."""
    return gray if factor == 1 else np.asarray(Image.fromarray(gray).reduce(factor))


def _in_blocks(gray: Gray) -> Gray:
    """The page on white, with sides that are multiples of BLOCK."""
    added = [(0, -side % BLOCK) for side in gray.shape]
    return np.pad(gray, added, constant_values=255) if np.any(added) else gray

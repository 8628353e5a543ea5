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

from pagelight.retrieval.encoders.builtin.placement import Gray, fit, suppress
from pagelight.retrieval.encoders.builtin.reader.ink_regions import BLOCK, edges, opened
from pagelight.retrieval.encoders.builtin.reader.nets import CELL_HEIGHT, CELL_WIDTH
from pagelight.retrieval.encoders.builtin.reader.page_inference import Sheet, SheetReader
from pagelight.retrieval.encoders.builtin.reader.reading_order import reading_order
from pagelight.retrieval.encoders.builtin.reader.recognition import Recognizer
from pagelight.retrieval.encoders.builtin.reader.spelling import strips
from pagelight.retrieval.types import (
    Floats,
    Ints,
    Kind,
    PageEmbedding,
    PageWords,
    PatchGrid,
    all_of,
)

#: the reader sees pages with their long side in this range of pixels (A4 at 130 dpi has 1520): at 100 dpi small
#: print is read much worse
LONG_SIDES = (1300, 1820)
#: the page is read at these sizes as well, so that footnotes and titles are read by the same weights
SMALLER = (0.5, 0.25, 0.125)
#: strips that tell how large the page's print is: the middle of each (shares of the page's width), and its width in blocks
#: of the page at half size. Print changes down a page more than across it
STRIPS, STRIP_WIDTH = (0.25, 0.75), 6
#: the page is reduced until this share of its words has so many pixels of font size, but not below this part of its size:
#: pixels beyond that cost time and are read no better
SMALL_PRINT, ENOUGH, LEAST = 0.1, 15.0, 0.6
#: pixels of font size that one size of the page is read for: what is smaller on a reduced page is read better at the next
#: larger size, what is larger at the next smaller one
SMALLEST, LARGEST = 12.0, 28.0
#: a word with this saliency needs no reading at a smaller size, unless that size is the one for it
READ = 0.5
#: pixels: the edge of some stroke of a word is at least so high, on the page read first and, in a word of `SMALLEST`, on
#: smaller ones; what is higher than the last is a rule or a side of a box
FINEST, STROKE, RULE = 4, 8, 32
#: a cell with less saliency is no candidate for a word
CANDIDATE = 0.3
#: a word is surely read from this cosine to a word of the vocabulary, if it is wider than so many font sizes: marks and
#: strokes of turned text look like short words
SURELY_READ, WIDE = 0.85, 2.0
#: a detection with less saliency may be no word, and is left out of the text that was read
IN_TEXT = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class _Detections:
    """n places of one sheet that may hold a word.

    rows, cols (n,) of their cells; left, right, sizes (n,) pixels; saliency (n,); boxes (n, 4) relative
    """

    sheet: Sheet
    rows: Ints
    cols: Ints
    left: Floats
    right: Floats
    sizes: Floats
    saliency: Floats
    boxes: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """page: words in the first dimensions of its vectors; owner: (n_cells,) the detection that owns each cell, or -1.

    n_words: detections that stand; legible: the share of them that is surely read
    """

    page: PageEmbedding
    owner: Ints
    n_words: int
    legible: float


def read_page(gray: Gray, reader: SheetReader, recognizer: Recognizer, dim: int) -> Reading:
    """The words of a page as it lies."""
    usual = min(max(LONG_SIDES[0], *gray.shape), LONG_SIDES[1])
    if usual != max(gray.shape):
        gray = fit(gray, usual)
    base = fit(gray, round(usual * _enough(gray, reader)))
    grid = PatchGrid(base.shape[0] // CELL_HEIGHT, base.shape[1] // CELL_WIDTH)
    found = [_detect(base, 1.0, reader, [])]
    for scale in SMALLER:
        if min(base.shape) * scale >= 4 * BLOCK:
            found.append(_detect(base, scale, reader, found))
    saliency = np.concatenate([f.saliency for f in found])
    boxes = np.concatenate([f.boxes for f in found])
    importance, owner = suppress(saliency, boxes, grid, CANDIDATE)
    stands = (importance == saliency) & (saliency >= CANDIDATE)
    vectors = np.zeros((len(saliency), dim), np.float32)
    texts = [""] * len(saliency)
    start, n_read = 0, 0
    for f in found:
        own = vectors[start : start + len(f.rows)]
        seen = f.sheet.vectors[f.rows, f.cols]
        own[:, : seen.shape[1]] = seen
        chosen = np.flatnonzero(stands[start : start + len(f.rows)])
        letters, lengths = strips(f.sheet.letters, f.rows[chosen], f.left[chosen], f.right[chosen])
        resolved, closest, words = recognizer.resolve(seen[chosen], letters, lengths, f.sizes[chosen])
        own[chosen, : seen.shape[1]] = resolved
        for i, word in zip((start + chosen).tolist(), words, strict=True):
            texts[i] = word
        wide = f.right[chosen] - f.left[chosen] > WIDE * f.sizes[chosen]
        n_read += int(((closest > SURELY_READ) & wide).sum())
        start += len(f.rows)
    cells = np.where(owner >= 0, owner, np.arange(grid.n_cells)).astype(np.int32)
    page = PageEmbedding(
        vectors,
        grid,
        cells,
        importance,
        np.ones(len(vectors), np.int32),
        all_of(Kind.WORD, len(vectors)),
        read=_text(texts, boxes, stands & (saliency >= IN_TEXT)),
    )
    n_words = int(stands.sum())
    return Reading(page, owner, n_words, n_read / max(n_words, 1))


def _text(texts: Sequence[str], boxes: Floats, certain: NDArray[np.bool_]) -> PageWords:
    """The words that were read for certain, in reading order."""
    chosen = np.flatnonzero(certain & np.array([bool(text) for text in texts]))
    order = chosen[reading_order(boxes[chosen])]
    return PageWords(tuple(texts[i] for i in order.tolist()), boxes[order])


def _enough(gray: Gray, reader: SheetReader) -> float:
    """The part of its size that the page's print asks for, told from strips of it at half size."""
    width = 2 * STRIP_WIDTH * BLOCK
    if gray.shape[1] < 2 * width:
        return 1.0
    lefts = [round(middle * gray.shape[1] - width / 2) for middle in STRIPS]
    strips = [_in_blocks(_reduced(gray[:, left : left + width], 2)) for left in lefts]
    side_by_side = np.concatenate(strips, axis=1)
    sizes = reader.print_sizes(side_by_side, opened(edges(side_by_side), FINEST // 2))
    if not len(sizes):
        return 1.0
    part = max(ENOUGH / (2 * float(np.quantile(sizes, SMALL_PRINT))), LEAST)
    return part if part <= 0.95 else 1.0


def _detect(base: Gray, scale: float, reader: SheetReader, larger: Sequence[_Detections]) -> _Detections:
    """At full size every cell, at smaller sizes the candidates that the larger sizes cannot read.

    larger: what was found at those
    """
    small = _reduced(base, round(1 / scale))
    pixels = _in_blocks(small)
    sheet = reader.read(pixels, _unread(pixels, small.shape, larger))
    size = sheet.extents[2]
    fits = (size >= (0 if scale == 1 else SMALLEST)) & (size <= (np.inf if scale == SMALLER[-1] else LARGEST))
    saliency = np.where(fits, sheet.saliency, 0)
    least = 0.0 if scale == 1 else CANDIDATE
    rows, cols = (axis.astype(np.int32) for axis in np.nonzero(saliency >= least))
    to_left, to_right, size = sheet.extents[:, rows, cols]
    x, y = cols * CELL_WIDTH + CELL_WIDTH / 2, rows * CELL_HEIGHT + CELL_HEIGHT / 2
    left, right = x - to_left, x + to_right
    boxes = (
        np.stack([left, y - 0.55 * size, right, y + 0.5 * size], axis=1)
        / np.tile(base.shape[::-1], 2)
        / scale
    )
    return _Detections(
        sheet, rows, cols, left, right, size, saliency[rows, cols], boxes.clip(0, 1).astype(np.float32)
    )


def _unread(pixels: Gray, shape: tuple[int, ...], larger: Sequence[_Detections]) -> NDArray[np.bool_]:
    """Where a page has strokes that may be of words to be read at its size.

    shape: (height, width) of the page on the pixels; larger: what was read at larger sizes
    """
    found = edges(pixels)
    if not larger:
        return opened(found, FINEST)
    boxes = np.concatenate([f.boxes[(f.saliency >= READ) & (f.sizes <= 2 * SMALLEST)] for f in larger])
    return opened(found & ~_covered(boxes * np.tile(shape[::-1], 2), pixels.shape), STROKE) & ~opened(
        found, RULE
    )


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
    """On white, with sides that are multiples of BLOCK."""
    added = [(0, -side % BLOCK) for side in gray.shape]
    return np.pad(gray, added, constant_values=255) if np.any(added) else gray

"""Placement of the built-in encoder's detections: which of them are kept, and which cells of the page each one covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional

from pagelight.retrieval.types import PRUNED, Box, Floats, Ints, Kind, PageEmbedding, PatchGrid, all_of

Gray = NDArray[np.uint8]
"""(height, width) pixels of a page."""


#: words that are compared with all others at once (block)
_TOGETHER = 256
#: Pillow's name of each number of clockwise quarter turns
_CLOCKWISE = {1: Image.Transpose.ROTATE_270, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_90}


@dataclass(frozen=True, slots=True)
class PlacementParameters:
    """Detections that stand, and the cells that are theirs.

    covered: share of its importance that a detection keeps which another one covers (measured on the first set)
    same_line: share of a word's height, to both sides of its middle, whose cells are the word's (geometry)
    margin: share of a cell's width that a word has to reach into the cells at its ends (geometry)
    same_word: of a word's height, within which the same text is the same word: lines are further apart (geometry)
    same_line_off: the same for other texts, of which one is misread (geometry)
    under: share of a word's width that the other one covers then, at least (geometry)
    """

    covered: float = 0.3
    same_line: float = 0.3
    margin: float = 0.25
    same_word: float = 0.75
    same_line_off: float = 0.5
    under: float = 0.6


PLACEMENT = PlacementParameters()


def on_white(image: Image.Image) -> Image.Image:
    """The page in RGB; transparent parts become white."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        image = Image.new("RGBA", layer.size, "white")
        image.alpha_composite(layer)
    return image if image.mode == "RGB" else image.convert("RGB")


def upright(image: Image.Image, turned: int) -> Image.Image:
    """The image turned clockwise by so many quarters."""
    return image.transpose(_CLOCKWISE[turned]) if turned else image


def in_gray(image: Image.Image) -> Gray:
    """The page in gray; transparent parts become white."""
    return np.asarray(image if image.mode == "L" else on_white(image).convert("L"))


def fit(gray: Gray, long_side: int, multiple: int = 16) -> Gray:
    """The page with about this long side, in pixels, and sides that are multiples of `multiple`.

    The sides change by less than one percent apart from the scaling, so that the grid of cells covers the page exactly.
    """
    scale = long_side / max(gray.shape)
    height, width = (max(multiple, round(side * scale / multiple) * multiple) for side in gray.shape)
    if (height, width) == gray.shape:
        return gray
    if scale < 0.6:
        return np.asarray(Image.fromarray(gray).resize((width, height), Image.Resampling.BOX))
    return resized(gray, (width, height), "bicubic")


def resized(
    pixels: NDArray[np.uint8], size: tuple[int, int], method: Literal["bilinear", "bicubic"]
) -> NDArray[np.uint8]:
    """Pixels (height, width) or (height, width, 3) in another size (width, height), as Pillow does it in twice the time."""
    planes = torch.from_numpy(pixels.copy())  # a copy, since a side of one pixel may have a negative stride
    planes = planes[None] if pixels.ndim == 2 else planes.permute(2, 0, 1)
    small = functional.interpolate(planes[None], size=size[::-1], mode=method, antialias=True)[0]
    return np.ascontiguousarray((small[0] if pixels.ndim == 2 else small.permute(1, 2, 0)).numpy())


def suppress(
    saliency: Floats,
    boxes: Floats,
    grid: PatchGrid,
    candidate: float,
    parameters: PlacementParameters = PLACEMENT,
) -> tuple[Floats, Ints]:
    """Let the surest detections stand and weaken those that lie inside them.

    saliency: (n,) 0..1; boxes: (n, 4) relative; candidate: detections below this saliency never stand
    Returns importance (n,) and the detection that owns each cell (n_cells,), or -1.
    """
    importance = saliency * parameters.covered
    owner = np.full((grid.n_rows, grid.n_cols), -1, np.int32)
    size = np.array([grid.n_cols, grid.n_rows, grid.n_cols, grid.n_rows], np.float32)
    scaled = boxes * size  # in cells
    middle = (scaled[:, 1] + scaled[:, 3]) / 2
    height = scaled[:, 3] - scaled[:, 1]
    top = np.clip(np.rint(middle - parameters.same_line * height), 0, grid.n_rows - 1).astype(int)
    bottom = np.maximum(top + 1, np.ceil(middle + parameters.same_line * height).astype(int))
    left = np.clip(np.floor(scaled[:, 0] + parameters.margin), 0, grid.n_cols - 1).astype(int)
    right = np.maximum(left + 1, np.ceil(scaled[:, 2] - parameters.margin).astype(int))
    row = np.clip(middle, 0, grid.n_rows - 1).astype(int)
    col = np.clip((scaled[:, 0] + scaled[:, 2]) / 2, 0, grid.n_cols - 1).astype(int)
    candidates = np.flatnonzero(saliency >= candidate)
    for i in candidates[np.argsort(-saliency[candidates], kind="stable")]:
        if owner[row[i], col[i]] >= 0:
            continue
        importance[i] = saliency[i]
        area = owner[top[i] : bottom[i], left[i] : right[i]]
        area[area < 0] = i
        owner[row[i], col[i]] = i
    return importance, owner.ravel()


def doubles(
    texts: Sequence[str], boxes: Floats, sure: Floats, parameters: PlacementParameters = PLACEMENT
) -> Ints:
    """Indices of words that a surer one covers: the same word less than a line off, or another one on the same line.

    texts: n; boxes: (n, 4); sure: (n,)

    >>> boxes = np.array([[0.1, 0.20, 0.2, 0.22], [0.1, 0.21, 0.2, 0.23], [0.1, 0.3, 0.2, 0.32]])
    >>> doubles(["july", "july", "july"], boxes, np.array([0.8, 0.9, 0.7])).tolist()
    [0]
    """
    order = np.argsort(-sure, kind="stable")
    own, number = boxes[order], np.unique(np.array(texts, str), return_inverse=True)[1][order]
    middle, height = (own[:, 1] + own[:, 3]) / 2, np.maximum(own[:, 3] - own[:, 1], 1e-6)
    stands = np.ones(len(own), np.bool_)
    for start in range(0, len(own), _TOGETHER):
        rows = slice(start, start + _TOGETHER)
        off = np.abs(middle[rows, None] - middle) / height[rows, None]
        under = np.minimum(own[rows, None, 2], own[:, 2]) - np.maximum(own[rows, None, 0], own[:, 0])
        same = (off < parameters.same_word) & (number[rows, None] == number) | (
            off < parameters.same_line_off
        )
        same &= under > parameters.under * (own[rows, 2] - own[rows, 0])[:, None]
        for i in np.flatnonzero(np.tril(same, start - 1).any(axis=1)).tolist():
            stands[start + i] = not (same[i, : start + i] & stands[: start + i]).any()
    return order[~stands].astype(np.int32)


def cells_in(box: Box, grid: PatchGrid) -> Ints:
    """The cells whose centres lie in the box."""
    x = (np.arange(grid.n_cols) + 0.5) / grid.n_cols
    y = (np.arange(grid.n_rows) + 0.5) / grid.n_rows
    inside = ((y >= box[1]) & (y <= box[3]))[:, None] & ((x >= box[0]) & (x <= box[2]))[None]
    return np.flatnonzero(inside).astype(np.int32)


def add_regions(
    page: PageEmbedding,
    owned: Ints,
    boxes: Sequence[Box],
    vectors: Floats,
    importance: Floats,
    count: int,
) -> PageEmbedding:
    """The page with one vector more a region; a region covers the cells that no word owns.

    owned: (n_cells,) the word that owns the cell, or -1; less important regions give way to more important ones
    """
    cells = page.cell_to_vector.copy()
    first = len(page)
    for i in np.argsort(importance, kind="stable"):
        inside = cells_in(boxes[i], page.grid)
        cells[inside[owned[inside] < 0]] = first + i
    return PageEmbedding(
        np.concatenate([page.vectors, vectors.astype(np.float32)]),
        page.grid,
        cells,
        np.concatenate([page.importance, importance.astype(np.float32)]),
        np.concatenate([page.counts, np.full(len(boxes), count, np.int32)]),
        np.concatenate([page.kinds, all_of(Kind.FIGURE, len(boxes))]),
        page.n_special,
        page.read,
        page.shown,
    )


def with_vectors_of_no_place(page: PageEmbedding, vectors: Floats, kind: Kind) -> PageEmbedding:
    """The page with vectors (n, dim) of a kind in front, each of them once: what they say is on the page, no cell is theirs."""
    n = len(vectors)
    cells = np.where(page.cell_to_vector == PRUNED, PRUNED, page.cell_to_vector + n)
    return replace(
        page,
        vectors=np.concatenate([vectors, page.vectors]).astype(np.float32),
        cell_to_vector=cells.astype(np.int32),
        importance=np.concatenate([np.ones(n, np.float32), page.importance]),
        counts=np.concatenate([np.ones(n, np.int32), page.counts]),
        kinds=np.concatenate([all_of(kind, n), page.kinds]),
        n_special=page.n_special + n,
    )


def turn_back(page: PageEmbedding, owner: Ints, quarters: int) -> tuple[PageEmbedding, Ints]:
    """A page that was turned clockwise by `quarters` before reading, on the page as it lies; and its owners."""
    turned = [
        np.rot90(cells.reshape(page.grid.n_rows, page.grid.n_cols), quarters)  # counter-clockwise
        for cells in (page.cell_to_vector, owner)
    ]
    grid = PatchGrid(*turned[0].shape)
    cells, owner = (np.ascontiguousarray(t.ravel()) for t in turned)
    read = replace(page.read, boxes=_boxes_back(page.read.boxes, quarters))
    return replace(page, grid=grid, cell_to_vector=cells, read=read), owner


def _boxes_back(boxes: Floats, quarters: int) -> Floats:
    """(n, 4): boxes on a page that was turned clockwise by `quarters`, on the page as it lies.

    >>> _boxes_back(np.array([[0.5, 0.25, 1.0, 0.5]], np.float32), 1).tolist()
    [[0.25, 0.0, 0.5, 0.5]]
    """
    for _ in range(quarters % 4):  # counter-clockwise
        x0, y0, x1, y1 = boxes.T
        boxes = np.stack([y0, 1 - x1, y1, 1 - x0], axis=1)
    return boxes

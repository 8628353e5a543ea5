"""What a page shows besides words: charts, tables, maps, photographs …, where, and which way it is turned.

Fixed filters describe each cell of the page at about 33 dpi (`looks_features`), small perceptrons name it, once
more in the light of its neighbours, and then name whole regions (`looks_net`). They were trained on practice pages,
see ``training/looks.py``. How the page is turned is told without training (`looks_turn`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor

from retrieval.encoders.look_words import CELL, LONG_SIDE, LOOKS, QueryLook, query_looks
from retrieval.encoders.looks_features import grid_features, page_features, with_neighbours, with_surroundings
from retrieval.encoders.looks_net import LookModel
from retrieval.encoders.looks_turn import turn_of

Box = tuple[float, float, float, float]

_PLAIN = ("text", "heading")
_LEAST_CELLS = {"signature": 6, "logo": 6, "formula": 6, "heading": 3, "text": 4}
_LEAST = 12
"""Cells of the smallest region, of the other classes."""
_RULED = ("table", "form", "code", "formula", "signature")
"""Classes that form regions of their own; the cells of all other pictures form regions together."""
_INKED, _LEAST_INK = 2, 0.008
"""The feature that tells the (root of the) share of a cell that is not of the page's colour, and the least of a region."""
_ALSO = 0.12
"""Confidence from which a region's second class is told too."""


@dataclass(frozen=True, slots=True)
class LookRegion:
    """name: one of LOOKS; box: x0, y0, x1, y1 relative to the page as given; confidence: 0..1."""

    name: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class LookPage:
    """regions: best first; turned: clockwise quarter turns that make the page upright, 0 where unsure."""

    regions: tuple[LookRegion, ...]
    turned: int


class Cells:
    """The two looks at a page's cells."""

    @staticmethod
    def first_look(model: LookModel, maps: Tensor) -> Tensor:
        """(n, rows, columns): what each cell and its neighbours are taken for, and the last hidden layer.

        :param maps: (n_features, rows, columns) of `page_features`.
        """
        rows, columns = maps.shape[1:]
        hidden = model.cells.hidden(with_surroundings(maps).flatten(1).T)  # (cells, hidden)
        chances = model.cells.last(hidden).softmax(1).T.reshape(-1, rows, columns)
        return torch.cat([with_neighbours(chances), hidden.T.reshape(-1, rows, columns)])

    @staticmethod
    def second_look(model: LookModel, maps: Tensor) -> Tensor:
        """(1 + len(LOOKS), rows, columns) probabilities, background first."""
        rows, columns = maps.shape[1:]
        logits = model.context(Cells.first_look(model, maps).flatten(1).T)
        chances: Tensor = logits.softmax(1).T.reshape(-1, rows, columns)
        return chances


class LookNet:
    """The shipped perceptrons, ready to run on one page at a time."""

    def __init__(self, model: LookModel) -> None:
        self._looks = model.eval()

    def find(self, image: Image.Image, turned: int | None = None) -> LookPage:
        """Regions and turn of a page image of any size and mode; `turned` where the turn is known."""
        turned = turn_of(image) if turned is None else turned
        upright = image.transpose(_TURNS_BACK[turned]) if turned else image
        with torch.inference_mode():
            maps = page_features(_small(upright))
            chances = Cells.second_look(self._looks, maps)
            found = [told for part in parts_of(chances.numpy()) for told in self._named(part, maps, chances)]
        back = (LookRegion(name, _turn_box(box, turned), round(sure, 4)) for name, box, sure in found)
        return LookPage(tuple(sorted(back, key=lambda region: -region.confidence)), turned)

    def _named(self, part: Part, maps: Tensor, chances: Tensor) -> list[tuple[str, Box, float]]:
        """What a region shows: the class, and others that it may be, with confidences."""
        left, top, right, bottom = part.box
        rows, columns = chances.shape[1:]
        box = (left / columns, top / rows, right / columns, bottom / rows)
        ys, xs = part.cells
        if float(maps[_INKED, ys, xs].square().mean()) < _LEAST_INK:
            return []
        own = chances[:, ys, xs].mean(1)  # (classes,)
        if part.name in _PLAIN:
            return [(part.name, box, float(own[LOOKS.index(part.name) + 1]))]
        told = chances[:, top:bottom, left:right].mean((1, 2))
        whole = self._looks.regions(torch.cat([grid_features(maps, part.box), told])[None])[0].softmax(0)
        mixed = (0.5 * own + 0.5 * whole)[1:]
        names = [int(i) for i in mixed.argsort(descending=True)[:3]]
        kept = [i for i in names if LOOKS[i] not in _PLAIN and (mixed[i] >= _ALSO or i == names[0])]
        return [(LOOKS[i], box, float(mixed[i])) for i in kept]


_TURNS_BACK = {1: Image.Transpose.ROTATE_270, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_90}


def load_looks(path: Path | str) -> LookNet:
    """The perceptrons of a safetensors file; raises OSError or safetensors' error where there is none."""
    model = LookModel()
    model.load_state_dict({name: value.float() for name, value in load_file(str(path)).items()})
    return LookNet(model)


def _small(image: Image.Image) -> NDArray[np.uint8]:
    """(height, width, 3): the page as the features want it, sides multiples of CELL."""
    share = LONG_SIDE / max(image.size)
    width, height = (max(4 * CELL, round(side * share / CELL) * CELL) for side in image.size)
    whole = _reduced(image, 2 * max(width, height))
    return np.array(whole.resize((width, height), Image.Resampling.BILINEAR))


def _rgb(image: Image.Image) -> Image.Image:
    return image if image.mode == "RGB" else image.convert("RGB")


def _reduced(image: Image.Image, side: int) -> Image.Image:
    """Cheap whole-number box reduction of an image that is far larger than ``side``, against aliasing."""
    factor = max(1, int(max(image.size) / side))
    return _rgb(image).reduce(factor) if factor > 1 else image


def _turn_box(box: Box, turned: int) -> Box:
    """A box of the upright page, on the page as given."""
    for _ in range(turned):  # each step undoes one clockwise quarter turn
        box = (box[1], 1 - box[2], box[3], 1 - box[0])
    return box


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Connected cells of one kind. box: left, top, right, bottom in cells; cells: their rows and columns."""

    name: str
    box: tuple[int, int, int, int]
    cells: tuple[NDArray[np.intp], NDArray[np.intp]]


def parts_of(chances: NDArray[np.float32]) -> list[Part]:
    """The page's regions, largest first: text, headings, tables, forms … by class, all other pictures together.

    Small parts inside the box of a larger picture belong to it.

    :param chances: (1 + len(LOOKS), n_rows, n_cols) probabilities, background first.
    """
    best = chances.argmax(0)
    single = [0] + [i + 1 for i, name in enumerate(LOOKS) if name in _PLAIN or name in _RULED]
    kinds = np.where(np.isin(best, single), best, len(LOOKS) + 1)
    parts: list[Part] = []
    for group in sorted(components(kinds), key=len, reverse=True):
        ys, xs = np.array([p[0] for p in group]), np.array([p[1] for p in group])
        name = LOOKS[int(np.bincount(best[ys, xs]).argmax()) - 1]
        if len(group) < _LEAST_CELLS.get(name, _LEAST):
            continue
        box = (int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)
        if not any(part.name not in _PLAIN and _inside(box, part.box) for part in parts):
            parts.append(Part(name, box, (ys, xs)))
    return parts


def _inside(inner: tuple[int, int, int, int], outer: tuple[int, int, int, int]) -> bool:
    """Whether four fifths of the inner box lie in the outer one."""
    wide = min(inner[2], outer[2]) - max(inner[0], outer[0])
    tall = min(inner[3], outer[3]) - max(inner[1], outer[1])
    return wide > 0 and tall > 0 and wide * tall > 0.8 * (inner[2] - inner[0]) * (inner[3] - inner[1])


def components(classes: NDArray[np.intp]) -> list[list[tuple[int, int]]]:
    """4-connected groups of cells of one class that is not background."""
    grid = classes.tolist()
    rows, columns = classes.shape
    groups: list[list[tuple[int, int]]] = []
    for row in range(rows):
        for column in range(columns):
            name = grid[row][column]
            if not name:
                continue
            group, grid[row][column] = [(row, column)], 0
            for y, x in group:  # grows while it is walked
                for y2, x2 in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                    if 0 <= y2 < rows and 0 <= x2 < columns and grid[y2][x2] == name:
                        grid[y2][x2] = 0
                        group.append((y2, x2))
            groups.append(group)
    return groups


__all__ = [
    "LOOKS",
    "LookNet",
    "LookPage",
    "LookRegion",
    "QueryLook",
    "load_looks",
    "parts_of",
    "query_looks",
]

"""What a page shows besides words: charts, tables, maps, photographs …, where, and which way it is turned.

The nets see the page at about 33 dpi (looks) and pieces of it at about 80 dpi (turn). They were trained on
generated pages, see ``training/looks.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file

from retrieval.encoders.look_words import CELL, LONG_SIDE, LOOKS, TURN_SIDE, QueryLook, query_looks
from retrieval.encoders.looks_net import LookModel, TurnModel, fold

Box = tuple[float, float, float, float]

_TURN_READING_SIDE = 900
_TURN_SURE = 0.75
_TURN_PIECES = 4
_LEAST_CELLS = {"signature": 4, "logo": 4, "formula": 4, "heading": 3, "text": 3}
_PLAIN = ("text", "heading")


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


def look_vectors(dim: int = 128) -> NDArray[np.float32]:
    """(len(LOOKS), dim) float32, orthonormal: the fixed direction of each class, the same on each machine."""
    chance = np.random.Generator(np.random.PCG64(20240607)).standard_normal((dim, len(LOOKS)))
    directions, upper = np.linalg.qr(chance)
    return np.ascontiguousarray((directions * np.sign(np.diag(upper))).T, dtype=np.float32)


LOOK_VECTORS = look_vectors()


class LookNet:
    """The shipped nets, ready to run on one page at a time."""

    def __init__(self, looks: LookModel, turn: TurnModel) -> None:
        self._looks = fold(looks).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._turn = fold(turn).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def find(self, image: Image.Image) -> LookPage:
        """Regions and turn of a page image of any size and mode."""
        turned = self.turn_of(image)
        upright = image.transpose(_TURNS_BACK[turned]) if turned else image
        regions = regions_of(self.cell_chances(upright))
        back = tuple(LookRegion(r.name, _turn_box(r.box, turned), r.confidence) for r in regions)
        return LookPage(back, turned)

    def cell_chances(self, image: Image.Image) -> NDArray[np.float32]:
        """(n_rows, n_cols, 1 + len(LOOKS)) probabilities of each cell of an upright page; the first is background."""
        share = LONG_SIDE / max(image.size)
        width, height = (max(2 * CELL, round(side * share / CELL) * CELL) for side in image.size)
        small = np.array(
            _rgb(_reduced(image, max(width, height))).resize((width, height), Image.Resampling.BILINEAR)
        )
        with torch.inference_mode():
            pixels = torch.from_numpy(small).permute(2, 0, 1)[None].float().div_(127.5).sub_(1)
            logits = self._looks(pixels.contiguous(memory_format=torch.channels_last))
            chances: NDArray[np.float32] = logits[0].softmax(0).permute(1, 2, 0).numpy()
        return chances

    def turn_of(self, image: Image.Image) -> int:
        """Clockwise quarter turns that make the page upright: from its pieces of text; 0 where unsure."""
        pieces = _pieces(image)
        if not len(pieces):
            return 0
        with torch.inference_mode():
            pixels = torch.from_numpy(pieces)[:, None].float().div_(127.5).sub_(1)
            chances = self._turn(pixels.contiguous(memory_format=torch.channels_last)).softmax(1)
        told = chances[:, :4].sum(0)
        if told.sum() < 0.15 * len(pieces):  # hardly any text
            return 0
        best = int(told.argmax())
        return best if float(told[best] / told.sum()) >= _TURN_SURE else 0


_TURNS_BACK = {1: Image.Transpose.ROTATE_270, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_90}


def load_looks(path: Path | str) -> LookNet:
    """The nets of a safetensors file; raises OSError or safetensors' error where there is none."""
    weights = {name: value.float() for name, value in load_file(str(path)).items()}
    looks, turn = LookModel(len(LOOKS) + 1), TurnModel()
    for prefix, model in (("looks.", looks), ("turn.", turn)):
        model.load_state_dict({k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)})
    return LookNet(looks, turn)


def _rgb(image: Image.Image) -> Image.Image:
    return image if image.mode == "RGB" else image.convert("RGB")


def _reduced(image: Image.Image, side: int) -> Image.Image:
    """Cheap whole-number box reduction of an image that is far larger than ``side``, against aliasing."""
    factor = max(1, int(max(image.size) / side))
    return _rgb(image).reduce(factor) if factor > 1 else image


def _pieces(image: Image.Image) -> NDArray[np.uint8]:
    """(n, TURN_SIDE, TURN_SIDE) uint8: the pieces with the most edges, far from one another."""
    share = _TURN_READING_SIDE / max(image.size)
    size = (max(TURN_SIDE, round(image.width * share)), max(TURN_SIDE, round(image.height * share)))
    gray = np.asarray(image.convert("L").resize(size, Image.Resampling.BILINEAR, reducing_gap=1.5))
    step = TURN_SIDE // 2
    rows, columns = gray.shape[0] // step, gray.shape[1] // step
    part = gray[: rows * step, : columns * step].astype(np.int16)
    edges = (
        (np.abs(np.diff(part, axis=1, append=part[:, -1:])) > 40)
        .reshape(rows, step, columns, step)
        .mean((1, 3))
    )
    found: list[NDArray[np.uint8]] = []
    score = (
        edges[:-1, :-1] + edges[1:, :-1] + edges[:-1, 1:] + edges[1:, 1:]
    )  # each piece is two by two steps
    for _ in range(_TURN_PIECES):
        row, column = np.unravel_index(int(score.argmax()), score.shape)
        if score[row, column] < 0.04:
            break
        y, x = int(row) * step, int(column) * step
        found.append(gray[y : y + TURN_SIDE, x : x + TURN_SIDE])
        score[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2] = 0
    return np.stack(found) if found else np.zeros((0, TURN_SIDE, TURN_SIDE), np.uint8)


def _turn_box(box: Box, turned: int) -> Box:
    """A box of the upright page, on the page as given."""
    for _ in range(turned):  # each step undoes one clockwise quarter turn
        box = (box[1], 1 - box[2], box[3], 1 - box[0])
    return box


def regions_of(chances: NDArray[np.float32]) -> tuple[LookRegion, ...]:
    """Connected cells of one class as regions, best first.

    A region's cells are those whose strongest class it is. Small parts inside the box of a larger picture join
    it. Where a second class is likely too (a bar chart that may be a histogram), it follows with its own confidence.

    :param chances: (n_rows, n_cols, 1 + len(LOOKS)) probabilities, background first.
    """
    rows, columns, _ = chances.shape
    best = chances.argmax(2)
    parts = sorted(_components(best), key=len, reverse=True)
    regions: list[LookRegion] = []
    large: list[tuple[Box, str]] = []
    for part in parts:
        name = LOOKS[int(best[part[0]]) - 1]
        ys, xs = np.array([p[0] for p in part]), np.array([p[1] for p in part])
        if len(part) < _LEAST_CELLS.get(name, 6):
            continue
        box = (xs.min() / columns, ys.min() / rows, (xs.max() + 1) / columns, (ys.max() + 1) / rows)
        if name not in _PLAIN and any(_inside(box, other) for other, _ in large):
            continue
        mean = chances[ys, xs].mean(0)
        regions.append(LookRegion(name, box, float(mean[LOOKS.index(name) + 1])))
        if name in _PLAIN:
            continue
        large.append((box, name))
        for index in np.argsort(-mean[1:])[:3]:
            if LOOKS[index] not in (name, *_PLAIN) and mean[index + 1] >= 0.15:
                regions.append(LookRegion(LOOKS[index], box, float(mean[index + 1])))
    return tuple(sorted(regions, key=lambda region: -region.confidence))


def _inside(inner: Box, outer: Box) -> bool:
    """Whether four fifths of the inner box lie in the outer one."""
    wide = min(inner[2], outer[2]) - max(inner[0], outer[0])
    tall = min(inner[3], outer[3]) - max(inner[1], outer[1])
    return wide > 0 and tall > 0 and wide * tall > 0.8 * (inner[2] - inner[0]) * (inner[3] - inner[1])


def _components(classes: NDArray[np.intp]) -> list[list[tuple[int, int]]]:
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
    "LOOK_VECTORS",
    "LookNet",
    "LookPage",
    "LookRegion",
    "QueryLook",
    "load_looks",
    "look_vectors",
    "query_looks",
    "regions_of",
]

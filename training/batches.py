"""Batches of crops as tensors: pictures varied a little, targets laid on the reader's cells."""

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pagelight.retrieval.encoders.builtin.reader.nets import CELL_HEIGHT, CELL_WIDTH, prepare
from training.crops import HEIGHT, UNKNOWN, WIDTH, Crop, read_shard
from training.words import LONGEST

DRAWN = 0.4  # share of drawn crops, whose rare words and many fonts keep the reader reading letters

N_ROWS, N_COLS = HEIGHT // CELL_HEIGHT, WIDTH // CELL_WIDTH


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """`n` crops and their `m` words."""

    pages: Tensor  # (n, 1, HEIGHT, WIDTH), prepared
    letters: Tensor  # (n, HEIGHT / 8, WIDTH / 4) int64 classes, UNKNOWN where no loss looks
    saliency: Tensor  # (n, N_ROWS, N_COLS): 1 a word's centre, 0 none, UNKNOWN
    words: list[str]  # m
    cells: Tensor  # (m, 3) int64: crop, row, column of the word's cell
    extents: Tensor  # (m, 3): pixels from the cell's middle to the word's left and right edge; font size


class Pool:
    """The crops of a folder of shards, which may still be growing; sparse ones mostly left out.

    A step costs the same for a page of three words as for one of three hundred, and learns from the words.
    `part`: (which, of how many) of the shards this pool reads; `only`: their names' beginning.
    """

    def __init__(
        self, folder: Path, limit: int = 7000, part: tuple[int, int] = (0, 1), only: str = ""
    ) -> None:
        self.folder, self.limit, self.part, self.only = folder, limit, part, only
        self.crops: list[Crop] = []
        self.drawn: list[Crop] = []
        self._seen: set[Path] = set()

    def refresh(self, at_most: int = 1000) -> None:
        """Read shards that appeared since."""
        which, of = self.part
        mine = {
            path
            for path in self.folder.glob(f"{self.only}*.npz")
            if zlib.crc32(path.name.encode()) % of == which
        }
        for path in sorted(mine - self._seen)[:at_most]:
            if len(self.crops) + len(self.drawn) < self.limit:
                kind = self.drawn if path.name.startswith("drawn") else self.crops
                kind += [crop for crop in read_shard(path) if _worth(crop)]
            self._seen.add(path)

    def sample(self, n: int, rng: random.Random) -> list[Crop]:
        """`n` crops, `DRAWN` of them drawn ones where there are any."""
        kinds = [
            self.drawn if self.drawn and (not self.crops or rng.random() < DRAWN) else self.crops
            for _ in range(n)
        ]
        return [rng.choice(kind) for kind in kinds]

    def __len__(self) -> int:
        return len(self.crops) + len(self.drawn)


def _worth(crop: Crop) -> bool:
    """Whether to keep a crop: every dense one, and by its picture's checksum a share of the others."""
    lot = zlib.crc32(crop.image[::16].tobytes()) % 100 / 100
    return len(crop.words) >= 8 and lot < (len(crop.words) / 130) ** 2 + 0.08


def make_batch(crops: Sequence[Crop], rng: random.Random, *, vary: bool = True) -> Batch:
    """Stack crops; with `vary`, invert, fade and roughen some and let word cells lie a little off centre."""
    gray = torch.from_numpy(np.stack([crop.image for crop in crops]))
    pages = prepare(gray)
    if vary:
        for page in pages:
            _vary(page, rng)
    saliency = torch.zeros(len(crops), N_ROWS, N_COLS)
    words: list[str] = []
    cells, extents = [], []
    for number, crop in enumerate(crops):
        x0, x1, y, size = crop.boxes.T
        x = (x0 + x1) / 2
        mark(saliency[number], crop, x, y)
        if vary:  # a neighbouring cell that the centre nearly touches should know the word as well
            noise = np.random.default_rng(rng.getrandbits(32)).uniform(-1, 1, (2, len(x)))
            x, y = x + 4 * noise[0], y + 2 * noise[1]
        column = (x // CELL_WIDTH).astype(int).clip(0, N_COLS - 1)
        row = (y // CELL_HEIGHT).astype(int).clip(0, N_ROWS - 1)
        middle = column * CELL_WIDTH + CELL_WIDTH / 2
        for i, word in enumerate(crop.words):
            if len(word) <= LONGEST:
                words.append(word)
                cells.append((number, row[i], column[i]))
                extents.append((max(middle[i] - x0[i], 1.0), max(x1[i] - middle[i], 1.0), size[i]))
    return Batch(
        pages,
        torch.from_numpy(np.stack([crop.letters for crop in crops])).long(),
        saliency,
        words,
        torch.tensor(cells, dtype=torch.long).reshape(-1, 3),
        torch.tensor(np.array(extents, np.float32)).reshape(-1, 3),
    )


def mark(target: Tensor, crop: Crop, x: NDArray[np.float32], y: NDArray[np.float32]) -> None:
    """Lay word centres on (N_ROWS, N_COLS): 1 in their cell, UNKNOWN in a cell whose border the centre nearly meets."""
    for x0, y0, x1, y1 in crop.unknown:
        rows = slice(max(int(y0 // CELL_HEIGHT), 0), max(int(y1 // CELL_HEIGHT) + 1, 0))
        target[rows, max(int(x0 // CELL_WIDTH), 0) : max(int(x1 // CELL_WIDTH) + 1, 0)] = UNKNOWN
    near_x, near_y = 4, 2.5  # pixels
    rows_, columns = (y // CELL_HEIGHT).astype(int), (x // CELL_WIDTH).astype(int)
    for dx in (-near_x, near_x):
        for dy in (-near_y, near_y):
            r = ((y + dy) // CELL_HEIGHT).astype(int).clip(0, N_ROWS - 1)
            c = ((x + dx) // CELL_WIDTH).astype(int).clip(0, N_COLS - 1)
            target[r, c] = UNKNOWN
            target[r, columns.clip(0, N_COLS - 1)] = UNKNOWN
            target[rows_.clip(0, N_ROWS - 1), c] = UNKNOWN
    target[rows_.clip(0, N_ROWS - 1), columns.clip(0, N_COLS - 1)] = 1


def _vary(page: Tensor, rng: random.Random) -> None:
    """Change a prepared (1, height, width) picture in place; values lie between -2 and 2."""
    if rng.random() < 0.12:
        page.neg_()
    if rng.random() < 0.35:
        page.mul_(rng.uniform(0.4, 1.05)).add_(rng.uniform(-0.6, 0.4))
    if rng.random() < 0.15:
        page.add_(torch.randn_like(page), alpha=rng.uniform(0.02, 0.2))
    page.clamp_(-2, 2)

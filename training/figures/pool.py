"""Practice pages on disk and in memory: drawn, and turned into features, once."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pagelight.retrieval.encoders.builtin.figures.features import page_features
from training.figures.real import real_pages

FILE_PAGES = 60
HELD_OUT = "000000.npz"
"""This file's pages are never trained on."""
_VARIANTS = 3
"""Places that a real picture is laid in, and times that each page is shown, each time in other colours."""


def make_file(folder: str, number: int, stock: str) -> None:
    """One file of practice pages: features, cells and things, as plain arrays."""
    from training.figures.pages import make_page

    path = Path(folder) / f"{number:06d}.npz"
    if path.exists():
        return
    rng = random.Random(number)
    arrays: dict[str, NDArray[np.float16] | NDArray[np.uint8]] = {}
    for i in range(FILE_PAGES):
        page = make_page(number * FILE_PAGES + i, Path(stock))
        image = page.image if path.name == HELD_OUT else _changed(page.image, rng)
        arrays[f"maps{i}"] = page_features(image).numpy().astype(np.float16)
        arrays |= {f"cells{i}": page.cells, f"numbers{i}": page.numbers}
    with path.with_suffix(".part").open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    path.with_suffix(".part").rename(path)


def _make_files(folder: str, stock: str, numbers: list[int]) -> None:
    """A worker, at low priority."""
    os.nice(5)
    torch.set_num_threads(1)
    for number in numbers:
        make_file(folder, number, stock)


def make_files(folder: Path, stock: Path, files: int, workers: int) -> None:
    """The files that are not there yet, drawn by so many processes."""
    missing = [n for n in range(files) if not (folder / f"{n:06d}.npz").exists()]
    context = get_context("spawn")
    painters = [
        context.Process(target=_make_files, args=(str(folder), str(stock), missing[i::workers]))
        for i in range(workers)
    ]
    for painter in painters if missing else ():
        painter.start()
    for painter in painters if missing else ():
        painter.join()


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A page to learn from.

    maps: (FEATURES, rows, columns) float16
    cells: (rows, columns) uint8, 0 background, then FIGURE_KINDS, or UNKNOWN
    numbers: (rows, columns) uint8: which thing it is, from 1; 0 for words and background
    """

    maps: Tensor
    cells: NDArray[np.uint8]
    numbers: NDArray[np.uint8]


def _changed(image: NDArray[np.uint8], rng: random.Random) -> NDArray[np.uint8]:
    """The page in other colours, in gray, inverted, or fainter, by chance."""
    chance = rng.random()
    if chance < 0.06:
        image = 255 - image
    elif chance < 0.2:
        image = np.repeat(image.mean(2, keepdims=True).astype(np.uint8), 3, 2)
    elif chance < 0.4:
        image = np.ascontiguousarray(image[..., rng.sample(range(3), 3)])
    if rng.random() < 0.2:
        image = (image * rng.uniform(0.6, 1)).astype(np.uint8) + np.uint8(rng.randint(0, 60))
    return image


def real_samples() -> list[Sample]:
    """The pages of real documents that may be trained on, in several colours."""
    rng, made = random.Random(0), []
    for page in real_pages("train", _VARIANTS):
        for i in range(_VARIANTS):
            image = _changed(page.image, rng) if i else page.image
            made.append(Sample(page_features(image).half(), page.cells, page.numbers))
    rng.shuffle(made)
    return made


def drawn_samples(folder: Path, limit: int) -> tuple[list[Sample], list[Sample]]:
    """The pages of so many files, and those that are held out."""
    pages: list[Sample] = []
    held_out: list[Sample] = []
    for path in sorted(folder.glob("??????.npz"))[:limit]:
        with np.load(path, allow_pickle=False) as arrays:
            (held_out if path.name == HELD_OUT else pages).extend(
                Sample(torch.from_numpy(arrays[f"maps{i}"]), arrays[f"cells{i}"], arrays[f"numbers{i}"])
                for i in range(FILE_PAGES)
            )
    return pages, held_out

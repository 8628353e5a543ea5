"""Labelled crops of pages: the picture, the letter under every small cell, every word's place; stored in shards."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.encoders.builtin.reader.nets import ALPHABET, CELL_HEIGHT, N_CHARACTERS
from pagelight.retrieval.text.analyzer import fold

WIDTH, HEIGHT = 512, 704  # pixels of a crop
LETTER_WIDTH = 4  # pixels under one cell of the character head
LARGEST, SMALLEST = 26.0, 6.5  # pixels of font size that the reader is asked to read at this scale
UNKNOWN = -1  # a cell that no loss looks at
_CLASS = {letter: i + 1 for i, letter in enumerate(ALPHABET)}


@dataclass(frozen=True, slots=True)
class Glyph:
    """One letter on a page, in pixels."""

    letter: str
    x0: float
    x1: float
    centre: float  # of the small letters, from the top
    size: float  # font size


@dataclass(frozen=True, slots=True)
class Word:
    """One word or number on a page, folded, in pixels."""

    text: str
    x0: float
    x1: float
    centre: float
    size: float


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """One place of one page as training sees it."""

    image: NDArray[np.uint8]  # (HEIGHT, WIDTH)
    letters: NDArray[np.int8]  # (HEIGHT / 8, WIDTH / 4): class, 0 blank, UNKNOWN
    words: tuple[str, ...]
    boxes: NDArray[np.float32]  # (n_words, 4): x0, x1, centre, size
    unknown: NDArray[np.float32]  # (n, 4): x0, y0, x1, y1 of places whose text nobody knows


def letter_class(letter: str) -> int:
    """Class of a letter as the character head names it; accents and case fall away."""
    plain = fold(letter)[:1]
    return 0 if letter.isspace() or not plain else _CLASS.get(plain, N_CHARACTERS - 1)


def label(
    image: NDArray[np.uint8],
    glyphs: Sequence[Glyph],
    words: Sequence[Word],
    unknown: Sequence[tuple[float, float, float, float]],
) -> Crop:
    """Labels of a (HEIGHT, WIDTH) picture; words cut by its edge or out of the readable sizes become unknown."""
    if image.shape != (HEIGHT, WIDTH):
        raise ValueError(f"expected ({HEIGHT}, {WIDTH}), got {image.shape}")
    letters = np.zeros((HEIGHT // CELL_HEIGHT, WIDTH // LETTER_WIDTH), np.int8)
    kept, hidden = [], [*unknown]
    for word in words:
        x0, x1, y0, y1 = word.x0, word.x1, word.centre - word.size * 0.55, word.centre + word.size * 0.5
        if x1 < 0 or x0 > WIDTH or y1 < 0 or y0 > HEIGHT:
            continue
        inside = x0 >= 1 and x1 <= WIDTH - 1 and y0 >= 0 and y1 <= HEIGHT
        if inside and SMALLEST <= word.size <= LARGEST:
            kept.append(word)
        else:
            hidden.append((x0, y0, x1, y1))
    for glyph in glyphs:  # around every letter nothing is certain; under its middle the letter is
        top, bottom = glyph.centre - glyph.size * 0.7, glyph.centre + glyph.size * 0.5
        _fill(letters, (glyph.x0, top, glyph.x1, bottom), UNKNOWN)
    for glyph in glyphs:
        row = int(glyph.centre // CELL_HEIGHT)
        if not (0 <= row < letters.shape[0] and SMALLEST <= glyph.size <= LARGEST):
            continue
        first = max(int(np.ceil((glyph.x0 - 2) / LETTER_WIDTH)), 0)
        last = int(np.floor((glyph.x1 - 2) / LETTER_WIDTH - 1e-6))
        letters[row, first : max(last + 1, 0)] = letter_class(glyph.letter)
    for box in hidden:
        _fill(letters, box, UNKNOWN)
    return Crop(
        image,
        letters,
        tuple(word.text for word in kept),
        np.array([(w.x0, w.x1, w.centre, w.size) for w in kept], np.float32).reshape(-1, 4),
        np.array(hidden, np.float32).reshape(-1, 4),
    )


def _fill(letters: NDArray[np.int8], box: tuple[float, float, float, float], value: int) -> None:
    x0, y0, x1, y1 = box
    rows = slice(max(int(y0 // CELL_HEIGHT), 0), max(int(y1 // CELL_HEIGHT) + 1, 0))
    letters[rows, max(int(x0 // LETTER_WIDTH), 0) : max(int(x1 // LETTER_WIDTH) + 1, 0)] = value


def write_shard(crops: Sequence[Crop], path: Path) -> None:
    """Store crops in one file, all or nothing, so that a training may read while others write."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez(
            file,
            images=np.stack([crop.image for crop in crops]),
            letters=np.stack([crop.letters for crop in crops]),
            words=np.array("\n".join(" ".join(crop.words) for crop in crops)),
            boxes=np.concatenate([crop.boxes for crop in crops]),
            unknown=np.concatenate([crop.unknown for crop in crops]),
            n_unknown=np.array([len(crop.unknown) for crop in crops]),
        )
    os.replace(partial, path)


def read_shard(path: Path) -> list[Crop]:
    """The crops of one file."""
    with np.load(path, allow_pickle=False) as stored:
        words = [tuple(line.split()) for line in str(stored["words"]).split("\n")]
        boxes = np.split(stored["boxes"], np.cumsum([len(w) for w in words])[:-1])
        unknown = np.split(stored["unknown"], np.cumsum(stored["n_unknown"])[:-1])
        parts = zip(stored["images"], stored["letters"], words, boxes, unknown, strict=True)
        return [Crop(*part) for part in parts]

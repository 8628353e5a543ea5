"""What the reader says of one picture, cell by cell; only the parts with something drawn on them are computed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from retrieval.encoders.reader import CELL_HEIGHT, CELL_WIDTH, N_CHARACTERS, PageReader, prepare
from retrieval.encoders.recognition import WORD_DIM, Vocabulary
from retrieval.encoders.spelling import LETTER_WIDTH
from retrieval.types import Floats

BLOCK = 16
"""Pixels: ink is looked for, and parts are cut, in squares of this size."""
_INK = 24
"""Gray levels from the paper's by which something is drawn."""
_APART = 3
"""Empty rows of blocks between two parts that are read by themselves."""
_LETTERS = CELL_WIDTH // LETTER_WIDTH
_NO_LETTER = float(-np.log(N_CHARACTERS))


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """vectors (n_rows, n_cols, WORD_DIM); saliency (n_rows, n_cols); extents (3, n_rows, n_cols): pixels to a word's left
    edge, to its right edge, font size; letters (N_CHARACTERS, n_rows, 4 n_cols): log probabilities.
    """

    vectors: Floats
    saliency: Floats
    extents: Floats
    letters: Floats


def parts(pixels: NDArray[np.uint8]) -> Iterator[tuple[int, int, int, int]]:
    """(top, bottom, left, right) of the parts of a picture that have ink, with a margin; sides multiples of BLOCK.

    pixels: (height, width), multiples of BLOCK. Parts lie below each other; an empty page has none.
    """
    n_rows, n_cols = pixels.shape[0] // BLOCK, pixels.shape[1] // BLOCK
    paper = int(np.median(pixels[::8, ::8]))
    drawn: NDArray[np.bool_] = (pixels > paper + _INK) | (pixels < paper - _INK)
    inked = np.any(drawn.reshape(n_rows, BLOCK, n_cols, BLOCK), axis=(1, 3))
    rows = np.flatnonzero(inked.any(1))
    if not len(rows):
        return
    for run in np.split(rows, np.flatnonzero(np.diff(rows) > _APART) + 1):
        cols = np.flatnonzero(inked[run[0] : run[-1] + 1].any(0))
        top, bottom = max(run[0] - 1, 0), min(run[-1] + 2, n_rows)
        left, right = max(cols[0] - 2, 0), min(cols[-1] + 3, n_cols)
        yield top * BLOCK, bottom * BLOCK, left * BLOCK, right * BLOCK


class SheetReader:
    """Pictures -> `Sheet`."""

    def __init__(self, reader: PageReader, vocabulary: Vocabulary) -> None:
        self._reader, self._vocabulary = reader, vocabulary
        self._bf16: bool | None = None
        self._blank: Floats | None = None

    @torch.inference_mode()
    def warm_up(self) -> None:
        """Measure what suits the processor, before several threads read at once."""
        self._of_paper()

    @torch.inference_mode()
    def read(self, pixels: NDArray[np.uint8]) -> Sheet:
        """pixels: (height, width) gray, multiples of BLOCK."""
        n_rows, n_cols = pixels.shape[0] // CELL_HEIGHT, pixels.shape[1] // CELL_WIDTH
        sheet = Sheet(
            np.tile(self._of_paper(), (n_rows, n_cols, 1)),
            np.zeros((n_rows, n_cols), np.float32),
            np.ones((3, n_rows, n_cols), np.float32),
            np.full((N_CHARACTERS, n_rows, n_cols * _LETTERS), _NO_LETTER, np.float32),
        )
        for top, bottom, left, right in parts(pixels):
            rows, cols = (
                slice(top // CELL_HEIGHT, bottom // CELL_HEIGHT),
                slice(left // CELL_WIDTH, right // CELL_WIDTH),
            )
            letters = slice(cols.start * _LETTERS, cols.stop * _LETTERS)
            part = self._part(pixels[top:bottom, left:right])
            sheet.vectors[rows, cols], sheet.saliency[rows, cols] = part.vectors, part.saliency
            sheet.extents[:, rows, cols], sheet.letters[:, rows, letters] = part.extents, part.letters
        return sheet

    def _part(self, pixels: NDArray[np.uint8]) -> Sheet:
        with torch.autocast("cpu", torch.bfloat16, enabled=self._pays_bf16()):
            letters = self._reader.letters(prepare(torch.from_numpy(np.ascontiguousarray(pixels))[None]))
            cells = self._reader.cells(letters)
            spelled = self._reader.characters(letters)[0].float().log_softmax(0)
        seen = self._vocabulary.project(self._reader.vectors(cells.features[0].flatten(1).T.float()).numpy())
        saliency = torch.sigmoid(cells.saliency[0]).numpy()
        return Sheet(
            seen.reshape(*saliency.shape, WORD_DIM), saliency, cells.extents[0].numpy(), spelled.numpy()
        )

    def _of_paper(self) -> Floats:
        """(WORD_DIM,): what the reader makes of a cell of an empty page."""
        if self._blank is None:
            self._blank = self._part(np.full((4 * BLOCK, 8 * BLOCK), 255, np.uint8)).vectors[4, 4]
        return self._blank

    def _pays_bf16(self) -> bool:
        """Whether bfloat16 is faster here: native on some processors, five times slower on others."""
        if self._bf16 is None:
            crop = prepare(torch.full((1, 512, 512), 255, dtype=torch.uint8))
            seconds = {False: float("inf"), True: float("inf")}
            for enabled in (False, True) * 3:  # the best of three: a busy machine disturbs single ones
                with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
                    start = time.perf_counter()
                    self._reader(crop)
                    seconds[enabled] = min(seconds[enabled], time.perf_counter() - start)
            self._bf16 = seconds[True] < 0.8 * seconds[False]
        return self._bf16

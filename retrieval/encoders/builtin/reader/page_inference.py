"""The reader's answer for one picture, cell by cell; only the parts with something drawn on them are computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from pagelight.retrieval.encoders.builtin.reader.arithmetic import Int8Reader, fastest, in_bf16
from pagelight.retrieval.encoders.builtin.reader.ink_regions import (
    BLOCK,
    INK,
    InkParameters,
    by_block,
    edges,
    ink_regions,
)
from pagelight.retrieval.encoders.builtin.reader.nets import (
    CELL_HEIGHT,
    CELL_WIDTH,
    N_CHARACTERS,
    Cells,
    PageReader,
    prepare,
)
from pagelight.retrieval.encoders.builtin.reader.recognition import WORD_DIM, Vocabulary
from pagelight.retrieval.encoders.builtin.reader.spelling import LETTER_WIDTH
from pagelight.retrieval.maxsim import l2_normalized
from pagelight.retrieval.types import Floats

_LETTERS = CELL_WIDTH // LETTER_WIDTH


@dataclass(frozen=True, slots=True)
class InferenceParameters:
    """Places that the reader looks at closely, and how it computes.

    worth: saliency at the first look from which a place is looked at closely (practice pages)
    unseen: greatest saliency of a place that nobody looked at closely: too little for a word (geometry)
    near_rows: rows of cells around something drawn in which a word may have its centre (geometry)
    near_cols: columns of cells of the same (geometry)
    step: blocks; parts are computed with sides that are multiples of it, so that many have the same (speed)
    sample: words of a part whose sizes are asked for (speed)
    most_off: share of the features' energy by which whole numbers may differ from float32 (practice pages)
    """

    worth: float = 0.5
    unseen: float = 0.25
    near_rows: int = 2
    near_cols: int = 4
    step: int = 4
    sample: int = 64
    most_off: float = 0.02


INFERENCE = InferenceParameters()


@dataclass(frozen=True, slots=True, eq=False)
class CellReadings:
    """vectors (n_rows, n_cols, WORD_DIM); saliency (n_rows, n_cols); extents (3, n_rows, n_cols): pixels to a word's left
    edge, to its right edge, font size, 1 where nobody looked closely; letters (n_rows, 4 n_cols, N_CHARACTERS): logits.
    """

    vectors: Floats
    saliency: Floats
    extents: Floats
    letters: Floats


def _input(pixels: NDArray[np.uint8], step: int) -> Tensor:
    """Sizes that the reader takes, up to `step` pixels larger than the part: convolutions for a new shape take 2 ms to prepare."""
    added = [(0, -side % step) for side in pixels.shape]
    return prepare(torch.from_numpy(np.pad(pixels, added, mode="edge"))[None])


def _beside(drawn: NDArray[np.bool_], rows: int, cols: int) -> Tensor:
    """(1, n_rows, n_cols): the cells that have something drawn up to so many rows and columns of cells away."""
    inked = torch.from_numpy(by_block(drawn, CELL_HEIGHT, CELL_WIDTH)).float()[None]
    return functional.max_pool2d(inked, (2 * rows + 1, 2 * cols + 1), 1, (rows, cols)) > 0


class PageInference:
    """Pictures -> `CellReadings`.

    peaks: what `Int8Reader` needs; without them only floating point is tried
    """

    def __init__(
        self,
        reader: PageReader,
        vocabulary: Vocabulary,
        peaks: Mapping[str, float] | None = None,
        parameters: InferenceParameters = INFERENCE,
        ink: InkParameters = INK,
    ) -> None:
        self._reader, self._peaks = reader, peaks
        self._parameters, self._ink = parameters, ink
        self._step = parameters.step * BLOCK  # pixels
        # A cell that nobody looks at closely has the vector of a word that gathers nothing: all steps there are linear.
        basis = torch.from_numpy(vocabulary.basis)
        self._vector = basis.T @ reader.vector.weight, basis.T @ reader.vector.bias
        self._glance = (
            self._vector[0] @ reader.enter.weight,  # (WORD_DIM, n_features)
            self._vector[0] @ reader.enter.bias + self._vector[1],
        )
        self._trunk: PageReader | Int8Reader | None = None
        self._bf16 = False
        self._blank: Floats | None = None

    @torch.inference_mode()
    def warm_up(self) -> None:
        """Measure what suits the processor, before several threads read at once."""
        self._fast_trunk()
        self._of_paper()

    def edges(self, pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """(height, width): where there is an edge of a stroke that may be read."""
        return edges(pixels, self._ink.contrast)

    @torch.inference_mode()
    def read(self, pixels: NDArray[np.uint8], drawn: NDArray[np.bool_]) -> CellReadings:
        """pixels: (height, width) gray, multiples of BLOCK; drawn: (height, width) what there may be to read."""
        n_rows, n_cols = pixels.shape[0] // CELL_HEIGHT, pixels.shape[1] // CELL_WIDTH
        readings = CellReadings(
            np.tile(self._of_paper(), (n_rows, n_cols, 1)),
            np.zeros((n_rows, n_cols), np.float32),
            np.ones((3, n_rows, n_cols), np.float32),
            np.zeros((n_rows, n_cols * _LETTERS, N_CHARACTERS), np.float32),
        )
        for top, bottom, left, right in ink_regions(drawn, self._ink):
            rows, cols = (
                slice(top // CELL_HEIGHT, bottom // CELL_HEIGHT),
                slice(left // CELL_WIDTH, right // CELL_WIDTH),
            )
            letters = slice(cols.start * _LETTERS, cols.stop * _LETTERS)
            part = self._part(pixels[top:bottom, left:right], drawn[top:bottom, left:right])
            readings.vectors[rows, cols], readings.saliency[rows, cols] = part.vectors, part.saliency
            readings.extents[:, rows, cols], readings.letters[rows, letters] = part.extents, part.letters
        return readings

    @torch.inference_mode()
    def print_sizes(self, pixels: NDArray[np.uint8], drawn: NDArray[np.bool_]) -> Floats:
        """(n,) font sizes in pixels of some of the words, taken evenly from everywhere; arguments as of `read`."""
        reader, trunk = self._reader, self._fast_trunk()
        sizes = [np.zeros(0, np.float32)]
        for top, bottom, left, right in ink_regions(drawn, self._ink):
            with torch.autocast("cpu", torch.bfloat16, enabled=self._bf16):
                cells = trunk.cells(trunk.letters(_input(pixels[top:bottom, left:right], self._step)))
                places = torch.nonzero(torch.sigmoid(cells.saliency) >= self._parameters.worth)
                words = reader.words(cells.features, places[:: 1 + len(places) // self._parameters.sample])
            sizes.append(words.extents[torch.sigmoid(words.saliency) >= 0.5, 2].numpy())
        return np.concatenate(sizes)

    def _part(self, pixels: NDArray[np.uint8], drawn: NDArray[np.bool_]) -> CellReadings:
        reader, trunk, parameters = self._reader, self._fast_trunk(), self._parameters
        beside = _beside(drawn, parameters.near_rows, parameters.near_cols)
        with torch.autocast("cpu", torch.bfloat16, enabled=self._bf16):
            n_rows, n_cols = pixels.shape[0] // CELL_HEIGHT, pixels.shape[1] // CELL_WIDTH
            letters = trunk.letters(_input(pixels, self._step))
            spelled = trunk.characters(letters)[0, :, :n_rows, : n_cols * _LETTERS].float().permute(1, 2, 0)
            cells = Cells(*(seen[..., :n_rows, :n_cols] for seen in trunk.cells(letters)))
            by_cell = cells.features[0].permute(1, 2, 0).flatten(0, 1)
            seen = functional.linear(by_cell, *self._glance).float()
            saliency = torch.sigmoid(cells.saliency)  # (1, n_rows, n_cols)
            extents = torch.ones(3, *saliency.shape[1:])
            places = torch.nonzero((saliency >= parameters.worth) & beside)
            words = reader.words(cells.features, places)
            saliency.clamp_(max=parameters.unseen)
            _, row, column = places.t()
            close = functional.linear(words.features, *self._vector)
            seen[row * saliency.shape[2] + column] = close.float()
            saliency[0, row, column] = torch.sigmoid(words.saliency)
            extents[:, row, column] = words.extents.t()
        salient = saliency[0].numpy()
        vectors = l2_normalized(seen.numpy()).reshape(*salient.shape, WORD_DIM)
        return CellReadings(vectors, salient, extents.numpy(), spelled.numpy())

    def _of_paper(self) -> Floats:
        """(WORD_DIM,): what the reader makes of a cell of an empty page."""
        if self._blank is None:
            paper = np.full((4 * BLOCK, 8 * BLOCK), 255, np.uint8)
            self._blank = self._part(paper, self.edges(paper)).vectors[4, 4]
        return self._blank

    def _fast_trunk(self) -> PageReader | Int8Reader:
        """The convolutions as they are fastest here, measured on one crop."""
        if self._trunk is None:
            crop = _practice()
            ways = {"float32": lambda: self._reader(crop), "bfloat16": in_bf16(lambda: self._reader(crop))}
            small = self._in_int8(crop)
            if small is not None:
                ways["int8"] = lambda: small.cells(small.letters(crop))
            way = fastest(ways)
            self._bf16 = way == "bfloat16"
            self._trunk = small if small is not None and way == "int8" else self._reader
        return self._trunk

    def _in_int8(self, crop: Tensor) -> Int8Reader | None:
        """The reader in eight bits; None where there are no such convolutions, or where they are not exact enough."""
        if not self._peaks:
            return None
        try:
            small = Int8Reader(self._reader, self._peaks)
            seen = small.cells(small.letters(crop)).features
        except (RuntimeError, AttributeError):  # not in this build of PyTorch, or not for this processor
            return None
        exact = self._reader(crop).features
        off = float((seen - exact).square().sum() / exact.square().sum())
        return small if off < self._parameters.most_off else None


def _practice() -> Tensor:
    """A crop of (1, 1, 512, 512) with strokes of all widths and grays."""
    rows, columns = np.mgrid[:512, :512]
    strokes = np.sin(columns * (1 + rows // 64) / 9) * np.sin(rows / 5) * np.cos((rows + columns) / 7)
    return prepare(torch.from_numpy(np.where(strokes > 0.3, 255 * (1 - strokes), 255).astype(np.uint8)[None]))

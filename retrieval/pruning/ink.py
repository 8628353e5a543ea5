"""Ink in each cell of a page as its importance, and encoders that give it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pagelight.retrieval.encoders.encoder import Encoder, EncoderInfo, Importance, TextEncoder, text_encoder
from pagelight.retrieval.errors import InvalidPruning
from pagelight.retrieval.pruning.strategy import Pruning
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.types import PRUNED, Floats, PageEmbedding, PatchGrid, QueryEmbedding


@runtime_checkable
class AttentionEncoder(Protocol):
    """An encoder that can look at its attention in more than one way."""

    def with_importance(self, kind: Importance) -> Encoder:
        """The same model, giving this kind of importance."""


def encoder_for(pruning: Pruning, encoder: Encoder) -> Encoder:
    """The encoder, giving the kind of importance that the pruning reads.

    Call it once, where encoder and pruning are brought together; only `sap` and the ink controls change anything.
    Raises InvalidPruning where the encoder has no such importance to give.
    """
    if pruning.importance is Importance.INK:
        return cast(Encoder, InkEncoder(encoder))
    if pruning.importance is Importance.IN_DEGREE:
        if not isinstance(encoder, AttentionEncoder):
            raise InvalidPruning(
                f"{pruning.spec} reads attention between patches, which {encoder.info.name} does not have."
            )
        return encoder.with_importance(Importance.IN_DEGREE)
    return encoder


@dataclass(frozen=True, slots=True)
class InkEncoder:
    """An encoder whose patches are as important as much as is drawn in their cells."""

    encoder: Encoder

    @property
    def info(self) -> EncoderInfo:
        return self.encoder.info

    @property
    def scoring(self) -> TermScoring | None:
        return self.encoder.scoring

    @property
    def text_encoder(self) -> TextEncoder | None:
        return text_encoder(self.encoder)

    def encode_pages(self, images: Sequence[Image.Image]) -> list[PageEmbedding]:
        """The encoder's own embeddings, with ink for importance."""
        return [
            with_ink(page, image)
            for page, image in zip(self.encoder.encode_pages(images), images, strict=True)
        ]

    def encode_query(self, text: str) -> QueryEmbedding:
        return self.encoder.encode_query(text)


def with_ink(page: PageEmbedding, image: Image.Image) -> PageEmbedding:
    """The embedding with each vector's importance replaced by the ink of its cells, the highest of several.

    Vectors without a cell get 0.
    """
    ink = cell_ink(image, page.grid)
    importance = np.zeros(len(page), np.float32)
    cells = np.flatnonzero(page.cell_to_vector != PRUNED)
    np.maximum.at(importance, page.cell_to_vector[cells], ink[cells])
    return replace(page, importance=importance)


def cell_ink(image: Image.Image, grid: PatchGrid) -> Floats:
    """(n_cells,) float32: standard deviation of the luminance (0..1) in each cell of the page."""
    gray = image.convert("L")
    if gray.width < grid.n_cols or gray.height < grid.n_rows:
        gray = gray.resize((max(gray.width, grid.n_cols), max(gray.height, grid.n_rows)))
    pixels = np.asarray(gray, np.float64) / 255  # (height, width)
    mean, square = _cell_means(pixels, grid), _cell_means(pixels**2, grid)
    return np.sqrt(np.maximum(square - mean**2, 0)).astype(np.float32)


def _cell_means(pixels: NDArray[np.float64], grid: PatchGrid) -> NDArray[np.float64]:
    """(n_cells,): mean of the pixels that begin in each cell."""
    height, width = pixels.shape
    rows = np.arange(grid.n_rows) * height // grid.n_rows
    cols = np.arange(grid.n_cols) * width // grid.n_cols
    sums = np.add.reduceat(np.add.reduceat(pixels, rows, axis=0), cols, axis=1)  # (n_rows, n_cols)
    sizes = np.outer(np.diff(np.append(rows, height)), np.diff(np.append(cols, width)))
    return np.asarray(sums / sizes).reshape(-1)

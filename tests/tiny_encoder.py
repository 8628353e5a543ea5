"""A real encoder for tests, without a model: each patch is the ink of its cell.

Deterministic and fast (a millisecond a page), so that tests can run the whole pipeline hundreds of times.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence

import numpy as np
from PIL import Image

from pagelight.retrieval.encoders.encoder import EncoderInfo
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.types import Floats, Kind, PageEmbedding, PatchGrid, QueryEmbedding, all_of

DIM = 16


class TinyEncoder:
    """Patches of a 6 x 4 grid; the vector is the cell's thumbnail of 4 x 4 grey values, normalized.

    seconds_per_page: how long it pretends to need, for tests that interrupt it; n_pages: encoded so far
    """

    def __init__(self, seconds_per_page: float = 0.0, batch: int = 4, dpi: int = 40) -> None:
        self._seconds, self.n_pages = seconds_per_page, 0
        self._info = EncoderInfo("tiny", DIM, "none", dpi=dpi, batch=batch)

    @property
    def info(self) -> EncoderInfo:
        return self._info

    @property
    def scoring(self) -> TermScoring | None:
        return None

    def encode_pages(self, images: Sequence[Image.Image]) -> list[PageEmbedding]:
        time.sleep(self._seconds * len(images))
        encoded = [self._encode(image) for image in images]
        self.n_pages += len(images)
        return encoded

    def encode_query(self, text: str) -> QueryEmbedding:
        """A vector a word, from the word's hash."""
        words = tuple(text.split())
        vectors = np.stack([_hashed(word) for word in words])
        ones = np.ones(len(words), np.float32)
        return QueryEmbedding(
            text,
            words,
            vectors,
            np.arange(len(words), dtype=np.int32),
            ones,
            kinds=all_of(Kind.PATCH, len(words)),
        )

    def _encode(self, image: Image.Image) -> PageEmbedding:
        grid = PatchGrid(6, 4)
        ink = 255 - np.asarray(
            image.convert("L").resize((16, 24), Image.Resampling.BOX), np.float32
        )  # (24, 16)
        cells = ink.reshape(6, 4, 4, 4).swapaxes(1, 2).reshape(grid.n_cells, DIM) + 1  # (24, 16)
        vectors = cells / np.linalg.norm(cells, axis=1, keepdims=True)
        return PageEmbedding(
            vectors.astype(np.float32),
            grid,
            np.arange(grid.n_cells, dtype=np.int32),
            cells.mean(axis=1).astype(np.float32),
            np.ones(grid.n_cells, np.int32),
            kinds=all_of(Kind.PATCH, grid.n_cells),
        )


def _hashed(word: str) -> Floats:
    seed = int.from_bytes(hashlib.sha256(word.lower().encode()).digest()[:4])
    vector = np.abs(np.random.default_rng(seed).standard_normal(DIM)).astype(np.float32)
    return vector / np.linalg.norm(vector)

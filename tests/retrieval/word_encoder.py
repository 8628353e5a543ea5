"""An encoder for tests of search: each word has one of 32 axes, and pages are written down word by word."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from PIL import Image

from pagelight.retrieval.encoders.encoder import EncoderInfo
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.types import (
    Kind,
    PageEmbedding,
    PageWords,
    PatchGrid,
    QueryEmbedding,
    StoredPage,
    all_of,
)

DIM = 64


def axis(word: str) -> np.ndarray:
    """(DIM,): the word's unit vector."""
    vector = np.zeros(DIM, np.float32)
    vector[zlib.crc32(word.encode()) % DIM] = 1.0
    return vector


def stored_page(
    document: str, number: int, rows: Sequence[str], written: bool = False, pruned: Sequence[str] = ()
) -> StoredPage:
    """A page whose rows are lines of words, one cell a word; `pruned` words are left out of the vectors.

    written: the document brings its own words too
    """
    lines = [row.split() for row in rows]
    n_cols = max(len(line) for line in lines)
    cells, vectors, texts, boxes = [], [], [], []
    for r, line in enumerate(lines):
        for c in range(n_cols):
            word = line[c] if c < len(line) else ""
            if word:
                texts.append(word)
                boxes.append((c / n_cols, r / len(lines), (c + 1) / n_cols, (r + 1) / len(lines)))
            if word and word not in pruned:
                cells.append(len(vectors))
                vectors.append(axis(word))
            else:
                cells.append(-1)
    embedding = PageEmbedding(
        np.array(vectors, np.float32).reshape(-1, DIM),
        PatchGrid(len(lines), n_cols),
        np.array(cells, np.int32),
        np.ones(len(vectors), np.float32),
        np.ones(len(vectors), np.int32),
        kinds=all_of(Kind.PATCH, len(vectors)),
    )
    words = PageWords(tuple(texts), np.array(boxes, np.float32)) if written else PageWords()
    return StoredPage(f"{zlib.crc32(document.encode()):064x}", document, number, embedding, words)


class WordEncoder:
    """`Encoder` for queries only; `scoring` chooses between MaxSim and soft BM25."""

    def __init__(self, scoring: TermScoring | None = None) -> None:
        self._scoring = scoring

    @property
    def info(self) -> EncoderInfo:
        return EncoderInfo("words", DIM, "none")

    @property
    def scoring(self) -> TermScoring | None:
        return self._scoring

    def encode_pages(self, images: Sequence[Image.Image]) -> list[PageEmbedding]:
        raise NotImplementedError("pages of these tests are written down, not drawn")

    def encode_query(self, text: str) -> QueryEmbedding:
        words = tuple(text.split())
        n = len(words)
        vectors = np.array([axis(w) for w in words], np.float32).reshape(-1, DIM)
        return QueryEmbedding(
            text,
            words,
            vectors,
            np.arange(n, dtype=np.int32),
            np.ones(n, np.float32),
            kinds=all_of(Kind.PATCH, n),
        )

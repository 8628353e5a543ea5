"""`TinyEncoder` with a sense of what text means: each passage is a page's words, its vector made of their letters."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from pagelight.retrieval.types import Floats, PageEmbedding, PageMeaning, PageWords
from tests.tiny_encoder import TinyEncoder

MEANING_DIM = 32


class TinyTextEncoder:
    """A passage for each three words of a page.

    seconds_per_page: how long it pretends to need; n_pages: understood so far
    """

    dim = MEANING_DIM
    background = np.zeros((0, MEANING_DIM), np.float32)

    def __init__(self, seconds_per_page: float = 0.0) -> None:
        self._seconds, self.n_pages = seconds_per_page, 0

    def encode_words(self, pages: Sequence[PageWords]) -> list[PageMeaning]:
        time.sleep(self._seconds * len(pages))
        meanings = [_meaning(words) for words in pages]
        self.n_pages += len(pages)
        return meanings

    def plausibility(self, texts: Sequence[str]) -> float:
        return 0.0


class UnderstandingEncoder(TinyEncoder):
    """As `TinyEncoder`. seconds_to_understand: a page's words; reads: what it reads on every page"""

    def __init__(
        self,
        seconds_per_page: float = 0.0,
        batch: int = 4,
        seconds_to_understand: float = 0.0,
        reads: PageWords | None = None,
    ) -> None:
        super().__init__(seconds_per_page, batch)
        self.text_encoder = TinyTextEncoder(seconds_to_understand)
        self._reads = reads or PageWords()

    def encode_pages(self, images: Sequence[Image.Image]) -> list[PageEmbedding]:
        return [replace(page, read=self._reads) for page in super().encode_pages(images)]


def _meaning(words: PageWords) -> PageMeaning:
    starts = range(0, len(words), 3)
    vectors = [_letters(" ".join(words.texts[start : start + 3])) for start in starts]
    return PageMeaning(
        np.array(vectors, np.float32).reshape(-1, MEANING_DIM),
        np.array([words.boxes[start] for start in starts], np.float32).reshape(-1, 4),
        np.arange(len(vectors), dtype=np.int32),
    )


def _letters(text: str) -> Floats:
    counts = np.bincount([ord(c) % MEANING_DIM for c in text], minlength=MEANING_DIM).astype(np.float32)
    return counts / np.linalg.norm(counts)

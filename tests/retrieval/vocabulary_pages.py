"""Pages and queries whose vectors are the vocabulary's: words by Zipf's law, a chart here and there, some passages."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np

from pagelight.retrieval.codebook import WORDS
from pagelight.retrieval.encoders.encoder import EncoderInfo
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.types import (
    Floats,
    Kind,
    PageEmbedding,
    PageMeaning,
    PageWords,
    PatchGrid,
    QueryEmbedding,
    StoredPage,
    all_of,
)

DIM = 48


SPLIT = 28


MEANING_DIM = 32


SCORING = TermScoring(0.9, 40, 0.75)


CONFIG = IndexConfig("vocabulary", DIM, "none", meaning_dim=MEANING_DIM, codebook=WORDS)


#: pages of one document
DOCUMENT = 20


class VocabularyEncoder:
    """`Encoder` for queries only: each word is the vocabulary's vector."""

    def __init__(self) -> None:
        path = Path(str(resources.files("pagelight") / "assets" / "encoder" / "vocabulary.npz"))
        with np.load(path) as stored:
            self.words = stored["words"].tobytes().decode().split("\n")[1000:3000]
            vectors = stored["vectors"][1000:3000].astype(np.float32)
        self.vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        self._place = {word: i for i, word in enumerate(self.words)}

    @property
    def info(self) -> EncoderInfo:
        return EncoderInfo("vocabulary", DIM, "none", codebook=WORDS)

    @property
    def scoring(self) -> TermScoring | None:
        return SCORING

    def encode_pages(self, images: Sequence[object]) -> list[PageEmbedding]:
        raise NotImplementedError("pages of these tests are written down, not drawn")

    def encode_query(self, text: str) -> QueryEmbedding:
        words = tuple(text.split())
        n = len(words)
        vectors = np.zeros((n, DIM), np.float32)
        vectors[:, :SPLIT] = self.vectors[[self._place[word] for word in words]]
        return QueryEmbedding(
            text,
            words,
            vectors,
            np.arange(n, dtype=np.int32),
            np.ones(n, np.float32),
            all_of(Kind.WORD, n),
            words,
        )


def vocabulary_page(
    encoder: VocabularyEncoder, rng: np.random.Generator, shares: Floats, number: int
) -> StoredPage:
    drawn = rng.choice(len(encoder.words), 40, p=shares)
    seen = encoder.vectors[drawn] + 0.02 * rng.standard_normal((40, SPLIT))
    vectors = np.zeros((41 if number % 10 == 0 else 40, DIM), np.float32)
    vectors[:40, :SPLIT] = seen / np.linalg.norm(seen, axis=1, keepdims=True)
    vectors[40:, SPLIT] = 0.95
    n = len(vectors)
    embedding = PageEmbedding(
        vectors,
        PatchGrid(6, 8),
        np.arange(48, dtype=np.int32).clip(max=n - 1),
        np.ones(n, np.float32),
        np.ones(n, np.int32),
        np.concatenate([all_of(Kind.WORD, 40), all_of(Kind.FIGURE, n - 40)]),
    )
    document = number // DOCUMENT
    texts = tuple(encoder.words[i] for i in drawn) if document % 2 else ()
    words = PageWords(texts, np.tile(np.array([0, 0, 0.1, 0.1], np.float32), (len(texts), 1)))
    passages = rng.standard_normal((3, MEANING_DIM)).astype(np.float32)
    passages /= np.linalg.norm(passages, axis=1, keepdims=True)
    lines = np.tile(np.array([0, 0, 1, 0.1], np.float32), (3, 1))
    return StoredPage(
        f"{document:064x}",
        f"{document}.pdf",
        number % DOCUMENT + 1,
        embedding,
        words,
        meaning=PageMeaning(passages, lines, np.arange(3, dtype=np.int32)),
    )


def queries(encoder: VocabularyEncoder) -> list[str]:
    rng = np.random.default_rng(4)
    return [" ".join(encoder.words[i] for i in rng.integers(0, 400, 4)) for _ in range(12)]

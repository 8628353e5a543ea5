"""Synthetic pages of the built-in encoder's words, for measuring searches at any size.

A page holds 176 words drawn from a vocabulary by Zipf's law, each with the vector that the built-in encoder gives it in
a query, and a little noise; seven of ten are in the encoder's own vocabulary, and half of the documents bring their
words too. Its fifteen passages are random directions. A page is the same in every library that has one of its number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path

import numpy as np

from pagelight.retrieval.encoders.encoder import Encoder
from pagelight.retrieval.maxsim import l2_normalized
from pagelight.retrieval.types import (
    Floats,
    Kind,
    PageEmbedding,
    PageMeaning,
    PageWords,
    PatchGrid,
    StoredPage,
    all_of,
)

#: words of all pages, and the share of them that the encoder's vocabulary has
VOCABULARY, KNOWN = 4000, 0.7
WORDS_A_PAGE, PASSAGES_A_PAGE = 176, 15
#: words that are encoded at once: each keeps its own vector beside those of its alternatives
WORDS_A_QUERY = 8
#: pages of a document, every other of which brings its words
DOCUMENT = 100
GRID = PatchGrid(60, 40)
#: where random numbers begin
SEED = 7


def vocabulary(generator: np.random.Generator) -> list[str]:
    """Words, no two the same: seven of ten the encoder's own, as on the labelled pages, and others that can be spoken."""
    path = Path(str(resources.files("pagelight") / "assets" / "encoder" / "vocabulary.npz"))
    with np.load(path, allow_pickle=False) as stored:
        known = [
            word
            for word in stored["words"].tobytes().decode().split("\n")
            if word.isalpha() and len(word) > 3
        ]
    words = dict.fromkeys(
        str(word) for word in generator.choice(known, int(KNOWN * VOCABULARY), replace=False)
    )
    heads, tails = "bcdfghklmnprstvz", "aeiou"
    while len(words) < VOCABULARY:
        syllables = generator.integers(2, 5)
        words[
            "".join(generator.choice(list(heads)) + generator.choice(list(tails)) for _ in range(syllables))
        ] = None
    return [str(word) for word in generator.permutation(list(words))]


def word_vectors(encoder: Encoder, words: Sequence[str]) -> dict[str, Floats]:
    """Each word's own vector (dim,), the strongest of its alternatives; without words that the encoder leaves aside."""
    vectors = {}
    for start in range(0, len(words), WORDS_A_QUERY):
        query = encoder.encode_query(" ".join(words[start : start + WORDS_A_QUERY]))
        for number, word in enumerate(query.words):
            own = np.flatnonzero((query.word_of_token == number) & (query.kinds == Kind.WORD))
            if len(own):
                vectors[word] = query.vectors[own[query.weights[own].argmax()]]
    return {word: vectors[word] for word in words if word in vectors}


def pages(words: list[str], vectors: Floats, meaning_dim: int, numbers: range) -> Iterator[StoredPage]:
    """The pages of these numbers. words, vectors: the vocabulary and its vectors (n_words, dim)"""
    shares = 1 / np.arange(10, 10 + len(vectors))
    shares /= shares.sum()
    split = int(np.flatnonzero(vectors.any(axis=0)).max()) + 1
    boxes = np.zeros((WORDS_A_PAGE, 4), np.float32)
    lines = np.tile(np.array([0.1, 0.1, 0.9, 0.12], np.float32), (PASSAGES_A_PAGE, 1))
    for number in numbers:
        generator = np.random.default_rng([SEED, number])
        drawn = generator.choice(len(vectors), WORDS_A_PAGE, p=shares)
        noise = np.zeros((WORDS_A_PAGE, vectors.shape[1]), np.float32)
        noise[:, :split] = 0.03 * generator.standard_normal((WORDS_A_PAGE, split))
        cells = np.full(GRID.n_cells, -1, np.int32)
        places = generator.choice(GRID.n_cells, WORDS_A_PAGE, replace=False)
        cells[places] = np.arange(WORDS_A_PAGE)
        boxes[:, 0], boxes[:, 1] = places % GRID.n_cols / GRID.n_cols, places // GRID.n_cols / GRID.n_rows
        boxes[:, 2:] = boxes[:, :2] + np.array([1 / GRID.n_cols, 1 / GRID.n_rows])
        embedding = PageEmbedding(
            l2_normalized(vectors[drawn] + noise),
            GRID,
            cells,
            np.ones(WORDS_A_PAGE, np.float32),
            np.ones(WORDS_A_PAGE, np.int32),
            kinds=all_of(Kind.WORD, WORDS_A_PAGE),
        )
        document = number // DOCUMENT
        own = PageWords(tuple(words[i] for i in drawn), boxes.copy()) if document % 2 else PageWords()
        passages = l2_normalized(generator.standard_normal((PASSAGES_A_PAGE, meaning_dim)).astype(np.float32))
        yield StoredPage(
            f"{document:064x}",
            f"{document}.pdf",
            number % DOCUMENT + 1,
            embedding,
            own,
            meaning=PageMeaning(passages, lines, np.arange(PASSAGES_A_PAGE, dtype=np.int32)),
        )

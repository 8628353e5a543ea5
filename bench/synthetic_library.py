"""A library of synthetic pages in a folder, which is made once and may grow.

FOLDER/index          the embedded store
FOLDER/vectors.f32    the pages' vectors as they were before they were stored, for exhaustive search
FOLDER/blocks.json    seconds that storing each thousand pages took
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from bench.synthetic_pages import SEED, WORDS_A_PAGE, pages, vocabulary, word_vectors
from pagelight.retrieval.encoders.encoder import Encoder
from pagelight.retrieval.store import open_store
from pagelight.retrieval.store.page_store import IndexConfig, PageStore
from pagelight.retrieval.types import Floats

#: pages that are stored at once, and those between two figures of how long that takes
UPSERT, BLOCK = 50, 1000


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticLibrary:
    """words, word_vectors: the vocabulary and its vectors (n_words, dim)"""

    folder: Path
    config: IndexConfig
    words: list[str]
    word_vectors: Floats

    @classmethod
    def of(cls, folder: Path, encoder: Encoder) -> SyntheticLibrary:
        """The library in `folder`, whatever it holds so far."""
        vectors = word_vectors(encoder, vocabulary(np.random.default_rng(SEED)))
        return cls(
            folder,
            IndexConfig.of(encoder, "none"),
            list(vectors),
            np.array(list(vectors.values()), np.float32),
        )

    def open(self) -> PageStore:
        """The store."""
        return open_store(self.folder / "index", self.config)

    def vectors(self, n_pages: int) -> Floats:
        """(n_pages, WORDS_A_PAGE, dim) of the first pages, mapped from their file."""
        dim = self.word_vectors.shape[1]
        return np.memmap(self._vectors_file, np.float32, "r", shape=(n_pages, WORDS_A_PAGE, dim))

    @property
    def _vectors_file(self) -> Path:
        return self.folder / "vectors.f32"

    def grow(self, n_pages: int) -> list[float]:
        """Milliseconds a page that storing took, thousand by thousand, in a library that has at least n_pages now.

        Raises ValueError where a crash left more pages than their vectors, or fewer.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        blocks_file, page_bytes = self.folder / "blocks.json", 4 * WORDS_A_PAGE * self.word_vectors.shape[1]
        blocks: list[float] = json.loads(blocks_file.read_text()) if blocks_file.exists() else []
        store = self.open()
        there = store.stats().n_pages
        written = self._vectors_file.stat().st_size // page_bytes if self._vectors_file.exists() else 0
        if there != written:
            raise ValueError(f"{self.folder}: {there} pages, but vectors of {written}; delete it")
        made = pages(self.words, self.word_vectors, self.config.meaning_dim or 1, range(there, n_pages))
        progress = tqdm(made, initial=there, total=max(n_pages, there), desc="upsert", file=sys.stderr)
        with self._vectors_file.open("ab") as vectors:
            batch, spent = [], 0.0
            for number, page in enumerate(progress, there + 1):
                batch.append(page)
                if len(batch) < UPSERT and number < n_pages:
                    continue
                start = time.perf_counter()
                store.upsert(batch)
                spent += time.perf_counter() - start
                for stored in batch:
                    vectors.write(stored.embedding.vectors.tobytes())
                batch = []
                if number % BLOCK == 0 or number == n_pages:
                    blocks.append(1000 * spent / (number - max(there, (number - 1) // BLOCK * BLOCK)))
                    spent = 0.0
                    blocks_file.write_text(json.dumps(blocks))
        store.close()
        return blocks

"""Search on synthetic pages: `python -m bench.searching PAGES QUERIES` prints JSON.

A synthetic page holds 200 words drawn from a vocabulary by Zipf's law, each with the vector that the built-in
encoder gives it in a query, and a little noise. The whole search (words to vectors, candidates, rescoring,
regions) and the store's MaxSim alone are timed against exhaustive MaxSim in numpy over the same float32 vectors.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from tqdm import tqdm

from bench import child
from pagelight.retrieval.encoders.encoder import Encoder
from pagelight.retrieval.encoders.registry import load_encoder
from pagelight.retrieval.search.searcher import Searcher
from pagelight.retrieval.store.opening import open_store
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.types import Floats, Kind, PageEmbedding, PageWords, PatchGrid, StoredPage, all_of

Given = TypeVar("Given")
Got = TypeVar("Got")

VOCABULARY = 4000
WORDS_A_PAGE = 200
GRID = PatchGrid(60, 40)
TOP_K = 10
UPSERT = 50


def vocabulary(generator: np.random.Generator) -> list[str]:
    """Words that can be spoken, no two the same."""
    heads, tails = "bcdfghklmnprstvz", "aeiou"
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        syllables = generator.integers(2, 5)
        words[
            "".join(generator.choice(list(heads)) + generator.choice(list(tails)) for _ in range(syllables))
        ] = None
    return list(words)


def word_vectors(encoder: Encoder, words: list[str]) -> Floats:
    """(n_words, dim): each word's own vector, the strongest of its alternatives."""
    vectors = []
    for start in range(0, len(words), 20):
        query = encoder.encode_query(" ".join(words[start : start + 20]))
        for word in range(len(query.words)):
            own = np.flatnonzero(query.word_of_token == word)
            vectors.append(query.vectors[own[query.weights[own].argmax()]])
    return np.array(vectors, np.float32)


def pages(
    vectors: Floats, n_pages: int, generator: np.random.Generator
) -> Iterator[tuple[StoredPage, Floats]]:
    """Each page with its vectors (n_vectors, dim)."""
    shares = 1 / np.arange(10, 10 + len(vectors))
    shares /= shares.sum()
    for number in range(n_pages):
        drawn = generator.choice(len(vectors), WORDS_A_PAGE, p=shares)
        noisy = vectors[drawn] + 0.03 * generator.standard_normal((WORDS_A_PAGE, vectors.shape[1]))
        noisy = (noisy / np.linalg.norm(noisy, axis=1, keepdims=True)).astype(np.float32)
        cells = np.full(GRID.n_cells, -1, np.int32)
        cells[generator.choice(GRID.n_cells, WORDS_A_PAGE, replace=False)] = np.arange(WORDS_A_PAGE)
        embedding = PageEmbedding(
            noisy,
            GRID,
            cells,
            np.ones(WORDS_A_PAGE, np.float32),
            np.ones(WORDS_A_PAGE, np.int32),
            kinds=all_of(Kind.WORD, WORDS_A_PAGE),
        )
        document = f"{number // 100:064x}"
        yield StoredPage(document, f"{number // 100}.pdf", number % 100 + 1, embedding, PageWords()), noisy


def main(n_pages: int, n_queries: int) -> None:
    generator = np.random.default_rng(7)
    encoder = load_encoder()
    words = vocabulary(generator)
    vectors = word_vectors(encoder, words)
    everything = np.empty((n_pages, WORDS_A_PAGE, encoder.info.dim), np.float32)
    ids = []
    with tempfile.TemporaryDirectory(prefix="pagelight-bench-") as scratch:
        store = open_store(Path(scratch), IndexConfig(encoder.info.name, encoder.info.dim, "none"))
        batch: list[StoredPage] = []
        made = pages(vectors, n_pages, generator)
        for number, (page, noisy) in enumerate(tqdm(made, total=n_pages, desc="upsert", file=sys.stderr)):
            everything[number] = noisy
            ids.append(page.page_id)
            batch.append(page)
            if len(batch) == UPSERT or number + 1 == n_pages:
                store.upsert(batch)
                batch = []
        queries = [" ".join(words[int(i)] for i in generator.integers(50, 1000, 5)) for _ in range(n_queries)]
        embeddings = [encoder.encode_query(query) for query in queries]
        weighted = [e.vectors * e.weights[:, None] for e in embeddings]
        searcher = Searcher(encoder, store)
        searcher.search(queries[0])  # opens files
        whole, _ = _timed(lambda query: searcher.search(query, TOP_K), queries)
        alone, stored = _timed(lambda v: store.search(v, TOP_K), weighted)
        numpy, exhaustive = _timed(lambda v: _maxsim(v, everything), weighted)
        bytes_on_disk = store.bytes_on_disk()
        store.close()
    shared = [
        len({page.page_id for page in found} & {ids[i] for i in best}) / TOP_K
        for found, best in zip(stored, exhaustive, strict=True)
    ]
    child.answer(
        {
            "pages": n_pages,
            "queries": n_queries,
            "tokens_per_query": float(np.mean([len(e.vectors) for e in embeddings])),
            "search_ms": whole,
            "store_maxsim_ms": alone,
            "numpy_maxsim_ms": numpy,
            "same_top_10": float(np.mean(shared)),
            "bytes_per_page": bytes_on_disk / n_pages,
        }
    )


def _maxsim(query: Floats, everything: Floats) -> list[int]:
    """The best pages' positions. query: (n_tokens, dim); everything: (n_pages, n_vectors, dim)"""
    scores = np.empty(len(everything), np.float32)
    for start in range(0, len(everything), 500):
        part = everything[start : start + 500]
        similarities = part.reshape(-1, part.shape[2]) @ query.T  # (n_part * n_vectors, n_tokens)
        scores[start : start + 500] = similarities.reshape(len(part), -1, len(query)).max(axis=1).sum(axis=1)
    return [int(i) for i in np.argsort(-scores, kind="stable")[:TOP_K]]


def _timed(call: Callable[[Given], Got], given: Sequence[Given]) -> tuple[dict[str, float], list[Got]]:
    """Milliseconds of the calls, and what they returned."""
    spent, got = [], []
    for one in given:
        start = time.perf_counter()
        got.append(call(one))
        spent.append(1000 * (time.perf_counter() - start))
    return {"p50": float(np.percentile(spent, 50)), "p95": float(np.percentile(spent, 95))}, got


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

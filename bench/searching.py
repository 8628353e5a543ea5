"""Search on synthetic pages: `python -m bench.searching PAGES QUERIES` prints JSON.

A synthetic page holds 176 words drawn from a vocabulary by Zipf's law, each with the vector that the built-in
encoder gives it in a query, and a little noise; seven of ten are in the encoder's own vocabulary, and half of the
documents bring their words too. Its fifteen passages are
random directions, some near a query's. The whole search (candidates, rescoring, regions of the first hit) is timed with
queries whose vectors are known and against exhaustive MaxSim in numpy over the same float32 vectors; making a query's
vectors is timed apart. What comparing every page finds beyond is lost by the first stage where the page is no candidate, and else
by what candidates alone tell of how common words are.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from PIL import Image
from tqdm import tqdm

from bench import child
from pagelight.retrieval.encoders import load_encoder
from pagelight.retrieval.encoders.encoder import Encoder, EncoderInfo
from pagelight.retrieval.results import SearchResult
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.search.first_stage import FIRST_STAGE, QueryEntries
from pagelight.retrieval.search.ranked import CANDIDATES
from pagelight.retrieval.search.searcher import Searcher
from pagelight.retrieval.store.opening import open_store
from pagelight.retrieval.store.page_store import IndexConfig, Lookup, PageStore
from pagelight.retrieval.text.evidence import query_terms
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

Given = TypeVar("Given")
Got = TypeVar("Got")

#: words of all pages, and the share of them that the encoder's vocabulary has
VOCABULARY, KNOWN = 4000, 0.7
WORDS_A_PAGE, PASSAGES_A_PAGE = 176, 15
#: pages of a document, every other of which brings its words
DOCUMENT = 100
GRID = PatchGrid(60, 40)
TOP_K = 10
UPSERT = 50
#: queries that are also compared with every page
COMPARED = 20


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


def word_vectors(encoder: Encoder, words: list[str]) -> dict[str, Floats]:
    """Each word's own vector (dim,), the strongest of its alternatives; without words that the encoder leaves aside."""
    vectors = {}
    for word in words:
        query = encoder.encode_query(word)
        own = np.flatnonzero((query.word_of_token == 0) & (query.kinds == Kind.WORD))
        if len(own) and len(query.words) == 1:
            vectors[word] = query.vectors[own[query.weights[own].argmax()]]
    return vectors


def pages(
    words: list[str], vectors: Floats, meaning_dim: int, n_pages: int, generator: np.random.Generator
) -> Iterator[StoredPage]:
    """words, vectors: the vocabulary and its vectors (n_words, dim)"""
    shares = 1 / np.arange(10, 10 + len(vectors))
    shares /= shares.sum()
    split = int(np.flatnonzero(vectors.any(axis=0)).max()) + 1
    boxes = np.zeros((WORDS_A_PAGE, 4), np.float32)
    lines = np.tile(np.array([0.1, 0.1, 0.9, 0.12], np.float32), (PASSAGES_A_PAGE, 1))
    for number in range(n_pages):
        drawn = generator.choice(len(vectors), WORDS_A_PAGE, p=shares)
        noise = np.zeros((WORDS_A_PAGE, vectors.shape[1]), np.float32)
        noise[:, :split] = 0.03 * generator.standard_normal((WORDS_A_PAGE, split))
        cells = np.full(GRID.n_cells, -1, np.int32)
        places = generator.choice(GRID.n_cells, WORDS_A_PAGE, replace=False)
        cells[places] = np.arange(WORDS_A_PAGE)
        boxes[:, 0], boxes[:, 1] = places % GRID.n_cols / GRID.n_cols, places // GRID.n_cols / GRID.n_rows
        boxes[:, 2:] = boxes[:, :2] + np.array([1 / GRID.n_cols, 1 / GRID.n_rows])
        embedding = PageEmbedding(
            _unit(vectors[drawn] + noise),
            GRID,
            cells,
            np.ones(WORDS_A_PAGE, np.float32),
            np.ones(WORDS_A_PAGE, np.int32),
            kinds=all_of(Kind.WORD, WORDS_A_PAGE),
        )
        document = number // DOCUMENT
        own = PageWords(tuple(words[i] for i in drawn), boxes.copy()) if document % 2 else PageWords()
        passages = _unit(generator.standard_normal((PASSAGES_A_PAGE, meaning_dim)).astype(np.float32))
        yield StoredPage(
            f"{document:064x}",
            f"{document}.pdf",
            number % DOCUMENT + 1,
            embedding,
            own,
            meaning=PageMeaning(passages, lines, np.arange(PASSAGES_A_PAGE, dtype=np.int32)),
        )


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)


def main(n_pages: int, n_queries: int) -> None:
    generator = np.random.default_rng(7)
    encoder = load_encoder()
    known_words = word_vectors(encoder, vocabulary(generator))
    words, vectors = list(known_words), np.array(list(known_words.values()), np.float32)
    config = IndexConfig.of(encoder, "none")
    everything = np.empty((n_pages, WORDS_A_PAGE, encoder.info.dim), np.float32)
    with tempfile.TemporaryDirectory(prefix="pagelight-bench-") as scratch:
        store = open_store(Path(scratch), config)
        batch: list[StoredPage] = []
        storing = 0.0
        made = pages(words, vectors, config.meaning_dim or 1, n_pages, generator)
        for number, page in enumerate(tqdm(made, total=n_pages, desc="upsert", file=sys.stderr)):
            everything[number] = page.embedding.vectors
            batch.append(page)
            if len(batch) == UPSERT or number + 1 == n_pages:
                start = time.perf_counter()
                store.upsert(batch)
                storing += time.perf_counter() - start
                batch = []
        store.close()
        start = time.perf_counter()
        store = open_store(Path(scratch), config)
        opening = time.perf_counter() - start
        queries = [" ".join(words[int(i)] for i in generator.integers(50, 1000, 5)) for _ in range(n_queries)]
        encoding, embeddings = _timed(encoder.encode_query, queries)
        known = dict(zip(queries, embeddings, strict=True))
        searcher = Searcher(_Knowing(encoder, known), store)
        searcher.search(words[0])  # opens files, measures null queries
        started = time.process_time()
        whole, quick = _timed(lambda query: searcher.search(query, TOP_K), queries)
        processor = 1000 * (time.process_time() - started) / len(queries)
        numpy, _ = _timed(
            lambda query: _maxsim(query.vectors * query.weights[:, None], everything), embeddings
        )
        compared, exact = _timed(lambda query: searcher.search(query, TOP_K, exact=True), queries[:COMPARED])
        candidates = [_candidates(store, encoder, embedding) for embedding in embeddings[:COMPARED]]
        bytes_on_disk = store.bytes_on_disk()
        store.close()
    shared = [
        len(_places(one) & _places(other)) / max(len(_places(other)), 1)
        for one, other in zip(quick, exact, strict=False)
    ]
    recall = [
        len(chosen & _places(best)) / max(len(_places(best)), 1)
        for chosen, best in zip(candidates, exact, strict=True)
    ]
    child.answer(
        {
            "pages": n_pages,
            "queries": n_queries,
            "tokens_per_query": float(np.mean([len(e.vectors) for e in embeddings])),
            "encode_ms": encoding,
            "search_ms": whole,
            "exact_ms": compared,
            "numpy_maxsim_ms": numpy,
            "search_cpu_ms": processor,
            "first_stage_recall": float(np.mean(recall)),
            "same_top_10": float(np.mean(shared)),
            "upsert_ms_per_page": 1000 * storing / n_pages,
            "open_seconds": opening,
            "bytes_per_page": bytes_on_disk / n_pages,
        }
    )


class _Knowing:
    """An encoder that knows the vectors of some queries."""

    def __init__(self, encoder: Encoder, known: Mapping[str, QueryEmbedding]) -> None:
        self._encoder, self._known = encoder, known

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    @property
    def info(self) -> EncoderInfo:
        return self._encoder.info

    @property
    def scoring(self) -> TermScoring | None:
        return self._encoder.scoring

    def encode_pages(self, images: Sequence[Image.Image]) -> list[PageEmbedding]:
        return self._encoder.encode_pages(images)

    def encode_query(self, text: str) -> QueryEmbedding:
        return self._known.get(text) or self._encoder.encode_query(text)


def _candidates(store: PageStore, encoder: Encoder, query: QueryEmbedding) -> set[tuple[str, int]]:
    """The pages that a search scores, by what is seen, written and meant; all of them where no first stage chooses."""
    scoring, codebook = encoder.scoring, store.codebook
    if scoring is None or codebook is None or store.stats().n_pages <= FIRST_STAGE.exhaustive:
        return {
            (document, page) for document in store.document_ids() for page in store.page_numbers(document)
        }
    own = QueryEntries.of(codebook, query, scoring, image_only=False)
    meaning = query.meaning.weighted if query.meaning else None
    found = store.find(
        Lookup(own.entries, query_terms(query, scoring), meaning, FIRST_STAGE.pages, CANDIDATES, own.counted)
    )
    pages = store.columns(list({page.page_id for page in (*found.seen, *found.written, *found.meant)}))
    return {(document_id, number) for document_id, _, number in pages.documents}


def _places(result: SearchResult) -> set[tuple[str, int]]:
    return {(hit.document_id, hit.page) for hit in result.hits}


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

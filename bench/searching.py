"""Search on synthetic pages: `python -m bench.searching PAGES QUERIES [--keep FOLDER]` prints JSON.

The whole search (candidates, rescoring, regions of the first hit) is timed with queries whose vectors are known: in an index
just opened, with pages that nobody read before, and as the program serves it, once what rankings read of pages is in memory;
and against exhaustive MaxSim in numpy over the same float32 vectors. Making a query's vectors is timed apart. What comparing every page finds beyond is lost by the first stage where the page
is no candidate, and else by what candidates alone tell of how common words are.
"""

from __future__ import annotations

import argparse
import gc
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from PIL import Image
from threadpoolctl import threadpool_limits

from bench import child
from bench.synthetic_library import SyntheticLibrary
from bench.synthetic_pages import SEED
from pagelight.retrieval.encoders import load_encoder
from pagelight.retrieval.encoders.encoder import Encoder, EncoderInfo
from pagelight.retrieval.results import SearchResult
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.search.first_stage import FIRST_STAGE, QueryEntries
from pagelight.retrieval.search.page_evidence import CANDIDATES
from pagelight.retrieval.search.searcher import Searcher
from pagelight.retrieval.store.page_store import Lookup, PageStore
from pagelight.retrieval.text.evidence import query_terms
from pagelight.retrieval.types import Floats, PageEmbedding, QueryEmbedding

Given = TypeVar("Given")
Got = TypeVar("Got")

TOP_K = 10
#: queries that are also compared with every page, unless told otherwise
COMPARED = 20
#: vectors of a library that are read into memory for exhaustive search; of larger ones they are mapped (limit)
IN_MEMORY = 2 << 30


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.searching", description=__doc__)
    parser.add_argument("pages", type=int)
    parser.add_argument("queries", type=int)
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="make the library there once, and add what it lacks"
    )
    parser.add_argument(
        "--compared", type=int, default=COMPARED, help="queries that are also compared with every page"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="pagelight-bench-") as scratch:
        folder = options.keep or Path(scratch)
        child.answer(measure(folder, options.pages, options.queries, options.compared))


def measure(folder: Path, n_pages: int, n_queries: int, n_compared: int) -> dict[str, Any]:
    """What searches of the library in `folder` take, which is given the pages that it lacks."""
    encoder = load_encoder()
    limits = threadpool_limits(1, user_api="blas")  # as the program `pagelight` has it
    library = SyntheticLibrary.of(folder, encoder)
    storing = library.grow(n_pages)
    start = time.perf_counter()
    store = library.open()
    opening = time.perf_counter() - start
    if store.stats().n_pages > n_pages:
        raise SystemExit(f"{folder} holds {store.stats().n_pages} pages: ask for as many, or another folder")
    generator = np.random.default_rng(SEED)
    words = library.words
    queries = [" ".join(words[int(i)] for i in generator.integers(50, 1000, 5)) for _ in range(n_queries)]
    encoding, embeddings = _timed(encoder.encode_query, queries)
    known = dict(zip(queries, embeddings, strict=True))
    searcher = Searcher(_Knowing(encoder, known), store)
    searcher.search(words[0])  # opens files, measures null queries
    gc.collect()
    gc.freeze()  # as the server has it with what it imports
    unread, _ = _timed(lambda query: searcher.search(query, TOP_K), queries)
    store.close()
    store = library.open()  # which forgets what it read
    searcher = Searcher(_Knowing(encoder, known), store)
    start = time.perf_counter()
    searcher.warm_up()
    warming = time.perf_counter() - start
    started = time.process_time()
    whole, quick = _timed(lambda query: searcher.search(query, TOP_K), queries)
    processor = 1000 * (time.process_time() - started) / len(queries)
    memory = anonymous_bytes()
    everything = library.vectors(n_pages)
    if everything.nbytes < IN_MEMORY:
        everything = np.array(everything)
    weighted = [embedding.vectors * embedding.weights[:, None] for embedding in embeddings[:n_compared]]
    limits.restore_original_limits()  # all cores for the products of all pages
    _maxsim(weighted[0], everything)  # reads the file
    numpy, _ = _timed(lambda query: _maxsim(query, everything), weighted)
    limits = threadpool_limits(1, user_api="blas")
    compared, exact = _timed(lambda query: searcher.search(query, TOP_K, exact=True), queries[:n_compared])
    candidates = [_candidates(store, encoder, embedding) for embedding in embeddings[:n_compared]]
    limits.restore_original_limits()
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
    return {
        "pages": n_pages,
        "queries": n_queries,
        "tokens_per_query": float(np.mean([len(e.vectors) for e in embeddings])),
        "encode_ms": encoding,
        "search_ms": whole,
        "unread_ms": unread,
        "exact_ms": compared,
        "numpy_maxsim_ms": numpy,
        "search_cpu_ms": processor,
        "first_stage_recall": float(np.mean(recall)),
        "same_top_10": float(np.mean(shared)),
        "upsert_ms_per_page": float(np.mean(storing)),
        "upsert_ms_first_last": [storing[0], storing[-1]],
        "open_seconds": opening,
        "warm_up_seconds": warming,
        "bytes_per_page": bytes_on_disk / n_pages,
        "anonymous_bytes": memory,
    }


def anonymous_bytes() -> int:
    """Memory of this process without the files that it maps, in bytes; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("RssAnon:")), 0)


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
    n_seen = FIRST_STAGE.handed_on(store.stats().n_pages)
    found = store.find(
        Lookup(own.entries, query_terms(query, scoring), meaning, n_seen, CANDIDATES, own.counted)
    )
    pages = store.columns(list({page.page_id for page in (*found.seen, *found.written, *found.meant)}))
    return {(page.document_id, page.page) for page in pages.pages}


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
    main()

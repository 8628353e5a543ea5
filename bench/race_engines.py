"""The engines of the race, each in a process of its own: `python -m bench.race_engines ENGINE PAGES QUERIES FOLDER`.

PAGES (n_pages, n_vectors, dim) and QUERIES (n, n_tokens, dim) are .npy files. Prints JSON. An engine is imported only
when it runs, so that each may live in an environment of its own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import child

Floats = NDArray[np.float32]
#: positions of the best ten pages, best first
Search = Callable[[Floats], list[int]]

TOP_K = 10
#: what st_blocks counts in
BLOCK_BYTES = 512
#: pages that are compared at once, and that are written at once
BLOCK, UPSERT = 500, 64


def numpy_exhaustive(pages: Floats, _: Path) -> Search:
    """MaxSim over every vector in float32."""
    vectors = np.array(pages)

    def search(query: Floats) -> list[int]:
        scores = np.empty(len(vectors), np.float32)
        for start in range(0, len(vectors), BLOCK):
            part = vectors[start : start + BLOCK]
            similar = part.reshape(-1, part.shape[2]) @ query.T  # (n_part * n_vectors, n_tokens)
            scores[start : start + BLOCK] = similar.reshape(len(part), -1, len(query)).max(axis=1).sum(axis=1)
        return _best(scores)

    return search


def pagelight_embedded(pages: Floats, folder: Path) -> Search:
    """MaxSim of Pagelight's embedded store, float16, of the pages that a first stage chooses."""
    return _pagelight(pages, folder, exact=False)


def pagelight_exact(pages: Floats, folder: Path) -> Search:
    """The same of all pages."""
    return _pagelight(pages, folder, exact=True)


def _pagelight(pages: Floats, folder: Path, exact: bool) -> Search:
    from pagelight.retrieval.centroids import LEARNED
    from pagelight.retrieval.store import open_store
    from pagelight.retrieval.store.page_store import IndexConfig
    from pagelight.retrieval.types import Kind, PageEmbedding, PageWords, PatchGrid, StoredPage, all_of

    n_vectors = pages.shape[1]
    grid = PatchGrid(n_vectors, 1)
    ids = {}
    store = open_store(folder, IndexConfig("race", pages.shape[2], "none", centroids=LEARNED))
    for start in range(0, len(pages), UPSERT):
        batch = []
        for number in range(start, min(start + UPSERT, len(pages))):
            embedding = PageEmbedding(
                np.array(pages[number]),
                grid,
                np.arange(n_vectors, dtype=np.int32),
                np.ones(n_vectors, np.float32),
                np.ones(n_vectors, np.int32),
                kinds=all_of(Kind.PATCH, n_vectors),
            )
            batch.append(
                StoredPage(f"{number // BLOCK:064x}", "a.pdf", number % BLOCK + 1, embedding, PageWords())
            )
            ids[batch[-1].page_id] = number
        store.upsert(batch)
    while not exact and store.update_centroids():
        pass
    return lambda query: [ids[found.page_id] for found in store.search(query, TOP_K, exact=exact)]


def qdrant_client_local(pages: Floats, folder: Path) -> Search:
    """qdrant-client without a server: numpy over SQLite."""
    from qdrant_client import QdrantClient, models

    client = QdrantClient(path=str(folder))
    comparator = models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM)
    params = models.VectorParams(
        size=pages.shape[2], distance=models.Distance.DOT, multivector_config=comparator
    )
    client.create_collection("race", vectors_config=params)
    for start in range(0, len(pages), UPSERT):
        part = pages[start : start + UPSERT]
        points = [models.PointStruct(id=start + i, vector=page.tolist()) for i, page in enumerate(part)]
        client.upsert("race", points)
    return lambda query: [
        int(p.id) for p in client.query_points("race", query=query.tolist(), limit=TOP_K).points
    ]


def maxsim_cpu(pages: Floats, _: Path) -> Search:
    """maxsim-cpu: exhaustive, in Rust."""
    import maxsim_cpu

    vectors = np.array(pages)
    return lambda query: _best(np.asarray(maxsim_cpu.maxsim_scores(query, vectors)))


def fast_plaid(pages: Floats, folder: Path) -> Search:
    """fast-plaid: centroids and 4-bit residuals."""
    import torch
    from fast_plaid.search import FastPlaid

    index = FastPlaid(str(folder), device="cpu")
    index.create(documents_embeddings=[torch.from_numpy(np.array(page)) for page in pages])
    return lambda query: [
        int(i) for i, _ in index.search(torch.from_numpy(query)[None], top_k=TOP_K, show_progress=False)[0]
    ]


def xtr_warp(pages: Floats, folder: Path) -> Search:
    """xtr-warp-rs: token retrieval with imputed scores."""
    import torch
    from xtr_warp import XTRWarp

    index = XTRWarp(str(folder))
    index.create([torch.from_numpy(np.array(page)) for page in pages], device="cpu", show_progress=False)
    index.load("cpu")
    return lambda query: [
        int(i) for i, _ in index.search(torch.from_numpy(query)[None], top_k=TOP_K, show_progress=False)[0]
    ]


ENGINES: dict[str, Callable[[Floats, Path], Search]] = {
    "numpy, exhaustive": numpy_exhaustive,
    "Pagelight, embedded": pagelight_embedded,
    "Pagelight, embedded, exact": pagelight_exact,
    "maxsim-cpu": maxsim_cpu,
    "fast-plaid": fast_plaid,
    "xtr-warp-rs": xtr_warp,
    "qdrant-client, local": qdrant_client_local,
}


def main(name: str, pages_file: Path, queries_file: Path, folder: Path) -> None:
    pages, queries = np.load(pages_file, mmap_mode="r"), np.load(queries_file)
    start = time.perf_counter()
    search = ENGINES[name](pages, folder)
    build = time.perf_counter() - start
    search(queries[0])  # the first one opens files
    spent, found = [], []
    for query in queries:
        start = time.perf_counter()
        found.append(search(query))
        spent.append(1000 * (time.perf_counter() - start))
    n_bytes = sum(file.stat().st_blocks * BLOCK_BYTES for file in folder.rglob("*") if file.is_file())
    child.answer(
        {
            "build_seconds": build,
            "p50_ms": float(np.percentile(spent, 50)),
            "p95_ms": float(np.percentile(spent, 95)),
            "found": found,
            "bytes": n_bytes,
        }
    )


def _best(scores: NDArray[np.floating]) -> list[int]:
    return [int(i) for i in np.argsort(-scores, kind="stable")[:TOP_K]]


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:5]))

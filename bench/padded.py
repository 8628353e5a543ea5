"""What a first stage costs in quality: `python -m bench.padded LIBRARY DATASET [--pages N] [--keep FOLDER]` prints JSON.

LIBRARY is the data folder of a library that holds the pages of the labelled set in DATASET, all of them understood. Its
pages are put among N synthetic ones, and the set's queries are searched twice: with a first stage, and with every page
compared. nDCG@5 of both, their ratio, and how many of the ten best of all pages are shown.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from bench import child
from bench.synthetic_library import UPSERT, SyntheticLibrary
from pagelight.app.evaluation.dataset import Place, Query, read_dataset
from pagelight.app.evaluation.metrics import score_run
from pagelight.retrieval.encoders import load_encoder
from pagelight.retrieval.search.searcher import Searcher
from pagelight.retrieval.store import open_store
from pagelight.retrieval.store.page_store import IndexConfig, PageStore
from pagelight.retrieval.types import page_id

#: synthetic pages around those of a labelled set
PAGES = 10_000
TOP_K = 10


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.padded", description=__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--image-only", action="store_true", help="leave the documents' own words unused")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="make the synthetic pages there once; they are copied"
    )
    options = parser.parse_args(arguments)
    encoder = load_encoder()
    with tempfile.TemporaryDirectory(prefix="pagelight-bench-") as scratch:
        library = SyntheticLibrary.of(options.keep or Path(scratch) / "synthetic", encoder)
        library.grow(options.pages)
        padded = replace(library, folder=Path(scratch) / "padded")
        shutil.copytree(
            library.folder / "index", padded.folder / "index", ignore=shutil.ignore_patterns("lock")
        )
        store = padded.open()
        n_labelled = put_among(options.library, library.config, store)
        queries = read_dataset(options.dataset).queries
        answer = compare(Searcher(encoder, store), queries, options.image_only)
        store.close()
    child.answer({"pages": options.pages, "labelled_pages": n_labelled, **answer})


def put_among(library: Path, config: IndexConfig, store: PageStore) -> int:
    """Number of the pages of an indexed library, which are put into the store. config: of the store"""
    pruning = json.loads((library / "index" / "index.json").read_text(encoding="utf-8"))["pruning"]
    labelled = open_store(library / "index", replace(config, pruning=pruning))
    ids = [page_id(d, n) for d in sorted(labelled.document_ids()) for n in sorted(labelled.page_numbers(d))]
    for start in range(0, len(ids), UPSERT):
        store.upsert(labelled.fetch(ids[start : start + UPSERT]))
    labelled.close()
    return len(ids)


def compare(searcher: Searcher, queries: tuple[Query, ...], image_only: bool) -> dict[str, Any]:
    """nDCG@5 of searches with a first stage and without, and how many of the best pages both show."""
    runs: dict[bool, dict[str, list[Place]]] = {False: {}, True: {}}
    for query in tqdm(queries, desc="queries", file=sys.stderr):
        for exact, run in runs.items():
            hits = searcher.search(query.text, TOP_K, image_only=image_only, exact=exact).hits
            run[query.query_id] = [(hit.document, hit.page) for hit in hits]
    quick, all_pages = (
        float(np.mean([score.ndcg5 for score in score_run(queries, run).values()])) for run in runs.values()
    )
    shown = [
        len({*runs[False][query.query_id]} & {*runs[True][query.query_id]}) / len(runs[True][query.query_id])
        for query in queries
        if runs[True][query.query_id]
    ]
    return {
        "queries": len(queries),
        "ndcg5": quick,
        "ndcg5_of_all_pages": all_pages,
        "relative_ndcg5": quick / max(all_pages, 1e-9),
        "same_top_10": float(np.mean(shown)),
    }


if __name__ == "__main__":
    main()

"""A program for test_deepening.py to kill: `python -m tests.ingest.half_understood DATA FILE...` understands slowly."""

from __future__ import annotations

import sys
from pathlib import Path

from pagelight.ingest.jobs import Jobs
from pagelight.ingest.library import Library
from pagelight.ingest.pipeline import Pipeline
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.store.embedded import EdgeStore
from pagelight.retrieval.store.page_store import IndexConfig
from tests.tiny_encoder import DIM
from tests.understanding_encoder import MEANING_DIM, UnderstandingEncoder

CONFIG = IndexConfig("tiny", DIM, "none", meaning_dim=MEANING_DIM)


def main() -> None:
    library = Library(Path(sys.argv[1]))
    store = EdgeStore.open(library.folder, CONFIG)
    encoder = UnderstandingEncoder(seconds_to_understand=0.05)
    jobs = Jobs(library, Pipeline(encoder, parse_pruning("none"), store, library))
    jobs.resume()
    job_id = jobs.submit([(Path(path), Path(path).name) for path in sys.argv[2:]])
    print(job_id, flush=True)
    jobs.wait(job_id, deep=True)


if __name__ == "__main__":
    main()

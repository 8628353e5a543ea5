"""A program for test_job_recovery.py to kill: `python -m tests.ingest.interrupted DATA FILE...` indexes slowly."""

from __future__ import annotations

import sys
from pathlib import Path

from pagelight.ingest.jobs import Jobs
from pagelight.ingest.library import Library
from pagelight.ingest.pipeline import Pipeline
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.store.embedded import EdgeStore
from pagelight.retrieval.store.page_store import IndexConfig
from tests.tiny_encoder import DIM, TinyEncoder


def main() -> None:
    library = Library(Path(sys.argv[1]))
    store = EdgeStore.open(library.folder, IndexConfig("tiny", DIM, "none"))
    jobs = Jobs(library, Pipeline(TinyEncoder(0.05, batch=2), parse_pruning("none"), store, library))
    jobs.resume()
    job_id = jobs.submit([(Path(path), Path(path).name) for path in sys.argv[2:]])
    print(job_id, flush=True)
    jobs.wait(job_id)


if __name__ == "__main__":
    main()

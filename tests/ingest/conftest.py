"""A library, a real embedded store and a pipeline over them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pagelight.ingest.job_progress import JobStatus
from pagelight.ingest.jobs import Jobs
from pagelight.ingest.library import Library
from pagelight.ingest.pipeline import Pipeline
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.store.embedded import EdgeStore
from pagelight.retrieval.store.page_store import IndexConfig
from tests.ingest.written_sheet import Sheet
from tests.tiny_encoder import DIM, TinyEncoder

CONFIG = IndexConfig("tiny", DIM, "none")


def states(status: JobStatus) -> list[str]:
    """The states of a job's files."""
    return [file.state for file in status.files]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "data")
    yield library
    library.close()


@pytest.fixture
def store(library: Library) -> Iterator[EdgeStore]:
    store = EdgeStore.open(library.folder, CONFIG)
    yield store
    store.close()


@pytest.fixture
def pipeline(library: Library, store: EdgeStore) -> Iterator[Pipeline]:
    pipeline = Pipeline(TinyEncoder(), parse_pruning("none"), store, library)
    yield pipeline
    pipeline.close()


@pytest.fixture
def slow_pipeline(library: Library, store: EdgeStore) -> Iterator[Pipeline]:
    """Slow enough to be interrupted: 0.1 s a page."""
    pipeline = Pipeline(TinyEncoder(0.1, batch=2), parse_pruning("none"), store, library)
    yield pipeline
    pipeline.close()


@pytest.fixture
def jobs(library: Library, pipeline: Pipeline) -> Iterator[Jobs]:
    jobs = Jobs(library, pipeline)
    yield jobs
    jobs.close()


@pytest.fixture
def slow_jobs(library: Library, slow_pipeline: Pipeline) -> Iterator[Jobs]:
    jobs = Jobs(library, slow_pipeline)
    yield jobs
    jobs.close()


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    return Sheet(tmp_path)

"""A program of the tests, killed in the middle of its work."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from pagelight.ingest.library import Library
from pagelight.retrieval.store.embedded import EdgeStore
from tests.ingest.conftest import CONFIG
from tests.waiting import until

_ROOT = Path(__file__).resolve().parents[2]


def run_and_kill(program: str, data: Path, files: list[Path], is_time: Callable[[Library], bool]) -> None:
    """Run `python -m program DATA FILE...`, and kill it once it is time, by what its library says."""
    command = [sys.executable, "-m", program, str(data), *map(str, files)]
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout
        assert process.stdout.readline()
        library = Library(data)
        until(lambda: is_time(library))
    finally:
        process.kill()
        process.wait()
    library.close()


def kill_while_indexing(data: Path, files: list[Path], wanted: int) -> set[int]:
    """Kill the program once it has indexed `wanted` pages; the pages of the first file that are stored then."""
    run_and_kill(
        "tests.ingest.interrupted",
        data,
        files,
        lambda library: sum(d.pages_indexed for d in library.documents()) >= wanted,
    )
    library, store = Library(data), EdgeStore.open(data, CONFIG)
    stored = store.page_numbers(library.documents()[0].document_id)
    store.close()
    library.close()
    return stored

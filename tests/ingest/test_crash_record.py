"""A document is given up for crashes of the program at its place, not for kills from outside."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pagelight.ingest.jobs import Jobs
from pagelight.ingest.library import Library
from pagelight.ingest.recovery import CrashRecord
from tests import samples

PROGRAM = """
import os, sys
from pathlib import Path
from pagelight.ingest.recovery import CrashRecord
CrashRecord(Path(sys.argv[1])).watch()
os.kill(os.getpid(), int(sys.argv[2]))
"""


def die(folder: Path, number: signal.Signals, *options: str) -> None:
    """A process that watches over the folder ends by this signal."""
    command = [sys.executable, *options, "-c", PROGRAM, str(folder), str(int(number))]
    assert subprocess.run(command, check=False, capture_output=True).returncode == -number


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_kill_is_from_outside(tmp_path: Path, number: signal.Signals) -> None:
    die(tmp_path, number)
    assert CrashRecord(tmp_path).was_from_outside


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS])
def test_a_crash_is_not(tmp_path: Path, number: signal.Signals) -> None:
    die(tmp_path, number)
    assert not CrashRecord(tmp_path).was_from_outside


def test_nothing_is_known_of_a_process_that_looks_for_crashes_itself(tmp_path: Path) -> None:
    die(tmp_path, signal.SIGKILL)
    die(tmp_path, signal.SIGKILL, "-X", "faulthandler")
    assert not CrashRecord(tmp_path).was_from_outside
    assert not CrashRecord(tmp_path / "missing").was_from_outside


def test_a_process_that_was_killed_for_want_of_memory_counts(tmp_path: Path) -> None:
    die(tmp_path, signal.SIGKILL)
    (file,) = tmp_path.iterdir()
    file.write_text("killed for want of memory so far: -1\n")
    assert not CrashRecord(tmp_path).was_from_outside


@pytest.mark.parametrize(("number", "state"), [(signal.SIGKILL, "indexed"), (signal.SIGSEGV, "failed")])
def test_the_third_death_is_the_last_where_it_was_a_crash(
    jobs: Jobs, library: Library, tmp_path: Path, number: signal.Signals, state: str
) -> None:
    document, _ = library.add(samples.text_pdf(tmp_path, 1), "a.pdf")
    with library.database.work() as connection:  # as three processes would have left it
        connection.execute("UPDATE documents SET state = 'running', deaths = 2")
    die(library.folder, number)
    job = jobs.resume()
    if job:
        jobs.wait(job, 60)
    assert library.get(document.document_id).state == state

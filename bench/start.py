"""`python -m bench.start [LIBRARY] [--repeats 3]`: seconds from `pagelight serve` to its page and to its first answer.

Two starts, by turns: over a copy of LIBRARY (the sample documents where none is named, indexed first), its files warm, and over a
folder that does not exist yet. Prints the best and the median by the clock, and the server's processor time until then, which
other programs disturb less.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import httpx

from bench.load import serving, wait_until_indexed

#: seconds by the clock until the page is there, and until the first search is answered over a library that is there
BARS = {"page": 4.0, "first search": 8.0}
QUERY = "revenue by region"
#: seconds between two looks, and until a start has failed
_LOOK, _PATIENCE = 0.02, 300.0
_WARM, _FRESH = "library that is there", "fresh folder"


@dataclass(frozen=True, slots=True)
class Moment:
    """Seconds since the process began. clock: on the wall; processor: of all its threads and ended children"""

    clock: float
    processor: float


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.start", description=__doc__)
    parser.add_argument("library", type=Path, nargs="?")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(arguments)
    found: dict[str, list[dict[str, Moment]]] = {_WARM: [], _FRESH: []}
    with tempfile.TemporaryDirectory() as scratch:
        warm, fresh = Path(scratch) / "warm", Path(scratch) / "fresh"
        warm.mkdir()
        _fill(warm, options.library)
        for _ in range(options.repeats):
            found[_WARM].append(_started(warm))
            fresh.mkdir()
            found[_FRESH].append(_started(fresh))
            shutil.rmtree(fresh)
    print(table(found))
    return 0


def table(found: Mapping[str, Sequence[Mapping[str, Moment]]]) -> str:
    """
    >>> print(table({"fresh folder": [{"page": Moment(3.25, 2.5)}, {"page": Moment(3.75, 2.25)}]}))
    | start | until | best s | median s | processor s | bar s |
    |---|---|---:|---:|---:|---:|
    | fresh folder | page | 3.2 | 3.5 | 2.2 | 4 |
    """
    rows = []
    for start, runs in found.items():
        for until in runs[0] if runs else ():
            moments = [run[until] for run in runs]
            clock = [moment.clock for moment in moments]
            least = min(moment.processor for moment in moments)
            rows.append(
                f"| {start} | {until} | {min(clock):.1f} | {median(clock):.1f} | {least:.1f} | {BARS[until]:.0f} |"
            )
    head = ["| start | until | best s | median s | processor s | bar s |", "|---|---|---:|---:|---:|---:|"]
    return "\n".join([*head, *rows])


def _fill(folder: Path, library: Path | None) -> None:
    """A copy of the library, or the samples, indexed and understood; its files were just written, and are warm."""
    if library is not None:
        shutil.copytree(library, folder / "library")
        return
    with serving(folder) as (address, process):
        wait_until_indexed(address)
        _until(lambda: _searched(address), process)


def _started(folder: Path) -> dict[str, Moment]:
    start = time.perf_counter()
    with serving(folder) as (address, process):
        moments = {}
        for name, is_there in (("page", _page), ("first search", _searched)):
            _until(partial(is_there, address), process)
            moments[name] = Moment(time.perf_counter() - start, _processor_seconds(process))
        return moments


def _page(address: str) -> bool:
    answer = httpx.get(address, timeout=_PATIENCE)
    return answer.status_code == 200 and "gradio" in answer.text


def _searched(address: str) -> bool:
    answer = httpx.get(f"{address}/api/v1/search", params={"query": QUERY}, timeout=_PATIENCE)
    return answer.status_code == 200


def _until(is_there: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Raises RuntimeError where the server ends, TimeoutError where it does not answer."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(
                f"the server ended with status {process.returncode}; is the library of another version?"
            )
        try:
            if is_there():
                return
        except httpx.TransportError:
            pass
        time.sleep(_LOOK)
    raise TimeoutError(f"the server did not answer within {_PATIENCE:.0f} s")


def _processor_seconds(process: subprocess.Popen[bytes]) -> float:
    """Of the process and its children that have ended (Linux)."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())

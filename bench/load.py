"""`python -m bench.load [--clients 50] [--seconds 120]`: many clients search one server while it indexes.

Each client has an address of its own, searches, looks at the best page's heat map, and asks again at once. Prints errors,
answers that said "come again" (503), times, pages indexed beside it, and the server's memory at the start and the end.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np

ROOT = Path(__file__).parents[1]
SAMPLES = sorted((ROOT / "assets" / "samples").glob("*.pdf"))
QUERIES = (
    "passengers on the night ferry",
    "clean the steam wand",
    "permit for the orchard",
    "revenue 2024",
    "map",
)
#: documents that are queued at once, so that the server never runs out of work
_QUEUED = 40
_START_SECONDS = 300.0


@dataclass
class Outcome:
    """Times, refusals and errors that the clients met. seconds: of each search; health: of each look at /healthz"""

    seconds: list[float] = field(default_factory=list)
    health: list[float] = field(default_factory=list)
    busy: int = 0
    errors: list[str] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120.0)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch, serving(Path(scratch)) as (address, process):
        wait_until_indexed(address)
        return measure(address, process.pid, options.clients, options.seconds)


def measure(address: str, pid: int, clients: int, seconds: float) -> int:
    """Search a server that runs already, while it indexes what it is sent; 1 where there were errors."""
    pages_before, memory_before = _pages(address), memory_mb(pid)
    _send_documents(address)
    outcome = _searched(address, clients, seconds)
    indexed, memory_after = _pages(address) - pages_before, memory_mb(pid)
    print(report(outcome, clients, seconds, indexed, memory_before, memory_after))
    return 1 if outcome.errors else 0


def report(
    outcome: Outcome, clients: int, seconds: float, indexed: int, memory_before: float, memory_after: float
) -> str:
    """One line of figures, and the first errors.

    >>> report(Outcome([0.1, 0.3], [0.01]), 2, 1, 5, 100, 110)
    '2 clients, 1 s: 2 searches (2.0 a second), p50 200 ms, p95 290 ms, 0 errors, 0 told to come again; /healthz p95 10 ms; \
5 pages indexed beside it; memory 100 -> 110 MB'
    """
    line = (
        f"{clients} clients, {seconds:g} s: {len(outcome.seconds)} searches "
        f"({len(outcome.seconds) / seconds:.1f} a second), p50 {_ms(outcome.seconds, 50)} ms, "
        f"p95 {_ms(outcome.seconds, 95)} ms, {len(outcome.errors)} errors, {outcome.busy} told to come again; "
        f"/healthz p95 {_ms(outcome.health, 95)} ms; {indexed} pages indexed beside it; "
        f"memory {memory_before:.0f} -> {memory_after:.0f} MB"
    )
    return "\n".join([line, *outcome.errors[:5]])


def memory_mb(pid: int) -> float:
    """Memory in use of a process without its children (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _ms(seconds: Sequence[float], percent: int) -> str:
    return f"{1000 * float(np.percentile(seconds, percent)):.0f}" if seconds else "-"


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "pagelight", "serve", "--data", str(folder / "library")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)], cwd=ROOT, stdout=log, stderr=log
        )
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_alive(address: str) -> None:
    """Until the server answers."""
    _wait(lambda: httpx.get(f"{address}/healthz", timeout=60).is_success)


def wait_until_indexed(address: str) -> None:
    """Until there are documents to search, and none of them waits to be read. Files that failed or were cancelled stay so."""

    def is_indexed() -> bool:
        states = {document["state"] for document in _documents(address)}
        return "indexed" in states and states.isdisjoint({"queued", "running"})

    _wait(is_indexed)


def _wait(is_ready: Callable[[], bool]) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        with suppress(httpx.HTTPError):
            if is_ready():
                return
        time.sleep(0.1)
    raise TimeoutError(f"the server was not ready after {_START_SECONDS:.0f} s")


def _documents(address: str) -> list[dict[str, object]]:
    answer = httpx.get(f"{address}/api/v1/documents", timeout=60).raise_for_status().json()
    return list(answer["documents"] if isinstance(answer, dict) else answer)


def _pages(address: str) -> int:
    return sum(int(str(document["pages_indexed"])) for document in _documents(address))


def _send_documents(address: str) -> None:
    """Copies of the samples that differ in their last line."""
    files = [
        ("files", (f"copy {n} of {path.name}", path.read_bytes() + f"\n%{n}".encode()))
        for n, path in enumerate((SAMPLES * _QUEUED)[:_QUEUED])
    ]
    httpx.post(f"{address}/api/v1/documents", files=files, timeout=60).raise_for_status()


def _searched(address: str, clients: int, seconds: float) -> Outcome:
    outcome, end = Outcome(), time.monotonic() + seconds
    threads = [
        threading.Thread(target=_ask, args=(address, number, end, outcome)) for number in range(clients)
    ]
    threads.append(threading.Thread(target=_look, args=(address, end, outcome)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome


def _ask(address: str, number: int, end: float, outcome: Outcome) -> None:
    """One client, from an address of its own."""
    transport = httpx.HTTPTransport(local_address=f"127.0.1.{1 + number % 250}")
    with httpx.Client(base_url=address, transport=transport, timeout=60) as client:
        turn = number
        while time.monotonic() < end:
            query = QUERIES[turn % len(QUERIES)]
            turn += 1
            start = time.monotonic()
            try:
                answer = client.post("/api/v1/search", json={"query": query, "top_k": 5})
                if answer.status_code == 503 and answer.headers.get("retry-after"):
                    outcome.busy += 1
                    time.sleep(float(answer.headers["retry-after"]))
                    continue
                hits = answer.raise_for_status().json()["hits"]
                outcome.seconds.append(time.monotonic() - start)
                if hits:
                    place = f"/api/v1/documents/{hits[0]['document_id']}/pages/{hits[0]['page']}/heatmap"
                    heatmap = client.get(place, params={"query": query})
                    outcome.busy += heatmap.status_code == 503
                    if heatmap.status_code != 503:
                        heatmap.raise_for_status()
            except (httpx.HTTPError, KeyError, ValueError) as error:
                outcome.errors.append(f"{type(error).__name__}: {error}")


def _look(address: str, end: float, outcome: Outcome) -> None:
    """Somebody who asks every half second whether the server lives."""
    with httpx.Client(base_url=address, timeout=60) as client:
        while time.monotonic() < end:
            start = time.monotonic()
            try:
                client.get("/healthz").raise_for_status()
                outcome.health.append(time.monotonic() - start)
            except httpx.HTTPError as error:
                outcome.errors.append(f"/healthz: {type(error).__name__}: {error}")
            time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())

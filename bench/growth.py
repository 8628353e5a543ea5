"""`python -m bench.growth [--searches 10000] [--uploads 1000]`: whether a server's memory grows with what it is asked.

Searches with words that no search had before, then uploads of documents that are deleted again. Prints the server's memory
after every tenth of each; the first two tenths fill caches, and from there to the last is what counts.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
from reportlab.pdfgen.canvas import Canvas

from bench.load import memory_mb, serving, wait_until_indexed

#: tenths, of which the first fill caches of a fixed size
_PARTS, _WARM = 10, 2
#: documents in one upload
_AT_ONCE = 5
_WORDS = [
    "lighthouse",
    "ferry",
    "orchard",
    "permit",
    "revenue",
    "lantern",
    "mooring",
    "harbour",
    "tariff",
    "map",
    "steam",
    "wand",
    "night",
]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--searches", type=int, default=10_000)
    parser.add_argument("--uploads", type=int, default=1_000)
    parser.add_argument("--most-mb", type=float, default=60.0, help="growth that is no failure")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch, serving(Path(scratch)) as (address, process):
        wait_until_indexed(address)
        return measure(address, process.pid, options.searches, options.uploads, options.most_mb)


def measure(address: str, pid: int, searches: int, uploads: int, most_mb: float) -> int:
    """Ask a server that runs already; 1 where its memory grew by more than `most_mb`."""
    with httpx.Client(base_url=address, timeout=120) as client:
        searched = _tenths(searches, 1, lambda number, _: _search(client, number), pid)
        print(report("searches", searches, searched), flush=True)
        uploaded = _tenths(uploads, _AT_ONCE, lambda number, count: _upload(client, number, count), pid)
        print(report("uploads", uploads, uploaded))
    return 1 if max(growth(searched), growth(uploaded)) > most_mb else 0


def growth(memory: Sequence[float]) -> float:
    """Megabytes from the end of the warm-up to the end.

    >>> growth([100, 150, 160, 161, 162])
    12
    """
    return memory[-1] - memory[_WARM - 1]


def report(what: str, count: int, memory: Sequence[float]) -> str:
    """
    >>> report("searches", 50, [100.2, 150, 160])
    '50 searches: 100 150 160 MB, 10 MB more after the warm-up'
    """
    return f"{count} {what}: {' '.join(f'{mb:.0f}' for mb in memory)} MB, {growth(memory):.0f} MB more after the warm-up"


def _tenths(count: int, step: int, work: Callable[[int, int], None], pid: int) -> list[float]:
    """Megabytes of the process after each tenth of the work, which is done `step` at a time. work: (number, how many)"""
    memory = []
    for part in range(_PARTS):
        end = (part + 1) * count // _PARTS
        for number in range(part * count // _PARTS, end, step):
            work(number, min(step, end - number))
        memory.append(memory_mb(pid))
    return memory


def _search(client: httpx.Client, number: int) -> None:
    """A query of three words, one of them new, and the heat map of the best page."""
    chosen = random.Random(number)
    query = f"{' '.join(chosen.sample(_WORDS, 2))} word{number}"
    hits = client.get("/api/v1/search", params={"query": query, "top_k": 5}).raise_for_status().json()["hits"]
    if hits:
        place = f"/api/v1/documents/{hits[0]['document_id']}/pages/{hits[0]['page']}/heatmap"
        client.get(place, params={"query": query}).raise_for_status()


def _upload(client: httpx.Client, number: int, count: int) -> None:
    """So many documents of a page each, indexed and removed."""
    files = []
    for one in range(number, number + count):
        written = io.BytesIO()
        canvas = Canvas(written)
        canvas.drawString(72, 700, f"Page number {one} about the {random.Random(one).choice(_WORDS)}")
        canvas.save()
        files.append(("files", (f"upload {one}.pdf", written.getvalue())))
    job = client.post("/api/v1/documents", files=files).raise_for_status().json()
    while job["state"] == "running":
        time.sleep(0.05)
        job = client.get(f"/api/v1/jobs/{job['job_id']}").raise_for_status().json()
    if job["state"] != "done":
        raise RuntimeError(f"the job {job['state']}: {job['files'][0]['reason']}")
    for file in job["files"]:
        client.delete(f"/api/v1/documents/{file['document_id']}").raise_for_status()


if __name__ == "__main__":
    sys.exit(main())

"""Indexing against Tesseract and BM25 by turns, since processors change their pace: `python -m bench.interleaved FILE...`.

All files are indexed, a first part of them is read, all are indexed, the others are read, all are indexed. Prints JSON; the
ratios are of the mean of the three to the sum of the two: until all pages can be found by words and looks, and until it is
known what they mean as well. Ratios of processor time beside those of the clock: others may use the same cores.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from statistics import mean
from typing import Any

from bench import child

#: pages at most, of everything
_ALL = "100000"

#: what a module answers to its arguments
Run = Callable[..., dict[str, Any]]


def main(files: Sequence[str], run: Run = child.run) -> None:
    """run: how a module is run, each time in a process of its own unless told otherwise"""
    half = -(-len(files) // 2)
    indexing, reading = [], []
    for part in (files[:half], files[half:], []):
        indexing.append(run("bench.stages", _ALL, *files))
        if part:
            reading.append(run("bench.tesseract_indexing", _ALL, *part))

    def ratio(name: str, control: str) -> float:
        return float(sum(run[control] for run in reading) / mean(run[name] for run in indexing))

    print(
        json.dumps(
            {
                "model": indexing[0]["model"],
                "pages": indexing[0]["pages"],
                "pages_read": sum(run["pages"] for run in reading),
                "searchable_seconds": [run["searchable_seconds"] for run in indexing],
                "indexing_seconds": [run["seconds"] for run in indexing],
                "tesseract_seconds": [run["seconds"] for run in reading],
                "ratio_searchable": ratio("searchable_seconds", "seconds"),
                "ratio": ratio("seconds", "seconds"),
                "cpu_ratio_searchable": ratio("searchable_cpu_seconds", "cpu_seconds"),
                "cpu_ratio": ratio("cpu_seconds", "cpu_seconds"),
            }
        )
    )


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit(
            "No files are given; say which PDFs to index and to read: python -m bench.interleaved FILE..."
        )
    main(sys.argv[1:])

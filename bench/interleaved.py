"""Indexing against Tesseract and BM25 by turns, since processors change their pace: `python -m bench.interleaved FILE...`.

All files are indexed, a first part of them is read, all are indexed, the others are read, all are indexed. Prints JSON; the
ratios are of the mean of the three to the sum of the two: until all pages can be found by words and looks, and until it is
known what they mean as well.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from statistics import mean

from bench import child

#: pages at most, of everything
_ALL = "100000"


def main(files: Sequence[str]) -> None:
    half = -(-len(files) // 2)
    indexing, reading = [], []
    for part in (files[:half], files[half:], []):
        indexing.append(child.run("bench.stages", _ALL, *files))
        if part:
            reading.append(child.run("bench.tesseract_indexing", _ALL, *part))
    searchable, seconds = ([run[name] for run in indexing] for name in ("searchable_seconds", "seconds"))
    control = [run["seconds"] for run in reading]
    print(
        json.dumps(
            {
                "model": indexing[0]["model"],
                "pages": indexing[0]["pages"],
                "pages_read": sum(run["pages"] for run in reading),
                "searchable_seconds": searchable,
                "indexing_seconds": seconds,
                "tesseract_seconds": control,
                "ratio_searchable": sum(control) / mean(searchable),
                "ratio": sum(control) / mean(seconds),
            }
        )
    )


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit(
            "No files are given; say which PDFs to index and to read: python -m bench.interleaved FILE..."
        )
    main(sys.argv[1:])

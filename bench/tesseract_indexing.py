"""Tesseract and BM25 on the same pages: `python -m bench.tesseract_indexing PAGES FILE...` prints JSON.

Two processes read side by side where there are two cores, since one page uses one core and indexing uses all.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

from bench import child
from bench.bm25 import Bm25
from bench.page_text import DPI, read_image
from bench.stages import pages_of


def main(limit: int, files: Sequence[Path]) -> None:
    start, before = time.perf_counter(), child.cpu_seconds()
    with ThreadPoolExecutor(os.cpu_count() or 1) as readers:
        images = (page.image for _, page in pages_of(files, DPI, limit))
        texts = list(tqdm(readers.map(read_image, images), total=limit, desc="tesseract", file=sys.stderr))
    Bm25(texts)
    seconds = time.perf_counter() - start
    cpu = child.cpu_seconds() - before
    child.answer(
        {"pages": len(texts), "seconds": seconds, "cpu_seconds": cpu, "letters": sum(map(len, texts))}
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]])

"""Indexing as the application does it, by stage: `python -m bench.stages PAGES FILE...` prints JSON."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from bench import child
from pagelight.ingest.library import Library
from pagelight.ingest.pipeline import Pipeline
from pagelight.ingest.render.renderer import RenderedPage, Renderer
from pagelight.retrieval.encoders import load_encoder
from pagelight.retrieval.encoders.encoder import text_encoder
from pagelight.retrieval.pruning import encoder_for, parse_pruning
from pagelight.retrieval.store import open_store
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.types import PageWords


def pages_of(files: Sequence[Path], dpi: int, limit: int) -> Iterator[tuple[Path, RenderedPage]]:
    """The first `limit` pages of the files, in order, drawn as the application draws them."""

    def every() -> Iterator[tuple[Path, RenderedPage]]:
        with Renderer() as renderer:
            for file in files:
                for page in renderer.pages(file, dpi):
                    yield file, page

    return islice(every(), limit)


def main(limit: int, files: Sequence[Path]) -> None:
    threadpool_limits(1, user_api="blas")  # as the program `pagelight` has it
    started = time.perf_counter()
    encoder = load_encoder()
    pruning = parse_pruning(encoder.info.pruning)
    encoder = encoder_for(pruning, encoder)
    # what happens once a process, with its first page
    encoder.encode_pages([Image.new("RGB", (850, 1100), "white")])
    if text := text_encoder(encoder):
        text.encode_words([PageWords(("page",), np.array([[0.1, 0.1, 0.2, 0.12]], np.float32))])
    load_seconds = time.perf_counter() - started
    config = IndexConfig.of(encoder, pruning.spec)
    with (
        tempfile.TemporaryDirectory(prefix="pagelight-bench-") as scratch,
        tqdm(total=limit, desc="index", file=sys.stderr) as bar,
    ):
        store, library = open_store(Path(scratch) / "index", config), Library(Path(scratch) / "library")
        timed = _Timed(encoder, "encode_pages"), _Timed(pruning, "apply"), _Timed(store, "upsert")
        pipeline = Pipeline(*timed, library)
        started, before = time.perf_counter(), child.cpu_seconds()
        ids = [library.add(file, file.name)[0].document_id for file in files]
        pipeline.count(set(ids))
        for document_id, following in zip(ids, [*ids[1:], None], strict=True):
            indexed = store.stats().n_pages
            pipeline.index(
                document_id,
                lambda done, _, before=indexed: bar.update(before + done - bar.n),
                lambda: bar.n >= limit,  # asked before each batch
                lambda following=following: following,
            )
            if bar.n >= limit:
                break
        searchable, searchable_cpu = time.perf_counter() - started, child.cpu_seconds()
        pipeline.deepen()
        total, total_cpu = time.perf_counter() - started, child.cpu_seconds()
        pipeline.close()  # what the rendering process took is known from now on, and belongs to both
        drawing = child.cpu_seconds() - total_cpu
        stats, n_bytes = store.stats(), store.bytes_on_disk()
        store.close()
        library.close()
    stages = {name: part.seconds for name, part in zip(("encode", "prune", "upsert"), timed, strict=True)}
    child.answer(
        {
            "model": encoder.info.name,
            "pruning": pruning.spec,
            "pages": stats.n_pages,
            "load_seconds": load_seconds,
            "searchable_seconds": searchable,
            "seconds": total,
            "searchable_cpu_seconds": searchable_cpu + drawing - before,
            "cpu_seconds": total_cpu + drawing - before,
            "stages": stages,  # they overlap
            "vectors_per_page": stats.n_vectors / max(stats.n_pages, 1),
            "bytes_per_page": n_bytes / max(stats.n_pages, 1),
        }
    )


class _Timed:
    """Something, with the seconds during which its method was running, in one thread or in several."""

    def __init__(self, something: Any, method: str) -> None:
        self._something, self._method, self.seconds = something, method, 0.0
        self._running, self._since, self._lock = 0, 0.0, threading.Lock()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._something, name)
        if name != self._method:
            return found

        def work(*arguments: Any) -> Any:
            self._count(1)
            try:
                return found(*arguments)
            finally:
                self._count(-1)

        return work

    def _count(self, change: int) -> None:
        with self._lock:
            now = time.perf_counter()
            if self._running:
                self.seconds += now - self._since
            self._since = now
            self._running += change


if __name__ == "__main__":
    main(int(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]])

"""Indexing by stage on real pages: `python -m bench.stages PAGES FILE...` prints JSON."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from tqdm import tqdm

from bench import child
from ingest.render import RenderedPage, Renderer
from retrieval.encoders.registry import load_encoder
from retrieval.evaluation.cache import sha256
from retrieval.pruning import encoder_for, parse_pruning
from retrieval.store.protocol import IndexConfig
from retrieval.store.registry import open_store
from retrieval.types import StoredPage


def pages_of(files: Sequence[Path], dpi: int, limit: int) -> Iterator[tuple[Path, RenderedPage]]:
    """The first `limit` pages of the files, in order, drawn as the application draws them."""

    def every() -> Iterator[tuple[Path, RenderedPage]]:
        with Renderer() as renderer:
            for file in files:
                for page in renderer.pages(file, dpi):
                    yield file, page

    return islice(every(), limit)


def main(limit: int, files: Sequence[Path]) -> None:
    started = time.perf_counter()
    encoder = load_encoder()
    pruning = parse_pruning(encoder.info.pruning)
    encoder = encoder_for(pruning, encoder)
    load_seconds = time.perf_counter() - started
    config = IndexConfig(encoder.info.name, encoder.info.dim, pruning.spec)
    digests = {file: sha256(file) for file in files}
    seconds = dict.fromkeys(("render", "encode", "prune", "upsert"), 0.0)
    n_pages = n_vectors = 0
    with tempfile.TemporaryDirectory(prefix="pagelight-bench-") as scratch:
        store = open_store(Path(scratch), config)
        drawn = iter(
            tqdm(pages_of(files, encoder.info.dpi, limit), total=limit, desc="index", file=sys.stderr)
        )
        while True:
            clock = _Clock(seconds)
            batch = list(islice(drawn, encoder.info.batch))
            clock.lap("render")
            if not batch:
                break
            embeddings = encoder.encode_pages([page.image for _, page in batch])
            clock.lap("encode")
            pruned = [pruning.apply(embedding) for embedding in embeddings]
            clock.lap("prune")
            store.upsert(
                [
                    StoredPage(digests[file], file.name, page.number, kept, page.words, pruning.spec)
                    for (file, page), kept in zip(batch, pruned, strict=True)
                ]
            )
            clock.lap("upsert")
            n_pages += len(batch)
            n_vectors += sum(len(kept) for kept in pruned)
        bytes_on_disk = store.stats().bytes_on_disk
        store.close()
    child.answer(
        {
            "model": encoder.info.name,
            "pruning": pruning.spec,
            "pages": n_pages,
            "load_seconds": load_seconds,
            "seconds": seconds,
            "vectors_per_page": n_vectors / max(n_pages, 1),
            "bytes_per_page": bytes_on_disk / max(n_pages, 1),
        }
    )


class _Clock:
    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds, self._last = seconds, time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self._seconds[stage] += now - self._last
        self._last = now


if __name__ == "__main__":
    main(int(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]])

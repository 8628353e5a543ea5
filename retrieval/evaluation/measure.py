"""One pruning setting, measured: a real index on disk, the real search, the real highlights."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.protocol import Encoder
from retrieval.errors import NotFound
from retrieval.evaluation.cache import CachedDocument, CachedPage
from retrieval.evaluation.dataset import Place, Query
from retrieval.evaluation.highlight import Pointing, point
from retrieval.evaluation.metrics import QueryScore, score_run
from retrieval.pruning import Pruning, calibrate, parse_pruning
from retrieval.pruning.budget import Budget
from retrieval.search import Searcher
from retrieval.store import codec
from retrieval.store.precision import parse_precision
from retrieval.store.protocol import IndexConfig, PageStore
from retrieval.store.registry import open_store
from retrieval.types import Heatmap, PageWords, Region, StoredPage

#: results that are asked for; nDCG@10 looks at the first ten
TOP_K = 10
UPSERT_BATCH = 8
#: of a term in the BM25 vector: its index and a float16 weight
TERM_BYTES = 6
#: pages on which a budget is calibrated
CALIBRATION_PAGES = 100


@dataclass(frozen=True, slots=True)
class Setting:
    """A pruning spec and the precision of the store, written `spec` or `spec@precision`."""

    pruning: str
    precision: str = "fp16"

    @classmethod
    def parse(cls, text: str) -> Setting:
        """Canonical form. Raises InvalidPruning and InvalidSetting.

        >>> str(Setting.parse("none@int8"))
        'none@int8'
        """
        spec, at, precision = text.partition("@")
        precision = precision if at else "fp16"
        parse_precision(precision)
        return cls(parse_pruning(spec).spec, precision)

    def __str__(self) -> str:
        return self.pruning if self.precision == "fp16" else f"{self.pruning}@{self.precision}"


@dataclass(frozen=True, slots=True, eq=False)
class QueryOutcome:
    """One query under one setting. found: the places, best first; pointing: None where no box is labelled."""

    query: Query
    score: QueryScore
    found: tuple[Place, ...]
    seconds: float
    pointing: Pointing | None


@dataclass(frozen=True, slots=True, eq=False)
class Glimpse:
    """What a person would see on a page: the strongest word of each cell, and the regions.

    strength: (n_rows, n_cols) uint8, 255 = strongest; indexed: (n_rows, n_cols) bool
    """

    place: Place
    strength: NDArray[np.uint8]
    indexed: NDArray[np.bool_]
    regions: tuple[Region, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """What a setting costs and what it reaches.

    applied: the pruning spec after calibration
    bytes_on_disk: of the whole index: vectors and their quantized copy, words, maps, and Qdrant's own files
    word_bytes, map_bytes: of it, what the documents' words with their boxes and BM25 weights take, and which
        cell has which vector
    kept: mean over pages of vectors after / vectors before
    """

    setting: Setting
    applied: str
    outcomes: tuple[QueryOutcome, ...]
    n_pages: int
    n_vectors: int
    dim: int
    kept: float
    bytes_on_disk: int
    word_bytes: int
    map_bytes: int
    index_seconds: float
    glimpses: dict[str, Glimpse]

    @property
    def name(self) -> str:
        return str(self.setting)

    @property
    def bytes_per_page(self) -> float:
        return self.bytes_on_disk / max(self.n_pages, 1)

    @property
    def vectors_per_page(self) -> float:
        return self.n_vectors / max(self.n_pages, 1)

    def mean(self, metric: str) -> float:
        """The mean of a `QueryScore` field over all queries."""
        return float(np.mean([getattr(outcome.score, metric) for outcome in self.outcomes]))

    @property
    def pointing(self) -> float:
        """Share of boxed queries that point into a labelled box; NaN where none has a box."""
        hits = [outcome.pointing.hit for outcome in self.outcomes if outcome.pointing]
        return float(np.mean(hits)) if hits else float("nan")


def measure(
    setting: Setting,
    documents: Sequence[CachedDocument],
    queries: Sequence[Query],
    encoder: Encoder,
    image_only: bool = False,
    glimpse_at: int = 0,
    on_step: Callable[[], None] = lambda: None,
) -> Measurement:
    """Prune, index, search and point with one setting, in a temporary folder.

    image_only: the documents' own words are neither stored nor searched
    glimpse_at: keep pictures of so many of the queries that score worst
    on_step: called after each page and each query
    """
    pruning = _calibrated(parse_pruning(setting.pruning), documents)
    config = IndexConfig(encoder.info.name, encoder.info.dim, pruning.spec, setting.precision)
    ids = {document.name: document.document_id for document in documents}
    with tempfile.TemporaryDirectory(prefix="pagelight-eval-") as scratch:
        store = open_store(Path(scratch) / "index", config)
        try:
            seconds, kept, n_vectors, word_bytes, map_bytes = 0.0, [], 0, 0, 0
            batch: list[StoredPage] = []
            for page in _pages(documents, pruning):
                start = time.perf_counter()
                pruned = pruning.apply(page.embedding)
                seconds += page.seconds + time.perf_counter() - start
                kept.append(len(pruned) / max(len(page.embedding), 1))
                n_vectors += len(pruned)
                stored = StoredPage(
                    page.document_id,
                    page.document,
                    page.page,
                    pruned,
                    PageWords() if image_only else page.words,
                    pruning.spec,
                    kept[-1],
                )
                payload = codec.to_payload(stored)
                word_bytes += len(payload.get("words", "")) + TERM_BYTES * len(
                    codec.word_vector(stored).indices
                )
                map_bytes += len(payload["provenance"])
                batch.append(stored)
                if len(batch) == UPSERT_BATCH:
                    seconds += _upsert(store, batch)
                    batch = []
                on_step()
            seconds += _upsert(store, batch)
            searcher = Searcher(encoder, store)
            outcomes = _search(searcher, queries, ids, image_only, on_step)
            worst = sorted(outcomes, key=lambda outcome: outcome.score.ndcg5)[:glimpse_at]
            glimpses = {
                outcome.query.query_id: glimpse
                for outcome in worst
                if (glimpse := _glimpse(searcher, outcome.query, ids)) is not None
            }
            bytes_on_disk = store.stats().bytes_on_disk
        finally:
            store.close()
    return Measurement(
        setting,
        pruning.spec,
        outcomes,
        n_pages=len(kept),
        n_vectors=n_vectors,
        dim=encoder.info.dim,
        kept=float(np.mean(kept)) if kept else 0.0,
        bytes_on_disk=bytes_on_disk,
        word_bytes=word_bytes,
        map_bytes=map_bytes,
        index_seconds=seconds,
        glimpses=glimpses,
    )


def _search(
    searcher: Searcher,
    queries: Sequence[Query],
    ids: dict[str, str],
    image_only: bool,
    on_step: Callable[[], None],
) -> tuple[QueryOutcome, ...]:
    searcher.search(queries[0].text, top_k=TOP_K, image_only=image_only)  # the first search opens files
    timed = []
    for query in queries:
        start = time.perf_counter()
        result = searcher.search(query.text, top_k=TOP_K, image_only=image_only)
        seconds = time.perf_counter() - start
        timed.append((query, tuple((hit.document, hit.page) for hit in result.hits), seconds))
        on_step()
    scores = score_run(queries, {query.query_id: found for query, found, _ in timed})
    return tuple(
        QueryOutcome(query, scores[query.query_id], found, seconds, _pointing(searcher, query, ids))
        for query, found, seconds in timed
    )


def _pointing(searcher: Searcher, query: Query, ids: dict[str, str]) -> Pointing | None:
    """On the first labelled page, against all of its boxes."""
    if not query.boxes:
        return None
    place = query.boxes[0].place
    shown = _heatmap(searcher, query, place, ids)
    regions = shown.regions if shown else ()
    return point(regions, [box.box for box in query.boxes if box.place == place])


def _glimpse(searcher: Searcher, query: Query, ids: dict[str, str]) -> Glimpse | None:
    place = query.boxes[0].place if query.boxes else min(query.relevant)
    shown = _heatmap(searcher, query, place, ids)
    if shown is None or not len(shown.maps):
        return None
    strength = np.clip(shown.maps.max(axis=0) * 255, 0, 255).astype(np.uint8)
    return Glimpse(place, strength, shown.indexed, shown.regions)


def _heatmap(searcher: Searcher, query: Query, place: Place, ids: dict[str, str]) -> Heatmap | None:
    try:
        return searcher.heatmap(ids[place[0]], place[1], query.text)
    except (NotFound, KeyError):  # the page could not be read
        return None


def _pages(documents: Sequence[CachedDocument], pruning: Pruning) -> Iterator[CachedPage]:
    for document in documents:
        for number in document.pages:
            yield document.load(number, pruning.importance)


def _calibrated(pruning: Pruning, documents: Sequence[CachedDocument]) -> Pruning:
    """The pruning itself, or what a budget comes to on pages spread over the documents."""
    if not isinstance(pruning, Budget):
        return pruning
    places = [(document, page) for document in documents for page in document.pages]
    step = max(len(places) // CALIBRATION_PAGES, 1)
    return calibrate(pruning, [document.load(page).embedding for document, page in places[::step]])


def _upsert(store: PageStore, pages: Sequence[StoredPage]) -> float:
    start = time.perf_counter()
    if pages:
        store.upsert(pages)
    return time.perf_counter() - start

"""One pruning setting, measured: a real index on disk, filled page by page; asking.py searches it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pagelight.app.evaluation.dataset import Place, Query
from pagelight.app.evaluation.embedding_cache import CachedDocument, CachedPage
from pagelight.app.evaluation.memory_store import HeldStore
from pagelight.app.evaluation.run_queries import Glimpse, QueryOutcome, ask
from pagelight.retrieval.encoders.encoder import Encoder
from pagelight.retrieval.pruning import Pruning, calibrate, parse_pruning
from pagelight.retrieval.pruning.budget import Budget
from pagelight.retrieval.store import codec
from pagelight.retrieval.store.opening import open_store
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.store.precision import parse_precision
from pagelight.retrieval.types import PageWords, StoredPage

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
class Measurement:
    """What a setting costs and what it reaches.

    applied: the pruning spec after calibration
    bytes_on_disk: of the whole index: vectors and their quantized copy, words, maps, and Qdrant's own files
    word_bytes, map_bytes: of it, what the documents' words with their boxes and BM25 weights take, and which
        cell has which vector
    kept: mean over pages of vectors after / vectors before
    wordless: pages whose document has no words for them, as scans
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
    wordless: frozenset[Place] = frozenset()

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
    with tempfile.TemporaryDirectory(prefix="pagelight-eval-") as scratch:
        store = HeldStore(open_store(Path(scratch) / "index", config))
        try:
            cost = _fill(store, documents, pruning, image_only, on_step)
            ids = {document.name: document.document_id for document in documents}
            outcomes, glimpses = ask(encoder, store, queries, ids, image_only, glimpse_at, on_step)
            bytes_on_disk = store.stats().bytes_on_disk
        finally:
            store.close()
    return Measurement(
        setting,
        pruning.spec,
        outcomes,
        n_pages=cost.n_pages,
        n_vectors=cost.n_vectors,
        dim=encoder.info.dim,
        kept=cost.kept / max(cost.n_pages, 1),
        bytes_on_disk=bytes_on_disk,
        word_bytes=cost.word_bytes,
        map_bytes=cost.map_bytes,
        index_seconds=cost.seconds,
        glimpses=glimpses,
        wordless=frozenset(cost.wordless),
    )


@dataclass(slots=True)
class _Cost:
    """Sums over pages."""

    n_pages: int = 0
    n_vectors: int = 0
    kept: float = 0.0
    word_bytes: int = 0
    map_bytes: int = 0
    seconds: float = 0.0
    wordless: list[Place] = field(default_factory=list)

    def add(self, page: StoredPage) -> None:
        payload = codec.to_payload(page)
        self.n_pages += 1
        self.n_vectors += len(page.embedding)
        self.kept += page.kept
        self.word_bytes += len(payload.get("words", "")) + TERM_BYTES * len(codec.word_vector(page).indices)
        self.map_bytes += len(payload["provenance"])


def _fill(
    store: HeldStore,
    documents: Sequence[CachedDocument],
    pruning: Pruning,
    image_only: bool,
    on_step: Callable[[], None],
) -> _Cost:
    """Prune and index every page."""
    cost = _Cost()
    batch: list[StoredPage] = []

    def upsert() -> None:
        start = time.perf_counter()
        store.upsert(batch)
        cost.seconds += time.perf_counter() - start
        store.hold(batch)
        batch.clear()

    for page in _pages(documents, pruning):
        start = time.perf_counter()
        pruned = pruning.apply(page.embedding)
        cost.seconds += page.seconds + time.perf_counter() - start
        words = PageWords() if image_only else page.words
        kept = len(pruned) / max(len(page.embedding), 1)
        batch.append(
            StoredPage(page.document_id, page.document, page.page, pruned, words, pruning.spec, kept)
        )
        cost.add(batch[-1])
        if not len(page.words):
            cost.wordless.append((page.document, page.page))
        if len(batch) == UPSERT_BATCH:
            upsert()
        on_step()
    upsert()
    return cost


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

"""One pruning setting, measured: a real index on disk, filled by the application's loop, searched as people search."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np

from pagelight.app.evaluation.cached_encoder import CachedEncoder
from pagelight.app.evaluation.corpus import Corpus
from pagelight.app.evaluation.dataset import Place, Query
from pagelight.app.evaluation.memory_store import Cost, MemoryStore
from pagelight.app.evaluation.run_queries import Answers, PageView, QueryOutcome, run_queries
from pagelight.retrieval.encoders.encoder import Encoder, Importance
from pagelight.retrieval.pruning import Pruning, calibrate, encoder_for, parse_pruning
from pagelight.retrieval.pruning.budget import Budget
from pagelight.retrieval.pruning.strategy import NO_WORDS
from pagelight.retrieval.store import open_store
from pagelight.retrieval.store.page_store import IndexConfig, PageStore
from pagelight.retrieval.store.precision import parse_precision
from pagelight.retrieval.types import PageEmbedding, PageWords

#: pages on which a budget is calibrated
CALIBRATION_PAGES = 100
#: the spec of the strategy that keeps everything
_UNPRUNED = "none"


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
    """Cost and quality of a setting.

    applied: the pruning spec after calibration
    cost: of the pages that were stored; dim: of their vectors
    bytes_on_disk: of the whole index: vectors and their quantized copy, words, maps, and Qdrant's own files
    index_seconds: encoding, pruning and storing, each summed over the pages
    """

    setting: Setting
    applied: str
    answers: Answers
    cost: Cost
    dim: int
    bytes_on_disk: int
    index_seconds: float

    @property
    def name(self) -> str:
        return str(self.setting)

    @property
    def outcomes(self) -> tuple[QueryOutcome, ...]:
        return self.answers.outcomes

    @property
    def page_views(self) -> dict[str, PageView]:
        return self.answers.page_views

    @property
    def wordless(self) -> frozenset[Place]:
        """Pages whose document has no words for them, as scans."""
        return frozenset(self.cost.wordless)

    @property
    def n_pages(self) -> int:
        return self.cost.n_pages

    @property
    def kept(self) -> float:
        """Mean over pages of vectors after / vectors before."""
        return self.cost.kept / max(self.n_pages, 1)

    @property
    def bytes_per_page(self) -> float:
        return self.bytes_on_disk / max(self.n_pages, 1)

    @property
    def vectors_per_page(self) -> float:
        return self.cost.n_vectors / max(self.n_pages, 1)

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
    corpus: Corpus,
    queries: Sequence[Query],
    encoder: CachedEncoder,
    *,
    off_topic: Sequence[str] = (),
    image_only: bool = False,
    n_views: int = 0,
    on_step: Callable[[], None] = lambda: None,
) -> Measurement:
    """Index, search and point with one setting, in a temporary folder.

    off_topic: queries that nothing should answer
    image_only: the documents' own words are neither stored nor searched
    n_views: keep pictures of so many of the queries that score worst
    on_step: called after each page and each query
    """
    pruning = _calibrated(parse_pruning(setting.pruning), corpus, encoder)
    encoder, indexing = _encoders(pruning, encoder)
    timed = _TimedPruning(pruning)
    config = IndexConfig.of(encoder, pruning.spec, setting.precision)
    if pruning.spec == _UNPRUNED:
        # ten thousand vectors a page: all queries are compared with all of them at once, without a first stage
        config = replace(config, codebook=None)
    with tempfile.TemporaryDirectory(prefix="pagelight-eval-") as scratch:
        store = MemoryStore(open_store(Path(scratch) / "index", config), with_words=not image_only)
        try:
            before = encoder.seconds
            corpus.index(indexing, timed, cast(PageStore, store), on_step, own_words=not image_only)
            seconds = encoder.seconds - before + timed.seconds + store.cost.seconds
            answers = run_queries(
                encoder,
                store,
                queries,
                corpus.ids,
                off_topic=off_topic,
                image_only=image_only,
                n_views=n_views,
                on_step=on_step,
            )
            bytes_on_disk = store.bytes_on_disk()
        finally:
            store.close()
    return Measurement(
        setting, pruning.spec, answers, store.cost, encoder.info.dim, bytes_on_disk, index_seconds=seconds
    )


def _encoders(pruning: Pruning, encoder: CachedEncoder) -> tuple[CachedEncoder, Encoder]:
    """The encoder whose seconds count, and the one that gives the importance that the pruning reads."""
    if pruning.importance is Importance.IN_DEGREE:  # another reading of the model, with pages of its own
        encoder = encoder.reading(pruning)
        return encoder, encoder
    return encoder, encoder_for(pruning, encoder)


class _TimedPruning:
    """`Pruning` that counts its seconds."""

    def __init__(self, pruning: Pruning) -> None:
        self._pruning = pruning
        self.seconds = 0.0

    @property
    def spec(self) -> str:
        return self._pruning.spec

    @property
    def importance(self) -> Importance:
        return self._pruning.importance

    def apply(self, page: PageEmbedding, words: PageWords = NO_WORDS) -> PageEmbedding:
        start = time.perf_counter()
        pruned = self._pruning.apply(page, words)
        self.seconds += time.perf_counter() - start
        return pruned


def _calibrated(pruning: Pruning, corpus: Corpus, encoder: CachedEncoder) -> Pruning:
    """The pruning itself, or what a budget comes to on pages spread over the documents."""
    if not isinstance(pruning, Budget):
        return pruning
    sample = corpus.sample(encoder.info.dpi, CALIBRATION_PAGES)
    return calibrate(pruning, [encoder.encode_pages([image])[0] for image in sample])

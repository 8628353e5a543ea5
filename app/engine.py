"""The parts of a service, opened from settings: the model, the index, the searcher and the jobs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pagelight.app.settings import Settings
from pagelight.ingest.jobs import Jobs
from pagelight.ingest.library import Library
from pagelight.ingest.pipeline import Pipeline
from pagelight.ingest.render.renderer import RendererName
from pagelight.retrieval.encoders import BUILTIN, load_encoder
from pagelight.retrieval.pruning import encoder_for, parse_pruning
from pagelight.retrieval.search.searcher import Searcher
from pagelight.retrieval.store import open_store
from pagelight.retrieval.store.page_store import IndexConfig, PageStore


@dataclass(frozen=True, slots=True)
class Engine:
    """Opened once, by the first call that needs it."""

    store: PageStore
    searcher: Searcher
    pipeline: Pipeline
    jobs: Jobs

    def close(self) -> None:
        """Jobs first: they write to the store."""
        self.jobs.close()
        self.store.close()


def open_engine(settings: Settings, library: Library, is_busy: Callable[[], bool] = lambda: False) -> Engine:
    """Load the model and open the index.

    is_busy: whether somebody searches, which goes before deepening
    What the settings leave open is taken from the index that is there, then from the model.
    Raises ModelError, InvalidPruning, StoreLocked, StoreUnavailable.
    """
    folder = settings.data / "index"
    recorded = {} if settings.qdrant_url else _recorded(folder)
    model = settings.model or str(recorded.get("model") or BUILTIN)
    # The index knows which weights of the built-in encoder made it: `builtin-<digest>`.
    encoder = load_encoder(BUILTIN if model.startswith(f"{BUILTIN}-") else model, settings.device)
    pruning = parse_pruning(settings.pruning or recorded.get("pruning") or encoder.info.pruning)
    encoder = encoder_for(pruning, encoder)
    precision = settings.precision or recorded.get("precision")
    config = IndexConfig.of(encoder, pruning.spec, precision)
    store = open_store(
        folder,
        config,
        settings.qdrant_url or None,
        settings.qdrant_api_key or None,
        settings.qdrant_collection,
        settings.qdrant_shards or None,
        settings.qdrant_replicas or None,
    )
    renderer = cast(RendererName, settings.renderer)
    own_words = not settings.image_only
    pipeline = Pipeline(
        encoder, pruning, store, library, settings.limits, renderer, own_words, settings.read_scans
    )
    return Engine(store, Searcher(encoder, store), pipeline, Jobs(library, pipeline, is_busy))


def _recorded(folder: Path) -> dict[str, Any]:
    """Record of what the embedded index in `folder` was made of; empty where there is none."""
    try:
        record = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}

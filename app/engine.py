"""What a service is made of: the model, the index, the searcher and the jobs, opened from settings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from app.settings import Settings
from ingest.jobs import Jobs
from ingest.library import Library
from ingest.limits import Limits
from ingest.pipeline import Pipeline
from ingest.render import RendererName
from retrieval.encoders.registry import BUILTIN, load_encoder
from retrieval.errors import InvalidSetting, StoreLocked
from retrieval.pruning import encoder_for, parse_pruning
from retrieval.search import Searcher
from retrieval.store.lock import FolderLock
from retrieval.store.protocol import IndexConfig, PageStore
from retrieval.store.registry import open_store

_PRECISION = "fp16"


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


def open_engine(settings: Settings, library: Library) -> Engine:
    """Load the model and open the index.

    What the settings leave open is taken from the index that is there, then from the model.
    Raises ModelError, InvalidPruning, StoreLocked, StoreUnavailable.
    """
    folder = settings.data / "index"
    recorded = {} if settings.qdrant_url else _recorded(folder)
    model = settings.model or recorded.get("model") or BUILTIN
    encoder = load_encoder(model, settings.device)
    pruning = parse_pruning(settings.pruning or recorded.get("pruning") or encoder.info.pruning)
    encoder = encoder_for(pruning, encoder)
    precision = settings.precision or recorded.get("precision") or _PRECISION
    config = IndexConfig(encoder.info.name, encoder.info.dim, pruning.spec, precision)
    store = open_store(folder, config, settings.qdrant_url or None, settings.qdrant_api_key or None)
    renderer = cast(RendererName, settings.renderer)
    pipeline = Pipeline(encoder, pruning, store, library, limits_of(settings), renderer)
    return Engine(store, Searcher(encoder, store), pipeline, Jobs(library, pipeline))


def limits_of(settings: Settings) -> Limits:
    """What one file may cost."""
    return Limits(
        seconds_per_page=settings.seconds_per_page,
        memory_mb=settings.memory_mb,
        max_pages=settings.max_pages,
        max_pixels=settings.max_pixels,
        max_bytes=settings.max_mb * 1_000_000,
    )


def lock_folder(folder: Path) -> FolderLock:
    """Hold the data folder, made where there is none: two processes would undo each other's work.

    Raises StoreLocked, InvalidSetting.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return FolderLock(folder)
    except StoreLocked:
        raise StoreLocked(
            f"{folder} is open in another Pagelight: use that one, stop it, or choose another folder with --data"
        ) from None
    except OSError as error:
        raise InvalidSetting(f"data: {folder} cannot be written: {error.strerror}") from error


def _recorded(folder: Path) -> dict[str, Any]:
    """What the embedded index in `folder` was made of; empty where there is none."""
    try:
        record = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}

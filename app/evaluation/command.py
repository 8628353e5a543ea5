"""`pagelight eval`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import cast

from pagelight.app.evaluation.dataset import Dataset
from pagelight.app.evaluation.evaluate import Evaluation, evaluate, own_documents
from pagelight.app.evaluation.report import write_report
from pagelight.app.evaluation.rows import rows
from pagelight.app.evaluation.sources import open_dataset
from pagelight.app.evaluation.text_table import table
from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.ingest.render.renderer import RendererName
from pagelight.retrieval.encoders.registry import BUILTIN, load_encoder

#: pictures of the worst queries, for each setting of a report
GLIMPSES = 6


def run_evaluation(
    settings: Settings, dataset: str | None, prune: Sequence[str], report: str | None, as_json: bool
) -> int:
    """Measure on a dataset, or on the library's own documents where it is None; the exit status."""
    if dataset:
        # Read first: a wrong folder is told before the model loads.
        evaluation = _evaluated(settings, open_dataset(dataset, _cache(settings)), prune, report)
    else:
        with closing(Service(settings)) as service:
            evaluation = _evaluated(settings, own_documents(_files(service)), prune, report)
    if report:
        write_report(evaluation, Path(report))
    if as_json:
        for row in rows(evaluation):
            print(json.dumps(row, ensure_ascii=False))
    else:
        print(table(evaluation))
        if report:
            print(f"\n{report}: curves and the worst queries")
    return int(bool(evaluation.failures))


def _evaluated(settings: Settings, dataset: Dataset, prune: Sequence[str], report: str | None) -> Evaluation:
    encoder = load_encoder(settings.model or BUILTIN, settings.device)
    return evaluate(
        dataset,
        encoder,
        prune or (settings.pruning or encoder.info.pruning,),
        cache=_cache(settings),
        limits=settings.limits,
        renderer=cast(RendererName, settings.renderer),
        image_only=settings.image_only,
        controls=report is not None,
        glimpses=GLIMPSES if report else 0,
    )


def _files(service: Service) -> list[tuple[str, Path]]:
    """(name, path) of the library's documents."""
    return [(document.name, service.document_file(document.document_id)) for document in service.documents()]


def _cache(settings: Settings) -> Path:
    """Encoded pages, so that a second run, or one that was stopped, starts from them."""
    return settings.data / "evaluation"

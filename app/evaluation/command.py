"""`pagelight eval`, which measures a dataset, and `pagelight judgements`, which makes one of people's judgements."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import cast

from pagelight.app.evaluation.beir import is_beir, read_beir
from pagelight.app.evaluation.dataset import Dataset, Query, read_dataset, write_queries
from pagelight.app.evaluation.evaluate import Evaluation, evaluate, own_documents
from pagelight.app.evaluation.report import write_report
from pagelight.app.evaluation.rows import rows
from pagelight.app.evaluation.text_table import table
from pagelight.app.folders import check_library
from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.ingest.render.renderer import RendererName
from pagelight.retrieval.encoders import BUILTIN, load_encoder
from pagelight.retrieval.errors import InvalidDataset, NotFound
from pagelight.retrieval.store.page_store import IndexConfig

#: pictures of the worst queries, for each setting of a report
WORST_PAGES = 6


def run_evaluation(
    settings: Settings, dataset: str | None, prune: Sequence[str], report: str | None, as_json: bool
) -> int:
    """Measure on a dataset, or on the library's own documents where it is None; the exit status."""
    if dataset:
        # Read first: a wrong folder is told before the model loads.
        evaluation = _evaluated(settings, open_dataset(dataset, _cache(settings)), prune, report)
    else:
        check_library(settings.data)
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
    # what an index would be made with: the figures are of what people have
    usual = IndexConfig.of(encoder, settings.pruning or encoder.info.pruning, settings.precision or None)
    return evaluate(
        dataset,
        encoder,
        prune or (f"{usual.pruning}@{usual.precision}",),
        cache=_cache(settings),
        limits=settings.limits,
        renderer=cast(RendererName, settings.renderer),
        read_scans=settings.read_scans,
        image_only=settings.image_only,
        controls=report is not None,
        page_views=WORST_PAGES if report else 0,
    )


def _files(service: Service) -> list[tuple[str, Path]]:
    """(name, path) of the library's documents."""
    return [(document.name, service.document_file(document.document_id)) for document in service.documents()]


def _cache(settings: Settings) -> Path:
    """Encoded pages, so that a second run, or one that was stopped, starts from them."""
    return settings.data / "evaluation"


def open_dataset(name: str | Path, cache: Path) -> Dataset:
    """The dataset in the folder `name`, or the one called so on the hub ("vidore/esg_reports_v2").

    cache: where downloads and unpacked images are kept
    Raises InvalidDataset, which says what was expected.
    """
    folder = Path(name)
    if not folder.exists():
        if str(name).count("/") != 1 or str(name).startswith((".", "/", "~")):
            raise InvalidDataset(f"{name}: no such folder")
        folder = _download(str(name), cache / "hub")
    if is_beir(folder):
        return read_beir(folder, cache / "images" / folder.name)
    return read_dataset(folder)


def _download(name: str, cache: Path) -> Path:
    """A dataset's parquet and text files from the hub."""
    import httpx
    from huggingface_hub import snapshot_download

    try:
        folder = snapshot_download(
            name,
            repo_type="dataset",
            cache_dir=cache,
            allow_patterns=["*.parquet", "*.jsonl", "*.tsv", "images/*"],
        )
    except (OSError, ValueError, httpx.HTTPError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InvalidDataset(
            f"{name}: neither a folder here nor a dataset that the hub gives us ({reason[:120]})"
        ) from error
    return Path(folder)


def export_judgements(service: Service, folder: Path) -> int:
    """Write `pdfs/` and `queries.jsonl`, one line for each query and document with a relevant page.

    Returns the number of lines. Raises NotFound where nothing was judged relevant yet.
    """
    pages: dict[tuple[str, str], list[int]] = {}
    for judgement in service.judgements():
        if judgement.relevant:
            pages.setdefault((judgement.query, judgement.document_id), []).append(judgement.page)
    if not pages:
        raise NotFound("nothing was judged relevant yet: mark hits in the browser first")
    (folder / "pdfs").mkdir(parents=True, exist_ok=True)
    names: dict[str, str] = {}
    queries = []
    for number, ((text, document_id), found) in enumerate(pages.items(), start=1):
        if document_id not in names:
            names[document_id] = _free_name(
                Path(service.find_document(document_id).name).name, set(names.values())
            )
            shutil.copyfile(service.document_file(document_id), folder / "pdfs" / names[document_id])
        relevant = {(names[document_id], page): 1 for page in found}
        queries.append(Query(f"q-{number:04d}", text, "judged", relevant))
    write_queries(queries, folder / "queries.jsonl")
    return len(queries)


def _free_name(name: str, taken: set[str]) -> str:
    """
    >>> _free_name("a.pdf", {"a.pdf"})
    'a-2.pdf'
    """
    stem, suffix = Path(name).stem, Path(name).suffix
    number = 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}{suffix}"
    return name

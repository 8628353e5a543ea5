"""Judgements of hits, as a dataset to measure with."""

from __future__ import annotations

import shutil
from pathlib import Path

from pagelight.app.evaluation.dataset import Query, write_queries
from pagelight.app.service import Service
from pagelight.retrieval.errors import NotFound


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

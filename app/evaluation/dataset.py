"""Evaluation datasets: documents, queries and which pages answer them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pagelight.retrieval.errors import InvalidDataset
from pagelight.retrieval.types import Box

#: a page of a dataset: the document's name and the page's number, which counts from 1
Place = tuple[str, int]

SUFFIXES = {".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp"}


@dataclass(frozen=True, slots=True)
class DatasetDocument:
    """One file of the dataset, under the name that the queries use."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """A place that holds the evidence; other places may answer as well."""

    place: Place
    box: Box


@dataclass(frozen=True, slots=True)
class Query:
    """A query with its judgements.

    relevant: grade (1 or more) of each page that answers; boxes: evidence on some of these pages
    """

    query_id: str
    text: str
    type: str
    relevant: Mapping[Place, int]
    boxes: tuple[LabelledBox, ...] = ()

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise InvalidDataset(f"query {self.query_id}: the text is empty")
        if not self.relevant:
            raise InvalidDataset(f"query {self.query_id}: no page answers it")


@dataclass(frozen=True, slots=True)
class Dataset:
    """Documents that are searched, and the pages that should be found.

    made: the queries were made from the documents' own words, nobody judged them
    """

    name: str
    documents: tuple[DatasetDocument, ...]
    queries: tuple[Query, ...]
    made: bool = field(default=False)


def read_dataset(folder: Path) -> Dataset:
    """The dataset in `folder`: `pdfs/` (or `documents/`) beside `queries.jsonl`.

    Raises InvalidDataset, which names the file and line.
    """
    listing = folder / "queries.jsonl"
    files = next((folder / name for name in ("pdfs", "documents") if (folder / name).is_dir()), None)
    if not listing.is_file() or files is None:
        raise InvalidDataset(f"{folder}: expected a folder with pdfs/ and queries.jsonl")
    documents = tuple(
        DatasetDocument(path.name, path)
        for path in sorted(files.iterdir())
        if path.suffix.lower() in SUFFIXES and path.is_file()
    )
    if not documents:
        raise InvalidDataset(f"{files}: no documents")
    names = {document.name for document in documents}
    queries = []
    for number, line in enumerate(listing.read_text(encoding="utf8").splitlines(), start=1):
        if not line.strip():
            continue
        query = _query(line, f"{listing}:{number}")
        missing = {name for name, _ in query.relevant} - names
        if missing:
            raise InvalidDataset(f"{listing}:{number}: no document {missing.pop()!r} in {files}")
        queries.append(query)
    if not queries:
        raise InvalidDataset(f"{listing}: no queries")
    if len({query.query_id for query in queries}) < len(queries):
        raise InvalidDataset(f"{listing}: the same id twice")
    return Dataset(folder.name, documents, tuple(queries))


def write_queries(queries: tuple[Query, ...] | list[Query], path: Path) -> None:
    """Write `queries` in the form that `read_dataset` reads. Each must concern one document only."""
    lines = [json.dumps(_row(query), ensure_ascii=False) for query in queries]
    path.write_text("\n".join(lines) + "\n", encoding="utf8")


def _query(line: str, where: str) -> Query:
    try:
        row: dict[str, Any] = json.loads(line)
        name = str(row["doc"])
        pages = [int(page) for page in row["pages"]]
        boxes = tuple(
            LabelledBox((name, int(entry["page"])), _box(entry["box"])) for entry in row.get("boxes") or ()
        )
        return Query(
            query_id=str(row["id"]),
            text=str(row["query"]),
            type=str(row.get("type") or "query"),
            relevant={(name, page): 1 for page in pages},
            boxes=boxes,
        )
    except InvalidDataset as error:
        raise InvalidDataset(f"{where}: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidDataset(
            f'{where}: expected {{"id", "query", "type", "doc", "pages", "boxes"}}, got {line[:80]!r}'
        ) from error


def _box(values: list[float]) -> Box:
    x0, y0, x1, y1 = (float(value) for value in values)
    if not (0 <= x0 < x1 <= 1.001 and 0 <= y0 < y1 <= 1.001):
        raise ValueError(f"box: expected x0 < x1 and y0 < y1 within 0..1, got {values}")
    return x0, y0, x1, y1


def _row(query: Query) -> dict[str, Any]:
    documents = {name for name, _ in query.relevant}
    if len(documents) > 1:
        raise InvalidDataset(f"query {query.query_id}: pages of several documents do not fit one line")
    return {
        "id": query.query_id,
        "query": query.text,
        "type": query.type,
        "doc": documents.pop(),
        "pages": sorted(page for _, page in query.relevant),
        "boxes": [{"page": box.place[1], "box": [round(x, 4) for x in box.box]} for box in query.boxes],
    }

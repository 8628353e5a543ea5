"""Datasets of BEIR's form (Thakur et al. 2021) whose corpus is page images, as files or as ViDoRe's parquet.

    corpus.jsonl      {"_id", "image": "images/a.png"}; without "image", images/<_id>.* is looked for
    queries.jsonl     {"_id", "text"}
    qrels/test.tsv    query-id, corpus-id, score (with a header line)

or, as ViDoRe and mteb publish them on the hub, parquet files in corpus/, queries/ and qrels/ with the images
inside, or in data/ with one query and its page a row (ViDoRe V1). Every image becomes a document of one page.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pagelight.app.evaluation.dataset import SUFFIXES, Dataset, DatasetDocument, Query
from pagelight.retrieval.errors import InvalidDataset

_MAGIC = {b"\x89PNG": ".png", b"\xff\xd8": ".jpg", b"RIFF": ".webp", b"II*\x00": ".tif", b"MM\x00*": ".tif"}
_QUERY_KEYS = ("query-id", "query_id", "_id", "id")
_CORPUS_KEYS = ("corpus-id", "corpus_id", "_id", "id")


def is_beir(folder: Path) -> bool:
    """Does `folder` look like BEIR's form, in files or in parquet?"""
    return (folder / "corpus.jsonl").is_file() or any(_parquet(folder, name) for name in ("corpus", "data"))


def read_beir(folder: Path, images: Path) -> Dataset:
    """The dataset in `folder`. images: where images that lie inside parquet files are written.

    Raises InvalidDataset.
    """
    if (folder / "corpus.jsonl").is_file():
        documents = _image_files(folder)
        texts = _texts(_lines(folder / "queries.jsonl"))
        qrels: Iterable[Mapping[str, Any]] = _tsv(folder)
    elif _parquet(folder, "corpus"):
        documents = _image_bytes(_rows(folder, "corpus"), images)
        texts = _texts(_rows(folder, "queries"))
        qrels = _rows(folder, "qrels")
    else:
        return _pairs(folder, images)
    return _dataset(folder.name, documents, texts, qrels)


def _dataset(
    name: str, documents: dict[str, Path], texts: dict[str, str], qrels: Iterable[Mapping[str, Any]]
) -> Dataset:
    relevant: dict[str, dict[tuple[str, int], int]] = {}
    for row in qrels:
        query_id, corpus_id = str(_first(row, _QUERY_KEYS[:2])), str(_first(row, _CORPUS_KEYS[:2]))
        grade = int(float(row.get("score", 1)))
        if corpus_id not in documents or query_id not in texts:
            raise InvalidDataset(
                f"{name}: qrels name {query_id!r} → {corpus_id!r}, which is not in the dataset"
            )
        if grade > 0:
            relevant.setdefault(query_id, {})[corpus_id, 1] = grade
    queries = tuple(
        Query(query_id, text, "query", relevant[query_id])
        for query_id, text in texts.items()
        if query_id in relevant
    )
    if not queries:
        raise InvalidDataset(f"{name}: no query has a relevant page")
    return Dataset(name, tuple(DatasetDocument(key, path) for key, path in documents.items()), queries)


def _pairs(folder: Path, images: Path) -> Dataset:
    """ViDoRe V1: each row holds a query and the page that answers it; rows without a query only add pages."""
    documents: dict[str, Path] = {}
    texts: dict[str, str] = {}
    qrels = []
    for number, row in enumerate(_rows(folder, "data")):
        content = _content(row)
        key = str(row.get("image_filename") or hashlib.sha256(content).hexdigest()[:16])
        if key not in documents:
            documents[key] = _write_image(images, key, content)
        if row.get("query"):
            texts[f"q{number}"] = str(row["query"])
            qrels.append({"query-id": f"q{number}", "corpus-id": key, "score": 1})
    return _dataset(folder.name, documents, texts, qrels)


def _image_files(folder: Path) -> dict[str, Path]:
    documents = {}
    for row in _lines(folder / "corpus.jsonl"):
        key = str(_first(row, _CORPUS_KEYS))
        named = row.get("image") or row.get("image_path")
        guesses = [folder / str(named)] if named else sorted((folder / "images").glob(f"{key}.*"))
        path = next((guess for guess in guesses if guess.suffix.lower() in SUFFIXES), None)
        if path is None or not path.is_file() or folder.resolve() not in path.resolve().parents:
            raise InvalidDataset(f"{folder / 'corpus.jsonl'}: no image for {key!r} in the dataset's folder")
        documents[key] = path
    return documents


def _image_bytes(rows: Iterable[Mapping[str, Any]], images: Path) -> dict[str, Path]:
    documents = {}
    for row in rows:
        key = str(_first(row, _CORPUS_KEYS))
        documents[key] = _write_image(images, key, _content(row))
    return documents


def _content(row: Mapping[str, Any]) -> bytes:
    image = row.get("image")
    content = image.get("bytes") if isinstance(image, Mapping) else image
    if not isinstance(content, bytes):
        raise InvalidDataset("the parquet files hold no images (a column `image` with bytes)")
    return content


def _write_image(folder: Path, key: str, content: bytes) -> Path:
    """The image as a file, named by its key's hash: keys may hold anything."""
    suffix = next((suffix for magic, suffix in _MAGIC.items() if content.startswith(magic)), None)
    if suffix is None:
        raise InvalidDataset(f"{key}: expected PNG, JPEG, WebP or TIFF inside the parquet file")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (hashlib.sha256(key.encode()).hexdigest()[:24] + suffix)
    if not path.exists() or path.stat().st_size != len(content):
        path.write_bytes(content)
    return path


def _texts(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {str(_first(row, _QUERY_KEYS)): str(row.get("text") or row.get("query") or "") for row in rows}


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    if not path.is_file():
        raise InvalidDataset(f"{path} is missing")
    for number, line in enumerate(path.read_text(encoding="utf8").splitlines(), start=1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError:
                raise InvalidDataset(f"{path}:{number}: not JSON") from None
            yield row


def _tsv(folder: Path) -> Iterator[Mapping[str, Any]]:
    listing = next((folder / "qrels" / f"{split}.tsv" for split in ("test", "dev", "train") if
                    (folder / "qrels" / f"{split}.tsv").is_file()), folder / "qrels.tsv")  # fmt: skip
    if not listing.is_file():
        raise InvalidDataset(f"{folder / 'qrels' / 'test.tsv'} is missing")
    with listing.open(encoding="utf8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        if not {"query-id", "corpus-id", "score"} <= set(rows.fieldnames or ()):
            raise InvalidDataset(f"{listing}: expected the header query-id, corpus-id, score")
        yield from rows


def _parquet(folder: Path, part: str) -> list[Path]:
    """The files of one part; of several splits, test alone."""
    files = sorted([*folder.glob(f"{part}/*.parquet"), *folder.glob(f"data/{part}/*.parquet")])
    return [file for file in files if "test" in file.name] or files


def _rows(folder: Path, part: str) -> Iterator[Mapping[str, Any]]:
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise InvalidDataset(
            "reading parquet needs pyarrow; install it with `pip install 'pagelight[datasets]'`"
        ) from None
    files = _parquet(folder, part)
    if not files:
        raise InvalidDataset(f"{folder}: no parquet files in {part}/")
    for file in files:
        for batch in ParquetFile(file).iter_batches(batch_size=16):  # pages are large
            yield from batch.to_pylist()


def _first(row: Mapping[str, Any], keys: Iterable[str]) -> Any:
    for key in keys:
        if row.get(key) is not None:
            return row[key]
    raise InvalidDataset(f"expected one of {', '.join(keys)} in a row, got {', '.join(map(str, row))}")

"""From a dataset and pruning specs to measurements that can be compared."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tqdm import tqdm

from retrieval.encoders.protocol import Encoder
from retrieval.errors import DocumentError, InvalidDataset
from retrieval.evaluation.cache import CachedDocument, EmbeddingCache, Render
from retrieval.evaluation.dataset import Dataset, DatasetDocument, Query
from retrieval.evaluation.known_item import known_items
from retrieval.evaluation.measure import Measurement, Setting, measure
from retrieval.pruning import encoder_for, parse_pruning
from retrieval.pruning.protocol import Importance

BASELINE = Setting("none")
#: drawn in every report beside whatever was asked for: lots from all cells, from the cells with ink, and
#: hierarchical pooling (after the blank cells are gone, where the encoder sees thousands of cells)
CONTROLS = (
    "ink",
    "random:0.5",
    "random:0.25",
    "random:0.1",
    "random:0.03",
    "random:0.25,ink",
    "random:0.1,ink",
    "random:0.03,ink",
    "ink+pool:2",
    "ink+pool:4",
    "ink+pool:12",
)


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Measurements on one dataset with one model.

    asked: names of the settings that were asked for, in their order; the others are controls
    failures: documents that could not be read, with the reason; their queries count, and miss
    """

    dataset: Dataset
    model: str
    dpi: int
    image_only: bool
    measurements: tuple[Measurement, ...]
    asked: tuple[str, ...]
    documents: tuple[CachedDocument, ...]
    failures: tuple[tuple[str, str], ...]

    @property
    def baseline(self) -> Measurement | None:
        """The measurement without pruning."""
        return next((m for m in self.measurements if m.setting == BASELINE), None)

    def find(self, name: str) -> Measurement:
        return next(m for m in self.measurements if m.name == name)


def evaluate(
    dataset: Dataset,
    encoder: Encoder,
    render: Render,
    specs: Sequence[str] = (),
    *,
    cache: Path,
    image_only: bool = False,
    controls: bool = False,
    glimpses: int = 0,
    quiet: bool = False,
) -> Evaluation:
    """Measure each spec (default: none and the model's own), and `none` as the baseline of the intervals.

    specs: pruning specs, each with `@precision` where the store should not be float16
    cache: where encoded pages are kept; a second run starts from them
    controls: measure `CONTROLS` too
    glimpses: for each setting, keep pictures of so many of the queries that score worst
    Raises InvalidDataset where no document can be read, InvalidPruning, ModelError.
    """
    asked = tuple(dict.fromkeys(Setting.parse(spec) for spec in specs or ("none", encoder.info.pruning)))
    wanted = [BASELINE, *asked]
    if controls:
        wanted += [Setting.parse(spec) for spec in CONTROLS]
    wanted = list(dict.fromkeys(wanted))
    plain, failures = _encode(dataset, encoder, render, cache, quiet)
    if not plain:
        raise InvalidDataset(f"{dataset.name}: no document could be read ({failures[0][1]})")
    if dataset.made:
        dataset = replace(dataset, queries=_made_queries(plain))
    measurements = []
    for setting in wanted:
        documents: Sequence[CachedDocument] = plain
        pruning = parse_pruning(setting.pruning)
        if pruning.importance is Importance.IN_DEGREE:
            documents, _ = _encode(dataset, encoder_for(pruning, encoder), render, cache, quiet)
        with _bar(len(_places(documents)) + len(dataset.queries), str(setting), quiet) as bar:
            measurements.append(
                measure(setting, documents, dataset.queries, encoder, image_only, glimpses, _step(bar))
            )
    return Evaluation(
        dataset=dataset,
        model=encoder.info.name,
        dpi=encoder.info.dpi,
        image_only=image_only,
        measurements=tuple(measurements),
        asked=tuple(str(setting) for setting in asked),
        documents=tuple(plain),
        failures=tuple(failures),
    )


def evaluate_self(
    documents: Sequence[tuple[str, Path]],
    encoder: Encoder,
    render: Render,
    specs: Sequence[str] = (),
    *,
    cache: Path,
    image_only: bool = False,
    controls: bool = False,
    glimpses: int = 0,
    quiet: bool = False,
) -> Evaluation:
    """Measure on one's own documents (name, path), with known-item queries made from their words.

    Raises InvalidDataset where the documents have no words to make queries from.
    """
    files = tuple(DatasetDocument(name, path) for name, path in documents)
    if not files:
        raise InvalidDataset("the library is empty; add documents first")
    return evaluate(
        Dataset("your documents", files, (), made=True),
        encoder,
        render,
        specs,
        cache=cache,
        image_only=image_only,
        controls=controls,
        glimpses=glimpses,
        quiet=quiet,
    )


def _made_queries(documents: Sequence[CachedDocument]) -> tuple[Query, ...]:
    pages = ((d.name, d.load(page).words, page) for d in documents for page in d.pages)
    queries = known_items(((name, page), words) for name, words, page in pages)
    if not queries:
        raise InvalidDataset(
            "these documents have no words of their own to make queries from (scans, for example); "
            "write a queries.jsonl instead"
        )
    return queries


def _encode(
    dataset: Dataset, encoder: Encoder, render: Render, cache: Path, quiet: bool
) -> tuple[list[CachedDocument], list[tuple[str, str]]]:
    """The documents that could be read, and the reasons why the others could not."""
    embeddings = EmbeddingCache(cache, encoder)
    documents, failures = [], []
    with _bar(None, "encode", quiet) as bar:
        step = _step(bar)
        for document in dataset.documents:
            bar.set_postfix_str(document.name[:32])
            try:
                documents.append(embeddings.document(document.name, document.path, render, lambda _: step()))
            except DocumentError as error:
                failures.append((document.name, str(error)))
                print(f"{document.name}: {error}", file=sys.stderr)
    return documents, failures


def _places(documents: Sequence[CachedDocument]) -> list[tuple[str, int]]:
    return [(document.name, page) for document in documents for page in document.pages]


def _bar(total: int | None, name: str, quiet: bool) -> tqdm[None]:
    return tqdm(total=total, desc=name, unit="page" if total is None else "", file=sys.stderr, disable=quiet)


def _step(bar: tqdm[None]) -> Callable[[], None]:
    def step() -> None:
        bar.update()

    return step

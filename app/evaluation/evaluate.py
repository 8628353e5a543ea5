"""From a dataset and pruning specs to measurements that can be compared."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from pagelight.app.evaluation.dataset import Dataset, DatasetDocument, Query
from pagelight.app.evaluation.embedding_cache import CachedDocument, EmbeddingCache, Render
from pagelight.app.evaluation.known_item import known_items
from pagelight.app.evaluation.measure import Measurement, Setting, measure
from pagelight.retrieval.encoders.encoder import Encoder, Importance
from pagelight.retrieval.errors import DocumentError, InvalidDataset
from pagelight.retrieval.pruning import encoder_for, parse_pruning
from pagelight.retrieval.store.precision import parse_precision

BASELINE = Setting("none")
#: pages with more patches than this are pooled after their blank cells are gone: Ward linkage grows with the square
POOLABLE = 2000
#: shares that controls keep where nothing that was asked for prunes
SHARES = (0.5, 0.25, 0.1)


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
    controls: measure also what is no better than a lot: cells with ink alone, shares drawn by lot from all cells
        and from those with ink, and hierarchical pooling, at about the sizes of what was asked for
    glimpses: for each setting, keep pictures of so many of the queries that score worst
    Raises InvalidDataset where no document can be read or has words to make queries from, InvalidPruning,
    ModelError.
    """
    asked = tuple(dict.fromkeys(Setting.parse(spec) for spec in specs or ("none", encoder.info.pruning)))
    plain, failures = encode(dataset, encoder, render, cache, quiet)
    if not plain:
        raise InvalidDataset(f"{dataset.name}: no document could be read ({failures[0][1]})")
    if dataset.made:
        dataset = replace(dataset, queries=_made_queries(plain))

    def measured(setting: Setting) -> Measurement:
        documents: Sequence[CachedDocument] = plain
        pruning = parse_pruning(setting.pruning)
        if pruning.importance is Importance.IN_DEGREE:
            documents, _ = encode(dataset, encoder_for(pruning, encoder), render, cache, quiet)
        with _bar(len(_places(documents)) + len(dataset.queries), str(setting), quiet) as bar:
            return measure(setting, documents, dataset.queries, encoder, image_only, glimpses, _step(bar))

    found = {setting: measured(setting) for setting in dict.fromkeys((BASELINE, *asked))}
    if controls:
        found |= {
            setting: measured(setting) for setting in _controls(found, measured) if setting not in found
        }
    return Evaluation(
        dataset=dataset,
        model=encoder.info.name,
        dpi=encoder.info.dpi,
        image_only=image_only,
        measurements=tuple(found.values()),
        asked=tuple(str(setting) for setting in asked),
        documents=tuple(plain),
        failures=tuple(failures),
    )


def own_documents(documents: Sequence[tuple[str, Path]]) -> Dataset:
    """One's own documents (name, path); `evaluate` makes known-item queries from their words.

    Raises InvalidDataset where there are none.
    """
    if not documents:
        raise InvalidDataset("the library is empty; add documents first")
    files = tuple(DatasetDocument(name, path) for name, path in documents)
    return Dataset("your documents", files, (), made=True)


def _controls(
    found: dict[Setting, Measurement], measured: Callable[[Setting], Measurement]
) -> tuple[Setting, ...]:
    """Controls that are as large as the settings that were asked for; the ink control is measured on the way."""
    ink = Setting.parse("ink")
    if ink not in found:
        found[ink] = measured(ink)
    many = found[BASELINE].vectors_per_page > POOLABLE
    most = found[ink].kept if many else 1.0
    shares = ladder([_share(m) for setting, m in found.items() if setting not in (BASELINE, ink)], most)
    pool = "ink+pool" if many else "pool"
    specs = [
        spec
        for share in shares
        for spec in (f"random:{share}", f"random:{share},ink", f"{pool}:{max(round(most / share), 2)}")
    ]
    return tuple(dict.fromkeys(map(Setting.parse, specs)))


def _share(m: Measurement) -> float:
    """The share of vectors that takes as many bytes in float16, which controls are kept in."""
    return m.kept * parse_precision(m.setting.precision).bytes_per_number / 2


def ladder(shares: Sequence[float], most: float = 1.0, steps: int = 3) -> tuple[float, ...]:
    """Shares from a little more than the largest to a little less than the smallest, evenly in the log.

    most: shares beyond would keep everything that a control can draw from

    >>> ladder([1.0, 0.4, 0.05]), ladder([]), ladder([0.06, 0.01], most=0.07)
    ((0.48, 0.14, 0.04), (0.5, 0.25, 0.1), (0.063, 0.022, 0.008))
    """
    pruned = [share for share in shares if share < 0.95]
    if not pruned:
        return SHARES
    high, low = min(1.2 * max(pruned), 0.9 * most), 0.8 * min(pruned)
    return tuple(float(f"{share:.2g}") for share in np.geomspace(high, low, steps))


def _made_queries(documents: Sequence[CachedDocument]) -> tuple[Query, ...]:
    pages = ((d.name, d.load(page).words, page) for d in documents for page in d.pages)
    queries = known_items(((name, page), words) for name, words, page in pages)
    if not queries:
        raise InvalidDataset(
            "these documents have no words of their own to make queries from (scans, for example); "
            "write a queries.jsonl instead"
        )
    return queries


def encode(
    dataset: Dataset, encoder: Encoder, render: Render, cache: Path, quiet: bool = False
) -> tuple[list[CachedDocument], list[tuple[str, str]]]:
    """Encode what is not in the cache: the documents that could be read, and (name, reason) of the others."""
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

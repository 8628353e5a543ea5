"""Comparable measurements of a dataset under several pruning specs."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from tqdm import tqdm

from pagelight.app.evaluation.cached_encoder import CachedEncoder
from pagelight.app.evaluation.controls import INK, UNPRUNED, measure_controls
from pagelight.app.evaluation.corpus import Corpus
from pagelight.app.evaluation.dataset import Dataset, DatasetDocument, Place, Query
from pagelight.app.evaluation.known_item import known_items
from pagelight.app.evaluation.measure import Measurement, Setting, measure
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.renderer import RendererName
from pagelight.retrieval.encoders.encoder import Encoder
from pagelight.retrieval.errors import DocumentError, InvalidDataset


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Measurements on one dataset with one model.

    asked: names of the settings that were asked for, in their order; the others are controls
    failures: documents that could not be read, with the reason; their queries count, and miss
    pictures: WebP of the pages that have a view
    """

    dataset: Dataset
    model: str
    dpi: int
    image_only: bool
    measurements: tuple[Measurement, ...]
    asked: tuple[str, ...]
    failures: tuple[tuple[str, str], ...]
    pictures: dict[Place, bytes]

    @property
    def baseline(self) -> Measurement | None:
        """Baseline of the others: the measurement without pruning, else with ink alone, if there is one."""
        by_setting = {m.setting: m for m in self.measurements}
        return by_setting.get(UNPRUNED) or by_setting.get(INK)

    def find(self, name: str) -> Measurement:
        return next(m for m in self.measurements if m.name == name)


def evaluate(
    dataset: Dataset,
    encoder: Encoder,
    specs: Sequence[str] = (),
    *,
    cache: Path,
    limits: Limits | None = None,
    renderer: RendererName = "pdfium",
    read_scans: bool = False,
    image_only: bool = False,
    controls: bool = False,
    page_views: int = 0,
) -> Evaluation:
    """Measure each spec (default: the model's own).

    specs: pruning specs, each with `@precision` where the store should not be float16
    cache: where encoded pages are kept; a second run starts from them
    read_scans: pages without text are read by Tesseract, too, as the application has it
    controls: measure also a baseline, and what is no better than a lot, at about the sizes of what was asked for
    page_views: for each setting, keep pictures of so many of the queries that score worst
    Raises InvalidDataset where no document can be read or has words to make queries from, InvalidPruning,
    ModelError.
    """
    asked = tuple(dict.fromkeys(Setting.parse(spec) for spec in specs or (encoder.info.pruning,)))
    cached = CachedEncoder(encoder, cache)
    off_topic = [query.text for query in off_topic_queries()]
    with (
        tempfile.TemporaryDirectory(prefix="pagelight-eval-") as scratch,
        Corpus(dataset.documents, Path(scratch), limits, renderer, read_scans) as corpus,
        tqdm(file=sys.stderr, disable=None, dynamic_ncols=True) as bar,
    ):
        n_pages = corpus.count()
        if not n_pages:
            reason = corpus.failures[0][1] if corpus.failures else "its documents have no pages"
            raise InvalidDataset(f"{dataset.name}: no document could be read ({reason})")
        queries = _known_items(corpus) if dataset.made else dataset.queries
        steps = n_pages + len(queries) + len(off_topic)

        def measured(setting: Setting) -> Measurement:
            bar.set_description_str(str(setting))
            bar.total = (bar.total or 0) + steps
            return measure(
                setting,
                corpus,
                queries,
                cached,
                off_topic=off_topic,
                image_only=image_only,
                n_views=page_views,
                on_step=lambda: bar.update() and None,
            )

        found = {setting: measured(setting) for setting in asked}
        if controls:
            found = measure_controls(measured, found)
        places = {view.place for m in found.values() for view in m.page_views.values()}
        pictures = _pictures(corpus, places)
    for name, reason in corpus.failures:
        print(f"{name}: {reason}", file=sys.stderr)
    return Evaluation(
        dataset=replace(dataset, queries=queries),
        model=encoder.info.name,
        dpi=encoder.info.dpi,
        image_only=image_only,
        measurements=tuple(found.values()),
        asked=tuple(str(setting) for setting in asked),
        failures=tuple(corpus.failures),
        pictures=pictures,
    )


def own_documents(documents: Sequence[tuple[str, Path]]) -> Dataset:
    """One's own documents (name, path); `evaluate` makes known-item queries from their words.

    Raises InvalidDataset where there are none.
    """
    if not documents:
        raise InvalidDataset("the library is empty; add documents first")
    files = tuple(DatasetDocument(name, path) for name, path in documents)
    return Dataset("your documents", files, (), made=True)


def _known_items(corpus: Corpus) -> tuple[Query, ...]:
    queries = known_items(corpus.words())
    if not queries:
        raise InvalidDataset(
            "these documents have no words of their own to make queries from (scans, for example); "
            "write a queries.jsonl instead"
        )
    return queries


def _pictures(corpus: Corpus, places: set[Place]) -> dict[Place, bytes]:
    pictures = {}
    for place in sorted(places):
        try:
            pictures[place] = corpus.picture(place)
        except DocumentError:
            continue
    return pictures


@dataclass(frozen=True, slots=True)
class OffTopic:
    """kind: everyday, place, stop words, digits, name or nonsense; language: ISO 639-1, "" where it is none"""

    text: str
    kind: str
    language: str


def off_topic_queries() -> tuple[OffTopic, ...]:
    """The forty of `data/off_topic.jsonl`."""
    lines = files("pagelight.app.evaluation").joinpath("data/off_topic.jsonl").read_text(encoding="utf8")
    rows = [json.loads(line) for line in lines.splitlines() if line]
    return tuple(OffTopic(row["query"], row["kind"], row["language"]) for row in rows)

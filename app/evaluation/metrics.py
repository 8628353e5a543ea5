"""Ranking metrics through ir-measures (MacAvaney, Macdonald and Ounis 2022), and paired bootstrap intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import ir_measures
import numpy as np
from ir_measures import nDCG
from numpy.typing import NDArray

from pagelight.app.evaluation.dataset import Place, Query
from pagelight.retrieval.geometry import intersection
from pagelight.retrieval.results import Region
from pagelight.retrieval.types import Box

#: the pages that were found for each query id, best first
Run = Mapping[str, Sequence[Place]]

#: resamples of the queries, and what draws them
RESAMPLES, _SEED = 10_000, 0
#: overlap from which a region counts as found, as detection and document question answering report it
IOU_HIT = 0.5


@dataclass(frozen=True, slots=True)
class QueryScore:
    """One query's metrics, 0..1 each.

    recall_k: relevant pages in the top k / min(relevant pages, k)
    """

    ndcg5: float
    ndcg10: float
    recall1: float
    recall5: float


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


def score_run(queries: Sequence[Query], run: Run) -> dict[str, QueryScore]:
    """Each query's metrics; a query without results scores 0."""
    qrels = [
        ir_measures.Qrel(query.query_id, _key(place), grade)
        for query in queries
        for place, grade in query.relevant.items()
    ]
    # trec_eval breaks ties by document id; scores that fall with the rank keep our order
    found = [
        ir_measures.ScoredDoc(query.query_id, _key(place), float(-rank))
        for query in queries
        for rank, place in enumerate(run.get(query.query_id, ()))
    ]
    ndcg: dict[tuple[str, int], float] = {}
    if found:
        for metric in ir_measures.iter_calc([nDCG @ 5, nDCG @ 10], qrels, found):
            ndcg[metric.query_id, int(metric.measure["cutoff"])] = float(metric.value)
    return {
        query.query_id: QueryScore(
            ndcg5=ndcg.get((query.query_id, 5), 0.0),
            ndcg10=ndcg.get((query.query_id, 10), 0.0),
            recall1=recall(query.relevant, run.get(query.query_id, ()), 1),
            recall5=recall(query.relevant, run.get(query.query_id, ()), 5),
        )
        for query in queries
    }


def recall(relevant: Mapping[Place, int], found: Sequence[Place], k: int) -> float:
    """Relevant pages in the top k / min(relevant pages, k): 1 is always within reach.

    >>> recall({("a", 1): 1, ("a", 2): 1}, [("a", 2), ("b", 1)], k=1)
    1.0
    """
    return len(set(found[:k]) & set(relevant)) / min(len(relevant), k)


def paired_bootstrap(values: Sequence[float], baseline: Sequence[float]) -> Interval:
    """The interval of mean(values) - mean(baseline), resampling queries (Efron's percentile method).

    Both sequences hold one metric for the same queries in the same order.
    """
    differences = np.asarray(values, np.float64) - np.asarray(baseline, np.float64)  # (n_queries,)
    means = _resampled(differences[:, None])[:, 0]
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(low), float(high))


def relative_bootstrap(values: Sequence[float], baseline: Sequence[float]) -> Interval:
    """The interval of mean(values) / mean(baseline), the two resampled together."""
    both = np.stack([np.asarray(values, np.float64), np.asarray(baseline, np.float64)], axis=1)
    means = _resampled(both)
    ratios = means[:, 0] / np.maximum(means[:, 1], 1e-12)
    low, high = np.percentile(ratios, [2.5, 97.5])
    return Interval(float(low), float(high))


def _resampled(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """(RESAMPLES, n_columns): means over rows drawn with replacement."""
    return np.asarray(_weights(len(columns)) @ columns, np.float64)


@lru_cache(maxsize=4)
def _weights(n: int) -> NDArray[np.float64]:
    """(RESAMPLES, n): the weight of each row in a resample; every setting is compared on the same resamples."""
    # counts of each row follow a multinomial, which avoids a (RESAMPLES, n) index array
    generator = np.random.default_rng(_SEED)
    return generator.multinomial(n, np.full(n, 1 / n), size=RESAMPLES) / n


def _key(place: Place) -> str:
    return f"{place[1]}:{place[0]}"


@dataclass(frozen=True, slots=True)
class Pointing:
    """One query on one labelled page.

    hit: the best region's centre lies in a labelled box
    iou: intersection over union of the best region and the labelled box that it fits best, 0..1
    """

    hit: bool
    iou: float

    @property
    def iou_hit(self) -> bool:
        return self.iou >= IOU_HIT


def point(regions: Sequence[Region], boxes: Sequence[Box]) -> Pointing:
    """Compare a page's regions (best first) with its labelled boxes; no region is a miss.

    >>> point([Region((0.0, 0.0, 0.2, 0.1), 1.0)], [(0.0, 0.0, 0.4, 0.1)])
    Pointing(hit=True, iou=0.5)
    """
    if not regions:
        return Pointing(False, 0.0)
    best = regions[0].box
    x, y = (best[0] + best[2]) / 2, (best[1] + best[3]) / 2
    hit = any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in boxes)
    return Pointing(hit, max((iou(best, box) for box in boxes), default=0.0))


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes; 0 where they do not meet."""
    shared = intersection(a, b)
    if not shared:
        return 0.0
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / both

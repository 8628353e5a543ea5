"""Reliability of the strength of hits: whether it is the probability that the page answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pagelight.app.evaluation.run_queries import QueryOutcome
from pagelight.retrieval.search.calibration import STRENGTH

#: equally wide bins of strength, as in Guo et al. 2017, "On calibration of modern neural networks"
N_BINS = 10
#: what the interface calls weak, fair and strong
LEVELS = {
    "weak": (0.0, STRENGTH.fair),
    "fair": (STRENGTH.fair, STRENGTH.strong),
    "strong": (STRENGTH.strong, 1.0),
}


@dataclass(frozen=True, slots=True)
class Bin:
    """Hits whose strength lies from `low` to below `high` (1 included in the last).

    strength: their mean; right: share of them on a labelled page
    """

    low: float
    high: float
    n: int
    strength: float
    right: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """bins: those that have hits; levels: the same by the interface's words; first: of the first hit of each list
    error: the expected calibration error, mean over hits of |strength − share that is right| of their bin
    disordered: share of result lists with a weaker hit above a stronger one
    refused: share of answerable queries of which the search says that nothing matches
    """

    bins: tuple[Bin, ...]
    levels: dict[str, Bin]
    first: dict[str, Bin]
    error: float
    disordered: float
    refused: float


def reliability(outcomes: Sequence[QueryOutcome]) -> Reliability:
    """The reliability of all hits of all queries, each counted once."""
    hits = [(r.strength, r.place in o.query.relevant) for o in outcomes for r in o.results]
    first = [(o.results[0].strength, o.results[0].place in o.query.relevant) for o in outcomes if o.results]
    bins = tuple(
        found for index in range(N_BINS) if (found := _bin(hits, index / N_BINS, (index + 1) / N_BINS)).n
    )
    return Reliability(
        bins,
        {name: _bin(hits, *span) for name, span in LEVELS.items()},
        {name: _bin(first, *span) for name, span in LEVELS.items()},
        sum(b.n * abs(b.strength - b.right) for b in bins) / max(len(hits), 1),
        _share(any(b.strength > a.strength for a, b in pairwise(o.results)) for o in outcomes),
        _share(not o.matched for o in outcomes),
    )


def _bin(hits: Sequence[tuple[float, bool]], low: float, high: float) -> Bin:
    inside = [hit for hit in hits if low <= hit[0] < high or hit[0] == high == 1.0]
    if not inside:
        return Bin(low, high, 0, 0.0, 0.0)
    strength, right = np.mean(np.array(inside, np.float64), axis=0)
    return Bin(low, high, len(inside), float(strength), float(right))


def _share(flags: Iterable[bool]) -> float:
    values = list(flags)
    return sum(values) / max(len(values), 1)

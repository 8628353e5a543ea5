"""Settings against each other: at equal bytes, at equal quality."""

from __future__ import annotations

import numpy as np

from pagelight.app.evaluation.controls import UNPRUNED
from pagelight.app.evaluation.evaluate import Evaluation
from pagelight.app.evaluation.measure import Measurement

#: loss of nDCG@5 against the baseline that counts as none
TOLERANCE = 0.01


def at_equal_bytes(evaluation: Evaluation, m: Measurement, strategy: str = "random:") -> float | None:
    """nDCG@5 that `strategy` reaches with the bytes of `m`, read off between its own settings (and `none`, if measured).

    Linear in the logarithm of the bytes; None where `m` is itself a control or lies outside the curve.
    """
    if m.name.startswith(strategy) or m.setting == UNPRUNED:
        return None
    curve = [
        other
        for other in evaluation.measurements
        if other.name.startswith(strategy) and not other.name.endswith(",ink") and "@" not in other.name
    ]
    if not curve:
        return None
    curve += [other for other in evaluation.measurements if other.setting == UNPRUNED]
    curve.sort(key=lambda other: other.bytes_per_page)
    if not curve[0].bytes_per_page <= m.bytes_per_page <= curve[-1].bytes_per_page:
        return None
    return float(
        np.interp(
            np.log(m.bytes_per_page),
            [np.log(other.bytes_per_page) for other in curve],
            [other.mean("ndcg5") for other in curve],
        )
    )


def best_saving(evaluation: Evaluation) -> Measurement | None:
    """Of the settings asked for, the smallest that keeps 99 % of nDCG@5; None where that is the baseline."""
    baseline = evaluation.baseline
    if baseline is None:
        return None
    kept = [
        m
        for m in evaluation.measurements
        if m.name in evaluation.asked and m.mean("ndcg5") >= (1 - TOLERANCE) * baseline.mean("ndcg5")
    ]
    best = min(kept, key=lambda m: m.bytes_per_page, default=None)
    return None if best is baseline else best

"""Measurements as plain values, for `--json`, tables and charts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from pagelight.app.evaluation.evaluate import Evaluation
from pagelight.app.evaluation.measure import Measurement
from pagelight.app.evaluation.metrics import Interval, paired_bootstrap, relative_bootstrap
from pagelight.app.evaluation.reliability import Bin, reliability
from pagelight.app.evaluation.run_queries import QueryOutcome
from pagelight.retrieval.store.precision import PRECISIONS

METRICS = {"ndcg@5": "ndcg5", "ndcg@10": "ndcg10", "recall@1": "recall1", "recall@5": "recall5"}


def rows(evaluation: Evaluation, everything: bool = False) -> list[dict[str, Any]]:
    """One JSON-ready dict for each setting that was asked for, or for all that were measured."""
    wanted = [m for m in evaluation.measurements if everything or m.name in evaluation.asked]
    wanted.sort(
        key=lambda m: evaluation.asked.index(m.name) if m.name in evaluation.asked else len(evaluation.asked)
    )
    return [row(evaluation, measurement) for measurement in wanted]


def row(evaluation: Evaluation, m: Measurement) -> dict[str, Any]:
    """One setting. Shares and metrics are 0..1, bytes are means over pages.

    baseline: the setting that `ci` compares with; None where neither none nor ink was measured
    without_words: the queries of which every relevant page has no words of its own, as scans
    """
    types = list(dict.fromkeys(outcome.query.type for outcome in m.outcomes))
    seconds = 1000 * np.array([outcome.seconds for outcome in m.outcomes if outcome.seconds is not None])
    return {
        "model": evaluation.model,
        "dataset": evaluation.dataset.name,
        "made_queries": evaluation.dataset.made,
        "image_only": evaluation.image_only,
        "prune": m.name,
        "applied": m.applied,
        "queries": len(m.outcomes),
        "pages": m.n_pages,
        **_means(m.outcomes),
        "baseline": evaluation.baseline.name if evaluation.baseline else None,
        "ci": _intervals(m, evaluation.baseline),
        "by_type": {kind: _some([o for o in m.outcomes if o.query.type == kind]) for kind in types},
        "without_words": _some([o for o in m.outcomes if m.wordless.issuperset(o.query.relevant)]),
        "kept": _round(m.kept),
        "vectors_per_page": _round(m.vectors_per_page, 1),
        "bytes_per_page": round(m.bytes_per_page),
        "bytes": _split(m),
        "index_pages_per_second": _round(m.n_pages / m.index_seconds if m.index_seconds else 0, 2),
        "search_ms": {
            "p50": _round(float(np.percentile(seconds, 50)), 1),
            "p95": _round(float(np.percentile(seconds, 95)), 1),
            "n": len(seconds),
        },
        "highlight": _highlight(m.outcomes),
        "strength": _strength(m),
        "failed": [{"document": name, "reason": reason} for name, reason in evaluation.failures],
    }


def _split(m: Measurement) -> dict[str, int]:
    """Means over pages. prefetch: the quantized copy that a first scan reads; other: Qdrant's own files."""
    precision = PRECISIONS[m.setting.precision]
    numbers = m.vectors_per_page * m.dim
    originals = min(precision.bytes_per_number, 2.0) if precision.copy else precision.bytes_per_number
    parts = {
        "vectors": numbers * originals,
        "prefetch": numbers * (precision.bytes_per_number - originals),
        "words": m.cost.word_bytes / max(m.n_pages, 1),
        "map": m.cost.map_bytes / max(m.n_pages, 1),
    }
    parts["other"] = m.bytes_per_page - sum(parts.values())
    parts |= {"raw_fp16": numbers * 2, "raw_fp32": numbers * 4}
    return {name: round(value) for name, value in parts.items()}


def _some(outcomes: Sequence[QueryOutcome]) -> dict[str, Any] | None:
    """Means over some of the queries; None where there are none."""
    if not outcomes:
        return None
    return {"queries": len(outcomes), **_means(outcomes), "highlight": _highlight(outcomes)}


def _means(outcomes: Sequence[QueryOutcome]) -> dict[str, float]:
    return {
        name: _round(float(np.mean([getattr(outcome.score, field) for outcome in outcomes])))
        for name, field in METRICS.items()
    }


def _highlight(outcomes: Sequence[QueryOutcome]) -> dict[str, float | int | None]:
    pointings = [outcome.pointing for outcome in outcomes if outcome.pointing is not None]
    if not pointings:
        return {"pointing": None, "iou": None, "iou_hit": None, "n": 0}
    return {
        "pointing": _round(float(np.mean([p.hit for p in pointings]))),
        "iou": _round(float(np.mean([p.iou for p in pointings]))),
        "iou_hit": _round(float(np.mean([p.iou_hit for p in pointings]))),
        "n": len(pointings),
    }


def _strength(m: Measurement) -> dict[str, Any]:
    """Reliability of strengths; see `Reliability`."""
    found = reliability(m.outcomes)
    return {
        "calibration_error": _round(found.error),
        "bins": [_bin(one) for one in found.bins],
        "levels": {name: _bin(one) for name, one in found.levels.items()},
        "first_hits": {name: _bin(one) for name, one in found.first.items()},
        "weaker_above_stronger": _round(found.disordered),
        "answerable_refused": _round(found.refused),
        "off_topic": {"queries": len(m.answers.refused), "refused": sum(m.answers.refused)},
    }


def _bin(one: Bin) -> dict[str, Any]:
    return {
        "from": one.low,
        "to": one.high,
        "hits": one.n,
        "strength": _round(one.strength),
        "right": _round(one.right),
    }


def _intervals(m: Measurement, baseline: Measurement | None) -> dict[str, Any]:
    """Paired-bootstrap 95 % intervals of the difference from the baseline, and of the ratio in nDCG@5."""
    if baseline is None:
        return {"ndcg@5": None, "ndcg@10": None, "relative_ndcg@5": None, "pointing": None}
    ours, theirs = _values(m, "ndcg5"), _values(baseline, "ndcg5")
    pointing = [
        (float(a.pointing.hit), float(b.pointing.hit))
        for a, b in zip(m.outcomes, baseline.outcomes, strict=True)
        if a.pointing is not None and b.pointing is not None
    ]
    return {
        "ndcg@5": _pair(paired_bootstrap(ours, theirs)),
        "ndcg@10": _pair(paired_bootstrap(_values(m, "ndcg10"), _values(baseline, "ndcg10"))),
        "relative_ndcg@5": _pair(relative_bootstrap(ours, theirs)),
        "pointing": _pair(paired_bootstrap([a for a, _ in pointing], [b for _, b in pointing]))
        if pointing
        else None,
    }


def _values(m: Measurement, field: str) -> list[float]:
    return [float(getattr(outcome.score, field)) for outcome in m.outcomes]


def _pair(interval: Interval) -> list[float]:
    return [_round(interval.low), _round(interval.high)]


def _round(value: float, digits: int = 4) -> float:
    return 0.0 if math.isnan(value) else round(float(value), digits)

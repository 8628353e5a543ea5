"""The settings of an evaluation as series of a chart, and the quality curve as a file of its own."""

from __future__ import annotations

import math
import re
from typing import Any

from pagelight.app.evaluation.chart import HEIGHT, WIDTH, Point, Series, draw
from pagelight.app.evaluation.evaluate import Evaluation
from pagelight.app.evaluation.measure import Measurement
from pagelight.app.evaluation.rows import row

#: controls look the same in every figure: (CSS class, shape)
_CONTROLS = {
    "none": ("none", "circle"),
    "random": ("random", "ring"),
    "random, ink": ("random-ink", "cross"),
    "ink": ("ink", "diamond"),
    "ink + pool": ("pool", "square"),
    "pool": ("pool", "square"),
}
_SHAPES = ("circle", "diamond", "triangle", "square")
_TONES = 8
#: most settings that are all named; of more, only those that nothing beats
_NAMED = 6

#: colours for a figure without the report's style sheet
_STYLE = """
text{font:12px ui-sans-serif,system-ui,sans-serif;fill:#5d646c}.point-name{fill:#1c2024;font-weight:600}
.grid{stroke:#e3e5e8}.axis,.notch{stroke:#8b929a}.rule{stroke:#1c2024;stroke-dasharray:2 4;opacity:.65}
polyline{fill:none;stroke:var(--t);stroke-width:2}.mark{fill:var(--t);stroke:#fff;stroke-width:1.5}
.mark.open{fill:#fff;stroke:var(--t);stroke-width:2}.whisker{stroke:var(--t);stroke-width:1.5;opacity:.35}
.point-name,.rule-name{paint-order:stroke;stroke:#fff;stroke-width:4px}.paper{fill:#fff}
.tone-none{--t:#1c2024}.tone-random,.tone-random-ink{--t:#9aa1a9}.tone-ink{--t:#b09a6c}.tone-pool{--t:#b4469b}
.tone-0{--t:#2f6fde}.tone-1{--t:#0d8a6a}.tone-2{--t:#d9730d}.tone-3{--t:#6a55c9}.tone-4{--t:#5d8a0d}
.tone-5{--t:#0f8fa8}.tone-6{--t:#c23b4b}.tone-7{--t:#8a6d3b}
"""


def family(name: str) -> str:
    """A setting's strategy without its parameters.

    >>> family("importance:t=0.5+repeats:s=0.9@int8"), family("random:0.1,ink"), family("ink:t=0.02+pool:4")
    ('importance + repeats, int8', 'random, ink', 'ink + pool')
    """
    spec, _, precision = name.partition("@")
    steps = [re.split("[:,]", step)[0] for step in spec.split("+")]
    lot = ", ink" if steps == ["random"] and spec.endswith(",ink") else ""
    return " + ".join(steps) + lot + (f", {precision}" if precision else "")


def series_of(evaluation: Evaluation, entries: dict[str, dict[str, Any]], metric: str) -> list[Series]:
    """Settings of one strategy make one series. entries: `row` by setting; metric: "ndcg@5" or "pointing"."""
    groups: dict[str, list[Point]] = {}
    base = entries[evaluation.baseline.name] if evaluation.baseline else None
    for m in evaluation.measurements:
        entry = entries[m.name]
        value, interval = _value(entry, metric), entry["ci"][metric]
        if value is None:
            continue
        start = _value(base, metric) if base else None
        low, high = (value, value)
        if interval and start is not None:
            low, high = start + interval[0], start + interval[1]
        point = Point(m.bytes_per_page, value, low, high, m.name, _is_named(m, evaluation))
        groups.setdefault(family(m.name), []).append(point)
    series, number = [], 0
    for name, points in groups.items():
        if name in _CONTROLS:
            tone, shape = _CONTROLS[name]
        else:
            tone, shape = str(number % _TONES), _SHAPES[number % len(_SHAPES)]
            number += 1
        series.append(Series(name, f"tone-{tone}", shape, tuple(points)))
    return series


def quality_figure(evaluation: Evaluation) -> str:
    """nDCG@5 over bytes a page as an SVG file."""
    entries = {m.name: row(evaluation, m) for m in evaluation.measurements}
    series = series_of(evaluation, entries, "ndcg@5")
    baseline = evaluation.baseline
    level, name = (baseline.mean("ndcg5"), baseline.name) if baseline else (None, "")
    chart = draw(series, level, name, "nDCG@5 over bytes a page")
    paper = f'<style>{_STYLE}</style><rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>'
    opening, closing, rest = chart.partition(">")
    return f'{opening} xmlns="http://www.w3.org/2000/svg"{closing}{paper}{rest}\n'


def _is_named(m: Measurement, evaluation: Evaluation) -> bool:
    """Settings that were asked for; of many, those that no other one beats with fewer bytes."""
    if m.name not in evaluation.asked or family(m.name) in _CONTROLS:
        return False
    return len(evaluation.asked) <= _NAMED or not any(
        other.bytes_per_page < m.bytes_per_page and other.mean("ndcg5") >= m.mean("ndcg5")
        for other in evaluation.measurements
    )


def _value(entry: dict[str, Any], metric: str) -> float | None:
    found = entry["highlight"]["pointing"] if metric == "pointing" else entry[metric]
    return None if found is None or math.isnan(found) else float(found)

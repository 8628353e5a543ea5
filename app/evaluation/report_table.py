"""The table of a report: one line for each setting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from pagelight.app.evaluation.chart import size
from pagelight.app.evaluation.controls import UNPRUNED
from pagelight.app.evaluation.evaluate import Evaluation
from pagelight.app.evaluation.measure import Measurement

#: the control that draws which vectors to keep
_LOTS = "random:"
#: loss of nDCG@5 against the baseline that counts as none
TOLERANCE = 0.01


def settings_table(evaluation: Evaluation, entries: dict[str, dict[str, Any]]) -> str:
    """Every setting that was measured, those that were asked for first. entries: `row` by setting"""
    baseline = evaluation.baseline
    heads = [
        "setting",
        "nDCG@5",
        f"change from {baseline.name if baseline else 'the baseline'}, 95 %",
        "random at<br>equal<br>bytes",
        "recall<br>@1",
        "recall<br>@5",
    ]
    heads += [
        "pointing",
        "IoU",
        "IoU<br>≥ .5",
        "vectors<br>a page",
        "bytes<br>a page",
        "share<br>of it",
        "pages/s",
    ]
    heads.append("search ms<br>p50 / p95")
    order = sorted(evaluation.measurements, key=lambda m: (m.name not in evaluation.asked, -m.bytes_per_page))
    reach = max(
        (abs(value) for entry in entries.values() for value in entry["ci"]["ndcg@5"] or ()), default=0.0
    )
    body = "".join(_line(evaluation, m, entries[m.name], max(reach, 0.01)) for m in order)
    return (
        "<section><h2>Every setting</h2>"
        '<p class="note">Controls that nobody asked for are set in grey. “Random at equal bytes” is what keeping '
        "patches by lot reaches with the same storage, read off its curve; a setting below it is not worth "
        "having. Bytes are the whole index on disk.</p>"
        f'<div class="scroll"><table><thead><tr>{"".join(f"<th>{head}</th>" for head in heads)}</tr></thead>'
        f"<tbody>{body}</tbody></table></div></section>"
    )


def _line(evaluation: Evaluation, m: Measurement, entry: dict[str, Any], reach: float) -> str:
    interval = entry["ci"]["ndcg@5"]
    lot = at_equal_bytes(evaluation, m)
    highlight = entry["highlight"]
    baseline = evaluation.baseline
    share = baseline.bytes_per_page / m.bytes_per_page if baseline else math.nan
    worse = lot is not None and lot > entry["ndcg@5"]
    cells = [
        f"<code>{escape(m.name)}</code>",
        f"{entry['ndcg@5']:.3f}",
        _forest(interval, reach),
        "" if lot is None else f'<span class="{"worse" if worse else ""}">{lot:.3f}</span>',
        f"{entry['recall@1']:.3f}",
        f"{entry['recall@5']:.3f}",
        f"{highlight['pointing']:.3f}" if highlight["n"] else "",
        f"{highlight['iou']:.3f}" if highlight["n"] else "",
        f"{highlight['iou_hit']:.3f}" if highlight["n"] else "",
        f"{entry['vectors_per_page']:,.0f}",
        size(m.bytes_per_page),
        "" if math.isnan(share) else f"1/{share:.1f}" if share > 1.05 else "1",
        f"{entry['index_pages_per_second']:.1f}",
        f"{entry['search_ms']['p50']:.0f} / {entry['search_ms']['p95']:.0f}",
    ]
    kind = "asked" if m.name in evaluation.asked else "control"
    return f'<tr class="{kind}">{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _forest(interval: Sequence[float] | None, reach: float) -> str:
    """The interval as a bar around a line at no difference, and in figures."""
    if not interval:
        return ""
    low, high = (50 + 46 * value / reach for value in interval)
    middle = (low + high) / 2
    return (
        '<span class="forest"><svg viewBox="0 0 100 14" width="100" height="14" aria-hidden="true">'
        '<line x1="50" x2="50" y1="0" y2="14"/>'
        f'<line class="span" x1="{low:.1f}" x2="{high:.1f}" y1="7" y2="7"/>'
        f'<circle cx="{middle:.1f}" cy="7" r="3"/></svg>{signed(interval[0], 3)} … {signed(interval[1], 3)}</span>'
    )


def signed(value: float, digits: int) -> str:
    """A number with its sign, and a minus that is as wide as the plus.

    >>> signed(-0.25, 2), signed(0.0, 1)
    ('−0.25', '+0.0')
    """
    return f"{value:+.{digits}f}".replace("-", "−")


def at_equal_bytes(evaluation: Evaluation, m: Measurement) -> float | None:
    """nDCG@5 that drawing lots reaches with the bytes of `m`, read off between its own settings (and `none`, if measured).

    Linear in the logarithm of the bytes; None where `m` is itself a control or lies outside the curve.
    """
    if m.name.startswith(_LOTS) or m.setting == UNPRUNED:
        return None
    curve = [
        other
        for other in evaluation.measurements
        if other.name.startswith(_LOTS) and not other.name.endswith(",ink") and "@" not in other.name
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
    """The smallest of the settings asked for that keeps 99 % of nDCG@5; None where that is the baseline."""
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

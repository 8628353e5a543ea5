"""An evaluation as one HTML page that needs nothing else: curves, table, worst queries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from pagelight.app.evaluation.chart import draw, legend, size
from pagelight.app.evaluation.compare import at_equal_bytes, best_saving
from pagelight.app.evaluation.curve_figure import series_of
from pagelight.app.evaluation.evaluate import Evaluation
from pagelight.app.evaluation.measure import Measurement
from pagelight.app.evaluation.rows import row
from pagelight.app.evaluation.worst import cards


def write_report(evaluation: Evaluation, path: Path) -> None:
    """Write the report to `path`."""
    path.write_text(report(evaluation), encoding="utf8")


def report(evaluation: Evaluation) -> str:
    """The whole page as HTML; pictures and styles are inside, nothing is requested from anywhere."""
    entries = {m.name: row(evaluation, m) for m in evaluation.measurements}
    css = files("pagelight.app.evaluation").joinpath("report.css").read_text(encoding="utf8")
    title = f"What pruning costs · {evaluation.dataset.name}"
    sections = [
        _header(evaluation, entries),
        _curves(evaluation, entries),
        _table(evaluation, entries),
        _types(evaluation, entries),
        _worst(evaluation),
        _footer(evaluation),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{css}</style></head><body>{''.join(sections)}</body></html>"
    )


def _header(evaluation: Evaluation, entries: dict[str, dict[str, Any]]) -> str:
    first = next(iter(entries.values()))
    where = "page images alone" if evaluation.image_only else "page images and the documents' own words"
    made = ""
    if evaluation.dataset.made:
        made = (
            '<p class="made">The queries were made from the documents’ own words: headings, rare phrases, labels '
            "of table rows. Nobody judged them. They show what pruning loses, not how well people’s questions are "
            "answered.</p>"
        )
    return (
        "<header><h1>What pruning costs</h1>"
        f"<p>{escape(evaluation.dataset.name)}: {first['pages']} pages, {first['queries']} queries, searched by "
        f"{where} with <code>{escape(evaluation.model)}</code>.</p>{made}</header>{_tiles(evaluation, entries)}"
    )


def _tiles(evaluation: Evaluation, entries: dict[str, dict[str, Any]]) -> str:
    """The cheapest setting that loses at most one percent, in three numbers."""
    best, baseline = best_saving(evaluation), evaluation.baseline
    if best is None or baseline is None:
        return ""
    entry, none = entries[best.name], entries[baseline.name]
    share = baseline.bytes_per_page / best.bytes_per_page
    change = 100 * (entry["ndcg@5"] / max(none["ndcg@5"], 1e-9) - 1)
    tiles = [
        (f"1/{share:.0f}" if share >= 1.5 else "1", f"of the bytes, {size(best.bytes_per_page)} a page"),
        (f"{_signed(change, 1)} %", f"nDCG@5 ({none['ndcg@5']:.3f} without pruning)"),
    ]
    if entry["highlight"]["n"]:
        points = 100 * (entry["highlight"]["pointing"] - none["highlight"]["pointing"])
        tiles.append(
            (
                f"{_signed(points, 1)} points",
                f"highlights in place ({none['highlight']['pointing']:.2f} without)",
            )
        )
    inside = "".join(f"<div><b>{escape(value)}</b><span>{escape(what)}</span></div>" for value, what in tiles)
    return (
        f'<p class="note">The smallest index that keeps 99 % of nDCG@5 comes from '
        f"<code>{escape(best.name)}</code>:</p><div class=tiles>{inside}</div>"
    )


def _curves(evaluation: Evaluation, entries: dict[str, dict[str, Any]]) -> str:
    quality = series_of(evaluation, entries, "ndcg@5")
    baseline = evaluation.baseline
    parts = [
        "<section class=drawn><h2>Quality over storage</h2>"
        '<p class="note">nDCG@5 against bytes a page on disk, everything included. Whiskers are 95 % intervals of '
        "the difference from no pruning, for the settings that are named. The vertical axis does not begin at zero.</p>",
        legend(quality),
        draw(quality, baseline.mean("ndcg5") if baseline else None, "no pruning", "nDCG@5 over bytes a page"),
        "</section>",
    ]
    pointing = series_of(evaluation, entries, "pointing")
    if pointing:
        n = next(iter(entries.values()))["highlight"]["n"]
        parts += [
            "<section class=drawn><h2>Highlights over storage</h2>"
            f'<p class="note">Share of {n} queries with a labelled place for which the centre of the best region '
            "on the page lies in that place.</p>",
            legend(pointing),
            draw(
                pointing, baseline.pointing if baseline else None, "no pruning", "pointing over bytes a page"
            ),
            "</section>",
        ]
    return "".join(parts)


def _table(evaluation: Evaluation, entries: dict[str, dict[str, Any]]) -> str:
    heads = [
        "setting",
        "nDCG@5",
        "change from none, 95 %",
        "random at<br>equal<br>bytes",
        "recall<br>@1",
        "recall<br>@5",
    ]
    heads += ["pointing", "IoU", "vectors<br>a page", "bytes<br>a page", "share<br>of none", "pages/s"]
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
        f'<circle cx="{middle:.1f}" cy="7" r="3"/></svg>{_signed(interval[0], 3)} … {_signed(interval[1], 3)}</span>'
    )


def _signed(value: float, digits: int) -> str:
    """With its sign, and a minus that is as wide as the plus.

    >>> _signed(-0.25, 2), _signed(0.0, 1)
    ('−0.25', '+0.0')
    """
    return f"{value:+.{digits}f}".replace("-", "−")


def _types(evaluation: Evaluation, entries: dict[str, dict[str, Any]]) -> str:
    asked = [name for name in dict.fromkeys(["none", *evaluation.asked]) if name in entries]
    found = {name: entries[name]["by_type"] for name in asked}
    if entries[asked[0]]["without_words"]:
        found = {
            name: kinds | {"on pages without words": entries[name]["without_words"]}
            for name, kinds in found.items()
        }
    kinds = found[asked[0]]
    heads = "".join(f"<th>{escape(kind)}<br>n = {kinds[kind]['queries']}</th>" for kind in kinds)
    lines = "".join(
        f"<tr><td><code>{escape(name)}</code></td>"
        + "".join(f"<td>{found[name][kind]['ndcg@5']:.3f}</td>" for kind in kinds)
        + "</tr>"
        for name in asked
    )
    return (
        "<section><h2>By kind of query</h2>"
        f'<div class="scroll"><table><thead><tr><th>nDCG@5</th>{heads}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div></section>"
    )


def _worst(evaluation: Evaluation) -> str:
    chosen = next((name for name in reversed(evaluation.asked) if evaluation.find(name).glimpses), None)
    if best := best_saving(evaluation):
        chosen = best.name if best.glimpses else chosen
    if chosen is None:
        return ""
    documents = {document.name: document for document in evaluation.documents}
    return (
        f"<section><h2>Where it fails</h2><p class=note>The queries that score worst with "
        f"<code>{escape(chosen)}</code>, on the page that answers them. Orange: where the query’s words match, "
        "solid boxes our regions, the dashed box the labelled place; a grey veil lies over what was not kept.</p>"
        f'<div class="cards">{cards(evaluation.find(chosen), documents)}</div></section>'
    )


def _footer(evaluation: Evaluation) -> str:
    failures = "".join(
        f"<p>Could not be read: {escape(name)} ({escape(reason)})</p>" for name, reason in evaluation.failures
    )
    specs = " ".join(f"--prune '{name}'" for name in evaluation.asked)
    source = "--self" if evaluation.dataset.made else escape(evaluation.dataset.name)
    mode = " --image-only" if evaluation.image_only else ""
    return (
        "<footer>"
        f"{failures}"
        f"<p><code>pagelight eval {source} {escape(specs)}{mode} --report report.html</code></p>"
        "<p>nDCG with ir-measures; recall@k counts relevant pages in the top k over min(relevant, k). Intervals: "
        "paired bootstrap over queries, 10,000 resamples. Every setting fills an index of its own on disk and is "
        "searched as the application searches; some of the searches are timed. In a very large one (often "
        "<code>none</code>) the other queries are compared with the same vectors in memory. Pages were encoded once and kept as "
        "float16.</p></footer>"
    )

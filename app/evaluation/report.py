"""An evaluation as one HTML page that needs nothing else: curves, table, worst queries."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from pagelight.app.evaluation.chart import draw, legend, size
from pagelight.app.evaluation.controls import UNPRUNED
from pagelight.app.evaluation.curve_figure import series_of
from pagelight.app.evaluation.evaluate import Evaluation
from pagelight.app.evaluation.report_table import best_saving, settings_table, signed
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
        settings_table(evaluation, entries),
        _types(evaluation, entries),
        _strengths(evaluation, entries),
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
        (f"{signed(change, 1)} %", f"nDCG@5 ({none['ndcg@5']:.3f} with {_baseline(evaluation)})"),
    ]
    if entry["highlight"]["n"]:
        points = 100 * (entry["highlight"]["pointing"] - none["highlight"]["pointing"])
        tiles.append(
            (
                f"{signed(points, 1)} points",
                f"highlights in place ({none['highlight']['pointing']:.2f} with {_baseline(evaluation)})",
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
    name = baseline.name if baseline else ""
    parts = [
        "<section class=drawn><h2>Quality over storage</h2>"
        '<p class="note">nDCG@5 against bytes a page on disk, everything included. Whiskers are 95 % intervals of '
        f"the difference from {_baseline(evaluation)}, for the settings that are named. The vertical axis does not begin at zero.</p>",
        legend(quality),
        draw(quality, baseline.mean("ndcg5") if baseline else None, name, "nDCG@5 over bytes a page"),
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
            draw(pointing, baseline.pointing if baseline else None, name, "pointing over bytes a page"),
            "</section>",
        ]
    return "".join(parts)


def _types(evaluation: Evaluation, entries: dict[str, dict[str, Any]]) -> str:
    base = evaluation.baseline
    asked = list(dict.fromkeys([*([base.name] if base else []), *evaluation.asked]))
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


def _strengths(evaluation: Evaluation, entries: dict[str, dict[str, Any]]) -> str:
    """Claimed strength against the share of hits that answer, for the first setting that was asked for."""
    name = evaluation.asked[0]
    found = entries[name]["strength"]
    off_topic = found["off_topic"]
    spans = [(f"{one['from']:.1f} to {one['to']:.1f}", one) for one in found["bins"]]
    first = [(f"{name}, first of its list", one) for name, one in found["first_hits"].items()]
    lines = "".join(
        f"<tr><td>{escape(span)}</td><td>{one['hits']}</td><td>{one['strength']:.3f}</td>"
        f"<td>{one['right']:.3f}</td></tr>"
        for span, one in [*spans, *found["levels"].items(), *first]
    )
    return (
        "<section><h2>Can strengths be trusted?</h2><p class=note>"
        f"With <code>{escape(name)}</code>: expected calibration error {found['calibration_error']:.3f}; "
        f"{100 * found['weaker_above_stronger']:.0f} % of the result lists have a weaker hit above a stronger one; "
        f"{100 * found['answerable_refused']:.1f} % of the answerable queries and {off_topic['refused']} of "
        f"{off_topic['queries']} off-topic ones are refused.</p>"
        '<div class="scroll"><table><thead><tr><th>strength</th><th>hits</th><th>mean</th><th>answer</th></tr>'
        f"</thead><tbody>{lines}</tbody></table></div></section>"
    )


def _baseline(evaluation: Evaluation) -> str:
    """The baseline in words."""
    base = evaluation.baseline
    return "no pruning" if base is None or base.setting == UNPRUNED else "every cell that has ink"


def _worst(evaluation: Evaluation) -> str:
    chosen = next((name for name in reversed(evaluation.asked) if evaluation.find(name).page_views), None)
    if best := best_saving(evaluation):
        chosen = best.name if best.page_views else chosen
    if chosen is None:
        return ""
    return (
        f"<section><h2>Where it fails</h2><p class=note>The queries that score worst with "
        f"<code>{escape(chosen)}</code>, on the page that answers them. Orange: where the query’s words match, "
        "solid boxes our regions, the dashed box the labelled place; a grey veil lies over what was not kept.</p>"
        f'<div class="cards">{cards(evaluation.find(chosen), evaluation.pictures)}</div></section>'
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
        "searched as the application searches. In a very large one (often <code>none</code>) some searches are timed, "
        "and the other queries are compared with the same vectors in memory. Pages were encoded once and kept as "
        "float16.</p></footer>"
    )

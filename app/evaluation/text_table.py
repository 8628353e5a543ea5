"""Measurements as text for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pagelight.app.evaluation.evaluate import Evaluation
from pagelight.app.evaluation.rows import rows


def table(evaluation: Evaluation) -> str:
    """Measurements as a table, controls below the settings that were asked for, and how far strengths can be trusted."""
    entries = rows(evaluation, everything=True)
    first = entries[0]
    made = evaluation.dataset.made
    kinds = "made from the documents' own words, not judged by people" if made else "judged"
    where = "images only" if evaluation.image_only else "images and the documents' own words"
    title = (
        f"{evaluation.dataset.name}: {first['pages']} pages, {first['queries']} queries ({kinds}); "
        f"{evaluation.model}, {where}"
    )
    return "\n".join(
        [title, "", *_aligned(_quality(entries)), "", *_aligned(_strengths(entries)), "", _levels(entries)]
    )


def _quality(entries: Sequence[dict[str, Any]]) -> list[list[str]]:
    baseline = entries[0]["baseline"]
    lines = [["prune", "nDCG@5", *([f"95 % against {baseline}"] if baseline else []), "recall@1", "recall@5"]]
    lines[0] += ["pointing", "IoU ≥ .5", "vectors", "bytes/page", "ms p50"]
    for entry in entries:
        interval, places = entry["ci"]["ndcg@5"], entry["highlight"]
        lines.append(
            [
                entry["prune"],
                f"{entry['ndcg@5']:.3f}",
                *([f"{interval[0]:+.3f} … {interval[1]:+.3f}"] if interval else []),
                f"{entry['recall@1']:.3f}",
                f"{entry['recall@5']:.3f}",
                f"{places['pointing']:.3f}" if places["n"] else "",
                f"{places['iou_hit']:.3f}" if places["n"] else "",
                f"{entry['vectors_per_page']:,.0f}",
                f"{entry['bytes_per_page']:,}",
                f"{entry['search_ms']['p50']:.0f}",
            ]
        )
    return lines


def _strengths(entries: Sequence[dict[str, Any]]) -> list[list[str]]:
    lines = [["strength", "calibration error", "weaker above stronger", "answerable refused"]]
    lines[0].append("off-topic refused")
    for entry in entries:
        found = entry["strength"]
        off_topic = found["off_topic"]
        lines.append(
            [
                entry["prune"],
                f"{found['calibration_error']:.3f}",
                f"{100 * found['weaker_above_stronger']:.0f} %",
                f"{100 * found['answerable_refused']:.1f} %",
                f"{off_topic['refused']} of {off_topic['queries']}",
            ]
        )
    return lines


def _levels(entries: Sequence[dict[str, Any]]) -> str:
    """The reliability table of the first setting: claimed against seen."""
    found = entries[0]["strength"]
    lines = [["strength of hits", "hits", "mean strength", "answer"]]
    spans = [(f"{one['from']:.1f} to {one['to']:.1f}", one) for one in found["bins"]]
    first = [(f"{name}, first of its list", one) for name, one in found["first_hits"].items()]
    for name, one in [*spans, *found["levels"].items(), *first]:
        lines.append([name, f"{one['hits']:,}", f"{one['strength']:.3f}", f"{one['right']:.3f}"])
    return "\n".join(_aligned(lines))


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Columns side by side: names to the left, numbers to the right."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]

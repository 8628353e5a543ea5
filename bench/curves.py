"""The figures of docs/pruning.md: `python -m bench.curves DATASET` (or `make curves`).

Measures the settings below with the built-in encoder on page images alone, then a few with the documents' own words.
Half an hour for 261 pages and 106 queries on two cores. Writes

    bench/out/curves.json         everything that was measured
    bench/out/curves.html         the report of `pagelight eval`, images alone
    docs/pruning.svg              quality over storage
    docs/pruning.md               the table between its two markers
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pagelight.app.evaluation import Evaluation, evaluate, open_dataset, rows, table
from pagelight.app.evaluation.chart import size
from pagelight.app.evaluation.curve_figure import quality_figure
from pagelight.app.evaluation.dataset import Dataset
from pagelight.app.evaluation.report import write_report
from pagelight.app.evaluation.report_table import at_equal_bytes
from pagelight.retrieval.encoders import BUILTIN, load_encoder

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

#: images alone; `default` stands for what the encoder itself recommends
SETTINGS = (
    "none",
    "ink",
    "default",
    "default@int8",
    "default@turbo8",
    "default@turbo4",
    "default@binary",
    "importance:0.5",
    "importance:0.5+pool:2",
    "importance:0.5+near:0.5",
)
#: with --quick
QUICK = ("none", "default", "default@turbo4", "importance:0.5")
#: with the documents' own words as well
HYBRID = ("none", "default", "default@turbo4", "random:0.03")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.curves", description=__doc__)
    parser.add_argument("dataset")
    parser.add_argument("--model", default=BUILTIN)
    parser.add_argument("--cache", type=Path, default=ROOT / "bench" / "out" / "pages", help="encoded pages")
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "out")
    parser.add_argument("--prune", action="append", metavar="SPEC", help="these settings instead")
    parser.add_argument("--quick", action="store_true", help="a third of the settings")
    parser.add_argument("--no-docs", action="store_true", help="leave docs/ as it is")
    options = parser.parse_args(arguments)
    dataset = open_dataset(options.dataset, options.cache)
    settings = tuple(options.prune or (QUICK if options.quick else SETTINGS))
    options.out.mkdir(parents=True, exist_ok=True)
    images = measured(dataset, options.model, options.cache, settings, image_only=True)
    write_report(images, options.out / "curves.html")
    print(table(images), flush=True)
    both = measured(dataset, options.model, options.cache, HYBRID, image_only=False)
    print(f"\n{table(both)}")
    found = {"images": rows(images, everything=True), "hybrid": rows(both, everything=True)}
    (options.out / "curves.json").write_text(json.dumps(found, indent=1), encoding="utf8")
    if not options.no_docs:
        (DOCS / "pruning.svg").write_text(quality_figure(images), encoding="utf8")
        page = DOCS / "pruning.md"
        page.write_text(_replaced(page.read_text(encoding="utf8"), figures(images, both)), encoding="utf8")
    return 0


def measured(
    dataset: Dataset, model: str, cache: Path, settings: Sequence[str], *, image_only: bool
) -> Evaluation:
    """The settings on page images alone, with controls; or with the documents' own words."""
    encoder = load_encoder(model)
    return evaluate(
        dataset,
        encoder,
        [setting.replace("default", encoder.info.pruning) for setting in settings],
        cache=cache,
        image_only=image_only,
        controls=image_only,
        page_views=12 if image_only else 0,
    )


def figures(images: Evaluation, both: Evaluation) -> str:
    """The two tables of docs/pruning.md as Markdown."""
    first = rows(images, everything=True)[0]
    lines = [
        "![nDCG@5 over bytes a page](pruning.svg)",
        "",
        f"{first['pages']} pages, {first['queries']} queries, `{images.model}`, page images alone:",
        "",
        "| setting | nDCG@5 | 95 % of the change | random at equal bytes | pointing | IoU | vectors | bytes a page |"
        " of none | search p50 |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    found = rows(images, everything=True)
    found.sort(key=lambda entry: -entry["bytes_per_page"])
    base = next(entry for entry in found if entry["prune"] == "none")
    lines += [_line(images, entry, base) for entry in found]
    lines += [
        "",
        "With the documents’ own words as well (BM25 and the words’ boxes are in the index too):",
        "",
        "| setting | nDCG@5 | 95 % of the change | pointing | IoU | bytes a page |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for entry in rows(both, everything=True):
        lines.append(
            f"| `{entry['prune']}` | {entry['ndcg@5']:.3f} | {_span(entry)} | {_highlight(entry, 'pointing')} | "
            f"{_highlight(entry, 'iou')} | {size(entry['bytes_per_page'])} |"
        )
    return "\n".join(lines)


def _line(evaluation: Evaluation, entry: dict[str, Any], base: dict[str, Any]) -> str:
    lot = at_equal_bytes(evaluation, evaluation.find(entry["prune"]))
    cells = [
        f"`{entry['prune']}`",
        f"{entry['ndcg@5']:.3f}",
        _span(entry),
        "" if lot is None else f"{lot:.3f}",
        _highlight(entry, "pointing"),
        _highlight(entry, "iou"),
        f"{entry['vectors_per_page']:,.0f}",
        size(entry["bytes_per_page"]),
        f"1/{base['bytes_per_page'] / entry['bytes_per_page']:.0f}" if entry is not base else "1",
        f"{entry['search_ms']['p50']:.0f} ms",
    ]
    return f"| {' | '.join(cells)} |"


def _highlight(entry: dict[str, Any], name: str) -> str:
    """Empty where no query has a labelled place."""
    value = entry["highlight"][name]
    return "" if value is None else f"{value:.3f}"


def _span(entry: dict[str, Any]) -> str:
    low, high = entry["ci"]["ndcg@5"]
    return f"{low:+.3f} … {high:+.3f}".replace("-", "−") if entry["prune"] != "none" else ""


def _replaced(text: str, inside: str) -> str:
    """`text` with what stands between the markers replaced."""
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"docs/pruning.md: expected {BEGIN} and {END}")
    return f"{head}{BEGIN}\n{inside}\n{END}{tail}"


if __name__ == "__main__":
    sys.exit(main())

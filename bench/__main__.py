"""`python -m bench [FOLDER] [--quick]`: how fast, how large, against what. Takes a few minutes.

Prints Markdown; the figures also go to bench/out/bench.json. Each measurement runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

from bench import child
from pagelight.ingest import tesseract

ROOT = Path(__file__).parents[1]
SUFFIXES = {".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp"}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "assets" / "samples")
    parser.add_argument("--pages", type=int, help="pages to index (default: 40, with --quick 8)")
    parser.add_argument(
        "--quick", action="store_true", help="few pages and small libraries, in about a minute"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "out" / "bench.json")
    options = parser.parse_args(arguments)
    files = [str(file) for file in sorted(options.folder.rglob("*")) if file.suffix.lower() in SUFFIXES]
    if not files:
        print(f"{options.folder}: no documents; name a folder that has some", file=sys.stderr)
        return 1
    limit = str(options.pages or (8 if options.quick else 40))
    results: dict[str, Any] = {"machine": machine(), "folder": options.folder.name}
    results["index"] = child.run("bench.stages", limit, *files)
    if tesseract.installed_languages():
        results["tesseract"] = child.run("bench.tesseract_indexing", str(results["index"]["pages"]), *files)
    sizes = ((200, 10), (1000, 10)) if options.quick else ((1000, 40), (10_000, 40))
    results["search"] = [child.run("bench.searching", str(pages), str(queries)) for pages, queries in sizes]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf8")
    print(markdown(results))
    return 0


def machine() -> dict[str, Any]:
    """The facts of the machine that the figures depend on."""
    return {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()}


def markdown(results: dict[str, Any]) -> str:
    """The results as two tables, ratios beside absolute figures."""
    index = results["index"]
    pages, total, searchable = index["pages"], index["seconds"], index["searchable_seconds"]
    lines = [
        f"{results['machine']['cores']} cores, {index['model']}, `{index['pruning']}`, {pages} pages "
        f"of {results['folder']}:",
        "",
        "| indexing | pages/s | at work, share of the time |",
        "|---|---:|---:|",
        *(
            f"| {stage} | {pages / max(seconds, 1e-9):.1f} | {100 * seconds / total:.0f} % |"
            for stage, seconds in index["stages"].items()
        ),
        f"| **found by words and looks** | **{pages / searchable:.1f}** | {100 * searchable / total:.0f} % |",
        f"| **all of it, understood** | **{pages / total:.1f}** | |",
    ]
    if "tesseract" in results:
        read = results["tesseract"]
        speed = read["pages"] / read["seconds"]
        lines.append(
            f"| Tesseract + BM25 on the same pages, all cores | {speed:.2f} | "
            f"found {pages / searchable / speed:.1f} ×, all of it {pages / total / speed:.1f} × as fast |"
        )
    else:
        lines.append("| Tesseract + BM25 | skipped: tesseract is not installed | |")
    lines += [
        "",
        f"{index['vectors_per_page']:.0f} vectors and {index['bytes_per_page'] / 1000:.1f} kB a page on disk; peak "
        f"memory {index['peak_bytes'] / 1e6:.0f} MB, the renderer's {index['peak_bytes_of_children'] / 1e6:.0f} MB; "
        f"the model loads and is ready in {index['load_seconds']:.1f} s.",
        "",
        "| synthetic pages | search p50 / p95 ms | the query's vectors before | every page compared |"
        " numpy MaxSim, exhaustive | ratio to numpy | CPU ms a search | among the candidates | same top 10 | upsert ms a page | opening s | kB a page |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for found in results["search"]:
        cells = [
            f"{found['pages']:,}",
            *(_both(found[key]) for key in ("search_ms", "encode_ms", "exact_ms", "numpy_maxsim_ms")),
            f"{found['numpy_maxsim_ms']['p50'] / found['search_ms']['p50']:.1f} ×",
            f"{found['search_cpu_ms']:.0f}",
            f"{100 * found['first_stage_recall']:.0f} %",
            f"{100 * found['same_top_10']:.0f} %",
            f"{found['upsert_ms_per_page']:.1f}",
            f"{found['open_seconds']:.1f}",
            f"{found['bytes_per_page'] / 1000:.1f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _both(milliseconds: dict[str, float]) -> str:
    return f"{milliseconds['p50']:.0f} / {milliseconds['p95']:.0f}"


if __name__ == "__main__":
    sys.exit(main())

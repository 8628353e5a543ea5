"""The race of search engines, in public: `python -m bench.race [--pages 1000] [--shape built-in] [--python fast-plaid=PATH]`.

The same synthetic pages and queries for each, one after the other, each in a process of its own: the whole top 10 by
MaxSim. Lost races are printed like won ones. numpy, the embedded Pagelight and qdrant-client are always there; maxsim-cpu,
fast-plaid and xtr-warp-rs run where they can be imported, in this environment or in one that --python names (they pin
versions of PyTorch that are not ours). Prints Markdown; the figures also go to OUT/race.json.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.race_engines import ENGINES, TOP_K
from bench.race_pages import SHAPES, Shape, queries, write_pages

ROOT = Path(__file__).parents[1]
#: what the others are compared with
REFERENCE = "numpy, exhaustive"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.race", description=__doc__)
    parser.add_argument("--pages", type=int, action="append", help="may be repeated (default: 1000)")
    parser.add_argument(
        "--shape", action="append", choices=[s.name for s in SHAPES], help="default: built-in"
    )
    parser.add_argument("--engine", action="append", choices=list(ENGINES), help="default: all")
    parser.add_argument("--queries", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=1800, help="for one engine on one library")
    parser.add_argument(
        "--python", action="append", default=[], metavar="ENGINE=PATH", help="an interpreter that has it"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "out")
    options = parser.parse_args(arguments)
    interpreters = dict(rule.split("=", 1) for rule in options.python)
    engines = list(dict.fromkeys([REFERENCE, *(options.engine or ENGINES)]))
    options.out.mkdir(parents=True, exist_ok=True)
    races = []
    for name in options.shape or [SHAPES[0].name]:
        shape = next(shape for shape in SHAPES if shape.name == name)
        for n_pages in options.pages or [1000]:
            race = run_race(shape, n_pages, options.queries, engines, interpreters, options.seconds)
            races.append({"shape": name, "pages": n_pages, "engines": race})
            print(markdown(shape, n_pages, race), end="\n\n", flush=True)
            (options.out / "race.json").write_text(json.dumps(races, indent=1) + "\n", encoding="utf8")
    return 0


def run_race(
    shape: Shape,
    n_pages: int,
    n_queries: int,
    engines: Sequence[str],
    interpreters: dict[str, str],
    seconds: float,
) -> dict[str, dict[str, Any]]:
    """The time and the results of each engine; {"failed": reason} for one that did not get there."""
    results: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="pagelight-race-") as scratch:
        pages, asked = Path(scratch) / "pages.npy", Path(scratch) / "queries.npy"
        write_pages(shape, n_pages, pages)
        np.save(asked, queries(shape, np.load(pages, mmap_mode="r"), n_queries))
        for number, name in enumerate(engines):
            print(f"{shape.name}, {n_pages:,} pages: {name}", file=sys.stderr)
            folder = Path(scratch) / f"engine-{number}"
            folder.mkdir()
            python = interpreters.get(name, sys.executable)
            results[name] = _run(python, name, pages, asked, folder, seconds)
    reference = results[REFERENCE].get("found", [])
    for result in results.values():
        found = result.pop("found", None)
        if found and reference:
            same = [len(set(a) & set(b)) / TOP_K for a, b in zip(found, reference, strict=True)]
            result["same_top_10"] = float(np.mean(same))
    return results


def _run(python: str, name: str, pages: Path, asked: Path, folder: Path, seconds: float) -> dict[str, Any]:
    command = [python, "-m", "bench.race_engines", name, str(pages), str(asked), str(folder)]
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=seconds,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": path},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {seconds:.0f} s"}
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        return {"failed": lines[-1][:120] if lines else f"exit status {done.returncode}"}
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def markdown(shape: Shape, n_pages: int, race: dict[str, dict[str, Any]]) -> str:
    """A table of one race, the fastest first, those that did not get there last."""
    reference = race[REFERENCE].get("p50_ms")
    lines = [
        f"{n_pages:,} pages of {shape.n_vectors} × {shape.dim}, queries of {shape.n_tokens} tokens "
        f"({shape.name}), {os.cpu_count()} cores:",
        "",
        "| engine | p50 ms | p95 ms | against numpy | same top 10 | build s | kB a page | peak memory MB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, one in sorted(race.items(), key=lambda entry: entry[1].get("p50_ms", float("inf"))):
        if "failed" in one:
            lines.append(f"| {name} | {one['failed']} | | | | | | |")
            continue
        cells = [
            name,
            f"{one['p50_ms']:.1f}",
            f"{one['p95_ms']:.1f}",
            f"{reference / one['p50_ms']:.2f} ×" if reference else "",
            f"{100 * one['same_top_10']:.0f} %" if "same_top_10" in one else "",
            f"{one['build_seconds']:.1f}",
            f"{one['bytes'] / n_pages / 1000:.1f}" if one["bytes"] else "in memory",
            f"{one['peak_bytes'] / 1e6:.0f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m training.run`: everything in one command: fetch, make crops, train both nets, measure, export.

Each step is skipped where its result exists, so that the command goes on where it was stopped.
Needs a Debian system (apt-get, dpkg; no root) and some 8 GB of disk under --work.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from training.packages import DOCUMENTS, FONTS, HELD_OUT, WORD_LISTS, unpack


def step(module: str, *arguments: object) -> None:
    """Run one module of the training in its own process."""
    subprocess.run([sys.executable, "-m", module, *map(str, arguments)], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--work", type=Path, default=Path("build/training"), help="packages, crops and checkpoints"
    )
    parser.add_argument("--minutes", type=float, default=240, help="of the page reader's training")
    parser.add_argument("--real", type=int, default=120, help="shards of 64 crops of real pages")
    parser.add_argument("--drawn", type=int, default=40, help="shards of 64 crops of drawn pages")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    root, held, pool = (arguments.work / name for name in ("root", "held", "pool"))
    for packages, folder in (([*WORD_LISTS, *FONTS, *DOCUMENTS], root), ([*WORD_LISTS, *HELD_OUT], held)):
        if missing := unpack(packages, folder):
            print(f"not in this release, left out: {', '.join(missing)}", file=sys.stderr)
    step("training.data", "--root", root, "--pool", pool, "--kind", "real", "--shards", arguments.real)
    step("training.data", "--root", root, "--pool", pool, "--kind", "drawn", "--shards", arguments.drawn)
    for number, kind in enumerate(("real", "drawn")):
        worker = ("--worker", 1000 + number)
        source = held if kind == "real" else root
        step(
            "training.data",
            "--root",
            source,
            "--pool",
            arguments.work / "test",
            "--kind",
            kind,
            "--shards",
            3,
            *worker,
        )
    words = root / "usr/share/dict"
    checkpoint = arguments.work / "run" / "checkpoint.pt"
    options = [
        "--pool",
        pool,
        "--dict",
        words,
        "--minutes",
        arguments.minutes,
        "--workers",
        arguments.workers,
    ]
    options += ["--resume", checkpoint] if checkpoint.exists() else []
    step("training.train", "--out", checkpoint.parent, "--device", arguments.device, *options)
    measured = arguments.work / "measured.json"
    step(
        "training.evaluate", checkpoint, "--pool", arguments.work / "test", "--dict", words, "--out", measured
    )
    step("training.export", checkpoint, "--measured", measured)


if __name__ == "__main__":
    main()

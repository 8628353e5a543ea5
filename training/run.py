"""`python -m training.run`: everything in one command: fetch, make crops, train both nets, measure, export.

Each step is skipped where its result exists, so that the command goes on where it was stopped. Training begins with the
weights that Pagelight ships, or with untrained ones (--fresh).
Needs a Debian system (apt-get, dpkg; no root) and some 8 GB of disk under --work.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from training.packages import DOCUMENTS, FONTS, HELD_OUT, WORD_LISTS, unpack
from training.vocabulary import ASSETS

HELD_WORKER = 1000  # data's workers from this number on draw crops that training does not see


def step(module: str, *arguments: object) -> None:
    """Run one module of the training in its own process."""
    subprocess.run([sys.executable, "-m", module, *map(str, arguments)], check=True)


def fetch(root: Path, held_out: Path) -> None:
    """Unpack the packages to train on and those to measure with, each where it is missing."""
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        sys.exit("training.run needs apt-get and dpkg: run it on Debian")
    for packages, folder in (([*WORD_LISTS, *FONTS, *DOCUMENTS], root), ([*WORD_LISTS, *HELD_OUT], held_out)):
        missing = unpack(packages, folder)
        if len(missing) == len(packages):
            sys.exit("apt-get gave none of the packages; does it need apt-get update, or a network?")
        if missing:
            print(f"not in this release, left out: {', '.join(missing)}", file=sys.stderr)


def fill(pool: Path, kind: str, root: Path, shards: int, worker: int = 0) -> None:
    """Shards of crops of one kind, those that are missing."""
    step(
        "training.data",
        "--root",
        root,
        "--pool",
        pool,
        "--kind",
        kind,
        "--shards",
        shards,
        "--worker",
        worker,
    )


def learn(checkpoint: Path, pool: Path, words: Path, arguments: argparse.Namespace) -> None:
    """Train from the checkpoint on; make the first one where there is none."""
    if not checkpoint.exists():
        step(
            "training.init_checkpoint",
            "--pool",
            pool,
            "--out",
            checkpoint,
            *(["--fresh"] if arguments.fresh else []),
        )
    sources = ("--resume", checkpoint, "--pool", pool, "--dict", words)
    limits = ("--minutes", arguments.minutes, "--workers", arguments.workers, "--device", arguments.device)
    # a reader that goes on learns the words' places as they are: vocabulary and thresholds stay
    kept = () if arguments.fresh else ("--keep-words",)
    step("training.train", "--out", checkpoint.parent, *sources, *limits, *kept)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument(
        "--work", type=Path, default=Path("build/training"), help="packages, crops and checkpoints"
    )
    parser.add_argument("--out", type=Path, default=ASSETS, help="where the weights and their figures go")
    parser.add_argument("--fresh", action="store_true", help="begin with untrained weights")
    parser.add_argument("--minutes", type=float, default=240, help="of the page reader's training")
    parser.add_argument("--real", type=int, default=120, help="shards of 64 crops of real pages")
    parser.add_argument("--drawn", type=int, default=40, help="shards of 64 crops of drawn pages")
    parser.add_argument("--held-out", type=int, default=3, help="shards of each kind to measure with")
    parser.add_argument("--workers", type=int, default=2, help="processes that train")
    parser.add_argument("--device", default="cpu", help="cpu or cuda, for training alone")
    arguments = parser.parse_args()
    root, held_out, pool, test = (arguments.work / name for name in ("root", "held-out", "pool", "test"))
    fetch(root, held_out)
    fill(pool, "real", root, arguments.real)
    fill(pool, "drawn", root, arguments.drawn)
    fill(test, "real", held_out, arguments.held_out, HELD_WORKER)
    fill(test, "drawn", root, arguments.held_out, HELD_WORKER + 1)
    words, checkpoint = root / "usr/share/dict", arguments.work / "run" / "checkpoint.pt"
    learn(checkpoint, pool, words, arguments)
    measured = arguments.work / "measured.json"
    step("training.evaluate", checkpoint, "--pool", test, "--dict", words, "--out", measured)
    step("training.export", checkpoint, "--measured", measured, "--out", arguments.out)


if __name__ == "__main__":
    main()

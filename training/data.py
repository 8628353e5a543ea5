"""`python -m training.data`: fill a pool of labelled crops from the PDFs and fonts of Debian packages.

Several may run at once with different --worker numbers, while a training already reads what is there.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from training.crops import Crop, write_shard
from training.drawn import drawn_files
from training.pdfcrops import crops_of, find_pdfs
from training.words import folded, read_lists

CROPS_PER_SHARD = 64
MOST_WORKERS = 10_000  # one seed for each worker and each shard that it may go on from


def real_crops(root: Path, seed: int) -> Iterator[Crop]:
    """Crops of the documentation's pages without end; files that do not open are skipped."""
    rng = random.Random(seed)
    known = frozenset(folded(read_lists(root / "usr/share/dict").values()))
    paths = find_pdfs(root)
    while True:
        path = rng.choice(paths)
        try:
            yield from crops_of(path, known, rng)
        except Exception as error:  # a broken file among thousands must not stop the pool
            print(f"{path.name}: {error!r}"[:200], file=sys.stderr, flush=True)


def drawn_crops(root: Path, seed: int) -> Iterator[Crop]:
    """Crops of pages drawn with the packages' fonts and word lists, without end."""
    rng = random.Random(seed)
    lists = read_lists(root / "usr/share/dict")
    with tempfile.TemporaryDirectory() as folder:
        for path in drawn_files(root, lists, Path(folder) / "drawn.pdf", rng):
            yield from crops_of(path, frozenset(), rng, trusted=True)


def shard(pool: Path, name: str, number: int) -> Path:
    """The path of a shard."""
    return pool / f"{name}-{number:04d}.npz"


def seed_of(pool: Path, name: str, worker: int, n_shards: int) -> int:
    """The worker's seed; another one where it goes on after shards that exist, whose crops it would repeat."""
    there = 0
    while there < n_shards and shard(pool, name, there).exists():
        there += 1
    return worker + MOST_WORKERS * there


def fill(pool: Path, name: str, crops: Iterator[Crop], n_shards: int, first: int = 0) -> None:
    """Write `n_shards` files of shuffled crops, skipping those that exist."""
    for number in range(first, n_shards):
        path = shard(pool, name, number)
        if path.exists():
            continue
        start = time.monotonic()
        gathered = [crop for crop in (next(crops) for _ in range(CROPS_PER_SHARD)) if len(crop.words) >= 8]
        write_shard(gathered, path)
        n_words = sum(len(crop.words) for crop in gathered) / max(len(gathered), 1)
        rate = len(gathered) / (time.monotonic() - start)
        print(
            f"{path.name}: {len(gathered)} crops, {n_words:.0f} words a crop, {rate:.1f} a second", flush=True
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="where the packages are unpacked")
    parser.add_argument("--pool", type=Path, required=True)
    parser.add_argument("--kind", choices=["real", "drawn"], default="real")
    parser.add_argument("--shards", type=int, default=100)
    parser.add_argument("--worker", type=int, default=0)
    arguments = parser.parse_args()
    name = f"{arguments.kind}{arguments.worker}"
    seed = seed_of(arguments.pool, name, arguments.worker, arguments.shards)
    crops = (real_crops if arguments.kind == "real" else drawn_crops)(arguments.root, seed)
    fill(arguments.pool, name, crops, arguments.shards)


if __name__ == "__main__":
    main()

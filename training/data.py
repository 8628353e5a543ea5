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


def fill(pool: Path, name: str, crops: Iterator[Crop], n_shards: int, first: int = 0) -> None:
    """Write `n_shards` files of shuffled crops, skipping those that exist."""
    for number in range(first, n_shards):
        path = pool / f"{name}-{number:04d}.npz"
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
    crops = (real_crops if arguments.kind == "real" else drawn_crops)(arguments.root, arguments.worker)
    fill(arguments.pool, f"{arguments.kind}{arguments.worker}", crops, arguments.shards)


if __name__ == "__main__":
    main()

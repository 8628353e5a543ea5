"""Mutated files through the renderer and the encoder: `python -m bench.fuzz [N] [--seed S]`.

Samples of every type are damaged (bytes changed, pieces cut, doubled or swapped, numbers replaced), rendered and
encoded. Counted are files that gave pages and refusals; whatever is neither is printed and fails the run: a crash or
traceback of this process, a hang, a refusal of more than one line.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import torch
from PIL import Image

from pagelight.app.folders import SAMPLES
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.renderer import Renderer
from pagelight.ingest.tiles import joined_page, tiles_of
from pagelight.retrieval.encoders.builtin.builtin_encoder import BuiltinEncoder
from pagelight.retrieval.errors import DocumentError

#: Larger samples are left out: most of their bytes are the same kind of bytes.
_MAX_BYTES = 250_000
#: Limits that keep a run of thousands short.
LIMITS = Limits(seconds_per_page=10, memory_mb=1024, max_pages=50, max_pixels=20_000_000)
#: Seconds that a file may take beyond its pages' own limits, before it counts as a hang.
_HANG_SECONDS = 120.0
#: Pages of a file that are encoded.
_ENCODED = 1
_NUMBERS = (b"0", b"-1", b"1e9", b"65536", b"2147483648", b"0.00001", b"99999999999999999999")

Mutation = Callable[[bytearray, Random], bytearray]


def _flip(data: bytearray, random: Random) -> bytearray:
    for _ in range(random.choice((1, 4, 32))):
        data[random.randrange(len(data))] = random.randrange(256)
    return data


def _cut(data: bytearray, random: Random) -> bytearray:
    start = random.randrange(len(data))
    return data[:start] + data[start + random.randrange(1, 2000) :]


def _end(data: bytearray, random: Random) -> bytearray:
    return data[: random.randrange(1, len(data) + 1)]


def _double(data: bytearray, random: Random) -> bytearray:
    start = random.randrange(len(data))
    return data[:start] + data[start : start + random.randrange(1, 500)] * 2 + data[start:]


def _number(data: bytearray, random: Random) -> bytearray:
    """Replace a number that is written in digits: sizes, offsets, counts, lengths."""
    found = [match.span() for match in re.finditer(rb"\d+", bytes(data))]
    if not found:
        return _flip(data, random)
    start, end = random.choice(found)
    return data[:start] + random.choice(_NUMBERS) + data[end:]


MUTATIONS: tuple[Mutation, ...] = (_flip, _flip, _cut, _end, _double, _number, _number)


def mutated(data: bytes, random: Random) -> bytes:
    """The file with one to three mutations."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 3))):
        if changed:
            changed = random.choice(MUTATIONS)(changed, random)
    return bytes(changed)


def samples(folder: Path) -> list[bytes]:
    """Small files of every type: the bundled documents, the tests' cases where they are, and pictures made here."""
    places = [*SAMPLES.glob("*.pdf"), *(Path(__file__).parents[1] / "tests" / "cases").glob("*.*")]
    found = [path.read_bytes() for path in sorted(places) if path.suffix != ".py"]
    picture = Image.linear_gradient("L").convert("RGB").resize((300, 400))
    for suffix in ("png", "jpg", "tiff", "webp", "gif", "bmp", "jp2", "avif"):
        path = folder / f"sample.{suffix}"
        picture.save(path)
        found.append(path.read_bytes())
    return [data for data in found if len(data) <= _MAX_BYTES]


def fuzz(n: int, seed: int = 0, encode: bool = True) -> Counter[str]:
    """Counts of "pages", "refused", and of what must not be: "crash", "hang", "long refusal"."""
    torch.set_num_threads(1)
    random, counts = Random(seed), Counter[str]()
    encoder = BuiltinEncoder.load() if encode else None
    with tempfile.TemporaryDirectory() as name, Renderer(LIMITS) as renderer:
        files = samples(Path(name))
        path = Path(name) / "mutated"
        for number in range(n):
            path.write_bytes(mutated(random.choice(files), random))
            started = time.monotonic()
            with _counted(counts, number):
                pages = _pages(renderer, path)
                if encoder and pages:
                    _encode(encoder, pages)
                counts["pages"] += 1
            if time.monotonic() - started > _HANG_SECONDS:
                counts["hang"] += 1
                print(f"file {number}: took {time.monotonic() - started:.0f} s", file=sys.stderr)
    return counts


@contextmanager
def _counted(counts: Counter[str], number: int) -> Iterator[None]:
    try:
        yield
    except DocumentError as error:
        counts["refused" if "\n" not in str(error) and str(error) else "long refusal"] += 1
    except Exception as error:
        counts["crash"] += 1
        print(f"file {number}: {type(error).__name__}: {error}", file=sys.stderr)


def _pages(renderer: Renderer, path: Path) -> list[Image.Image]:
    """The first pages; all of them are drawn."""
    images = []
    for page in renderer.pages(path, 130, on_skip=lambda number, reason: None):
        if len(images) < _ENCODED:
            images.append(page.image)
    return images


def _encode(encoder: BuiltinEncoder, images: list[Image.Image]) -> None:
    for image in images:
        tiles = tiles_of(image, encoder.info.dpi)
        pieces = [image.crop((tile.left, tile.top, tile.right, tile.bottom)) for tile in tiles]
        joined_page(tiles, encoder.encode_pages(pieces), image.size)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("n", nargs="?", type=int, default=1000, help="files")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--render-only", action="store_true", help="do not encode")
    options = parser.parse_args()
    counts = fuzz(options.n, options.seed, not options.render_only)
    print(f"{options.n} files: " + ", ".join(f"{count} {what}" for what, count in sorted(counts.items())))
    sys.exit(1 if counts["crash"] or counts["hang"] or counts["long refusal"] else 0)


if __name__ == "__main__":
    main()

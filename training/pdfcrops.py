"""Crops of real PDF pages, rendered by pdfium or poppler, labelled from their own text layer."""

import io
import random
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray
from PIL import Image

from training.crops import HEIGHT, WIDTH, Crop, Glyph, Word, label
from training.degrade import turn, wear
from training.textlayer import TextLayer, believable, read_layer, visible

PAGES_PER_FILE = 14
LARGEST_SIDE = 2600  # pixels rendered


def find_pdfs(folder: Path) -> list[Path]:
    """Every PDF under a folder, in a fixed order; font catalogues of extinct scripts left out."""
    paths = (path for path in folder.rglob("*.pdf") if path.is_file())
    return sorted(path for path in paths if "archaic" not in str(path) and "asymptote" not in str(path))


def crops_of(
    path: Path, known: frozenset[str], rng: random.Random, *, trusted: bool = False
) -> Iterator[Crop]:
    """Crops of a few pages of one file; `trusted` skips the check that its words are words."""
    document = pdfium.PdfDocument(path)
    try:
        numbers = rng.sample(range(len(document)), min(PAGES_PER_FILE, len(document)))
        for number in numbers:
            page = document[number]
            if (
                page.get_rotation() == 0
                and page.get_mediabox()[:2] == (0, 0)
                and page.get_cropbox() == page.get_mediabox()
            ):
                yield from _page_crops(path, number, page, known, rng, trusted)
            page.close()
    finally:
        document.close()


def _page_crops(
    path: Path, number: int, page: pdfium.PdfPage, known: frozenset[str], rng: random.Random, trusted: bool
) -> Iterator[Crop]:
    layer = read_layer(page, 1.0)
    sizes = [word.size for word in layer.words]
    if len(sizes) < 12 or not (trusted or believable(layer.words, known)):
        return
    scale = _scale(statistics.median(sizes), rng)
    if max(page.get_size()) * scale > LARGEST_SIDE:
        return
    image = _render(path, number, page, scale, rng)
    layer = read_layer(page, scale)
    seen = tuple(word for word in layer.words if visible(word, image))
    if len(seen) < 0.7 * len(layer.words):
        return
    for _ in range(1 if image.shape[0] * image.shape[1] < 1.5 * HEIGHT * WIDTH else 2):
        yield crop_around(image, TextLayer(layer.glyphs, seen, layer.unknown), rng)


def _scale(body: float, rng: random.Random) -> float:
    """Pixels a point: as the product renders, or so that body text of `body` points falls in the readable sizes."""
    if rng.random() < 0.5:
        return rng.choice([100, 100, 100, 110, 120, 130]) / 72
    wanted = min(max(rng.lognormvariate(2.5, 0.27), 7.5), 24.0)
    return min(max(wanted / body, 0.6), 3.0)


def _render(
    path: Path, number: int, page: pdfium.PdfPage, scale: float, rng: random.Random
) -> NDArray[np.uint8]:
    """A gray picture, height x width; renderers and reductions take turns."""
    kind = rng.random()
    size = (round(page.get_width() * scale), round(page.get_height() * scale))
    if kind < 0.12:
        command = [
            "pdftoppm",
            "-gray",
            "-r",
            f"{72 * scale:.2f}",
            "-f",
            str(number + 1),
            "-singlefile",
            str(path),
        ]
        made = subprocess.run(command, capture_output=True, timeout=30, check=True).stdout
        return np.asarray(Image.open(io.BytesIO(made)).convert("L"))
    if kind < 0.35:  # drawn larger and reduced, as a page shown at 150 or 200 dpi and read at 100
        large = page.render(scale=scale * rng.choice([1.5, 2.0]), grayscale=True).to_pil().convert("L")
        return np.asarray(large.resize(size, rng.choice([Image.Resampling.BOX, Image.Resampling.BILINEAR])))
    return np.asarray(page.render(scale=scale, grayscale=True).to_pil().convert("L"))


def crop_around(image: NDArray[np.uint8], layer: TextLayer, rng: random.Random) -> Crop:
    """One crop with a random word near its middle; now and then turned a little, or worn like a scan."""
    target = rng.choice(layer.words)
    x = _start(target.x0 - rng.uniform(0.15, 0.85) * WIDTH, image.shape[1] - WIDTH)
    y = _start(target.centre - rng.uniform(0.15, 0.85) * HEIGHT, image.shape[0] - HEIGHT)
    paper = int(np.median(image[::8, ::8]))
    cut = np.full((HEIGHT, WIDTH), paper, np.uint8)
    part = image[y : y + HEIGHT, x : x + WIDTH]
    cut[: part.shape[0], : part.shape[1]] = part
    glyphs: Sequence[Glyph] = [
        Glyph(g.letter, g.x0 - x, g.x1 - x, g.centre - y, g.size)
        for g in layer.glyphs
        if -20 < g.centre - y < HEIGHT + 20 and -20 < g.x0 - x < WIDTH + 20
    ]
    words: Sequence[Word] = [Word(w.text, w.x0 - x, w.x1 - x, w.centre - y, w.size) for w in layer.words]
    unknown = [(a - x, b - y, c - x, d - y) for a, b, c, d in layer.unknown]
    if rng.random() < 0.15:
        cut, glyphs, words = turn(cut, glyphs, words, rng.uniform(-0.8, 0.8), paper)
    if rng.random() < 0.25:
        cut = wear(cut, rng)
    return label(cut, glyphs, words, unknown)


def _start(wanted: float, last: int) -> int:
    return int(min(max(wanted, 0), max(last, 0)))

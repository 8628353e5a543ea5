"""Pictures of real documents, looked at and named one by one, to paste into practice pages, and to measure with.

``real.csv`` lists them: a file of an unpacked Debian package (see `PACKAGES`), its page (0: the file is a picture),
a box relative to the page, the look, and the part. Those of part ``check`` are never trained on. The documents of one
folder are of one part; of the picture files of a few packages, some are trained on and others measured with.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image

from pagelight.retrieval.encoders.builtin.figures.query_words import CELL, FIGURE_KINDS, LONG_SIDE
from training.figures.canvas import make_style
from training.figures.material import root
from training.figures.sheet import Sheet, in_cells, paragraph

Part = Literal["train", "check"]
Box = tuple[float, float, float, float]

PACKAGES = (
    "debian-edu-doc-en",
    "gimp-help-en",
    "graphviz-doc",
    "grass-doc",
    "kicad-doc-en",
    "lomiri-wallpapers-16.04",
    "lomiri-wallpapers-20.04",
    "marble-data",
    "mate-backgrounds",
    "openclipart-png",
    "python-pandas-doc",
    "python-scipy-doc",
    "python-skimage-doc",
    "python-sklearn-doc",
    "wireshark-doc",
)
"""Beside ``DOCUMENTS`` and ``HELD_OUT`` of `training.packages`."""
UNKNOWN = 255
"""A cell of which nobody said what it shows."""
_SIDE = 1056
_LABELS = Path(__file__).with_suffix(".csv")


@dataclass(frozen=True, slots=True)
class RealThing:
    """page: from 1, or 0 for a picture; box: x0, y0, x1, y1 relative to the page; look: one of FIGURE_KINDS."""

    file: str
    page: int
    box: Box
    look: str
    part: str


@dataclass(slots=True)
class RealPage:
    """A page with its named things: their boxes relative to the page, and looks.

    image: (n_rows, n_cols, 3) uint8, small
    cells: (n_rows / CELL, n_cols / CELL) uint8: FIGURE_KINDS from 1, 0 background, UNKNOWN where nobody said
    numbers: as cells: which of the things it is, from 1
    """

    image: NDArray[np.uint8]
    things: list[tuple[Box, str]]
    cells: NDArray[np.uint8]
    numbers: NDArray[np.uint8]


def boxed_page(image: NDArray[np.uint8], things: list[tuple[Box, str]]) -> RealPage:
    """A page of which no more is known than its things' boxes."""
    rows, columns = image.shape[0] // CELL, image.shape[1] // CELL
    cells, numbers = np.full((rows, columns), UNKNOWN, np.uint8), np.zeros((rows, columns), np.uint8)
    for number, ((x0, y0, x1, y1), look) in enumerate(things, 1):
        top, left = round(y0 * rows), round(x0 * columns)
        inside = (
            slice(top, max(top + 1, round(y1 * rows))),
            slice(left, max(left + 1, round(x1 * columns))),
        )
        cells[inside], numbers[inside] = FIGURE_KINDS.index(look) + 1, number
    return RealPage(image, things, cells, numbers)


def listed() -> list[RealThing]:
    """All that the list names."""
    with _LABELS.open(newline="", encoding="utf-8") as file:
        return [
            RealThing(
                row["file"],
                int(row["page"]),
                (float(row["left"]), float(row["top"]), float(row["right"]), float(row["bottom"])),
                row["look"],
                row["part"],
            )
            for row in csv.DictReader(file)
        ]


def real_things(part: Part) -> list[RealThing]:
    """The things that the list names of a part, without those whose files are missing."""
    things = [thing for thing in listed() if thing.part == part]
    there = {file for file in {thing.file for thing in things} if (root() / file).exists()}
    return [thing for thing in things if thing.file in there]


def _opened(file: str, page: int) -> Image.Image:
    """A page or picture in RGB, on white, at most _SIDE pixels long."""
    if page:
        with pypdfium2.PdfDocument(root() / file) as document:
            width, height = document[page - 1].get_size()
            image: Image.Image = document[page - 1].render(scale=_SIDE / max(width, height)).to_pil()
        return image.convert("RGB")
    picture = Image.open(root() / file).convert("RGBA")
    picture.thumbnail((_SIDE, _SIDE))
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture)
    return white


def _by_page(things: Iterable[RealThing]) -> Iterator[tuple[Image.Image, list[RealThing]]]:
    pages: dict[tuple[str, int], list[RealThing]] = {}
    for thing in things:
        pages.setdefault((thing.file, thing.page), []).append(thing)
    for (file, page), found in pages.items():
        yield _opened(file, page), found


def _cut(image: Image.Image, box: Box) -> Image.Image:
    width, height = image.size
    return image.crop(
        (round(box[0] * width), round(box[1] * height), round(box[2] * width), round(box[3] * height))
    )


def make_crops(folder: Path) -> None:
    """The pictures to train on as ``folder/<look>/real<n>.png``; those that are there are kept."""
    if (folder / "crops.done").exists():
        return
    counts: dict[str, int] = {}
    for image, things in _by_page(real_things("train")):
        for thing in things:
            number = counts[thing.look] = counts.get(thing.look, 0) + 1
            path = folder / thing.look / f"real{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            _cut(image, thing.box).save(path)
    (folder / "crops.done").touch()


def real_pages(part: Part, times: int = 1) -> list[RealPage]:
    """Whole pages of documents; pictures laid on pages of words, so many times, each by its own chance."""
    made = []
    for image, things in _by_page(real_things(part)):
        if things[0].page:
            made.append(boxed_page(_shrunk(image), [(thing.box, thing.look) for thing in things]))
            continue
        for thing in things:
            picture = _cut(image, thing.box)
            for time in range(times):
                seed = f"{thing.file} {thing.box}" + (f" {time}" if time else "")
                made.append(_laid(picture, thing.look, random.Random(seed)))
    return made


def _shrunk(image: Image.Image) -> NDArray[np.uint8]:
    share = LONG_SIDE / max(image.size)
    width, height = (max(4 * CELL, round(side * share / CELL) * CELL) for side in image.size)
    return np.array(image.resize((width, height), Image.Resampling.BOX))


def _laid(picture: Image.Image, look: str, rng: random.Random) -> RealPage:
    """A page or slide with the picture among words."""
    size = (1056, 594) if rng.random() < 0.35 else (816, 1056)
    style = make_style(rng)
    style.background, style.ink = (255, 255, 255), (0, 0, 0)
    sheet = Sheet(style, Image.new("RGB", size, "white"), Image.new("L", size), Image.new("L", size))
    wide, tall = size[0] * rng.uniform(0.4, 0.8), size[1] * rng.uniform(0.3, 0.6)
    share = min(wide / picture.width, tall / picture.height, 2.0)
    shown = picture.resize(
        (max(40, round(picture.width * share)), max(40, round(picture.height * share))),
        Image.Resampling.LANCZOS,
    )
    x, y = (size[0] - shown.width) // 2, round(size[1] * rng.uniform(0.12, 0.3))
    margin = 70
    sheet.text((margin, 30), style.words(4), 1.5, bold=True, name="heading")
    top = 70
    while top < y - 40:
        top = paragraph(sheet, (margin, top, size[0] - margin, y - 20))
    box = sheet.paste(shown, (x, y), look)
    top = y + shown.height + 24
    while top < size[1] - 60:
        top = paragraph(sheet, (margin, top, size[0] - margin, size[1] - 50))
    image = _shrunk(sheet.image)
    cells, numbers = in_cells([sheet.labels, sheet.numbers], image.shape[1] // CELL, image.shape[0] // CELL)
    place = (box[0] / size[0], box[1] / size[1], box[2] / size[0], box[3] / size[1])
    return RealPage(image, [(place, look)], cells, numbers)

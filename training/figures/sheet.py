"""A sheet that is being filled: text and things are drawn on it, and their places marked."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

from pagelight.retrieval.encoders.builtin.figures.query_words import FIGURE_KINDS
from training.figures.canvas import Style, line_bank, mix
from training.figures.charts import CHARTS
from training.figures.diagrams import diagram
from training.figures.forms import form, signature
from training.figures.formulas import formula
from training.figures.maps import geographic_map
from training.figures.pictures import drawing, heat_map, logo, photo
from training.figures.screens import screenshot
from training.figures.things import code, swatches, table

Box = tuple[int, int, int, int]
Maker = Callable[[Style, tuple[int, int]], Image.Image]

MAKERS: dict[str, Maker] = {
    **CHARTS,
    "heat map": heat_map,
    "table": table,
    "map": geographic_map,
    "photo": photo,
    "diagram": diagram,
    "drawing": drawing,
    "formula": formula,
    "code": code,
    "form": form,
    "signature": signature,
    "logo": logo,
    "screenshot": screenshot,
    "swatches": swatches,
}
_OFTEN = {
    "table": 2.0,
    "bar chart": 1.5,
    "line chart": 1.5,
    "diagram": 1.5,
    "photo": 1.5,
    "code": 1.2,
    "form": 1.2,
}
SMALL = ("signature", "logo", "formula")
WORDS = ("text", "heading")


@dataclass(slots=True)
class Sheet:
    """labels: what is drawn where, FIGURE_KINDS from 1; numbers: which thing it is, from 1, 0 for words; both of mode L."""

    style: Style
    image: Image.Image
    labels: Image.Image
    numbers: Image.Image
    stock: dict[str, list[Path]] = field(default_factory=dict)
    things: int = 0

    @property
    def rng(self) -> random.Random:
        return self.style.rng

    def mark(self, box: tuple[float, float, float, float], name: str) -> None:
        thing = name not in WORDS
        self.things += thing
        ImageDraw.Draw(self.labels).rectangle(box, fill=FIGURE_KINDS.index(name) + 1)
        ImageDraw.Draw(self.numbers).rectangle(box, fill=self.things if thing else 0)

    def text(
        self,
        xy: tuple[float, float],
        text: str,
        scale: float,
        *,
        bold: bool = False,
        name: str = "text",
        style: Style | None = None,
    ) -> float:
        """One line; its width in pixels."""
        own = style or self.style
        letter = own.font(scale, bold=bold)
        ImageDraw.Draw(self.image).text(xy, text, font=letter, fill=own.ink)
        width = letter.getlength(text)
        self.mark((xy[0], xy[1] - letter.size * 0.1, xy[0] + width, xy[1] + letter.size * 1.3), name)
        return width

    def line(self, x: float, y: float, width: int, scale: float, style: Style) -> None:
        """A line of a paragraph, cut from the bank of lines."""
        letter = style.font(scale)
        mask = self.rng.choice(line_bank(str(letter.path), int(letter.size)))
        start = self.rng.randint(0, max(0, mask.width - width))
        mask = mask.crop((start, 0, min(mask.width, start + max(2, width)), mask.height))
        self.image.paste(style.ink, (round(x), round(y)), mask)
        self.mark((x, y - letter.size * 0.1, x + mask.width, y + letter.size * 1.3), "text")

    def put(self, name: str, box: Box) -> None:
        """Draw a thing of this class into the box."""
        x0, y0, x1, y1 = box
        least = 30 if name in ("logo", "formula", "signature") else 60
        if x1 - x0 < least or y1 - y0 < least * 0.8:
            return
        size, ground = (x1 - x0, y1 - y0), self.style.background
        stocked, rng = self.stock.get(name), self.rng
        real = [path for path in stocked or () if path.stem.startswith("real")]
        if stocked and rng.random() < 0.4:
            thing = _fitted(
                Image.open(rng.choice(real if real and rng.random() < 0.6 else stocked)), size, rng
            )
            if not self.style.dark and rng.random() < 0.5:  # printed on the page's own ground
                thing = ImageChops.multiply(thing, Image.new("RGB", size, ground))
        else:
            style = self.style
            if name in CHARTS and rng.random() < 0.15:  # on a coloured panel
                panel = rng.choice((style.colour(), mix(ground, style.colour(), 0.3)))
                style = replace(
                    style, background=panel, ink=(255, 255, 255) if sum(panel) < 400 else (0, 0, 0)
                )
            thing = MAKERS[name](style, size)
        self.paste(thing, (x0, y0), name)

    def paste(self, thing: Image.Image, xy: tuple[int, int], name: str) -> Box:
        """A finished thing at a place; the box of what is drawn of it, without its empty margins."""
        self.image.paste(thing, xy)
        empty = Image.new("RGB", thing.size, self.style.background)
        inked = ImageChops.difference(thing, empty).getbbox() or (0, 0, *thing.size)
        x0, y0, x1, y1 = xy[0] + inked[0], xy[1] + inked[1], xy[0] + inked[2], xy[1] + inked[3]
        self.mark((x0, y0, x1 - 1, y1 - 1), name)
        return x0, y0, x1, y1


def in_cells(marks: list[Image.Image], columns: int, rows: int) -> list[NDArray[np.uint8]]:
    """Labels or numbers, one a cell."""
    return [np.array(mark.resize((columns, rows), Image.Resampling.NEAREST)) for mark in marks]


def _fitted(picture: Image.Image, size: tuple[int, int], rng: random.Random) -> Image.Image:
    """A picture in about its own proportions, as large as the place allows but not much enlarged."""
    share = min(size[0] / picture.width, size[1] / picture.height, rng.uniform(1, 2.5))
    width, height = (round(side * share * rng.uniform(1, 1.15)) for side in picture.size)
    fits = (max(8, min(width, size[0])), max(8, min(height, size[1])))
    return picture.convert("RGB").resize(fits, Image.Resampling.LANCZOS)


def pick(rng: random.Random, *, alone: bool = False) -> str:
    names = [name for name in MAKERS if not (alone and name in SMALL)]
    return rng.choices(names, [_OFTEN.get(name, 1.0) for name in names])[0]


def paragraph(sheet: Sheet, box: Box, style: Style | None = None, scale: float = 1.0) -> int:
    """Lines of words until the box or the paragraph ends; the next free y."""
    own, rng = style or sheet.style, sheet.rng
    x0, y0, x1, y1 = box
    step = own.size * scale * rng.choice((1.2, 1.3, 1.5))
    indent, y, count = rng.choice((0, 0, own.size)), float(y0), rng.randint(2, 12)
    bullet, ragged = rng.random() < 0.15, rng.choice((0.0, 0.0, 0.12))
    for i in range(count):
        if y + step > y1:
            break
        x = x0 + (indent if i == 0 else 0) + (own.size if bullet else 0)
        full = x1 - x
        width = full * rng.uniform(0.15, 1) if i == count - 1 else full * (1 - ragged * rng.random())
        if bullet and rng.random() < 0.6:
            sheet.text((x0, y), rng.choice("•–■1"), scale, style=style)
        sheet.line(x, y, round(width), scale, own)
        y += step
    return round(y + step * 0.5)


def contents(sheet: Sheet, box: Box) -> int:
    """Entries with dots and page numbers: text, not a table."""
    x0, y0, x1, y1 = box
    own, y = sheet.style, y0
    for i in range(sheet.rng.randint(5, 25)):
        if y + own.size * 1.6 > y1:
            break
        width = sheet.text(
            (x0 + sheet.rng.choice((0, own.size)), y), f"{i + 1} " + own.words(sheet.rng.randint(2, 5)), 1
        )
        dots = "." * max(0, int((x1 - x0 - width - own.size * 4) / (own.size * 0.3)))
        sheet.text((x0 + width + own.size, y), dots, 1)
        sheet.text((x1 - own.size * 1.6, y), str(i * 7 + 1), 1)
        y += round(own.size * 1.6)
    return y

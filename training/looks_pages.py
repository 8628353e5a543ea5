"""Practice pages: things and text laid out as in reports, papers, slides, manuals, forms; places known exactly."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from retrieval.encoders.look_words import CELL, LONG_SIDE, LOOKS
from training.looks_canvas import Style, line_bank, make_style
from training.looks_charts import CHARTS
from training.looks_pictures import drawing, formula, geographic_map, heat_map, logo, photo, screenshot
from training.looks_things import code, diagram, form, signature, swatches, table

Box = tuple[int, int, int, int]
Maker = Callable[[Style, tuple[int, int]], Image.Image]

CROP_SIDE = 128
"""Pixels of the pieces that the turn net's smaller ones are cut from."""
DRAWN_SIDE = 1056
"""Pixels of the long side while drawing, about 90 dpi of A4."""

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
_RARE_ALONE = ("signature", "logo", "formula")
_SHORT_SIDES = {"portrait": (272, 272, 296, 256), "landscape": (216, 216, 288, 272)}


@dataclass(slots=True)
class PracticePage:
    """image: (n_rows, n_cols, 3) uint8; cells: (n_rows / CELL, n_cols / CELL) uint8, 0 background, then LOOKS;
    crops: (n, CROP_SIDE, CROP_SIDE) uint8, upright pieces of it; worded: (n,), which of them are text."""

    image: NDArray[np.uint8]
    cells: NDArray[np.uint8]
    crops: NDArray[np.uint8]
    worded: NDArray[np.bool_]


@dataclass(slots=True)
class _Sheet:
    style: Style
    image: Image.Image
    labels: Image.Image
    stock: dict[str, list[Path]] = field(default_factory=dict)

    @property
    def rng(self) -> random.Random:
        return self.style.rng

    def mark(self, box: tuple[float, float, float, float], name: str) -> None:
        ImageDraw.Draw(self.labels).rectangle(box, fill=LOOKS.index(name) + 1)

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
        size = (x1 - x0, y1 - y0)
        stocked = self.stock.get(name)
        if stocked and not self.style.dark and self.rng.random() < 0.4:
            thing = Image.open(self.rng.choice(stocked)).convert("RGB").resize(size, Image.Resampling.LANCZOS)
        else:
            thing = MAKERS[name](self.style, size)
        self.image.paste(thing, (x0, y0))
        ground = Image.new("RGB", size, self.style.background)
        inked = ImageChops.difference(thing, ground).getbbox() or (0, 0, *size)  # without its empty margins
        self.mark((x0 + inked[0], y0 + inked[1], x0 + inked[2] - 1, y0 + inked[3] - 1), name)


def _pick(rng: random.Random, *, alone: bool = False) -> str:
    names = [name for name in MAKERS if not (alone and name in _RARE_ALONE)]
    return rng.choices(names, [_OFTEN.get(name, 1.0) for name in names])[0]


def _paragraph(sheet: _Sheet, box: Box, style: Style | None = None, scale: float = 1.0) -> int:
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


def _contents(sheet: _Sheet, box: Box) -> int:
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


def _thing(sheet: _Sheet, box: Box, name: str | None = None) -> int:
    """A thing in a column, with a caption over or under it; the next free y."""
    rng, own = sheet.rng, sheet.style
    x0, y0, x1, y1 = box
    name = name or _pick(rng)
    wide = x1 - x0
    match name:
        case "formula":
            width, height = wide, own.size * rng.randint(3, 8)
        case "signature":
            width, height = min(wide, rng.randint(120, 280)), rng.randint(50, 100)
        case "logo":
            width, height = min(wide, rng.randint(40, 220)), rng.randint(35, 110)
        case "table" | "form" | "code":
            width, height = round(wide * rng.uniform(0.75, 1)), round(wide * rng.uniform(0.2, 1.3))
        case "swatches":
            width, height = round(wide * rng.uniform(0.4, 1)), round(wide * rng.uniform(0.2, 0.8))
        case _:
            width = round(wide * rng.choice((1, rng.uniform(0.5, 1))))
            height = round(width / rng.uniform(0.8, 2.3))
    height = min(height, y1 - y0 - own.size * 2)
    if height < 40 and name not in ("formula", "logo"):
        return y1
    caption = name not in ("formula", "signature", "logo", "form") and rng.random() < 0.6
    y = y0
    if caption and name == "table":
        sheet.text((x0, y), f"Table {rng.randint(1, 9)}: {own.words(5)}"[: wide // own.size * 2], 0.85)
        y += round(own.size * 1.4)
    left = rng.choice((x0, x0 + (wide - width) // 2))
    gap = rng.randint(0, 6)
    copies = (
        rng.choice((2, 3))
        if width > 300 and name not in _RARE_ALONE and name not in ("table", "form") and rng.random() < 0.2
        else 1
    )
    for copy in range(copies):
        start = left + width * copy // copies
        sheet.put(name, (start + (gap if copy else 0), y, left + width * (copy + 1) // copies, y + height))
    y += height + round(own.size * 0.4)
    if caption and name != "table":
        sheet.text(
            (left, y),
            f"{rng.choice(('Fig.', 'Figure', 'Abb.'))} {rng.randint(1, 20)}: {own.words(8)}"[
                : width // own.size * 2
            ],
            0.85,
        )
        y += round(own.size * 1.6)
    return y + own.size


def _column(sheet: _Sheet, box: Box, appetite: float) -> None:
    """Headings, paragraphs and things from top to bottom."""
    rng, own = sheet.rng, sheet.style
    x0, y, x1, y1 = box
    while y < y1 - own.size * 2:
        chance = rng.random()
        if chance < 0.14:
            size = rng.uniform(1.15, 2)
            sheet.text(
                (x0, y),
                own.words(rng.randint(1, 6))[: int((x1 - x0) / (own.size * size * 0.55))],
                size,
                bold=True,
                name="heading",
            )
            y += round(own.size * size * 1.6)
        elif chance < 0.14 + appetite:
            y = _thing(sheet, (x0, y, x1, y1))
        elif chance > 0.985:
            y = _contents(sheet, (x0, y, x1, y1))
        elif chance > 0.93:
            y = _panel(sheet, (x0, y, x1, min(y1, y + rng.randint(60, 220))))
        else:
            y = _paragraph(sheet, (x0, y, x1, y1))


def _panel(sheet: _Sheet, box: Box) -> int:
    """A tinted box with words in it."""
    rng, own = sheet.rng, sheet.style
    x0, y0, x1, y1 = box
    fill = rng.choice((own.colour(), own.faint(0.1), own.background))
    ink = (255, 255, 255) if sum(fill) < 380 else (0, 0, 0)
    ImageDraw.Draw(sheet.image).rounded_rectangle(
        (x0, y0, x1, y1), rng.choice((0, 0, 8)), fill=fill, outline=rng.choice((None, own.ink))
    )
    inner = Style(rng, fill, ink, own.palette, own.regular, own.bold, own.mono, own.size)
    y = y0 + 8
    if rng.random() < 0.4:
        size = rng.uniform(1.2, 3)
        sheet.text(
            (x0 + 8, y),
            rng.choice((own.number(), own.words(2)))[: max(2, int((x1 - x0) / own.size / size))],
            size,
            bold=True,
            name="heading",
            style=inner,
        )
        y += round(own.size * size * 1.4)
    _paragraph(sheet, (x0 + 8, y, x1 - 8, y1 - 4), inner)
    return y1 + own.size


def _document(sheet: _Sheet) -> None:
    """Zones of one to three columns between margins, with running heads."""
    rng, own = sheet.rng, sheet.style
    width, height = sheet.image.size
    margin, y = round(width * rng.uniform(0.05, 0.13)), round(height * rng.uniform(0.04, 0.1))
    if rng.random() < 0.5:
        sheet.text((margin, y // 2), own.words(4), 0.8)
    if rng.random() < 0.12:
        wide = rng.randint(60, 200)
        sheet.put("logo", _corner(rng, margin, width, wide))
        y += 60
    if rng.random() < 0.5:
        sheet.text((width / 2 - 8, height - margin * 0.6), str(rng.randint(1, 300)), 0.9)
    columns, appetite = rng.choice((1, 1, 2, 2, 3)), rng.choice((0.0, 0.15, 0.35, 0.6))
    bottom = height - round(height * rng.uniform(0.05, 0.1))
    while y < bottom - 60:
        end = min(bottom, y + round(height * rng.uniform(0.2, 0.9)))
        split = columns if rng.random() < 0.7 else 1
        gap = own.size * 1.5
        wide = (width - 2 * margin - gap * (split - 1)) / split
        for i in range(split):
            x = margin + i * (wide + gap)
            _column(sheet, (round(x), y, round(x + wide), end), appetite)
        y = end + own.size
    if rng.random() < 0.06:
        x, tall = rng.randint(margin, width // 2), rng.randint(50, 100)
        sheet.put(
            "signature", (x, height - margin - tall - 40, x + rng.randint(140, 300), height - margin - 40)
        )


def _corner(rng: random.Random, margin: int, width: int, wide: int) -> Box:
    x = rng.choice((margin, width - margin - wide))
    return x, 12, x + wide, 12 + rng.randint(30, 64)


def _slide(sheet: _Sheet) -> None:
    """A title, few large words, one or two things beside or under them."""
    rng, own = sheet.rng, sheet.style
    width, height = sheet.image.size
    draw = ImageDraw.Draw(sheet.image)
    if rng.random() < 0.3:
        draw.rectangle((0, 0, width, height * 0.13), fill=own.colour())
    if rng.random() < 0.25:
        draw.rectangle((0, height * 0.94, width, height), fill=own.colour())
    margin, y = round(width * rng.uniform(0.04, 0.1)), round(height * 0.04)
    if rng.random() < 0.85:
        sheet.text((margin, y), own.words(rng.randint(1, 5)), rng.uniform(1.3, 2), bold=True, name="heading")
    y = round(height * 0.17)
    if rng.random() < 0.25:
        wide = rng.randint(50, 150)
        sheet.put("logo", (width - wide - 12, height - 66, width - 12, height - 12))
    bottom = round(height * 0.92)
    plan = rng.choice(("thing", "side", "side", "words", "grid"))
    if plan == "words":
        _paragraph(sheet, (margin, y, width - margin, bottom), scale=rng.uniform(1, 1.4))
        _paragraph(sheet, (margin, (y + bottom) // 2, width - margin, bottom))
    elif plan == "thing":
        _thing(sheet, (margin, y, width - margin, bottom), _pick(rng, alone=True))
    elif plan == "side":
        middle = round(width * rng.uniform(0.35, 0.6))
        text_left = rng.random() < 0.5
        left, right = (margin, y, middle - 12, bottom), (middle + 12, y, width - margin, bottom)
        _paragraph(sheet, left if text_left else right)
        box = right if text_left else left
        end = _thing(sheet, box, _pick(rng, alone=True))
        if end < bottom - 120:
            _thing(sheet, (box[0], end, box[2], bottom))
    else:
        _grid(sheet, (margin, y, width - margin, bottom))


def _grid(sheet: _Sheet, box: Box) -> None:
    """Small pictures in rows, as on cheat sheets and boards of figures; one class or a mixture."""
    rng = sheet.rng
    x0, y0, x1, y1 = box
    columns, rows = rng.randint(2, 4), rng.randint(1, 4)
    same = _pick(rng, alone=True) if rng.random() < 0.5 else None
    for i in range(rows):
        for j in range(columns):
            left, top = x0 + (x1 - x0) * j // columns, y0 + (y1 - y0) * i // rows
            cell = (left, top, left + (x1 - x0) // columns - 14, top + (y1 - y0) // rows - 14)
            chance = rng.random()
            if chance < 0.15:
                _paragraph(sheet, cell)
            elif chance < 0.3:
                _panel(sheet, cell)
            else:
                foot = sheet.style.size * 2 if rng.random() < 0.5 else 0
                if foot:
                    sheet.text((cell[0], cell[3] - foot * 0.8), sheet.style.words(2), 0.8)
                sheet.put(same or _pick(rng, alone=True), (cell[0], cell[1], cell[2], round(cell[3] - foot)))


def _whole(sheet: _Sheet) -> None:
    """One thing fills the page, or a photograph lies under a title."""
    rng = sheet.rng
    width, height = sheet.image.size
    bleed = rng.random() < 0.35
    inset = 0 if bleed else round(width * rng.uniform(0.03, 0.1))
    name = rng.choice(("photo", "map", "drawing")) if bleed else _pick(rng, alone=True)
    top = inset if bleed else round(height * 0.1)
    sheet.put(name, (inset, top, width - inset, height - inset))
    if bleed and rng.random() < 0.7:
        x, y = round(width * rng.uniform(0.05, 0.4)), round(height * rng.uniform(0.1, 0.7))
        _panel(sheet, (x, y, round(x + width * rng.uniform(0.3, 0.55)), round(y + height * 0.2)))
    elif not bleed:
        sheet.text((inset, height * 0.04), sheet.style.words(4), 1.4, bold=True, name="heading")


def make_page(seed: int, stock: Path | None = None) -> PracticePage:
    """The practice page with this number: the same number, the same page.

    ``stock`` is a folder of ready charts, ``<class>/<n>.png``."""
    rng = random.Random(seed)
    landscape = rng.random() < 0.42
    short = rng.choice(_SHORT_SIDES["landscape" if landscape else "portrait"])
    long, drawn = DRAWN_SIDE, round(short * DRAWN_SIDE / LONG_SIDE)
    size = (long, drawn) if landscape else (drawn, long)
    style = make_style(rng, slide=landscape and rng.random() < 0.8)
    sheet = _Sheet(style, Image.new("RGB", size, style.background), Image.new("L", size), _stock(stock))
    chance = rng.random()
    if landscape:
        (_slide if chance < 0.75 else _whole if chance < 0.87 else _document)(sheet)
    else:
        (
            _document
            if chance < 0.8
            else _whole
            if chance < 0.9
            else lambda s: _grid(s, (40, 60, size[0] - 40, size[1] - 40))
        )(sheet)
    return _finish(sheet, rng)


@cache
def _stock(folder: Path | None) -> dict[str, list[Path]]:
    if folder is None:
        return {}
    return {name: sorted((folder / name).glob("*.png")) for name in MAKERS if (folder / name).is_dir()}


def _finish(sheet: _Sheet, rng: random.Random) -> PracticePage:
    """Scan marks, text crops for turning, and the reduction to what the net sees."""
    image, labels = sheet.image, sheet.labels
    scanned = rng.random() < 0.22
    if scanned:
        angle = rng.gauss(0, 0.7)
        image = image.rotate(angle, Image.Resampling.BILINEAR, fillcolor=sheet.style.background)
        labels = labels.rotate(angle, Image.Resampling.NEAREST)
        if rng.random() < 0.7:
            image = image.convert("L").convert("RGB")
        if rng.random() < 0.4:
            image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.3)))
        image = ImageEnhance.Contrast(image).enhance(rng.uniform(0.6, 1.3))
    crops, worded = _text_crops(image, labels, rng)
    short = min(image.size) * LONG_SIDE / max(image.size)
    small = round(short / CELL) * CELL
    size = (LONG_SIDE, small) if image.width > image.height else (small, LONG_SIDE)
    method = rng.choice((Image.Resampling.BOX, Image.Resampling.LANCZOS, Image.Resampling.BILINEAR))
    pixels = np.asarray(image.resize(size, method))
    if scanned:
        noise = np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(1, 9), pixels.shape)
        pixels = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    cells = np.asarray(labels.resize((size[0] // CELL, size[1] // CELL), Image.Resampling.NEAREST))
    return PracticePage(np.ascontiguousarray(pixels), np.ascontiguousarray(cells), crops, worded)


def _text_crops(
    image: Image.Image, labels: Image.Image, rng: random.Random
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Up to three square pieces that are mostly text and one without, at 0.6 to 1.1 of the drawn size."""
    marks = np.asarray(labels.resize((labels.width // 16, labels.height // 16), Image.Resampling.NEAREST))
    worded = np.isin(marks, (LOOKS.index("text") + 1, LOOKS.index("heading") + 1))
    gray = image.convert("L")
    crops: list[NDArray[np.uint8]] = []
    kinds: list[bool] = []
    for wanted in (True,) * 6 + (False,) * 3:
        if kinds.count(wanted) >= (3 if wanted else 1):
            continue
        rows, columns = np.nonzero(worded if wanted else marks > 2)
        if not len(rows):
            continue
        side = CROP_SIDE / rng.uniform(0.6, 1.1)
        i = rng.randrange(len(rows))
        x = min(max(0.0, columns[i] * 16 - side / 2), image.width - side)
        y = min(max(0.0, rows[i] * 16 - side / 2), image.height - side)
        share = worded[int(y // 16) : int((y + side) // 16), int(x // 16) : int((x + side) // 16)].mean()
        if share > 0.35 if wanted else share == 0:
            crop = gray.resize((CROP_SIDE, CROP_SIDE), Image.Resampling.BILINEAR, (x, y, x + side, y + side))
            crops.append(np.asarray(crop))
            kinds.append(wanted)
    stacked = np.stack(crops) if crops else np.zeros((0, CROP_SIDE, CROP_SIDE), np.uint8)
    return stacked, np.array(kinds, bool)

"""Layouts: documents in columns, slides, boards of pictures, pages that one thing fills."""

from __future__ import annotations

import random

from PIL import ImageDraw

from training.figures.canvas import Style
from training.figures.sheet import SMALL, Box, Sheet, contents, paragraph, pick


def thing(sheet: Sheet, box: Box, name: str | None = None) -> int:
    """A thing in a column, with a caption over or under it; the next free y."""
    rng, own = sheet.rng, sheet.style
    x0, y0, x1, y1 = box
    name = name or pick(rng)
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
        if width > 300 and name not in SMALL and name not in ("table", "form") and rng.random() < 0.2
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


def _column(sheet: Sheet, box: Box, appetite: float) -> None:
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
            y = thing(sheet, (x0, y, x1, y1))
        elif chance > 0.985:
            y = contents(sheet, (x0, y, x1, y1))
        elif chance > 0.93:
            y = panel(sheet, (x0, y, x1, min(y1, y + rng.randint(60, 220))))
        else:
            y = paragraph(sheet, (x0, y, x1, y1))


def panel(sheet: Sheet, box: Box) -> int:
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
    paragraph(sheet, (x0 + 8, y, x1 - 8, y1 - 4), inner)
    return y1 + own.size


def document(sheet: Sheet) -> None:
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


def slide(sheet: Sheet) -> None:
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
        paragraph(sheet, (margin, y, width - margin, bottom), scale=rng.uniform(1, 1.4))
        paragraph(sheet, (margin, (y + bottom) // 2, width - margin, bottom))
    elif plan == "thing":
        thing(sheet, (margin, y, width - margin, bottom), pick(rng, alone=True))
    elif plan == "side":
        middle = round(width * rng.uniform(0.35, 0.6))
        text_left = rng.random() < 0.5
        left, right = (margin, y, middle - 12, bottom), (middle + 12, y, width - margin, bottom)
        paragraph(sheet, left if text_left else right)
        box = right if text_left else left
        end = thing(sheet, box, pick(rng, alone=True))
        if end < bottom - 120:
            thing(sheet, (box[0], end, box[2], bottom))
    else:
        grid(sheet, (margin, y, width - margin, bottom))


def grid(sheet: Sheet, box: Box) -> None:
    """Small pictures in rows, as on cheat sheets and boards of figures; one class or a mixture."""
    rng = sheet.rng
    x0, y0, x1, y1 = box
    columns, rows = rng.randint(2, 4), rng.randint(1, 4)
    same = pick(rng, alone=True) if rng.random() < 0.5 else None
    for i in range(rows):
        for j in range(columns):
            left, top = x0 + (x1 - x0) * j // columns, y0 + (y1 - y0) * i // rows
            cell = (left, top, left + (x1 - x0) // columns - 14, top + (y1 - y0) // rows - 14)
            chance = rng.random()
            if chance < 0.15:
                paragraph(sheet, cell)
            elif chance < 0.3:
                panel(sheet, cell)
            else:
                foot = sheet.style.size * 2 if rng.random() < 0.5 else 0
                if foot:
                    sheet.text((cell[0], cell[3] - foot * 0.8), sheet.style.words(2), 0.8)
                sheet.put(same or pick(rng, alone=True), (cell[0], cell[1], cell[2], round(cell[3] - foot)))


def whole(sheet: Sheet) -> None:
    """One thing fills the page, or a photograph lies under a title."""
    rng = sheet.rng
    width, height = sheet.image.size
    bleed = rng.random() < 0.35
    inset = 0 if bleed else round(width * rng.uniform(0.03, 0.1))
    name = rng.choice(("photo", "map", "drawing")) if bleed else pick(rng, alone=True)
    top = inset if bleed else round(height * 0.1)
    sheet.put(name, (inset, top, width - inset, height - inset))
    if bleed and rng.random() < 0.7:
        x, y = round(width * rng.uniform(0.05, 0.4)), round(height * rng.uniform(0.1, 0.7))
        panel(sheet, (x, y, round(x + width * rng.uniform(0.3, 0.55)), round(y + height * 0.2)))
    elif not bleed:
        sheet.text((inset, height * 0.04), sheet.style.words(4), 1.4, bold=True, name="heading")

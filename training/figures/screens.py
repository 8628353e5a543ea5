"""Screenshots: windows of programs, from a manual or drawn."""

from __future__ import annotations

from dataclasses import replace

from PIL import Image, ImageFilter

from training.figures.canvas import Style, blank, put_text
from training.figures.charts import CHARTS
from training.figures.forms import form
from training.figures.material import pictures
from training.figures.things import code, table

Size = tuple[int, int]


def _dashboard(style: Style, size: Size) -> Image.Image:
    """Tiles with charts, numbers, tables and gauges, as of a monitoring page."""
    rng = style.rng
    image, draw = blank(style, size)
    columns, rows = rng.randint(2, 4), rng.randint(2, 4)
    tile = style.faint(rng.choice((0.0, 0.05, 0.1)))
    own = replace(style, background=tile, size=max(6, style.size - 1))
    usual = rng.choice(list(CHARTS)) if rng.random() < 0.5 else None
    for i in range(rows):
        for j in range(columns):
            x, y = size[0] * j // columns, size[1] * i // rows
            wide, tall = size[0] // columns - 4, size[1] // rows - 4
            draw.rectangle((x, y, x + wide, y + tall), fill=tile, outline=style.faint(0.15))
            put_text(draw, (x + 4, y + 2), style.words(2)[: max(1, wide // 7)], own, 0.9)
            head, kind = round(own.size * 1.4), rng.random()
            inner = (max(16, wide - 4), max(16, tall - head - 2))
            if kind < 0.7:
                name = usual or rng.choice(list(CHARTS))
                image.paste(CHARTS[name](own, inner), (x + 2, y + head))
            elif kind < 0.85:
                scale = max(1.0, min(inner[1] / 2, wide / 5) / own.size)
                draw.text(
                    (x + wide / 2, y + tall / 2),
                    style.number(),
                    font=own.font(scale),
                    fill=style.colour(),
                    anchor="mm",
                )
            else:
                image.paste(table(own, inner), (x + 2, y + head))
    return image


def screenshot(style: Style, size: Size) -> Image.Image:
    """A program's window: from a manual, or drawn with bars, buttons, lists, a terminal, a dashboard."""
    rng, stock = style.rng, pictures("screenshot")
    if stock and rng.random() < 0.35:
        source = rng.choice(stock)
        share = min(size[0] / source.width, size[1] / source.height)
        image, _ = blank(style, size)
        shot = source.resize(
            (max(8, round(source.width * share)), max(8, round(source.height * share))),
            Image.Resampling.BICUBIC,
        )
        image.paste(shot, ((size[0] - shot.width) // 2, (size[1] - shot.height) // 2))
        return image
    dark = rng.random() < 0.4
    own = Style(
        rng,
        (38, 40, 46) if dark else (246, 246, 248),
        (225, 225, 228) if dark else (30, 30, 30),
        style.palette,
        style.regular,
        style.bold,
        style.mono,
        max(7, style.size - 3),
    )
    image, draw = blank(own, size)
    width, height = image.size
    bar = max(10, min(24, height // 10))
    draw.rectangle((0, 0, width, bar), fill=rng.choice((own.faint(0.15), own.faint(0.7), own.colour())))
    for i in range(3):
        x = 6 + i * bar * 0.6 if rng.random() < 0.5 else width - 8 - i * bar * 0.7
        draw.ellipse(
            (x, bar * 0.3, x + bar * 0.4, bar * 0.7),
            fill=rng.choice(((230, 90, 80), (240, 190, 70), (100, 190, 90), own.faint(0.5))),
        )
    put_text(draw, (width / 2, bar / 2), own.words(2), own, 0.9, "mm")
    kind = rng.random()
    if kind > 0.7 and width > 120 and height > 90:
        image.paste(_dashboard(own, (width - 4, height - bar - 4)), (2, bar + 2))
        draw.rectangle((0, 0, width - 1, height - 1), outline=own.faint(0.4))
        return image
    side = round(width * rng.uniform(0.15, 0.3)) if rng.random() < 0.5 else 0
    body = (max(16, width - side - 8), max(16, height - bar - 8))
    if kind < 0.25:
        inner = code(own, body)
    elif kind < 0.4:
        inner = table(own, body)
    elif kind < 0.5:
        inner = form(own, body)
    else:
        inner, inner_draw = blank(own, body)
        for _ in range(rng.randint(2, 7)):
            w, h = (
                rng.randint(body[0] // 6 + 1, body[0] // 2 + 2),
                rng.randint(body[1] // 6 + 1, body[1] // 2 + 2),
            )
            x, y = rng.randint(0, body[0] - w // 2), rng.randint(0, body[1] - h // 2)
            if kind < 0.75 and w > 60 and h > 50:
                inner.paste(rng.choice(list(CHARTS.values()))(own, (w, h)), (x, y))
            else:
                inner_draw.rounded_rectangle(
                    (x, y, x + w, y + max(10, h // 3)), 4, fill=own.faint(0.1), outline=own.faint(0.3)
                )
                put_text(inner_draw, (x + 5, y + 3), own.words(3)[: max(1, w // 8)], own, 0.9)
    image.paste(inner, (side + 4, bar + 4))
    for i in range(int(side and (height - bar) // (own.size * 2))):
        put_text(
            draw, (6, bar + 8 + i * own.size * 2), own.words(1)[: max(2, side // own.size * 2 - 3)], own, 0.9
        )
    draw.rectangle((0, 0, width - 1, height - 1), outline=own.faint(0.4))
    return image.filter(ImageFilter.GaussianBlur(0.5)) if rng.random() < 0.2 else image

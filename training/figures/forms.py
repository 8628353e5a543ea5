"""Forms to fill in, and the signatures under them."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw

from training.figures.canvas import Style, blank, mix, put_text

Size = tuple[int, int]


def form(style: Style, size: Size) -> Image.Image:
    """Labels with boxes, combs, lines or dots to fill in, and squares to tick."""
    rng = style.rng
    image, draw = blank(style, size)
    width, height = image.size
    step = style.size * rng.uniform(1.7, 2.6)
    tint = rng.choice((style.background, style.faint(0.08), mix(style.background, style.colour(), 0.2)))
    framed, line = rng.random() < 0.4, style.ink if rng.random() < 0.6 else style.colour()
    field_kind = rng.choice(("box", "line", "comb", "dots", "grid"))
    y = 4.0
    while y < height - step:
        chance = rng.random()
        if chance < 0.1:
            draw.rectangle(
                (0, y, width, y + step * 0.8), fill=rng.choice((style.colour(), style.faint(0.2), style.ink))
            )
            draw.text((6, y + 3), style.words(4), font=style.font(0.9, bold=True), fill=style.background)
        elif chance < 0.3:
            x = 4.0
            while x < width - 80:
                side = style.size * 0.8
                draw.rectangle((x, y + 2, x + side, y + 2 + side), outline=line, fill=tint)
                if rng.random() < 0.2:
                    draw.line((x, y + 2, x + side, y + 2 + side), fill=style.ink, width=2)
                    draw.line((x + side, y + 2, x, y + 2 + side), fill=style.ink, width=2)
                text = style.words(rng.randint(1, 4))
                put_text(draw, (x + side + 5, y + 2), text, style, 0.75)
                x += side + 24 + style.font(0.75).getlength(text)
        elif field_kind == "grid" or chance < 0.4:
            rows, columns = rng.randint(2, 5), rng.randint(2, 5)
            rows = min(rows, int((height - y) / step))
            for j in range(columns):
                put_text(draw, (width * j / columns + 4, y + 3), style.words(2)[:16], style, 0.7)
            for i in range(rows + 1):
                draw.line((0, y + i * step, width - 1, y + i * step), fill=line)
            for j in range(columns + 1):
                x = min(width - 1, width * j / columns)
                draw.line((x, y, x, y + rows * step), fill=line)
            y += (rows - 1) * step
        else:
            x = 2.0
            for share in rng.choice(((1.0,), (0.5, 0.5), (0.3, 0.7), (0.4, 0.3, 0.3))):
                _field(
                    style,
                    draw,
                    (x, y, x + width * share - 10, y + step * 0.85),
                    rng.choice((field_kind, field_kind, "line")),
                )
                x += width * share
        y += step
    if framed:
        draw.rectangle((0, 0, width - 1, height - 1), outline=line)
    return image


def _field(
    style: Style, draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float], kind: str
) -> None:
    x0, y0, x1, y1 = box
    text = style.words(style.rng.randint(1, 3))[: max(4, int((x1 - x0) / style.size))] + style.rng.choice(
        (":", "", " *")
    )
    put_text(draw, (x0, (y0 + y1) / 2), text, style, 0.75, "lm")
    start = x0 + style.font(0.75).getlength(text) + 6
    if kind == "comb":
        cell = max(6.0, style.size * 0.9)
        while start + cell < x1:
            draw.rectangle((start, y0 + 2, start + cell, y1), outline=style.faint(0.7))
            start += cell
    elif kind == "dots":
        draw.text(
            (start, (y0 + y1) / 2),
            "." * max(0, int((x1 - start) / (style.size * 0.28))),
            font=style.font(0.8),
            fill=style.ink,
            anchor="lm",
        )
    elif kind == "box" and start + 8 < x1:
        draw.rectangle(
            (start, y0, x1, y1), outline=style.faint(0.7), fill=style.faint(style.rng.choice((0.0, 0.05)))
        )
    elif start + 8 < x1:
        draw.line((start, y1 - 2, x1, y1 - 2), fill=style.ink)


def signature(style: Style, size: Size) -> Image.Image:
    """A pen's loops over a line, with a name or a date under it."""
    rng = style.rng
    image, draw = blank(style, size)
    width, height = image.size
    ink = rng.choice((style.ink, style.ink, (20, 30, 130))) if not style.dark else style.ink
    base, x = height * 0.5, width * rng.uniform(0.05, 0.25)
    end, points = width * rng.uniform(0.6, 0.95), []
    phase, tall = rng.uniform(0, 6), 1.6
    steps = rng.randint(60, 140)
    for i in range(steps):
        share = i / steps
        phase += rng.uniform(0.25, 0.75)
        tall = max(0.25, min(1.8, tall + rng.gauss(-0.03, 0.25)))
        loop = math.sin(phase) * height * 0.22 * tall
        points.append(
            (x + (end - x) * share + math.cos(phase) * height * 0.16, base - (end - x) * share * 0.06 + loop)
        )
    draw.line(points, fill=ink, width=rng.choice((1, 2, 2, 3)), joint="curve")
    if rng.random() < 0.4:
        draw.line((x, base + height * 0.22, end, base + height * rng.uniform(0.1, 0.25)), fill=ink, width=2)
    if rng.random() < 0.7:
        draw.line((2, height * 0.82, width - 4, height * 0.82), fill=style.ink)
    if rng.random() < 0.6:
        put_text(draw, (4, height * 0.85), style.words(2).title(), style, 0.75)
    return image

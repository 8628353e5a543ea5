"""Charts, drawn in the manners of spreadsheets, statistics programs and books."""

from __future__ import annotations

import math
from collections.abc import Callable

from PIL import Image

from training.figures.canvas import Colour, Style, mix, put_text
from training.figures.frame import Draw, Size, fill_bar, make_frame


def bar_chart(style: Style, size: Size) -> Image.Image:
    """Upright or sideways bars: single, grouped or stacked."""
    rng = style.rng
    sideways = rng.random() < 0.35
    bars = rng.randint(3, 13)
    plot = make_frame(style, size, categories=bars, sideways=sideways)
    series = rng.choice((1, 1, 1, 2, 3, 4))
    stacked = series > 1 and rng.random() < 0.5
    gap, shade = rng.uniform(0.2, 0.6), rng.randrange(8)
    hatched = rng.random() < 0.12
    values_shown = rng.random() < 0.35
    rising = rng.random() < 0.4
    length, across = (plot.width, plot.height) if sideways else (plot.height, plot.width)
    step = across / bars
    several = rng.random() < 0.12
    for i in range(bars):
        base = 0.0
        for j in range(series):
            value = rng.uniform(0.05, 0.95) * ((i + 1) / bars if rising else 1) / (series if stacked else 1)
            thin = step * (1 - gap) / (1 if stacked else series)
            low = step * (i + gap / 2) + (0 if stacked else thin * j)
            start, end = base * length, (base + value) * length
            if sideways:
                box = (plot.x0 + start, plot.y0 + low, plot.x0 + end, plot.y0 + low + thin)
            else:
                box = (plot.x0 + low, plot.y1 - end, plot.x0 + low + thin, plot.y1 - start)
            colour = style.colour(shade + (i if several else j))
            fill_bar(plot, box, colour, style, (j + 1) if hatched else 0)
            base = base + value if stacked else 0.0
            if values_shown and not stacked:
                spot = (
                    (box[2] + 3, (box[1] + box[3]) / 2) if sideways else ((box[0] + box[2]) / 2, box[1] - 2)
                )
                put_text(plot.draw, spot, str(round(value * 100)), style, 0.6, "lm" if sideways else "mb")
    return plot.image


def histogram(style: Style, size: Size) -> Image.Image:
    """Touching bars under one or two humps, sometimes with a bell curve."""
    rng = style.rng
    plot = make_frame(style, size)
    bins = rng.randint(9, 40)
    centres = [
        (rng.uniform(0.2, 0.8), rng.uniform(0.08, 0.25), rng.uniform(0.4, 1))
        for _ in range(rng.choice((1, 1, 2)))
    ]

    def hump(x: float) -> float:
        return sum(h * math.exp(-(((x - c) / w) ** 2)) for c, w, h in centres)

    top = max(hump(i / 60) for i in range(61)) * rng.uniform(1.05, 1.4)
    colour, outline = style.colour(), rng.choice((None, style.ink, style.background))
    if rng.random() < 0.2:
        colour = style.background
        outline = style.ink
    for i in range(bins):
        value = hump((i + 0.5) / bins) / top * rng.uniform(0.8, 1.15)
        box = (
            plot.x0 + plot.width * i / bins,
            plot.y1 - plot.height * min(value, 1),
            plot.x0 + plot.width * (i + 1) / bins,
            plot.y1,
        )
        if box[3] - box[1] > 1:
            plot.draw.rectangle(box, fill=colour, outline=outline)
    if rng.random() < 0.4:
        points = [
            (plot.x0 + plot.width * i / 60, plot.y1 - plot.height * min(1, hump(i / 60) / top))
            for i in range(61)
        ]
        plot.draw.line(
            points, fill=style.colour() if rng.random() < 0.7 else style.ink, width=rng.randint(1, 3)
        )
    return plot.image


def _curve(style: Style, count: int) -> list[float]:
    """``count`` values in 0..1: a walk, a wave, a trend or a saturating curve."""
    rng, kind = style.rng, style.rng.random()
    if kind < 0.4:
        value, values = rng.random(), []
        for _ in range(count):
            value = min(1.0, max(0.0, value + rng.gauss(0, 0.5 / math.sqrt(count) + 0.03)))
            values.append(value)
        return values
    if kind < 0.6:
        pace, phase, damp = rng.uniform(3, 20), rng.uniform(0, 6), rng.uniform(0, 3)
        return [
            0.5 + 0.45 * math.sin(pace * i / count + phase) * math.exp(-damp * i / count)
            for i in range(count)
        ]
    start, end, bend = rng.random(), rng.random(), rng.uniform(0.3, 3)
    noise = rng.choice((0, 0.02, 0.05))
    return [
        min(1.0, max(0.0, start + (end - start) * (i / count) ** bend + rng.gauss(0, noise)))
        for i in range(count)
    ]


def line_chart(style: Style, size: Size) -> Image.Image:
    """One to six lines, with or without markers or a filled area; axes at the edge or in the middle."""
    rng = style.rng
    plain = rng.random() < 0.15
    plot = make_frame(style, size, axes=not plain)
    if plain:  # the axes of a mathematics book
        cx, cy = plot.x0 + plot.width * rng.uniform(0, 0.5), plot.y1 - plot.height * rng.uniform(0, 0.5)
        for end in ((plot.x0, cy, plot.x1, cy), (cx, plot.y1, cx, plot.y0)):
            plot.draw.line(end, fill=style.ink, width=1)
        put_text(plot.draw, (plot.x1, cy), "x", style, 0.9, "la")
        put_text(plot.draw, (cx, plot.y0), "y", style, 0.9, "rb")
    smooth = rng.random() < 0.5
    count = rng.randint(40, 90) if smooth else rng.randint(4, 30)
    width, marks, filled = rng.choice((1, 2, 2, 3)), rng.random() < 0.35 and not smooth, rng.random() < 0.15
    stacked, height = rng.random() < 0.15, [1.0] * count  # areas on each other, drawn from the uppermost
    number = rng.choice((1, 1, 2, 2, 3, 4, 6))
    for series in range(number):
        values = _curve(style, count)
        if stacked:
            filled, width, marks = True, 1, False
            height = values = [h * (0.4 + 0.6 * v) for h, v in zip(height, values, strict=True)]
        points = [
            (plot.x0 + plot.width * i / (count - 1), plot.y1 - plot.height * (0.03 + 0.94 * v))
            for i, v in enumerate(values)
        ]
        colour = style.ink if rng.random() < 0.15 or plain else style.colour(series)
        if filled:
            plot.draw.polygon(
                [*points, (plot.x1, plot.y1), (plot.x0, plot.y1)],
                fill=mix(style.background, colour, 1 if stacked else 0.6),
            )
        if rng.random() < 0.2:
            for a, b in zip(points[::2], points[1::2], strict=False):
                plot.draw.line((a, b), fill=colour, width=width)
        else:
            plot.draw.line(points, fill=colour, width=width, joint="curve")
        for x, y in points if marks else ():
            _marker(plot.draw, x, y, rng.choice((2, 3, 4)), series, colour)
    return plot.image


def _marker(draw: Draw, x: float, y: float, radius: float, kind: int, colour: Colour) -> None:
    box = (x - radius, y - radius, x + radius, y + radius)
    match kind % 4:
        case 0:
            draw.ellipse(box, fill=colour)
        case 1:
            draw.rectangle(box, fill=colour)
        case 2:
            draw.ellipse(box, outline=colour)
        case _:
            draw.line((x - radius, y - radius, x + radius, y + radius), fill=colour)
            draw.line((x - radius, y + radius, x + radius, y - radius), fill=colour)


def scatter_plot(style: Style, size: Size) -> Image.Image:
    """Clouds of marks, with a trend line now and then."""
    rng = style.rng
    plot = make_frame(style, size)
    radius = rng.choice((1, 2, 2, 3, 4))
    bubbles = rng.random() < 0.15
    for group in range(rng.randint(1, 4)):
        cx, cy, spread, slope = (
            rng.uniform(0.2, 0.8),
            rng.uniform(0.2, 0.8),
            rng.uniform(0.06, 0.25),
            rng.uniform(-1, 1),
        )
        colour = style.ink if rng.random() < 0.2 else style.colour(group)
        for _ in range(rng.randint(15, 120) // (4 if bubbles else 1)):
            dx = rng.gauss(0, spread)
            x, y = cx + dx, cy + slope * dx + rng.gauss(0, spread / 2)
            if 0 <= x <= 1 and 0 <= y <= 1:
                r = rng.uniform(3, 14) if bubbles else radius
                _marker(
                    plot.draw,
                    plot.x0 + x * plot.width,
                    plot.y1 - y * plot.height,
                    r,
                    0 if bubbles else group,
                    colour,
                )
    if rng.random() < 0.25:
        plot.draw.line(
            (plot.x0, plot.y1, plot.x1, plot.y0 + plot.height * rng.random()), fill=style.ink, width=1
        )
    return plot.image


def pie_chart(style: Style, size: Size) -> Image.Image:
    """A pie or a ring, flat or leaning; labels around it, a legend, or several small ones in a row."""
    rng = style.rng
    plot = make_frame(style, size, axes=False)
    copies = rng.choice((2, 3)) if plot.width > 2.2 * plot.height and rng.random() < 0.6 else 1
    parts, ring = rng.randint(2, 8), rng.uniform(0.45, 0.75) if rng.random() < 0.4 else 0.0
    flat = rng.uniform(0.5, 0.75) if rng.random() < 0.12 and not ring else 1.0
    rim = rng.choice((style.background, style.ink, None))
    labels = rng.random() < 0.6
    for copy in range(copies):
        cell = plot.width / copies
        cx, cy = plot.x0 + cell * (copy + 0.5), (plot.y0 + plot.y1) / 2
        radius = min(cell, plot.height) * (0.36 if labels else 0.46)
        weights = [rng.uniform(0.2, 2) for _ in range(parts)]
        if flat < 1:
            depth = radius * 0.25
            plot.draw.pieslice(
                (cx - radius, cy - radius * flat + depth, cx + radius, cy + radius * flat + depth),
                0,
                360,
                fill=mix(style.colour(0), (0, 0, 0), 0.5),
            )
        angle = rng.uniform(0, 360)
        for i, weight in enumerate(weights):
            sweep = 360 * weight / sum(weights)
            plot.draw.pieslice(
                (cx - radius, cy - radius * flat, cx + radius, cy + radius * flat),
                angle,
                angle + sweep,
                fill=style.colour(i),
                outline=rim,
            )
            if labels:
                middle = math.radians(angle + sweep / 2)
                where = 1.18 if rng.random() < 0.8 else 0.65
                text = rng.choice((f"{weight / sum(weights):.0%}", style.words(1)[:10]))
                anchor = "mm" if where < 1 else "lm" if math.cos(middle) > 0 else "rm"
                put_text(
                    plot.draw,
                    (cx + radius * where * math.cos(middle), cy + radius * where * flat * math.sin(middle)),
                    text,
                    style,
                    0.7,
                    anchor,
                )
            angle += sweep
        if ring:
            r = radius * ring
            plot.draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=style.background, outline=rim)
            if rng.random() < 0.5:
                put_text(plot.draw, (cx, cy), f"{rng.randint(1, 99)}%", style, 1.3, "mm")
    return plot.image


CHARTS: dict[str, Callable[[Style, Size], Image.Image]] = {
    "bar chart": bar_chart,
    "line chart": line_chart,
    "pie chart": pie_chart,
    "scatter plot": scatter_plot,
    "histogram": histogram,
}

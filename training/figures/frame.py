"""A chart's frame: background, title, axes, grid, legend; and the fill of a bar."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw

from training.figures.canvas import Colour, Style, blank, put_text

Draw = ImageDraw.ImageDraw
Size = tuple[int, int]


@dataclass(slots=True)
class Plot:
    """A frame with its plotting area (pixels) and what was drawn around it."""

    image: Image.Image
    draw: Draw
    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0


def make_frame(
    style: Style, size: Size, *, axes: bool = True, categories: int = 0, sideways: bool = False
) -> Plot:
    """Background, title, axes with ticks and their numbers, grid lines, legend."""
    rng = style.rng
    image, draw = blank(style, size)
    width, height = image.size
    if rng.random() < 0.2:
        draw.rectangle(
            (0, 0, width - 1, height - 1), fill=style.faint(rng.uniform(0, 0.1)), outline=style.faint(0.5)
        )
    x0, y0, x1, y1 = (
        round(width * rng.uniform(0.06, 0.16)),
        6,
        width - 8,
        height - round(style.size * 1.6) - 2,
    )
    if rng.random() < 0.5:
        put_text(draw, (width * rng.choice((0.5, 0.3)), 2), style.words(rng.randint(2, 6)), style, 1, "ma")
        y0 += round(style.size * 1.5)
    if rng.random() < 0.45:
        x1, y1 = _legend(style, draw, (x0, y0, x1, y1))
    x1, y1 = max(x1, x0 + 12), max(y1, y0 + 12)
    bare = rng.random() < 0.12  # no axes, as in an infographic
    if not axes or bare:
        return Plot(image, draw, x0, y0, x1, y1)
    if rng.random() < 0.15:
        draw.rectangle((x0, y0, x1, y1), fill=style.faint(0.08))
    ticks = rng.randint(3, 7)
    line = style.faint(rng.uniform(0.12, 0.4))
    grid = rng.random() < 0.55
    for i in range(ticks + 1):
        x, y = x0 + (x1 - x0) * i / ticks, y1 - (y1 - y0) * i / ticks
        if grid and not sideways:
            draw.line((x0, y, x1, y), fill=line)
        if grid and (sideways or rng.random() < 0.25):
            draw.line((x, y0, x, y1), fill=line)
        label = str(i * 10 ** rng.randint(0, 2)) if rng.random() < 0.9 else ""
        put_text(draw, (x0 - 3, y), style.words(1)[:9] if sideways else label, style, 0.65, "rm")
        if not categories:
            put_text(draw, (x, y1 + 3), label, style, 0.65, "ma")
    for i in range(categories if not sideways else 0):
        x = x0 + (x1 - x0) * (i + 0.5) / categories
        text = style.words(1)[: max(3, round((x1 - x0) / categories / style.size * 1.7))]
        put_text(draw, (x, y1 + 3), rng.choice((text, str(2000 + i))), style, 0.65, "ma")
    thick = rng.choice((1, 1, 2))
    kind = rng.random()
    if kind < 0.35:
        draw.rectangle((x0, y0, x1, y1), outline=style.ink, width=thick)
    elif kind < 0.85:
        draw.line((x0, y0, x0, y1), fill=style.ink, width=thick)
        draw.line((x0, y1, x1, y1), fill=style.ink, width=thick)
    return Plot(image, draw, x0, y0, x1, y1)


def _legend(style: Style, draw: Draw, area: tuple[int, int, int, int]) -> tuple[int, int]:
    """Draws swatches with names right of or under the plot; the new right and bottom edge of it."""
    rng, (x0, y0, x1, y1) = style.rng, area
    step = round(style.size * 1.4)
    names = [style.words(1)[:12] for _ in range(rng.randint(1, 5))]
    if rng.random() < 0.5 and x1 - x0 > 200:
        x1 -= round(style.size * 5.5)
        for i, name in enumerate(names):
            y = y0 + i * step + 10
            draw.rectangle((x1 + 8, y, x1 + 8 + style.size * 0.7, y + style.size * 0.7), fill=style.colour(i))
            put_text(draw, (x1 + 12 + style.size * 0.7, y), name, style, 0.7)
        return x1, y1
    y1 -= step
    x = float(x0)
    for i, name in enumerate(names[:3]):
        y = y1 + step * 1.1
        draw.rectangle((x, y, x + style.size * 0.7, y + style.size * 0.7), fill=style.colour(i))
        put_text(draw, (x + style.size, y), name, style, 0.7)
        x += style.size * 6
    return x1, y1


def fill_bar(
    plot: Plot, box: tuple[float, float, float, float], colour: Colour, style: Style, hatch: int
) -> None:
    """A bar: plain, outlined, hatched or with a lighter side."""
    x0, y0, x1, y1 = box
    if x1 - x0 < 1 or y1 - y0 < 1:
        return
    if hatch:
        plot.draw.rectangle(box, fill=style.background, outline=style.ink)
        for offset in range(0, round(x1 - x0 + y1 - y0), 3 + hatch * 2):
            start, end = max(0.0, offset - (x1 - x0)), min(float(offset), y1 - y0)
            plot.draw.line((x0 + offset - start, y0 + start, x0 + offset - end, y0 + end), fill=style.ink)
        return
    plot.draw.rectangle(box, fill=colour, outline=style.ink if style.rng.random() < 0.3 else None)

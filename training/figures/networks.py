"""Street and transport maps as reports print them: a town's ways in gray, routes in colours, a legend, a scale."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from training.figures.canvas import Colour, Style, blank, mix
from training.figures.material import pictures

Size = tuple[int, int]
Point = tuple[float, float]
Nodes = dict[tuple[int, int], Point]
"""The streets' corners by row and column."""


def town_map(style: Style, size: Size) -> Image.Image:
    """A town's streets in blocks, water and parks, routes along the streets, symbols, names and a legend."""
    rng = style.rng
    ground = rng.choice(
        (style.background, (242, 239, 233), (235, 235, 235), mix(style.background, style.colour(0), 0.12))
    )
    image, draw = blank(style, size, ground)
    width, height = image.size
    chance = np.random.default_rng(rng.getrandbits(32))
    angle, step = rng.uniform(-0.6, 0.6), min(size) / rng.uniform(6, 16)
    bend, wave = rng.uniform(0, 0.35), rng.uniform(0.5, 2) / max(size)

    def place(u: float, v: float) -> Point:
        """Streets' coordinates, a little bent, in pixels."""
        a = angle + bend * math.sin((u + v) * wave * 3)
        x, y = u + bend * 60 * math.sin(v * wave * 6), v + bend * 60 * math.cos(u * wave * 5)
        return width / 2 + x * math.cos(a) - y * math.sin(a), height / 2 + x * math.sin(a) + y * math.cos(a)

    reach = int(math.hypot(width, height) / step / 2) + 2
    nodes = {
        (i, j): place((i + chance.normal(0, 0.12)) * step, (j + chance.normal(0, 0.12)) * step)
        for i in range(-reach, reach + 1)
        for j in range(-reach, reach + 1)
    }
    _blocks(style, draw, nodes, ground)
    if rng.random() < 0.6:
        _river(style, draw, size)
    _streets(style, draw, nodes, ground)
    shade = rng.randrange(8)
    routes = _routes(style, draw, nodes, shade)
    _symbols(style, image, draw)
    if rng.random() < 0.7:
        _legend(style, draw, size, shade, max(2, routes))
    if rng.random() < 0.5:
        draw.rectangle((0, 0, width - 1, height - 1), outline=style.ink)
    return image


def _blocks(style: Style, draw: ImageDraw.ImageDraw, nodes: Nodes, ground: Colour) -> None:
    """Parks, and the houses between the streets."""
    rng = style.rng
    built = rng.random() < 0.35
    for (i, j), corner in nodes.items():
        if (i + 1, j + 1) not in nodes:
            continue
        square = [corner, nodes[i + 1, j], nodes[i + 1, j + 1], nodes[i, j + 1]]
        if rng.random() < 0.06:
            park = rng.choice(((200, 225, 180), (205, 222, 190), mix(ground, (90, 160, 80), 0.3)))
            draw.polygon(square, fill=park)
        elif built and rng.random() < 0.8:
            draw.polygon(square, fill=mix(ground, style.ink, rng.uniform(0.05, 0.14)))


def _streets(style: Style, draw: ImageDraw.ImageDraw, nodes: Nodes, ground: Colour) -> None:
    """Most of the ways from corner to corner, and some alleys."""
    rng = style.rng
    street: Colour = rng.choice(((255, 255, 255), mix(ground, style.ink, 0.35), mix(ground, style.ink, 0.2)))
    thin, missing = rng.choice((1, 1, 2)), rng.uniform(0, 0.3)
    edges = [
        ((i, j), (i + a, j + b)) for i, j in nodes for a, b in ((1, 0), (0, 1)) if (i + a, j + b) in nodes
    ]
    for one, other in edges:
        if rng.random() <= missing:
            continue
        draw.line((nodes[one], nodes[other]), fill=street, width=thin)
        if rng.random() < 0.25:
            (ax, ay), (bx, by) = nodes[one], nodes[other]
            m = ((ax + bx) / 2, (ay + by) / 2)
            draw.line((m, (m[0] + (by - ay) * 0.5, m[1] - (bx - ax) * 0.5)), fill=street, width=1)


def _routes(style: Style, draw: ImageDraw.ImageDraw, nodes: Nodes, shade: int) -> int:
    """Coloured lines along the streets, broken or with stops; how many."""
    rng, wide = style.rng, style.rng.choice((2, 3, 3, 5))
    routes, reach = rng.randint(0, 9), max(i for i, _ in nodes)
    for route in range(routes):
        way = _walk(style, nodes, reach)
        colour = style.colour(shade + route % rng.choice((1, 3, 5)))
        if rng.random() < 0.2:
            for start, end in zip(way[::2], way[1::2], strict=False):
                draw.line((start, end), fill=colour, width=wide)
        else:
            draw.line(way, fill=colour, width=wide, joint="curve")
        for x, y in way[:: rng.randint(1, 3)] if rng.random() < 0.3 else ():
            draw.ellipse((x - wide, y - wide, x + wide, y + wide), fill=style.background, outline=style.ink)
    return routes


def _walk(style: Style, nodes: Nodes, reach: int) -> list[Point]:
    """A way along the streets that mostly goes on as it went."""
    rng = style.rng
    at, step = (rng.randint(-reach // 2, reach // 2), rng.randint(-reach // 2, reach // 2)), (1, 0)
    way = [nodes[at]]
    for _ in range(rng.randint(4, 2 * reach)):
        if rng.random() < 0.3:
            step = rng.choice(((1, 0), (0, 1), (-1, 0), (0, -1)))
        at = (at[0] + step[0], at[1] + step[1])
        if at not in nodes:
            break
        way.append(nodes[at])
    return way


def _river(style: Style, draw: ImageDraw.ImageDraw, size: Size) -> None:
    rng, (width, height) = style.rng, size
    y, x, path = rng.uniform(0, height), 0.0, []
    slope = rng.gauss(0, 0.4)
    while x < width * 1.05:
        path.append((x, y))
        x += width / 20
        slope = slope * 0.8 + rng.gauss(0, 0.2)
        y += slope * width / 20
    colour = rng.choice(((170, 205, 235), (150, 200, 220), mix(style.background, style.ink, 0.15)))
    draw.line(path, fill=colour, width=round(min(size) * rng.uniform(0.02, 0.15)), joint="curve")


def _symbols(style: Style, image: Image.Image, draw: ImageDraw.ImageDraw) -> None:
    """Numbers in discs, small icons, names of streets and quarters."""
    rng, (width, height) = style.rng, image.size
    icons, own = pictures("icon"), style.colour()
    for _ in range(rng.choice((0, 4, 10, 25))):
        x, y, r = rng.uniform(0, width), rng.uniform(0, height), style.size * 0.5
        kind = rng.random()
        if kind < 0.4:
            draw.ellipse((x - r, y - r, x + r, y + r), fill=own)
            draw.text(
                (x, y), str(rng.randint(1, 40)), font=style.font(0.6), fill=(255, 255, 255), anchor="mm"
            )
        elif icons and kind < 0.6:
            icon = rng.choice(icons).resize((round(2 * r), round(2 * r)))
            image.paste(icon, (round(x), round(y)), icon)
        else:
            draw.text(
                (x, y), style.words(1).title()[:12], font=style.font(rng.uniform(0.5, 1)), fill=style.ink
            )


def _legend(style: Style, draw: ImageDraw.ImageDraw, size: Size, shade: int, count: int) -> None:
    """A box in a corner: lines or dots in the routes' colours, with names; a scale under it."""
    rng, (width, height) = style.rng, size
    step = style.size * 1.1
    wide, tall = min(width * 0.4, style.size * 10), min(height * 0.5, step * (min(count, 6) + 1))
    x, y = rng.choice((4.0, width - wide - 4)), rng.choice((4.0, height - tall - 4))
    draw.rectangle((x, y, x + wide, y + tall), fill=style.background, outline=rng.choice((None, style.ink)))
    for i in range(int((tall - 6) / step)):
        row = y + 5 + step * (i + 0.5)
        draw.line((x + 5, row, x + 5 + style.size * 1.5, row), fill=style.colour(shade + i), width=3)
        draw.text(
            (x + 10 + style.size * 1.5, row),
            style.words(2)[:14],
            font=style.font(0.65),
            fill=style.ink,
            anchor="lm",
        )
    if rng.random() < 0.5:
        draw.line((width * 0.45, height - 8, width * 0.6, height - 8), fill=style.ink, width=2)

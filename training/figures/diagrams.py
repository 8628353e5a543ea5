"""Diagrams: boxes and arrows, trees, layers, overlapping circles, networks, cycles."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw

from training.figures.boxes import big_boxes, court, layers, venn
from training.figures.canvas import Style, blank, put_text
from training.figures.infographics import steps

Size = tuple[int, int]
Point = tuple[float, float]


def diagram(style: Style, size: Size) -> Image.Image:
    """Boxes and arrows, trees, layers, overlapping circles, networks, cycles, courts, steps."""
    rng = style.rng
    if rng.random() < 0.5:
        makers = (big_boxes, layers, venn, court, steps)
        maker = rng.choices(makers, (3.0, 1.0, 1.5, 1.0, 1.0))[0]
        return maker(style, size)
    image, draw = blank(style, size)
    kind = rng.choice(("flow", "flow", "layers", "tree", "tree", "venn", "net", "cycle"))
    if rng.random() < 0.15:
        draw.rectangle((0, 0, image.width - 1, image.height - 1), outline=style.faint(0.5))
    match kind:
        case "layers":
            _layers(style, draw, image.size)
        case "venn":
            _venn(style, image)
        case _:
            _graph(style, draw, image.size, kind)
    return image


def _node(
    style: Style,
    draw: ImageDraw.ImageDraw,
    at: Point,
    half: Point,
    shape: str,
    fill: tuple[int, int, int] | None,
) -> None:
    (x, y), (w, h) = at, half
    line = style.ink if style.rng.random() < 0.8 else None
    if shape == "ellipse":
        draw.ellipse((x - w, y - h, x + w, y + h), fill=fill or style.background, outline=style.ink)
    elif shape == "diamond":
        draw.polygon(
            [(x - w, y), (x, y - h), (x + w, y), (x, y + h)], fill=fill or style.background, outline=style.ink
        )
    elif shape == "round":
        draw.rounded_rectangle(
            (x - w, y - h, x + w, y + h),
            min(w, h) * 0.5,
            fill=fill or style.background,
            outline=line or style.ink,
        )
    elif shape == "rectangle":
        draw.rectangle((x - w, y - h, x + w, y + h), fill=fill or style.background, outline=line or style.ink)
    room = max(1, int(w * 2 / style.size * 1.6))
    text = style.words(2)[:room] if w > style.size else str(style.rng.randint(0, 99))
    ink = style.ink if not fill or abs(sum(fill) - sum(style.ink)) > 200 else style.background
    draw.text((x, y), text, font=style.font(0.75), fill=ink, anchor="mm")


def _arrow(
    style: Style, draw: ImageDraw.ImageDraw, start: Point, end: Point, *, head: bool, bent: bool
) -> None:
    wide = style.rng.choice((1, 1, 2))
    corner = (end[0], start[1]) if bent else start
    if bent:
        draw.line((start, corner), fill=style.ink, width=wide)
    draw.line((corner, end), fill=style.ink, width=wide)
    if head:
        angle, reach = math.atan2(end[1] - corner[1], end[0] - corner[0]), style.size * 0.5
        wings = [
            (end[0] - reach * math.cos(angle + t), end[1] - reach * math.sin(angle + t))
            for t in (0.45, -0.45)
        ]
        draw.polygon([end, *wings], fill=style.ink)


def _graph(style: Style, draw: ImageDraw.ImageDraw, size: Size, kind: str) -> None:
    """Nodes on a grid, levels, a circle or at random; edges first, so that the nodes cover their ends."""
    rng, (width, height) = style.rng, size
    places: list[Point] = []
    links: list[tuple[int, int]] = []
    if kind == "tree":
        levels = rng.randint(3, 5)
        sideways = rng.random() < 0.2
        before: list[int] = []
        for level in range(levels):
            count = 1 if level == 0 else min(2**level, rng.randint(len(before), len(before) * 2 + 1))
            now = []
            for i in range(count):
                along, down = (i + 0.5) / count, (level + 0.5) / levels
                places.append((width * (down if sideways else along), height * (along if sideways else down)))
                now.append(len(places) - 1)
                if before:
                    links.append((before[i * len(before) // count], now[-1]))
            before = now
    elif kind == "cycle":
        count = rng.randint(3, 8)
        for i in range(count):
            angle = 2 * math.pi * i / count
            places.append((width * (0.5 + 0.37 * math.cos(angle)), height * (0.5 + 0.37 * math.sin(angle))))
            links.append((i, (i + 1) % count))
    elif kind == "net":
        places = [
            (width * rng.uniform(0.1, 0.9), height * rng.uniform(0.1, 0.9)) for _ in range(rng.randint(5, 18))
        ]
        links = [(rng.randrange(len(places)), rng.randrange(len(places))) for _ in range(len(places) * 2)]
    else:
        columns, rows = (
            rng.randint(1, max(1, min(4, width // 90))),
            rng.randint(2, max(2, min(5, height // 50))),
        )
        places = [
            (width * (j + 0.5) / columns, height * (i + 0.5) / rows)
            for i in range(rows)
            for j in range(columns)
        ]
        links = [(i, i + 1) for i in range(len(places) - 1)] + [
            (i, i + columns) for i in range(len(places) - columns)
        ]
        links = [link for link in links if rng.random() < 0.75]
    shape = rng.choice(
        ("ellipse",)
        if kind in ("net",)
        else ("rectangle", "round", "ellipse", "rectangle", "none" if kind == "tree" else "round")
    )
    across = min([abs(a[0] - b[0]) for a in places for b in places if abs(a[0] - b[0]) > 5] or [width * 0.7])
    down = min([abs(a[1] - b[1]) for a in places for b in places if abs(a[1] - b[1]) > 5] or [height * 0.7])
    half = (max(5.0, min(across * 0.36, width * 0.35)), max(5.0, min(down * 0.3, style.size * 2.5)))
    if shape == "ellipse" or kind == "net":
        radius = max(5.0, min(half[0], half[1], style.size * 1.4))
        half = (radius, radius)
    filled = rng.random() < 0.6
    colour, many = rng.randrange(8), rng.random() < 0.4
    head, bent = rng.random() < 0.7, rng.random() < 0.25
    for a, b in links:
        if a != b:
            (ax, ay), (bx, by) = places[a], places[b]
            distance = math.hypot(bx - ax, by - ay) or 1
            stop = (half[1] if abs(by - ay) > abs(bx - ax) else half[0]) / distance
            _arrow(
                style,
                draw,
                (ax, ay),
                (bx - (bx - ax) * stop, by - (by - ay) * stop),
                head=head and stop < 0.8,
                bent=bent and kind != "net",
            )
    for i, place in enumerate(places):
        own = "diamond" if kind == "flow" and rng.random() < 0.15 else shape
        _node(style, draw, place, half, own, style.colour(colour + (i if many else 0)) if filled else None)


def _layers(style: Style, draw: ImageDraw.ImageDraw, size: Size) -> None:
    rng, (width, height) = style.rng, size
    rows = rng.randint(3, 7)
    for i in range(rows):
        parts = rng.choice((1, 1, 2, 3, 4))
        for j in range(parts):
            half = (width / parts * 0.47, height / rows * 0.42)
            at = (width * (j + 0.5) / parts, height * (i + 0.5) / rows)
            _node(
                style,
                draw,
                at,
                half,
                rng.choice(("rectangle", "rectangle", "round")),
                style.colour(i) if rng.random() < 0.8 else None,
            )


def _venn(style: Style, image: Image.Image) -> None:
    rng, (width, height) = style.rng, image.size
    count, radius = rng.choice((2, 2, 3)), min(width / 3.4, height / 2.6)
    for i in range(count):
        angle = 2 * math.pi * i / count + math.pi
        x, y = (
            width / 2 + radius * 0.62 * math.cos(angle),
            height / 2 + radius * 0.62 * math.sin(angle) * (count > 2),
        )
        disc = Image.new("RGBA", image.size)
        draw = ImageDraw.Draw(disc)
        draw.ellipse(
            (x - radius, y - radius, x + radius, y + radius),
            fill=(*style.colour(i), rng.choice((0, 110, 150))),
            outline=style.ink,
            width=2,
        )
        image.paste(disc, (0, 0), disc)
        put_text(
            ImageDraw.Draw(image),
            (x + radius * 0.4 * math.cos(angle), y),
            style.words(1)[:9],
            style,
            0.9,
            "mm",
        )

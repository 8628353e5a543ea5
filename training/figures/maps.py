"""Maps: land and borders, relief, a town's streets."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from training.figures.canvas import Style, blank, mix, put_text
from training.figures.material import outlines, pictures
from training.figures.networks import town_map

Size = tuple[int, int]


def geographic_map(style: Style, size: Size) -> Image.Image:
    """Land and borders, filled regions, relief, or a town's streets; with dots, names and routes."""
    rng = style.rng
    if rng.random() < 0.4:
        return town_map(style, size)
    image, draw = blank(style, size)
    kind = rng.random()
    if kind < 0.15 and (lands := pictures("land")):
        land = rng.choice(lands)
        share = min(size[0] / land.width, size[1] / land.height) * 0.97
        land = land.resize((max(8, round(land.width * share)), max(8, round(land.height * share))))
        image.paste(land, ((size[0] - land.width) // 2, (size[1] - land.height) // 2), land)
    elif kind < 0.35 or not outlines("gshhs"):
        _streets(style, draw, size)
    elif kind < 0.5 and pictures("relief"):
        source = rng.choice(pictures("relief"))
        wide = source.width * rng.uniform(0.08, 0.9)
        tall = min(source.height, wide * size[1] / size[0])
        x, y = rng.uniform(0, source.width - wide), rng.uniform(0, source.height - tall)
        image = source.resize(size, Image.Resampling.BICUBIC, (x, y, x + wide, y + tall))
        draw = ImageDraw.Draw(image)
        if rng.random() < 0.3:
            image = image.convert("L").convert("RGB")
            draw = ImageDraw.Draw(image)
    else:
        _land(style, draw, size)
    for _ in range(rng.choice((0, 3, 8, 15))):
        x, y = rng.uniform(0.05, 0.9) * size[0], rng.uniform(0.05, 0.95) * size[1]
        draw.ellipse((x - 2, y - 2, x + 2, y + 2), fill=style.ink)
        put_text(draw, (x + 4, y), style.words(1).title()[:10], style, rng.uniform(0.55, 0.9), "lm")
    if rng.random() < 0.2:
        draw.rectangle((0, 0, size[0] - 1, size[1] - 1), outline=style.ink)
    return image


def _land(style: Style, draw: ImageDraw.ImageDraw, size: Size) -> None:
    rng = style.rng
    wide = rng.choice((12, 25, 50, 120, 360))
    tall = min(170.0, wide * size[1] / size[0] * 0.8)
    for _ in range(12):  # a window that shows some coast
        west = rng.uniform(0, 360 - wide) if wide < 360 else 0.0
        south = rng.uniform(-55, max(-54, 75 - tall))
        near = sum(
            1
            for line in outlines("gshhs")[:300]
            if west < line[:, 0].mean() % 360 < west + wide and south < line[:, 1].mean() < south + tall
        )
        if near > 2:
            break
    water = rng.choice((style.background, mix(style.background, (120, 180, 230), 0.6)))
    land = rng.choice((style.background, mix(style.background, style.colour(0), 0.5), style.faint(0.2)))
    draw.rectangle((0, 0, *size), fill=water)
    states = rng.random() < 0.5
    for layer in ("gshhs", "states" if states else "countries", "countries", "rivers"):
        regions = rng.random() < 0.4
        if layer == "rivers" and rng.random() < 0.7:
            continue
        for line in outlines(layer):
            longitude = (
                line[:, 0] % 360
                if layer == "gshhs"
                else np.where(line[:, 0] < 0, line[:, 0] + 360, line[:, 0])
            )
            x, y = (longitude - west) / wide * size[0], (1 - (line[:, 1] - south) / tall) * size[1]
            if (
                x.max() < 0
                or x.min() > size[0]
                or y.max() < 0
                or y.min() > size[1]
                or np.abs(np.diff(x)).max() > size[0]
            ):
                continue
            points = list(zip(x.tolist(), y.tolist(), strict=True))
            if layer == "gshhs" and len(points) > 3:
                draw.polygon(points, fill=land, outline=style.faint(0.7))
            elif layer == "states" and regions and len(points) > 3 and points[0] == points[-1]:
                draw.polygon(points, fill=style.colour(), outline=style.faint(0.7))
            else:
                draw.line(points, fill=style.faint(0.6) if layer != "rivers" else (90, 140, 220), width=1)


def _streets(style: Style, draw: ImageDraw.ImageDraw, size: Size) -> None:
    """A town: fields, water, small streets, broad roads, a coloured route."""
    rng, (width, height) = style.rng, size
    plain = rng.random() < 0.35
    draw.rectangle(
        (0, 0, *size), fill=style.background if plain else mix((240, 238, 230), style.background, 0.3)
    )

    def wander(
        start: tuple[float, float], angle: float, steps: int, stride: float
    ) -> list[tuple[float, float]]:
        path = [start]
        for _ in range(steps):
            angle += rng.gauss(0, 0.22)
            path.append((path[-1][0] + stride * math.cos(angle), path[-1][1] + stride * math.sin(angle)))
        return path

    for _ in range(0 if plain else rng.randint(1, 5)):
        x, y, r = rng.uniform(0, width), rng.uniform(0, height), min(size) * rng.uniform(0.08, 0.35)
        blob = [
            (x + r * rng.uniform(0.6, 1.1) * math.cos(a / 2), y + r * rng.uniform(0.6, 1.1) * math.sin(a / 2))
            for a in range(13)
        ]
        draw.polygon(blob, fill=rng.choice(((200, 225, 190), (170, 205, 235), (225, 220, 205))))
    angle = rng.uniform(0, 3.14)
    stride = min(size) / 14
    for _ in range(rng.randint(25, 90)):
        way = angle + rng.choice((0, math.pi / 2)) + rng.gauss(0, 0.15)
        path = wander((rng.uniform(0, width), rng.uniform(0, height)), way, rng.randint(2, 9), stride)
        draw.line(
            path,
            fill=style.faint(0.35) if plain else rng.choice(((255, 255, 255), (215, 210, 200))),
            width=rng.choice((1, 1, 2)),
        )
    for _ in range(rng.randint(2, 6)):
        path = wander((rng.choice((0, width)) * 1.0, rng.uniform(0, height)), rng.uniform(0, 6.3), 22, stride)
        draw.line(
            path,
            fill=style.faint(0.6)
            if plain
            else rng.choice(((245, 190, 100), (250, 240, 150), (150, 150, 150))),
            width=rng.choice((2, 3, 4)),
            joint="curve",
        )
    for _ in range(rng.choice((0, 1, 3))):
        path = wander((rng.uniform(0, width), rng.uniform(0, height)), rng.uniform(0, 6.3), 16, stride)
        draw.line(path, fill=style.colour(), width=rng.choice((2, 3)), joint="curve")

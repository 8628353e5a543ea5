"""Photographs, drawings, logos and heat maps."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps

from training.figures.canvas import Style, blank, put_text
from training.figures.infographics import infographic
from training.figures.material import pictures

Size = tuple[int, int]


def photo(style: Style, size: Size) -> Image.Image:
    """A crop of a photograph, toned, gray or coarse; clouds of noise where no photographs are."""
    rng, stock = style.rng, pictures("photo")
    if stock and rng.random() < 0.9:
        source = rng.choice(stock)
        share = rng.uniform(0.35, 1)
        wide = min(source.width, source.height * size[0] / size[1]) * share
        tall = wide * size[1] / size[0]
        x, y = rng.uniform(0, source.width - wide), rng.uniform(0, max(0.0, source.height - tall))
        image = source.resize(size, Image.Resampling.BICUBIC, (x, y, x + wide, min(source.height, y + tall)))
    else:
        image = Image.fromarray(clouds(style, size, octaves=6)).convert("RGB")
        image = ImageOps.colorize(image.convert("L"), style.colour(0), style.colour(1))
    if rng.random() < 0.5:
        image = ImageOps.mirror(image)
    if rng.random() < 0.3:
        image = image.convert("L").convert("RGB")
    elif rng.random() < 0.3:
        turn = np.array(image.convert("HSV"))
        turn[..., 0] += np.uint8(rng.randint(0, 255))
        image = Image.fromarray(turn, "HSV").convert("RGB")
    image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.7, 1.3))
    return ImageEnhance.Contrast(image).enhance(rng.uniform(0.7, 1.4))


def clouds(style: Style, size: Size, octaves: int) -> NDArray[np.uint8]:
    """Smooth noise, (height, width) uint8."""
    chance = np.random.default_rng(style.rng.getrandbits(32))
    total = np.zeros((size[1], size[0]), np.float32)
    for octave in range(octaves):
        cells = 2 ** (octave + 1) + 1
        grid = Image.fromarray(chance.random((cells, cells), np.float32))
        total += np.asarray(grid.resize(size, Image.Resampling.BICUBIC)) / 1.7**octave
    low, high = float(total.min()), float(total.max())
    return ((total - low) / (high - low + 1e-6) * 255).astype(np.uint8)


def _paste_art(style: Style, image: Image.Image, art: Image.Image) -> None:
    share = min(image.width / art.width, image.height / art.height) * 0.96
    art = art.resize(
        (max(4, round(art.width * share)), max(4, round(art.height * share))), Image.Resampling.BICUBIC
    )
    image.paste(art, ((image.width - art.width) // 2, (image.height - art.height) // 2), art)


def drawing(style: Style, size: Size) -> Image.Image:
    """An infographic, clip art, or a figure of geometry: lines, circles, arcs, letters, hatches."""
    if style.rng.random() < 0.4:
        return infographic(style, size)
    rng, (image, draw), stock = style.rng, blank(style, size), pictures("drawing")
    if stock and rng.random() < 0.55:
        _paste_art(style, image, rng.choice(stock))
        if rng.random() < 0.3:
            image = image.convert("L").convert("RGB")
        return image
    width, height = image.size
    spots = [
        (rng.uniform(0.08, 0.92) * width, rng.uniform(0.08, 0.92) * height) for _ in range(rng.randint(4, 9))
    ]
    for _ in range(rng.randint(3, 9)):
        a, b, colour = (
            rng.choice(spots),
            rng.choice(spots),
            style.ink if rng.random() < 0.7 else style.colour(),
        )
        reach = max(4.0, math.dist(a, b))
        match rng.randrange(5):
            case 0 | 1:
                draw.line((a, b), fill=colour, width=rng.choice((1, 1, 2)))
            case 2:
                draw.ellipse(
                    (a[0] - reach / 2, a[1] - reach / 2, a[0] + reach / 2, a[1] + reach / 2),
                    outline=colour,
                    width=rng.choice((1, 2)),
                )
            case 3:
                draw.polygon(
                    rng.sample(spots, 3), outline=colour, fill=style.colour() if rng.random() < 0.3 else None
                )
            case _:
                curve = [
                    (
                        a[0] * (1 - t) ** 2 + spots[0][0] * 2 * t * (1 - t) + b[0] * t * t,
                        a[1] * (1 - t) ** 2 + spots[-1][1] * 2 * t * (1 - t) + b[1] * t * t,
                    )
                    for t in (k / 24 for k in range(25))
                ]
                draw.line(curve, fill=colour, width=rng.choice((1, 2)))
    for i, (x, y) in enumerate(spots):
        draw.ellipse((x - 2, y - 2, x + 2, y + 2), fill=style.ink)
        if rng.random() < 0.6:
            put_text(draw, (x + 4, y - 2), "ABCDEFPQR"[i % 9] + rng.choice(("", "'", "1")), style, 0.9, "lb")
    return image


def logo(style: Style, size: Size) -> Image.Image:
    """A mark, with or without a name."""
    rng, (image, draw), stock = style.rng, blank(style, size), pictures("logo")
    if stock and rng.random() < 0.5:
        _paste_art(style, image, rng.choice(stock))
        return image
    width, height = image.size
    side, colour = min(width, height) * 0.8, style.colour()
    x, y = 3.0, (height - side) / 2
    for i in range(rng.randint(1, 3)):
        r = side * (1 - i * 0.3)
        box = (x + (side - r) / 2, y + (side - r) / 2, x + (side + r) / 2, y + (side + r) / 2)
        fill = colour if i % 2 == 0 else style.background
        match rng.randrange(4):
            case 0:
                draw.ellipse(box, fill=fill)
            case 1:
                draw.rounded_rectangle(box, r * 0.25, fill=fill)
            case 2:
                draw.polygon([(box[0], box[3]), ((box[0] + box[2]) / 2, box[1]), (box[2], box[3])], fill=fill)
            case _:
                draw.pieslice(box, rng.randint(0, 360), rng.randint(400, 640), fill=fill)
    if width > 1.6 * height:
        draw.text(
            (x + side + 6, height / 2),
            style.words(1).upper()[:10],
            font=style.font(side / style.size * 0.55, bold=True),
            fill=rng.choice((colour, style.ink)),
            anchor="lm",
        )
    return image


def heat_map(style: Style, size: Size) -> Image.Image:
    """A field in colours or a matrix of shaded cells, with its colour bar."""
    rng = style.rng
    image, draw = blank(style, size)
    field = clouds(style, (max(8, size[0] - 60), max(8, size[1] - 30)), octaves=rng.randint(2, 4))
    picture = Image.fromarray(field)
    if rng.random() < 0.5:
        cells = (rng.randint(5, 25), rng.randint(5, 25))
        picture = picture.resize(cells).resize(picture.size, Image.Resampling.NEAREST)
    elif rng.random() < 0.4:
        picture = picture.point(lambda v: v // 28 * 28)
    ends = rng.choice(
        (
            ((20, 0, 60), (250, 230, 40)),
            ((30, 60, 200), (220, 30, 30)),
            ((255, 255, 255), (10, 60, 120)),
            ((0, 0, 0), (255, 255, 255)),
        )
    )
    middle = rng.choice((None, (40, 160, 130), (250, 250, 250)))
    image.paste(ImageOps.colorize(picture, *ends, mid=middle), (28, 6))
    bar = Image.linear_gradient("L").resize((12, picture.height))
    if rng.random() < 0.7:
        image.paste(ImageOps.colorize(ImageOps.flip(bar), *ends, mid=middle), (size[0] - 24, 6))
    for i in range(6):
        put_text(draw, (26, 6 + picture.height * i / 5), str(i * 10), style, 0.6, "rm")
        put_text(draw, (28 + picture.width * i / 5, 8 + picture.height), str(i * 10), style, 0.6, "ma")
    return image

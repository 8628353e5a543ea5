"""Infographics: coloured panels with flat icons, large numbers and few words; rows of little people; steps."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw

from training.figures.boxes import readable, words_in
from training.figures.canvas import Colour, Style, blank, mix
from training.figures.material import pictures

Size = tuple[int, int]


def _icon(
    style: Style, image: Image.Image, at: tuple[float, float], side: float, colour: Colour | None
) -> None:
    """A flat icon around a place, in its own colours or in one."""
    rng, stock = style.rng, pictures("icon")
    x, y, half = at[0], at[1], side / 2
    draw = ImageDraw.Draw(image)
    if stock and side >= 6 and rng.random() < 0.85:
        icon = rng.choice(stock)
        share = side / max(icon.size)
        icon = icon.resize((max(3, round(icon.width * share)), max(3, round(icon.height * share))))
        corner = (round(x - icon.width / 2), round(y - icon.height / 2))
        image.paste(
            icon if colour is None else colour,
            corner if colour is None else (*corner, corner[0] + icon.width, corner[1] + icon.height),
            icon,
        )
        return
    ink = colour or style.colour()
    match rng.randrange(4):
        case 0:  # a person
            draw.ellipse((x - half * 0.3, y - half, x + half * 0.3, y - half * 0.4), fill=ink)
            draw.rounded_rectangle(
                (x - half * 0.45, y - half * 0.32, x + half * 0.45, y + half), half * 0.3, fill=ink
            )
        case 1:  # a house
            draw.polygon([(x - half, y), (x, y - half), (x + half, y)], fill=ink)
            draw.rectangle((x - half * 0.7, y, x + half * 0.7, y + half), fill=ink)
        case 2:  # a wheel
            for i in range(8):
                a = i * math.pi / 4
                draw.line(
                    (x, y, x + half * math.cos(a), y + half * math.sin(a)),
                    fill=ink,
                    width=max(1, round(half / 4)),
                )
            draw.ellipse((x - half * 0.6, y - half * 0.6, x + half * 0.6, y + half * 0.6), fill=ink)
        case _:
            draw.rounded_rectangle((x - half, y - half * 0.7, x + half, y + half * 0.7), half * 0.3, fill=ink)


def _ground(style: Style) -> Colour:
    """White, a tint, or a full colour."""
    chance = style.rng.random()
    if chance < 0.35:
        return style.background
    return mix(style.background, style.colour(), 0.2) if chance < 0.65 else style.colour()


def _number(
    style: Style, draw: ImageDraw.ImageDraw, at: tuple[float, float], tall: float, ink: Colour
) -> None:
    letter = style.font(max(1.0, tall / style.size), bold=True)
    draw.text(at, style.number()[:6], font=letter, fill=ink, anchor="mm")


def infographic(style: Style, size: Size) -> Image.Image:
    """Panels in a grid, rows of icons, or a scene of icons on a coloured ground."""
    rng = style.rng
    ground = _ground(style)
    image, draw = blank(style, size, ground)
    kind = rng.random()
    if kind < 0.5:
        _panels(style, image, draw, ground)
    elif kind < 0.75:
        _rows(style, image, draw, ground)
    else:
        _scene(style, image, draw, ground)
    return image


def _panels(style: Style, image: Image.Image, draw: ImageDraw.ImageDraw, ground: Colour) -> None:
    rng, (width, height) = style.rng, image.size
    columns, rows = rng.randint(1, max(1, min(4, width // 110))), rng.randint(1, max(1, min(4, height // 90)))
    gap, shade, own = rng.choice((0, 0, 6, 14)), rng.randrange(8), rng.random() < 0.6
    one_ink, upright = rng.random() < 0.6, rng.random() < 0.6
    for i in range(rows):
        for j in range(columns):
            x0, y0 = width * j / columns + gap / 2, height * i / rows + gap / 2
            x1, y1 = width * (j + 1) / columns - gap / 2, height * (i + 1) / rows - gap / 2
            fill = ground
            if own:
                fill = rng.choice(
                    (style.colour(shade + i + j), mix(style.background, style.colour(shade), 0.3))
                )
                draw.rounded_rectangle((x0, y0, x1, y1), rng.choice((0, 0, 10)), fill=fill)
            ink = readable(fill, style) if rng.random() < 0.6 or own else style.colour(shade + j)
            side = min(x1 - x0, y1 - y0) * rng.uniform(0.35, 0.55)
            if upright:
                spot, said = ((x0 + x1) / 2, y0 + side * 0.65), (x0 + 4, y0 + side * 1.25, x1 - 4, y1 - 3)
            else:
                spot, said = (x0 + side * 0.65, (y0 + y1) / 2), (x0 + side * 1.3, y0 + 4, x1 - 4, y1 - 4)
            if rng.random() < 0.3:
                r = side * 0.55
                draw.ellipse(
                    (spot[0] - r, spot[1] - r, spot[0] + r, spot[1] + r), fill=style.colour(shade + 3)
                )
                _icon(style, image, spot, side * 0.7, (255, 255, 255) if one_ink else None)
            else:
                _icon(style, image, spot, side, ink if one_ink else None)
            tall = min((said[3] - said[1]) * 0.45, (said[2] - said[0]) / 3.2)
            if tall > 8 and rng.random() < 0.7:
                _number(style, draw, ((said[0] + said[2]) / 2, said[1] + tall * 0.6), tall, ink)
                said = (said[0], said[1] + tall * 1.1, said[2], said[3])
            if said[3] - said[1] > style.size:
                words_in(
                    style,
                    draw,
                    said,
                    fill,
                    lines=rng.randint(1, max(1, min(3, int((said[3] - said[1]) / style.size / 1.3)))),
                )


def _rows(style: Style, image: Image.Image, draw: ImageDraw.ImageDraw, ground: Colour) -> None:
    """Counts shown as repeated icons, some of them coloured."""
    rng, (width, height) = style.rng, image.size
    rows = rng.randint(1, max(1, min(6, height // 45)))
    deep = height / rows
    state, icons = rng.getstate(), rng.randint(4, 12)
    for i in range(rows):
        left = width * rng.choice((0.02, 0.3))
        if left > width * 0.1:
            words_in(
                style, draw, (4, deep * i, left, deep * (i + 1)), ground, lines=rng.randint(1, 2), bold=True
            )
        step = min((width - left) / icons, deep * 0.95)
        marked = rng.randint(1, icons)
        first, second = style.colour(i), mix(ground, style.ink, 0.25)
        for k in range(icons):
            own = rng.getstate()
            rng.setstate(state)  # the same icon again
            _icon(
                style,
                image,
                (left + step * (k + 0.5), deep * (i + 0.5)),
                step * 0.8,
                first if k < marked else second,
            )
            rng.setstate(own)


def _scene(style: Style, image: Image.Image, draw: ImageDraw.ImageDraw, ground: Colour) -> None:
    """Icons of many sizes and words around a middle, joined by lines or not."""
    rng, (width, height) = style.rng, image.size
    for _ in range(rng.randint(0, 4)):  # flat shapes behind
        x, y, r = rng.uniform(0, width), rng.uniform(0, height), min(image.size) * rng.uniform(0.1, 0.5)
        tint = mix(ground, style.colour(), rng.uniform(0.2, 1))
        if rng.random() < 0.5:
            draw.ellipse((x - r, y - r, x + r, y + r), fill=tint)
        else:
            draw.polygon([(x - r, height), (x, y), (x + r * 1.4, height)], fill=tint)
    count, joined = rng.randint(4, 12), rng.random() < 0.4
    side = min(image.size) / math.sqrt(count) * 0.7
    for i in range(count):
        x, y = rng.uniform(0.1, 0.9) * width, rng.uniform(0.12, 0.88) * height
        if joined:
            draw.line((width / 2, height / 2, x, y), fill=readable(ground, style), width=rng.choice((1, 2)))
        _icon(
            style,
            image,
            (x, y),
            side * rng.uniform(0.5, 1.2),
            rng.choice((None, style.colour(i), readable(ground, style))),
        )
        if rng.random() < 0.5:
            box = (max(0.0, x - side), y + side * 0.5, min(float(width), x + side), y + side * 0.9)
            words_in(style, draw, box, ground)
    if rng.random() < 0.6:
        _number(
            style,
            draw,
            (width / 2, height / 2),
            min(image.size) * rng.uniform(0.1, 0.25),
            readable(ground, style),
        )


def steps(style: Style, size: Size) -> Image.Image:
    """Stations of a process: discs with icons or numbers, joined by a line or arrows, with words (a diagram)."""
    rng = style.rng
    ground = _ground(style)
    image, draw = blank(style, size, ground)
    width, height = image.size
    count, upright = rng.randint(3, 6), height > width * 1.2
    along, line = (height if upright else width), readable(ground, style)
    middle = (width if upright else height) * rng.uniform(0.3, 0.5)
    r = min(along / count * 0.32, middle * 0.6)
    ends = (along / count / 2, along - along / count / 2)
    path = [(middle, e) if upright else (e, middle) for e in ends]
    draw.line(path, fill=line, width=rng.choice((1, 2, 4)))
    for i in range(count):
        at = along * (i + 0.5) / count
        x, y = (middle, at) if upright else (at, middle)
        fill = style.colour(i)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=fill, outline=rng.choice((None, line)))
        if rng.random() < 0.7:
            _icon(style, image, (x, y), r * 1.2, readable(fill, style))
        else:
            draw.text(
                (x, y),
                str(i + 1),
                font=style.font(max(0.8, r / style.size), bold=True),
                fill=readable(fill, style),
                anchor="mm",
            )
        said = (
            (x + r * 1.2, y - r, float(width), y + r)
            if upright
            else (x - r * 1.4, y + r * 1.1, x + r * 1.4, min(y + r * 2.6, float(height)))
        )
        words_in(style, draw, said, ground, lines=rng.randint(1, 3))
    return image

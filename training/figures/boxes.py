"""Diagrams as slides and handbooks have them: few large boxes with words, overlapping sets, courts and fields."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw

from training.figures.canvas import Colour, Style, blank, mix, put_text

Size = tuple[int, int]
Place = tuple[float, float, float, float]


def readable(fill: Colour, style: Style) -> Colour:
    """Ink that can be read on a fill."""
    if abs(sum(fill) - sum(style.ink)) > 240:
        return style.ink
    return (255, 255, 255) if sum(fill) < 400 else (0, 0, 0)


def words_in(
    style: Style, draw: ImageDraw.ImageDraw, box: Place, fill: Colour, *, lines: int = 1, bold: bool = False
) -> None:
    """Some lines of words in the middle of a box, none of them wider than it."""
    width, height = box[2] - box[0], box[3] - box[1]
    scale = min(style.rng.uniform(0.7, 1.3), height / lines / style.size / 1.25)
    if scale * style.size < 5:
        return
    letter = style.font(scale, bold=bold)
    room = max(1, int(width / (letter.size * 0.6)))
    for i in range(lines):
        y = (box[1] + box[3]) / 2 + (i - (lines - 1) / 2) * letter.size * 1.25
        text = style.words(style.rng.randint(1, 4))[:room]
        draw.text(((box[0] + box[2]) / 2, y), text, font=letter, fill=readable(fill, style), anchor="mm")


def _box(style: Style, draw: ImageDraw.ImageDraw, box: Place, fill: Colour | None, corner: float) -> None:
    line = style.ink if fill is None or style.rng.random() < 0.4 else None
    if box[2] - box[0] > 4 and box[3] - box[1] > 4:
        draw.rounded_rectangle(
            box, min(corner, (box[2] - box[0]) / 2.1, (box[3] - box[1]) / 2.1), fill=fill, outline=line
        )


def big_boxes(style: Style, size: Size) -> Image.Image:
    """Two to a dozen large boxes in a row, a column, a grid or nested, with arrows or chevrons between them."""
    rng = style.rng
    image, draw = blank(style, size)
    width, height = image.size
    columns, rows = rng.choice(
        ((2, 1), (3, 1), (4, 1), (1, 3), (1, 4), (2, 2), (3, 2), (2, 3), (3, 3), (5, 1))
    )
    corner, shade, many = rng.choice((0, 0, 8, 20)), rng.randrange(8), rng.random() < 0.5
    filled, gap = rng.random() < 0.7, rng.uniform(0.08, 0.3)
    chevrons, arrows = rows == 1 and rng.random() < 0.25, rng.random() < 0.6
    if rng.random() < 0.25:  # all of it in a frame with a name
        draw.rounded_rectangle(
            (0, 0, width - 1, height - 1), corner, fill=style.faint(0.06), outline=style.faint(0.5)
        )
        put_text(draw, (8, 4), style.words(2), style, 1.0)
    inset = min(width, height) * 0.06
    across, down = (width - 2 * inset) / columns, (height - 2 * inset) / rows
    for i in range(rows):
        for j in range(columns):
            if rng.random() < 0.06:
                continue
            x, y = inset + j * across, inset + i * down
            box = (
                x + across * gap / 2,
                y + down * gap / 2,
                x + across * (1 - gap / 2),
                y + down * (1 - gap / 2),
            )
            fill = style.colour(shade + (i * columns + j if many else 0)) if filled else None
            if chevrons:
                tip = across * 0.18
                shape = [
                    (box[0], box[1]),
                    (box[2], box[1]),
                    (box[2] + tip, (box[1] + box[3]) / 2),
                    (box[2], box[3]),
                ]
                draw.polygon(
                    [*shape, (box[0], box[3]), (box[0] + tip, (box[1] + box[3]) / 2)],
                    fill=fill,
                    outline=style.ink,
                )
            else:
                _box(style, draw, box, fill, corner)
            words_in(
                style, draw, box, fill or style.background, lines=rng.randint(1, 4), bold=rng.random() < 0.3
            )
            if arrows and not chevrons:
                if j + 1 < columns:
                    _block_arrow(style, draw, (box[2], (box[1] + box[3]) / 2), across * gap, 0)
                elif i + 1 < rows and j == 0:
                    _block_arrow(style, draw, ((box[0] + box[2]) / 2, box[3]), down * gap, 1)
    return image


def _block_arrow(
    style: Style, draw: ImageDraw.ImageDraw, start: tuple[float, float], reach: float, down: int
) -> None:
    """An arrow from a place to the right or down, a line or a block."""
    x, y = start
    wing = min(reach * 0.4, style.size * 0.6)
    thick = style.rng.choice((0.5, 0.5, wing * 0.4))
    shape = [(0, -thick), (reach - wing, -thick), (reach - wing, -wing), (reach, 0), (reach - wing, wing)]
    shape += [(reach - wing, thick), (0, thick)]
    draw.polygon([(x + b, y + a) if down else (x + a, y + b) for a, b in shape], fill=style.ink)


def layers(style: Style, size: Size) -> Image.Image:
    """Stacks of named layers beside each other, some with parts, as for the architecture of software."""
    rng = style.rng
    image, draw = blank(style, size)
    width, height = image.size
    stacks, shade = rng.randint(1, 3), rng.randrange(8)
    for s in range(stacks):
        left, right = width * (s + 0.06) / stacks, width * (s + 0.94) / stacks
        top = height * rng.uniform(0, 0.3) + style.size * 1.4
        put_text(draw, ((left + right) / 2, top - style.size * 1.3), style.words(1), style, 0.9, "ma")
        rows = rng.randint(2, 6)
        deep = (height - top - 4) / rows
        for i in range(rows):
            parts = rng.choice((1, 1, 1, 2, 3))
            fill = style.colour(shade + i) if rng.random() < 0.8 else style.faint(0.15)
            for j in range(parts):
                wide = (right - left) / parts
                box = (
                    left + wide * j + 1,
                    top + deep * i + 1,
                    left + wide * (j + 1) - 1,
                    top + deep * (i + 1) - 2,
                )
                _box(style, draw, box, fill, rng.choice((0, 0, 5)))
                words_in(style, draw, box, fill)
    return image


def venn(style: Style, size: Size) -> Image.Image:
    """Two to four sets that overlap: outlines or transparent fills, equal or not, named inside or outside."""
    rng = style.rng
    image, _ = blank(style, size)
    width, height = image.size
    count, aspect = rng.choice((2, 2, 3, 3, 4)), rng.choice((1.0, 1.0, 1.35))
    radius = min(width / 3.4 / aspect, height / (2.2 if count == 2 else 3.2))
    opaque, lines, equal = rng.choice((0, 60, 110, 160, 200)), rng.random() < 0.7, rng.random() < 0.7
    apart, shade, same = rng.uniform(0.5, 0.85), rng.randrange(8), rng.random() < 0.2
    names = []
    for i in range(count):
        angle = 2 * math.pi * i / count + (math.pi if count == 2 else -math.pi / 2)
        own = radius * (1 if equal else rng.uniform(0.6, 1.1))
        x = width / 2 + radius * apart * aspect * math.cos(angle)
        y = height / 2 + radius * apart * math.sin(angle)
        disc = Image.new("RGBA", image.size)
        ImageDraw.Draw(disc).ellipse(
            (x - own * aspect, y - own, x + own * aspect, y + own),
            fill=(*style.colour(shade + (0 if same else i)), opaque),
            outline=(*style.ink, 255) if lines or not opaque else None,
            width=rng.choice((1, 2, 3)),
        )
        image.paste(disc, (0, 0), disc)
        names.append((x + own * 0.4 * math.cos(angle), y + own * 0.4 * math.sin(angle), own))
    draw = ImageDraw.Draw(image)
    for x, y, own in names:
        words_in(
            style,
            draw,
            (x - own * 0.6, y - own * 0.4, x + own * 0.6, y + own * 0.4),
            style.background,
            lines=rng.randint(1, 3),
        )
    if rng.random() < 0.6:
        at = (
            width / 2 - radius * 0.35,
            height / 2 - radius * 0.3,
            width / 2 + radius * 0.35,
            height / 2 + radius * 0.3,
        )
        words_in(style, draw, at, style.background, lines=rng.randint(1, 2))
    return image


def court(style: Style, size: Size) -> Image.Image:
    """A field of sport with its lines, players and the ways they take, or a plan of rooms."""
    rng = style.rng
    image, draw = blank(style, size)
    width, height = image.size
    ground = rng.choice(
        (style.background, (232, 200, 150), (120, 175, 95), mix(style.background, style.colour(0), 0.3))
    )
    line, thick = readable(ground, style), rng.choice((1, 2, 3))
    if rng.random() < 0.5:
        line = (255, 255, 255) if sum(ground) < 560 else style.ink
    x0, y0, x1, y1 = width * 0.04, height * 0.04, width * 0.96, height * 0.96
    draw.rectangle((x0, y0, x1, y1), fill=ground, outline=line, width=thick)
    middle, reach = (x0 + x1) / 2, min(x1 - x0, y1 - y0)
    half = rng.random() < 0.5
    if half:  # one half, its basket or goal above
        draw.rectangle(
            (middle - reach * 0.18, y0, middle + reach * 0.18, y0 + reach * 0.38), outline=line, width=thick
        )
        for share in rng.sample((0.14, 0.45, 0.62), 2):
            draw.arc(
                (
                    middle - reach * share,
                    y0 - reach * share * 0.8,
                    middle + reach * share,
                    y0 + reach * share * 1.2,
                ),
                0,
                180,
                line,
                thick,
            )
        draw.arc(
            (middle - reach * 0.15, y1 - reach * 0.15, middle + reach * 0.15, y1 + reach * 0.15),
            180,
            360,
            line,
            thick,
        )
    else:
        draw.line((middle, y0, middle, y1), fill=line, width=thick)
        centre, r = (y0 + y1) / 2, reach * 0.14
        draw.ellipse((middle - r, centre - r, middle + r, centre + r), outline=line, width=thick)
        for side, turn in ((x0, 1), (x1, -1)):
            for share in (0.12, 0.26):
                ends = sorted((side, side + turn * reach * share * 0.8))
                draw.rectangle(
                    (ends[0], centre - reach * share, ends[1], centre + reach * share),
                    outline=line,
                    width=thick,
                )
    spots = [(rng.uniform(x0 + 9, x1 - 9), rng.uniform(y0 + 9, y1 - 9)) for _ in range(rng.randint(3, 12))]
    r, arrow = style.size * rng.uniform(0.35, 0.8), style.colour()
    for i, (x, y) in enumerate(spots):
        if rng.random() < 0.6:
            end = (
                min(max(x + rng.gauss(0, reach * 0.2), x0), x1),
                min(max(y + rng.gauss(0, reach * 0.2), y0), y1),
            )
            draw.line(((x, y), end), fill=arrow, width=rng.choice((1, 2, 3)))
            angle = math.atan2(end[1] - y, end[0] - x)
            wings = [
                (end[0] - r * math.cos(angle + t), end[1] - r * math.sin(angle + t)) for t in (0.5, -0.5)
            ]
            draw.polygon([end, *wings], fill=arrow)
        fill = style.colour(i % 2)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=fill, outline=line)
        draw.text(
            (x, y), str(rng.randint(1, 23)), font=style.font(0.6), fill=readable(fill, style), anchor="mm"
        )
    return image

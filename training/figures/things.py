"""Tables, code listings and colour swatches: drawn from lines and words."""

from __future__ import annotations

from PIL import Image, ImageDraw

from training.figures.canvas import Colour, Style, blank, mix, put_text

Size = tuple[int, int]


def table(style: Style, size: Size) -> Image.Image:
    """Rows and columns of numbers or words, ruled fully, partly, by stripes or not at all."""
    rng = style.rng
    image, draw = blank(style, size)
    width, height = image.size
    scale = rng.uniform(0.65, 0.95)
    row = style.size * scale * rng.uniform(1.3, 2.2)
    rows = max(3, int(height / row))
    columns = min(rng.randint(2, 9), max(2, width // 45))
    first = rng.choice((rng.uniform(1, 4), rng.uniform(2, 8)))  # a report's figures have long labels
    shares = [first] + [rng.uniform(0.7, 1.4) for _ in range(columns - 1)]
    edges = [0.0]
    for share in shares:
        edges.append(edges[-1] + share * (width - 2) / sum(shares))
    wordy = rng.random() < 0.25  # cells of running words, several lines each
    lines_across, lines_down, stripes = rng.random() < 0.5, rng.random() < 0.4, rng.random() < 0.3
    head = rng.choice((None, style.colour(), style.faint(0.15), style.ink))
    line = style.ink if rng.random() < 0.5 else style.faint(0.3)
    bottom = min(height - 1, rows * row)
    if stripes:
        tint = rng.choice((style.faint(0.1), mix(style.background, style.colour(), rng.uniform(0.08, 0.3))))
        for i in range(1, rows, 2):
            draw.rectangle((0, i * row, width, (i + 1) * row), fill=tint)
    if head:
        draw.rectangle((0, 0, width, row), fill=head)
    blanks = rng.choice((0, 0, 0.15))
    numbers_right = rng.random() < 0.8
    span = rng.randint(2, 4) if wordy else 1
    sections, dots, money = (rng.random() < 0.2 for _ in range(3))
    for i in range(rows):
        section = sections and not wordy and rng.random() < 0.15  # a row that names those below it
        bold = i == 0 or section or rng.random() < 0.08
        indent = rng.choice((0, 0, style.size))
        for j in range(columns):
            left, right = edges[j] + 3, edges[j + 1] - 4
            room = max(3, int((right - left) / (style.size * scale * 0.55)))
            if i and (rng.random() < blanks or (section and j)):
                continue
            words = j == 0 or i == 0 or wordy
            text = style.words(rng.randint(1, max(1, room // 5)))[:room] if words else style.number()[:room]
            ink = style.ink
            if i == 0 and head:
                ink = (255, 255, 255) if sum(head) < 380 else (0, 0, 0)
            where, anchor = (
                (right, "ra")
                if numbers_right and j and not wordy
                else (left + (indent if j == 0 else 0), "la")
            )
            if wordy and i and j % 2 == 0 and i % span:
                continue
            if dots and i and j == 0 and not section and not wordy:
                text += " " + ". " * (room - len(text))
            if money and i and j and not wordy and numbers_right:
                put_text(draw, (left, i * row + row * 0.15), "$", style, scale)
            draw.text(
                (where, i * row + row * 0.15),
                text,
                font=style.font(scale, bold=bold),
                fill=ink,
                anchor=anchor,
            )
        if not lines_across and i and rng.random() < 0.08 and not wordy:  # a sum's line
            draw.line((edges[1], i * row, width, i * row), fill=style.ink)
    levels = range(0, rows + 1, span)
    _rule(
        style,
        draw,
        [i * row for i in levels] if lines_across else [],
        edges if lines_down else [],
        row,
        bottom,
        line,
    )
    return image


def _rule(
    style: Style,
    draw: ImageDraw.ImageDraw,
    across: list[float],
    down: list[float],
    head: float,
    bottom: float,
    line: Colour,
) -> None:
    """A table's lines: all of them, or only those around its head and under it."""
    end = draw.im.size[0]
    for y in across:
        draw.line((0, y, end, y), fill=line)
    for y in () if across else (0, head, bottom - 1):
        draw.line((0, y, end, y), fill=style.ink, width=style.rng.choice((1, 1, 2)))
    for x in down:
        draw.line((min(x, end - 1), 0, min(x, end - 1), bottom), fill=line)


_KEYWORDS = [
    "if",
    "for",
    "while",
    "return",
    "def",
    "class",
    "import",
    "var",
    "let",
    "const",
    "begin",
    "end",
    "procedure",
    "function",
    "int",
    "void",
    "public",
    "static",
]


def code(style: Style, size: Size) -> Image.Image:
    """A listing: one typeface of fixed width, stepped indents, short lines; coloured or plain."""
    rng = style.rng
    own = rng.random()
    ground = style.background if own < 0.45 else style.faint(0.06) if own < 0.75 else (30, 32, 40)
    ink = (225, 225, 225) if sum(ground) < 330 else (20, 20, 20)
    image, draw = blank(style, size, ground)
    width, height = image.size
    scale = rng.uniform(0.65, 1.0)
    letter = style.font(scale, mono=True)
    step, indent, y = letter.size * rng.uniform(1.15, 1.4), 0, 4.0
    numbered, coloured = rng.random() < 0.25, rng.random() < 0.5
    if rng.random() < 0.3:
        draw.rectangle((0, 0, width - 1, height - 1), outline=mix(ground, ink, 0.4))
    cell = letter.getlength("m")
    number = 1
    while y < height - step:
        if numbered:
            draw.text((4, y), f"{number:3d}", font=letter, fill=mix(ground, ink, 0.5))
        x = 6 + (5 * cell if numbered else 0) + indent * 4 * cell
        if rng.random() < 0.88:
            for _ in range(rng.randint(1, 6)):
                chance = rng.random()
                word = (
                    rng.choice(_KEYWORDS)
                    if chance < 0.25
                    else style.words(1)
                    + rng.choice(("", "()", " =", ";", "[i]", ".x", "(" + style.words(1) + ")"))
                )
                if x + cell * len(word) > width:
                    break
                draw.text(
                    (x, y), word, font=letter, fill=style.colour() if coloured and chance < 0.45 else ink
                )
                x += cell * (len(word) + 1)
        indent = max(0, min(4, indent + rng.choice((-1, 0, 0, 0, 1))))
        number, y = number + 1, y + step
    return image


def swatches(style: Style, size: Size) -> Image.Image:
    """Named colours or patterns in a grid, a list or a ramp."""
    rng = style.rng
    image, draw = blank(style, size)
    width, height = image.size
    columns, rows = rng.randint(1, max(1, width // 70)), rng.randint(2, max(2, height // 28))
    colours = [tuple(rng.randint(0, 255) for _ in range(3)) for _ in range(columns * rows)]
    named, patterned = rng.random() < 0.8, rng.random() < 0.2
    for i, colour in enumerate(colours):
        x, y = width * (i % columns) / columns, height * (i // columns) / rows
        cell, tall = width / columns, height / rows
        side = cell * rng.uniform(0.25, 0.4) if named else cell * 0.86
        box = (x + 2, y + 2, x + side, y + tall * 0.8)
        if box[2] <= box[0] or box[3] <= box[1]:
            continue
        if patterned:
            draw.rectangle(box, outline=style.ink)
            for k in range(round(box[0]), round(box[2]), 3 + i % 4):
                draw.line((k, box[1], k if i % 2 else box[0] + box[2] - k, box[3]), fill=style.ink)
        else:
            draw.rectangle(box, fill=(colour[0], colour[1], colour[2]), outline=style.faint(0.4))
        if named:
            put_text(draw, (x + side + 4, y + tall * 0.4), style.words(1)[:10], style, 0.7, "lm")
    return image

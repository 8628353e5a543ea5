"""Tables, forms, code listings, diagrams, signatures, colour swatches: drawn from lines and words."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw

from training.looks_canvas import Style, blank, mix, put_text

Size = tuple[int, int]
Point = tuple[float, float]


def table(style: Style, size: Size) -> Image.Image:
    """Rows and columns of numbers or words, ruled fully, partly, by stripes or not at all."""
    rng = style.rng
    image, draw = blank(style, size)
    width, height = image.size
    scale = rng.uniform(0.65, 0.95)
    row = style.size * scale * rng.uniform(1.3, 2.2)
    rows = max(3, int(height / row))
    columns = min(rng.randint(2, 9), max(2, width // 45))
    first = rng.uniform(1, 4)
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
        for i in range(1, rows, 2):
            draw.rectangle((0, i * row, width, (i + 1) * row), fill=style.faint(0.1))
    if head:
        draw.rectangle((0, 0, width, row), fill=head)
    blanks = rng.choice((0, 0, 0.15))
    numbers_right = rng.random() < 0.8
    span = rng.randint(2, 4) if wordy else 1
    for i in range(rows):
        bold = i == 0 or rng.random() < 0.08
        indent = rng.choice((0, 0, style.size))
        for j in range(columns):
            left, right = edges[j] + 3, edges[j + 1] - 4
            room = max(3, int((right - left) / (style.size * scale * 0.55)))
            if i and rng.random() < blanks:
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
            draw.text(
                (where, i * row + row * 0.15),
                text,
                font=style.font(scale, bold=bold),
                fill=ink,
                anchor=anchor,
            )
        if not lines_across and i and rng.random() < 0.08 and not wordy:  # a sum's line
            draw.line((edges[1], i * row, width, i * row), fill=style.ink)
    if lines_across:
        for i in range(0, rows + 1, span):
            draw.line((0, i * row, width, i * row), fill=line)
    else:
        for y in (0, row, bottom - 1):
            draw.line((0, y, width, y), fill=style.ink, width=rng.choice((1, 1, 2)))
    if lines_down:
        for x in edges:
            draw.line((min(x, width - 1), 0, min(x, width - 1), bottom), fill=line)
    return image


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


def diagram(style: Style, size: Size) -> Image.Image:
    """Boxes and arrows, trees, layers, overlapping circles, networks, cycles."""
    rng = style.rng
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

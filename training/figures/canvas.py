"""Means of every drawn thing on a practice page: fonts, words, numbers, colours and a style.

Fonts come from fontconfig and from unpacked packages (Debian's free fonts), words from the word lists in
``usr/share/dict``.
"""

from __future__ import annotations

import colorsys
import random
import subprocess
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from training.figures.material import root

Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont

_WORD_LISTS = ("american-english", "french", "ngerman", "spanish", "italian")
_NOT_TEXT = ("emoji", "symbol", "math", "music", "dingbat", "ornament", "z003", "d050")


@cache
def font_files() -> dict[str, tuple[str, ...]]:
    """Font files by kind: ``text`` and ``mono``."""
    form = ["--format", "%{file}|%{lang}\n"]
    calls = [["fc-list", *form]]
    if (unpacked := root() / "usr/share/fonts").is_dir() and root() != Path("/"):
        calls.append(["fc-scan", *form, str(unpacked.resolve())])
    lines = [
        line
        for call in calls
        for line in subprocess.run(call, capture_output=True, text=True, check=True).stdout.split("\n")
    ]
    known = {line.partition("|")[0] for line in lines if {"en", "fr", "de"} <= set(line.split("|")[1:])}
    files = [f for f in sorted(known) if f.endswith((".ttf", ".otf"))]
    files = [f for f in files if not any(word in f.lower() for word in _NOT_TEXT)]
    mono = tuple(f for f in files if "mono" in f.lower())
    return {"text": tuple(f for f in files if f not in mono), "mono": mono or tuple(files[:1])}


@cache
def font(path: str, size: int) -> Font:
    return ImageFont.truetype(path, size)


@cache
def _families() -> tuple[tuple[str, ...], ...]:
    families: dict[str, list[str]] = {}
    for path in font_files()["text"]:
        families.setdefault(Path(path).stem.split("-")[0], []).append(path)
    return tuple(tuple(paths) for paths in families.values())


@cache
def word_list() -> tuple[str, ...]:
    """Short and long words of five languages, in a fixed shuffled order."""
    words: set[str] = set()
    for name in _WORD_LISTS:
        path = root() / "usr/share/dict" / name
        if path.exists():
            listed = [w for w in path.read_text("utf8").split() if 2 < len(w) < 16 and "'" not in w]
            words.update(random.Random(1).sample(listed, min(8000, len(listed))))
    if not words:
        raise FileNotFoundError("no word list in /usr/share/dict: install wamerican (Debian)")
    ordered = sorted(words)
    random.Random(2).shuffle(ordered)
    return tuple(ordered)


_SHORT = [
    "the",
    "of",
    "a",
    "in",
    "and",
    "to",
    "is",
    "de",
    "la",
    "le",
    "les",
    "der",
    "die",
    "und",
    "il",
    "per",
    "con",
    "que",
    "el",
    "los",
    "for",
    "on",
    "by",
    "at",
    "with",
    "que",
    "des",
]


@dataclass(slots=True)
class Style:
    """One page's look: background, ink, accents, typefaces. ``rng`` is the only source of chance."""

    rng: random.Random
    background: Colour = (255, 255, 255)
    ink: Colour = (0, 0, 0)
    palette: list[Colour] = field(default_factory=list)
    regular: str = ""
    bold: str = ""
    mono: str = ""
    size: int = 13
    """Body text in pixels, at about 90 dpi."""

    @property
    def dark(self) -> bool:
        return sum(self.background) < 330

    def font(self, scale: float = 1.0, *, bold: bool = False, mono: bool = False) -> Font:
        path = self.mono if mono else self.bold if bold else self.regular
        return font(path, max(5, round(self.size * scale)))

    def faint(self, amount: float) -> Colour:
        """A colour between background (0) and ink (1)."""
        return mix(self.background, self.ink, amount)

    def colour(self, index: int | None = None) -> Colour:
        return self.rng.choice(self.palette) if index is None else self.palette[index % len(self.palette)]

    def words(self, count: int) -> str:
        rng, listed = self.rng, word_list()
        picked = [rng.choice(_SHORT) if rng.random() < 0.35 else rng.choice(listed) for _ in range(count)]
        return " ".join(picked)

    def number(self) -> str:
        rng = self.rng
        value = rng.choice(
            (rng.randint(0, 99), rng.randint(100, 9999), rng.uniform(0, 100), rng.randint(10**4, 10**7))
        )
        text = f"{value:,}" if isinstance(value, int) else f"{value:.{rng.randint(1, 2)}f}"
        return rng.choice((text, text, text, f"({text})", f"{text}%", f"${text}", "—"))


def mix(first: Colour, second: Colour, share: float) -> Colour:
    a, b, c = (round(x + (y - x) * share) for x, y in zip(first, second, strict=True))
    return a, b, c


def make_style(rng: random.Random, *, slide: bool = False) -> Style:
    """A style drawn by chance: mostly black on white, sometimes tinted, dark or gray only."""
    background: Colour = (255, 255, 255)
    ink: Colour = (rng.randint(0, 60),) * 3
    chance = rng.random()
    if chance < (0.3 if slide else 0.05):
        shade = rng.randint(0, 45)
        background, ink = (shade, shade, rng.randint(shade, 80)), (rng.randint(200, 255),) * 3
    elif chance < 0.4:
        tint = colorsys.hsv_to_rgb(rng.random(), rng.uniform(0, 0.12), rng.uniform(0.9, 1))
        background = (round(tint[0] * 255), round(tint[1] * 255), round(tint[2] * 255))
    family = rng.choice(_families())
    bold = [p for p in family if "Bold" in p] or list(family)
    plain = [p for p in family if "Bold" not in p] or list(family)
    regular = [p for p in plain if "Italic" not in p and "Oblique" not in p] or plain
    return Style(
        rng=rng,
        background=background,
        ink=ink,
        palette=_palette(rng, dark=sum(background) < 330),
        regular=rng.choice(regular),
        bold=rng.choice(bold),
        mono=rng.choice(font_files()["mono"]),
        size=rng.randint(16, 26) if slide else rng.randint(10, 15),
    )


def _palette(rng: random.Random, *, dark: bool) -> list[Colour]:
    kind, base = rng.random(), rng.random()
    colours: list[Colour] = []
    for index in range(8):
        if kind < 0.25:  # printed in gray
            grey = rng.randint(110, 250) if dark else rng.randint(0, 200)
            colours.append((grey, grey, grey))
            continue
        if kind < 0.5:  # shades of one colour
            hue, saturation, value = base, rng.uniform(0.3, 1), rng.uniform(0.35, 1)
        elif kind < 0.8:  # the usual chart colours
            hue, saturation, value = (base + index * 0.618) % 1, rng.uniform(0.5, 1), rng.uniform(0.55, 1)
        else:  # pastel
            hue, saturation, value = (base + index * 0.37) % 1, rng.uniform(0.2, 0.5), rng.uniform(0.8, 1)
        red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
        colours.append((round(red * 255), round(green * 255), round(blue * 255)))
    return colours


def blank(
    style: Style, size: tuple[int, int], colour: Colour | None = None
) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (max(8, size[0]), max(8, size[1])), colour or style.background)
    return image, ImageDraw.Draw(image)


def put_text(
    draw: ImageDraw.ImageDraw,
    xy: tuple[float, float],
    text: str,
    style: Style,
    scale: float = 0.8,
    anchor: str = "la",
) -> None:
    draw.text(xy, text, font=style.font(scale), fill=style.ink, anchor=anchor)


@lru_cache(maxsize=240)
def line_bank(path: str, size: int) -> tuple[Image.Image, ...]:
    """Long lines of words as masks (mode L), to cut the lines of paragraphs from.

    Hinting the letters anew for each line would take most of a page's drawing time."""
    letter, rng = font(path, size), random.Random(size)
    writer = Style(rng, regular=path)
    masks = []
    for _ in range(7):
        text = writer.words(26)
        if rng.random() < 0.4:
            text += " " + str(rng.randint(10, 9999)) + ", " + writer.words(3).capitalize() + "."
        mask = Image.new("L", (min(1100, round(letter.getlength(text))), round(size * 1.5)))
        ImageDraw.Draw(mask).text((0, 0), text, font=letter, fill=255)
        masks.append(mask)
    return tuple(masks)

"""Lines of print with their text, drawn for the line net: words, numbers, codes, addresses in many typefaces, then worn.

Each strip is cut as the page's reader cuts it: a little too high or low, too wide or narrow, with what stands above and below.
"""

import random
import string
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from pagelight.retrieval.encoders.builtin.reader.line_net import HEIGHT
from pagelight.retrieval.encoders.builtin.reader.line_strips import STRIPS, cut
from pagelight.retrieval.text.analyzer import fold
from training.degrade import wear

Gray = NDArray[np.uint8]
#: strips that are longer are cut
MOST = 640
_FINE = 3
#: typefaces that are used beside each other, and strips until one of them is exchanged
AT_HAND, EXCHANGED = 120, 12


def _whole(rng: random.Random) -> int:
    return rng.randint(0, 10 ** rng.choice([1, 2, 3, 5, 8]))


def _date(rng: random.Random) -> str:
    joint, year = rng.choice("./-"), rng.randint(1950, 2035)
    return f"{rng.randint(1, 31):02}{joint}{rng.randint(1, 12):02}{joint}{rng.choice([year, year % 100])}"


def _telephone(rng: random.Random) -> str:
    joint = rng.choice(" -./")
    return rng.choice(["+", "", "("]) + joint.join(
        str(rng.randint(10, 9999)) for _ in range(rng.randint(2, 4))
    )


_NUMBERS: tuple[Callable[[random.Random], str], ...] = (
    lambda rng: str(_whole(rng)),
    lambda rng: f"{_whole(rng):,}".replace(",", rng.choice([",", ".", " "])),
    lambda rng: f"{rng.choice(['$', '€', '£', '', '+', '-'])}{_whole(rng):,}.{rng.randint(0, 99):02}",
    lambda rng: f"{_whole(rng)}{rng.choice('.,')}{rng.randint(0, 999)}",
    lambda rng: f"{rng.uniform(0, 110):.{rng.randint(0, 2)}f}%",
    _date,
    lambda rng: f"{rng.randint(1950, 2035)}-{rng.randint(1, 12):02}-{rng.randint(1, 31):02}",
    lambda rng: (
        f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}{rng.choice(['', ' am', ' pm', ':30', 'a', 'p'])}"
    ),
    lambda rng: f"({_whole(rng):,})",
    lambda rng: str(rng.randint(1900, 2035)),
    lambda rng: (
        f"{_whole(rng)} {rng.choice(['kg', 'km', 'EUR', 'USD', 'GB', 'mm', 'kWh', 'm2', 'MHz', 'pcs'])}"
    ),
    _telephone,
)


class Typeface:
    """A typeface at one size, whose letters are drawn once."""

    def __init__(self, path: Path, size: int) -> None:
        """size: pixels, `_FINE` times as many as the print has"""
        self.size = size
        self._font = ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
        with TTFont(path, lazy=True) as font:
            self.letters = frozenset(font.getBestCmap() or ())
        self._drawn: dict[str, tuple[Gray, int, int, float]] = {}
        self.middle = self._font.getbbox("Hx", anchor="ls")[1] / 2

    def _letter(self, letter: str) -> tuple[Gray, int, int, float]:
        if letter not in self._drawn:
            left, top, right, bottom = self._font.getbbox(letter, anchor="ls")
            image = Image.new("L", (max(int(right - left), 1), max(int(bottom - top), 1)), 0)
            ImageDraw.Draw(image).text((-left, -top), letter, 255, self._font, anchor="ls")
            self._drawn[letter] = np.asarray(image), int(left), int(top), self._font.getlength(letter)
        return self._drawn[letter]

    def length(self, text: str, spaced: float = 0.0) -> float:
        return sum(self._letter(letter)[3] + spaced for letter in text)

    def draw(self, image: Gray, x: float, base: float, text: str, spaced: float = 0.0) -> None:
        """Ink on (height, width); what lies outside is cut off."""
        for letter in text:
            mask, left, top, wide = self._letter(letter)
            row, col = round(base) + top, round(x) + left
            r0, c0 = max(-row, 0), max(-col, 0)
            part = mask[r0 : max(image.shape[0] - row, 0), c0 : max(image.shape[1] - col, 0)]
            place = image[row + r0 : row + r0 + part.shape[0], col + c0 : col + c0 + part.shape[1]]
            np.maximum(place, part, out=place)
            x += wide + spaced


class LineDrawer:
    """Draws strips."""

    def __init__(self, fonts: Sequence[Path], lists: Sequence[Sequence[str]], rng: random.Random) -> None:
        self.fonts, self.lists, self.rng = list(fonts), [list(words) for words in lists], rng
        self._typefaces = [self._typeface() for _ in range(AT_HAND)]
        self._n_strips = 0

    def _typeface(self) -> Typeface:
        rng = self.rng
        return Typeface(
            rng.choice(self.fonts),
            rng.choice([rng.randint(28, 42), rng.randint(36, 54), rng.randint(42, 90)]),
        )

    def strip(self) -> tuple[Gray, str]:
        """(HEIGHT, width) and its folded text, which may be empty."""
        while True:
            text = self._text()
            found = self._drawn(text)
            if found is not None:
                return found, " ".join(fold(text).split())

    def _text(self) -> str:
        rng = self.rng
        if rng.random() < 0.02:
            return ""
        words = rng.choice(self.lists)
        style = rng.random()
        parts = []
        for _ in range(rng.choice([1, 1, 2, 2, 3, 4])):
            kind = rng.random()
            if style < 0.3:
                parts.append(self._number())
            elif kind < 0.5:
                parts.append(self._cased(rng.choice(words)))
            elif kind < 0.62:
                parts.append(self._cased(self._made_up(words)))
            elif kind < 0.82:
                parts.append(self._number())
            elif kind < 0.93:
                parts.append(self._code())
            else:
                parts.append(self._address(words))
            if rng.random() < 0.12:
                parts[-1] += rng.choice([",", ".", ":", ";", ",", ")", "?", "!", "|", "*"])
            elif rng.random() < 0.06:
                parts[-1] = rng.choice(["(", '"', "[", "- ", "| ", "• ", "*", "# "]) + parts[-1]
        return " ".join(parts)

    def _cased(self, word: str) -> str:
        kind = self.rng.random()
        return word.capitalize() if kind < 0.3 else word.upper() if kind < 0.45 else word

    def _made_up(self, words: Sequence[str]) -> str:
        """A name that nobody bears: parts of two words."""
        rng = self.rng
        one, other = rng.choice(words), rng.choice(words)
        return one[: rng.randint(1, max(len(one) // 2 + 1, 1))] + other[rng.randint(0, len(other) // 2) :]

    def _number(self) -> str:
        return self.rng.choice(_NUMBERS)(self.rng)

    def _code(self) -> str:
        rng = self.rng
        letters = rng.choice([string.ascii_uppercase, string.ascii_uppercase, string.ascii_letters])
        mixed = letters + string.digits
        kind = rng.randrange(4)
        if kind == 0:
            return "".join(rng.choice(mixed) for _ in range(rng.randint(3, 10)))
        if kind == 1:
            return "".join(rng.choice(letters) for _ in range(rng.randint(1, 4))) + str(rng.randint(0, 9999))
        joint = rng.choice(["-", "-", "/", ".", "_", ""])
        return joint.join(
            "".join(rng.choice(rng.choice([string.digits, letters, mixed])) for _ in range(rng.randint(1, 5)))
            for _ in range(rng.randint(2, 4))
        )

    def _address(self, words: Sequence[str]) -> str:
        rng = self.rng
        one, other = fold(rng.choice(words)), fold(rng.choice(words))
        ending = rng.choice(["com", "org", "net", "de", "fr", "co.uk", "io"])
        return rng.choice(
            [
                f"{one}@{other}.{ending}",
                f"www.{one}.{ending}",
                f"https://{one}.{ending}/{other}",
                f"{one}_{other}",
                f"{one}/{other}",
                f"#{one}",
            ]
        )

    def _drawn(self, text: str) -> Gray | None:
        """The strip; None where the typeface lacks a letter, or where it is longer than strips are."""
        rng = self.rng
        self._n_strips += 1
        if self._n_strips % EXCHANGED == 0:
            self._typefaces[rng.randrange(AT_HAND)] = self._typeface()
        face = rng.choice(self._typefaces)
        if not set(map(ord, text)) <= face.letters:
            return None
        size = face.size / _FINE
        spaced = rng.uniform(0.05, 0.3) * face.size if rng.random() < 0.04 else 0.0
        text = text.replace(" ", " " * rng.choice([1, 1, 1, 1, 1, 1, 2, 3]))
        length = face.length(text, spaced)
        left, high = 1.2 * face.size, round(3.2 * face.size)
        if length > MOST * STRIPS.tall / (STRIPS.wide * HEIGHT) * face.size:
            return None
        fine = np.zeros((high, int(length + 3 * face.size)), np.uint8)
        base = high / 2 - face.middle
        face.draw(fine, left + rng.uniform(0, _FINE), base, text, spaced)
        lead = rng.uniform(1.1, 1.7) * face.size
        for step in (-1, 1):
            if rng.random() < 0.5:
                other = " ".join(rng.choice(rng.choice(self.lists)) for _ in range(4))
                face.draw(
                    fine,
                    rng.uniform(-50, left),
                    base + step * lead,
                    "".join(c for c in other if ord(c) in face.letters),
                )
        image = Image.fromarray(fine)
        draw = ImageDraw.Draw(image)
        if rng.random() < 0.12:  # a rule: of a table, or under the words
            at = base + rng.choice([0.25, 0.45, -0.95, -1.1]) * face.size
            draw.line((0, at, image.width, at), 255, rng.randint(1, 5))
        if rng.random() < 0.1:
            at = rng.choice(
                [left - rng.uniform(0.3, 1.0) * face.size, left + length + rng.uniform(0.3, 0.9) * face.size]
            )
            draw.line((at, 0, at, image.height), 255, rng.randint(1, 5))
        ink = np.asarray(image.reduce(_FINE), np.float32) / 255
        paper, level = self._levels()
        gray = np.clip(paper + (level - paper) * ink, 0, 255).astype(np.uint8)
        if rng.random() < 0.45:
            gray = wear(gray, rng)
        if rng.random() < 0.3:
            gray = np.asarray(
                Image.fromarray(gray).rotate(
                    rng.uniform(-1.2, 1.2), Image.Resampling.BICUBIC, fillcolor=int(paper)
                )
            )
        return self._cut(gray, size, left / _FINE, length / _FINE)

    def _levels(self) -> tuple[float, float]:
        rng = self.rng
        if rng.random() < 0.12:
            return rng.uniform(0, 110), rng.uniform(170, 255)
        paper = rng.choice([255, 255, rng.uniform(200, 255)])
        return paper, rng.choice([0, 0, rng.uniform(0, 120), rng.uniform(60, min(150, paper - 70))])

    def _cut(self, gray: Gray, size: float, left: float, length: float) -> Gray | None:
        rng = self.rng
        guess = size * rng.uniform(0.88, 1.14)
        middle = gray.shape[0] / 2 + rng.uniform(-0.22, 0.22) * size
        x0 = left - rng.uniform(0.1, 0.5) * size
        x1 = left + length + rng.uniform(0.1, 0.5) * size
        strip = cut(gray, x0, x1, middle, guess)
        return strip if strip.shape[1] <= MOST else None

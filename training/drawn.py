"""PDF pages drawn for what documentation lacks: many typefaces, figures and money, charts' and maps' labels, white on dark.

Drawn as PDFs and read back like any other, so that renderers, wear and labels are the same as for real pages.
"""

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from fontTools.ttLib import TTFont as FontFile
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from training.words import number

ENDINGS = (".", ",", ",", ";", ":", ")", "!", "?")
NEEDED = "AZazßéüñçøłœ0189%$€(),.-"
UNFIT = ("emoji", "symbol", "math", "ornament", "dingbat", "music", "fallback", "braille", "isabella")


def find_fonts(folder: Path) -> list[Path]:
    """TrueType files that have the letters of western Europe's languages, in a fixed order."""
    found = []
    for path in sorted(folder.rglob("*.ttf")):
        if any(word in path.name.lower() for word in UNFIT) or (
            path.name.startswith("Noto") and path.name.count("-") != 1
        ):
            continue
        if path.name.startswith("Noto") and path.name.split("-")[0] not in (
            "NotoSans",
            "NotoSerif",
            "NotoMono",
            "NotoSansDisplay",
        ):
            continue
        try:
            with FontFile(path, lazy=True) as font:
                letters = font.getBestCmap()
        except Exception:  # what is broken or of an unknown kind is of no use
            continue
        if letters and all(ord(letter) in letters for letter in NEEDED[:10]):
            found.append(path)
    return found


class Draughtsman:
    """Draws pages of random kinds into one PDF."""

    def __init__(self, fonts: list[Path], lists: dict[str, list[str]], rng: random.Random) -> None:
        self.rng = rng
        self.words = list(lists.values())
        self.fonts = []
        for path in rng.sample(fonts, min(10, len(fonts))):
            name = path.stem
            try:
                pdfmetrics.registerFont(TTFont(name, str(path)))
            except Exception:  # reportlab refuses some tables that others read
                continue
            self.fonts.append(name)

    def draw(self, path: Path, n_pages: int) -> None:
        """Write a PDF of `n_pages`."""
        rng = self.rng
        canvas = Canvas(str(path))
        for _ in range(n_pages):
            self.width, self.height = rng.choice([(595, 842), (612, 792), (720, 540), (842, 595), (960, 540)])
            canvas.setPageSize((self.width, self.height))
            self.canvas, self.font = canvas, rng.choice(self.fonts)
            self.vocabulary = rng.choice(self.words) if rng.random() < 0.8 else rng.choice(self.words)[::7]
            self.body = rng.choice([rng.uniform(6.5, 9), rng.uniform(8, 12), rng.uniform(10, 16)])
            self._paper()
            rng.choice(
                [self._prose, self._prose, self._table, self._table, self._labels, self._chart, self._boxes]
            )()
            canvas.showPage()
        canvas.save()

    def _paper(self) -> None:
        """White mostly; else tinted or dark, with an ink that shows on it."""
        rng = self.rng
        level = rng.choice([1, 1, 1, 1, rng.uniform(0.75, 1), rng.uniform(0, 0.35)])
        self._shade(level)
        if level < 1:
            self.canvas.rect(0, 0, self.width, self.height, stroke=0, fill=1)
        self._ink(level)

    def _shade(self, level: float) -> None:
        tint = [min(max(level + self.rng.uniform(-0.08, 0.08), 0), 1) if level < 1 else 1 for _ in range(3)]
        self.canvas.setFillColorRGB(*tint)

    def _ink(self, ground: float) -> None:
        rng = self.rng
        level = rng.uniform(0.75, 1) if ground < 0.5 else rng.choice([0, 0, rng.uniform(0, 0.45)])
        self.canvas.setFillColorRGB(*(min(max(level + rng.uniform(-0.1, 0.1), 0), 1) for _ in range(3)))
        self.canvas.setStrokeColorRGB(level, level, level)

    def _word(self) -> str:
        rng = self.rng
        if rng.random() < 0.1:
            return number(rng)
        word = rng.choice(self.vocabulary)
        kind = rng.random()
        word = word.capitalize() if kind < 0.12 else word.upper() if kind < 0.17 else word
        return word + rng.choice(ENDINGS) if rng.random() < 0.1 else word

    def _phrase(self, most: int) -> str:
        return " ".join(self._word() for _ in range(self.rng.randint(1, most)))

    def _text(self, x: float, y: float, text: str, size: float, font: str | None = None) -> float:
        """Draw a line of text and return its width."""
        self.canvas.setFont(font or self.font, size)
        self.canvas.drawString(x, y, text)
        return float(pdfmetrics.stringWidth(text, font or self.font, size))

    def _lines(self, x: float, y: float, width: float, bottom: float, size: float) -> float:
        """Fill a column with running text from `y` down; returns where it ended."""
        rng = self.rng
        lead, justified = size * rng.uniform(1.08, 1.55), rng.random() < 0.5
        space = pdfmetrics.stringWidth(" ", self.font, size)
        self.canvas.setFont(self.font, size)
        while y > bottom:
            line: list[str] = []
            used = 0.0
            while True:
                word = self._word()
                step = pdfmetrics.stringWidth(word, self.font, size) + space
                if used + step > width:
                    break
                line.append(word)
                used += step
            if justified and len(line) > 3:
                self.canvas.drawString(x, y, " ".join(line), wordSpace=0)
            else:
                self.canvas.drawString(x, y, " ".join(line))
            y -= lead
            if rng.random() < 0.06:
                y -= lead
        return y

    def _heading(self, y: float) -> float:
        size = self.body * self.rng.uniform(1.2, 2.4)
        self._text(self.rng.uniform(20, 120), y, self._phrase(5), size, self.rng.choice(self.fonts))
        return y - size * 1.4

    def _prose(self) -> None:
        rng = self.rng
        y = self._heading(self.height - rng.uniform(30, 70))
        columns = rng.choice([1, 2, 2, 3])
        margin, gap = rng.uniform(20, 70), rng.uniform(9, 25)
        width = (self.width - 2 * margin - gap * (columns - 1)) / columns
        for column in range(columns):
            self._lines(margin + column * (width + gap), y, width, rng.uniform(20, 80), self.body)

    def _table(self) -> None:
        rng = self.rng
        y = self._heading(self.height - rng.uniform(30, 60))
        while y > 60:
            starts = sorted(rng.sample(range(2, 96), rng.randint(3, 8)))
            edges = [start / 100 * self.width for start in [*starts, 98]]
            right, ruled, striped = rng.random() < 0.6, rng.random() < 0.4, rng.random() < 0.2
            lead = self.body * rng.uniform(1.15, 1.9)
            for row in range(rng.randint(4, 22)):
                if striped and row % 2:
                    self.canvas.saveState()
                    self.canvas.setFillGray(0.5, 0.2)
                    self.canvas.rect(edges[0], y - lead * 0.3, edges[-1] - edges[0], lead, stroke=0, fill=1)
                    self.canvas.restoreState()
                for column, (x0, x1) in enumerate(pairwise(edges)):
                    text = self._phrase(3) if not column or row == 0 else number(rng)
                    while text and pdfmetrics.stringWidth(text, self.font, self.body) > x1 - x0 - 4:
                        text = text.rpartition(" ")[0]
                    self.canvas.setFont(self.font, self.body)
                    if right and column:
                        self.canvas.drawRightString(x1 - 4, y, text)
                    else:
                        self.canvas.drawString(x0, y, text)
                if ruled:
                    self.canvas.setLineWidth(rng.choice([0.3, 0.5, 1]))
                    self.canvas.line(edges[0], y - lead * 0.3, edges[-1], y - lead * 0.3)
                y -= lead
                if y < 30:
                    return
            y = self._heading(y - lead)

    def _labels(self) -> None:
        """Names scattered over lines and patches, as on maps and diagrams."""
        rng = self.rng
        for _ in range(rng.randint(5, 40)):
            self.canvas.saveState()
            self.canvas.setStrokeGray(rng.random(), rng.uniform(0.2, 0.6))
            self.canvas.setLineWidth(rng.uniform(0.3, 3))
            points = [(rng.uniform(0, self.width), rng.uniform(0, self.height)) for _ in range(4)]
            self.canvas.bezier(*points[0], *points[1], *points[2], *points[3])
            self.canvas.restoreState()
        taken: list[tuple[float, float, float, float]] = []
        for _ in range(400):
            size = self.body * rng.uniform(0.7, 1.6)
            text = number(rng) if rng.random() < 0.35 else self._phrase(3)
            font = rng.choice(self.fonts)
            wide = pdfmetrics.stringWidth(text, font, size)
            x, y = rng.uniform(5, max(self.width - wide, 6)), rng.uniform(5, self.height - size)
            box = (x - 4, y - size * 0.35, x + wide + 4, y + size)
            if all(box[0] > t[2] or t[0] > box[2] or box[1] > t[3] or t[1] > box[3] for t in taken):
                taken.append(box)
                self._text(x, y, text, size, font)

    def _chart(self) -> None:
        """Two or three plots with bars or lines, numbered axes, a legend and values on the bars."""
        rng = self.rng
        y = self._heading(self.height - rng.uniform(30, 60))
        rows, columns = rng.choice([(1, 1), (1, 2), (2, 1), (2, 2)])
        wide, high = self.width / columns, y / rows
        for place in range(rows * columns):
            x0, y0 = place % columns * wide + 45, place // columns * high + 40
            w, h = wide - 60, high - 85
            ticks = rng.randint(4, 9)
            top = rng.choice([1, 5, 10, 100, 250, 1000, 20000, 500000])
            for tick in range(ticks + 1):
                level = y0 + h * tick / ticks
                self.canvas.setFont(self.font, self.body * 0.85)
                self.canvas.drawRightString(
                    x0 - 4, level - self.body * 0.3, f"{top * tick / ticks:,.{0 if top > 9 else 1}f}"
                )
                self.canvas.setLineWidth(0.3)
                self.canvas.line(x0, level, x0 + w, level)
            bars = rng.randint(3, 11)
            for bar in range(bars):
                x, tall = x0 + w * (bar + 0.15) / bars, h * rng.uniform(0.1, 0.95)
                self.canvas.saveState()
                self._shade(rng.uniform(0.3, 0.8))
                self.canvas.rect(x, y0, w / bars * 0.7, tall, stroke=0, fill=1)
                self.canvas.restoreState()
                self._text(x, y0 + tall + 2, number(rng), self.body * 0.8)
                name = str(1990 + bar) if rng.random() < 0.3 else self._word()
                if pdfmetrics.stringWidth(name, self.font, self.body * 0.85) < w / bars - 2:
                    self._text(x, y0 - self.body, name, self.body * 0.85)
            self._text(x0 + w * 0.2, y0 + h + self.body * 1.3, self._phrase(5), self.body * 1.15)
            self._text(x0, y0 - self.body * 2.3, self._phrase(6), self.body * 0.85)

    def _boxes(self) -> None:
        """Text in tinted and dark boxes, as on slides, forms and posters."""
        rng = self.rng
        y = self.height - 20.0
        while y > 80:
            high = rng.uniform(40, 190)
            x = 15.0
            while x < self.width - 90:
                wide = rng.uniform(90, 320)
                level = rng.choice([rng.uniform(0, 0.4), rng.uniform(0.65, 1), 1])
                self._shade(level)
                self.canvas.rect(x, y - high, wide, high, stroke=int(rng.random() < 0.4), fill=1)
                self._ink(level)
                size = self.body * rng.uniform(0.8, 1.3)
                self._lines(x + 5, y - size * 1.2, wide - 10, y - high + size * 0.4, size)
                x += wide + rng.uniform(4, 20)
            y -= high + rng.uniform(5, 20)


def drawn_files(root: Path, lists: dict[str, list[str]], scratch: Path, rng: random.Random) -> Iterator[Path]:
    """PDFs without end; each is overwritten by the next."""
    fonts = find_fonts(root)
    while True:
        Draughtsman(fonts, lists, rng).draw(scratch, 12)
        yield scratch

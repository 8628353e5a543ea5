"""Pages printed for the tests of the built-in encoder, with the place of every word on them.

The letters come from a font that reportlab brings along and are drawn by pdfium, so that each machine sees the same page.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import reportlab
from PIL import Image
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from pagelight.retrieval.types import Box

A4, SLIDE = (595.0, 842.0), (960.0, 540.0)  # width and height in points
PLAIN, BOLD = "Vera", "VeraBd"

TITLE = "Survey of the northern harbour"
STORY = (
    "The council asked two engineers to walk the breakwater after the winter storm and to write down what they saw. "
    "Most of the granite blocks had held, but forty metres of the concrete wall stood open to the waves.",
    "Every morning the ferry brings children to the school on the island, and in the evening it returns with fishermen "
    "and their baskets. When the wind blows from the west, the captain waits behind the lighthouse until the water is "
    "calm. Old people say that it was never quicker by road, and those who own a horse do not contradict them.",
    "A new crane would cost as much as the whole bridge. The treasurer therefore proposes to repair the old one, to "
    "paint the railings, and to spend the remaining money on lamps along the footpath, which visitors find dark and "
    "slippery. Three shopkeepers have promised to pay for the bench in front of the customs house.",
    "Nobody expects the work to begin before the spring. The masons need dry weather, the divers clear water, and the "
    "insurance company a photograph of each crack that was found below the surface. Until then a rope keeps the "
    "curious away from the edge, and a boy with a whistle keeps the rope.",
    "Birds are not mentioned in the earlier survey. This year a pair of herons nested between the timber piles, and the "
    "society for natural history asks that hammers rest until the young have left. The harbour master agrees, since "
    "the same piles carry the telephone cable and should not be moved without an electrician.",
    "Sand is a quiet enemy. Each autumn it fills the channel by the width of a hand, and each summer the dredger takes "
    "it out again and drops it beyond the reef. A longer pier might turn the current, but the neighbours on the "
    "southern bank fear for their beach and for the oysters that grow there.",
)
NOTES = (
    "Depths were measured at low tide with a hand line and later compared with the sonar chart of the coast guard.",
    "Wages are given before taxes. The mayor paid for the breakfast of the volunteers from his own pocket.",
    "The oldest drawing of the quay hangs in the museum, framed in oak, between a compass and a wooden anchor.",
)
BULLETS = (
    "Passengers doubled within seven years",
    "Tickets are sold by machine, not by hand",
    "Electric engines halve the noise in the valley",
    "Bicycles travel free of charge on weekdays",
)


@dataclass(frozen=True, slots=True, eq=False)
class PrintedPage:
    """A picture of a page, and the boxes of each of its words, in lower case."""

    image: Image.Image
    boxes: dict[str, list[Box]]

    def drawn(self, image: Image.Image) -> PrintedPage:
        """The same words at the same places in another picture."""
        return replace(self, image=image)

    def turned(self, quarters: int) -> PrintedPage:
        """The page after so many quarter turns clockwise, as scanners deliver it."""
        ways = (Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_90)
        return PrintedPage(
            self.image.transpose(ways[quarters - 1]),
            {word: [_turned(box, quarters) for box in boxes] for word, boxes in self.boxes.items()},
        )

    def skewed(self, degrees: float) -> PrintedPage:
        """The page laid on the scanner askew, turned counterclockwise about its middle."""
        (width, height), angle = self.image.size, np.radians(degrees)

        def moved(box: Box) -> Box:
            x, y = ((box[0] + box[2]) / 2 - 0.5) * width, ((box[1] + box[3]) / 2 - 0.5) * height
            dx = (x * np.cos(angle) + y * np.sin(angle) - x) / width
            dy = (y * np.cos(angle) - x * np.sin(angle) - y) / height
            return box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy

        return PrintedPage(
            self.image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor="white"),
            {word: [moved(box) for box in boxes] for word, boxes in self.boxes.items()},
        )

    def inverted(self) -> PrintedPage:
        return self.drawn(Image.fromarray(255 - np.asarray(self.image)))

    def compressed(self, quality: int, grain: float) -> PrintedPage:
        """Grain of a standard deviation of `grain` gray levels, and then JPEG."""
        noise = np.random.default_rng(0).normal(0, grain, (self.image.height, self.image.width, 1))
        stored = io.BytesIO()
        Image.fromarray((np.asarray(self.image) + noise).clip(0, 255).astype(np.uint8)).save(
            stored, "JPEG", quality=quality
        )
        return self.drawn(Image.open(stored).convert("RGB"))


class CellReadings:
    """A page that is being printed, sizes in points and places from the top left."""

    def __init__(self, size: tuple[float, float], paper: str = "#ffffff") -> None:
        for name in (PLAIN, BOLD):
            pdfmetrics.registerFont(TTFont(name, str(Path(reportlab.__file__).parent / f"fonts/{name}.ttf")))
        self.width, self.height = size
        self._stored = io.BytesIO()
        self._canvas = Canvas(self._stored, pagesize=size, invariant=True)
        self._canvas.setFillColor(paper)
        self._canvas.rect(0, 0, *size, stroke=0, fill=1)
        self._boxes: dict[str, list[Box]] = defaultdict(list)

    def line(
        self, text: str, x: float, y: float, size: float, font: str = PLAIN, ink: str = "#000000"
    ) -> None:
        """A line of words whose baseline is `y` from the top."""
        self._canvas.setFillColor(ink)
        self._canvas.setFont(font, size)
        self._canvas.drawString(x, self.height - y, text)
        space = pdfmetrics.stringWidth(" ", font, size)
        for word in text.split():
            wide = pdfmetrics.stringWidth(word, font, size)
            box = (x, y - 0.75 * size, x + wide, y + 0.22 * size)
            self._boxes[word.strip(".,").lower()].append(
                (box[0] / self.width, box[1] / self.height, box[2] / self.width, box[3] / self.height)
            )
            x += wide + space

    def paragraph(
        self, text: str, x: float, y: float, wide: float, size: float, ink: str = "#000000"
    ) -> float:
        """Text broken into lines; returns where the next may begin."""
        line = ""
        for word in [*text.split(), ""]:
            if line and (not word or pdfmetrics.stringWidth(f"{line} {word}", PLAIN, size) > wide):
                self.line(line, x, y, size, ink=ink)
                y, line = y + 1.4 * size, ""
            line = f"{line} {word}".strip()
        return y

    def printed(self, dpi: int = 130) -> PrintedPage:
        self._canvas.save()
        document = pdfium.PdfDocument(self._stored.getvalue())
        image = document[0].render(scale=dpi / 72).to_pil().convert("RGB")
        document.close()
        return PrintedPage(image, dict(self._boxes))


def report(dpi: int = 130, size: float = 11, footnotes: float = 0.0) -> PrintedPage:
    """An upright page: a heading, six paragraphs, and footnotes of the given size where it is not zero."""
    sheet = CellReadings(A4)
    sheet.line(TITLE, 70, 90, 18, BOLD)
    _paragraphs(sheet, STORY, 70, 130, 455, size)
    if footnotes:
        _paragraphs(sheet, NOTES, 70, 740, 455, footnotes)
    return sheet.printed(dpi)


def poster(size: float = 60) -> PrintedPage:
    """Four lines of a very large title over a little text."""
    sheet = CellReadings(A4)
    for number, line in enumerate(("Winter storm", "damage along", "the northern", "coastline")):
        sheet.line(line, 50, 120 + 1.2 * size * number, size, BOLD)
    sheet.paragraph(STORY[3], 50, 160 + 4.8 * size, 455, 11)
    return sheet.printed()


def note(capitals: bool = False) -> PrintedPage:
    """Three short lines on an empty page, too few to tell by their look which way up they are."""
    sheet = CellReadings(A4)
    for number, line in enumerate(
        ("Harbour dues are paid monthly", "The pilot renews his certificate", "Ferries leave at seven")
    ):
        sheet.line(line.upper() if capitals else line, 70, 100 + 30 * number, 13)
    return sheet.printed()


def slide() -> PrintedPage:
    """A landscape slide: a light title and points on dark, a small line at the foot."""
    sheet = CellReadings(SLIDE, "#14324a")
    sheet.line("Tramway report for the board", 60, 80, 36, BOLD, "#ffffff")
    for number, point in enumerate(BULLETS):
        sheet.line(point, 90, 190 + 70 * number, 24, ink="#f2f2e8")
    sheet.line("Confidential draft prepared by the transport office", 60, 510, 10, ink="#c8d4dc")
    return sheet.printed()


def _paragraphs(
    sheet: CellReadings, texts: Sequence[str], x: float, y: float, wide: float, size: float
) -> None:
    for text in texts:
        y = sheet.paragraph(text, x, y, wide, size) + 0.6 * size


def _turned(box: Box, quarters: int) -> Box:
    for _ in range(quarters):
        box = (1 - box[3], box[0], 1 - box[1], box[2])
    return box

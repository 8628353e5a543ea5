"""Places on pages: their text, a lit picture of one, and where a document says a text."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, islice

import numpy as np
from PIL import Image

from pagelight.retrieval.results import Region
from pagelight.retrieval.types import Box, PageWords

#: margin around a place that is shown, relative to the page: a line or two of context
_MARGIN = 0.06
#: the least that is shown, relative to the page, so that one word still comes with its surroundings
_LEAST = 0.25
#: the light: what is white becomes this
_LIGHT = (255, 224, 102)
#: places that are told; nobody goes through more
MOST_PLACES = 500

#: a page's number and the boxes of one place, one for each line that it goes over
Place = tuple[int, list[Box]]


def text_in(words: PageWords, box: Box) -> str:
    """The words whose centre is in the box, in reading order."""
    return " ".join(
        text for text, place in zip(words.texts, words.boxes, strict=True) if _has_centre(box, place)
    )


def lit_crop(page: bytes, regions: Sequence[Region]) -> bytes:
    """A JPEG of the best region with its surroundings, every region in it lit; the whole page where there is none.

    page: the page as an image file
    """
    with Image.open(io.BytesIO(page)) as opened:
        image = opened.convert("RGB")
    pixels = np.asarray(image).copy()  # (height, width, 3) uint8
    height, width = pixels.shape[:2]
    for region in regions:
        x0, y0, x1, y1 = _in_pixels(region.box, width, height)
        lit = pixels[y0:y1, x0:x1].astype(np.uint16) * np.array(_LIGHT, np.uint16) // 255
        pixels[y0:y1, x0:x1] = lit.astype(np.uint8)
    shown = Image.fromarray(pixels)
    if regions:
        shown = shown.crop(_in_pixels(_surroundings(regions[0].box), width, height))
    buffer = io.BytesIO()
    shown.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def cropped(page: bytes, box: Box) -> bytes:
    """A box of a page as WebP. page: the page as an image file"""
    with Image.open(io.BytesIO(page)) as opened:
        shown = opened.convert("RGB")
    buffer = io.BytesIO()
    shown.crop(_in_pixels(box, *shown.size)).save(buffer, "WEBP", quality=85)
    return buffer.getvalue()


def _surroundings(box: Box) -> Box:
    """
    >>> _surroundings((0.0, 0.4, 1.0, 0.5))
    (0.0, 0.325, 1.0, 0.575)
    """
    (x0, x1), (y0, y1) = _widened(box[0], box[2]), _widened(box[1], box[3])
    return x0, y0, x1, y1


def _widened(low: float, high: float) -> tuple[float, float]:
    more = max(_MARGIN, (_LEAST - (high - low)) / 2)
    return round(max(low - more, 0.0), 4), round(min(high + more, 1.0), 4)


def _has_centre(box: Box, word: Sequence[float]) -> bool:
    x, y = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _in_pixels(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    x0, y0 = int(box[0] * width), int(box[1] * height)
    return x0, y0, max(round(box[2] * width), x0 + 1), max(round(box[3] * height), y0 + 1)


def find_text(pages: Iterable[tuple[int, PageWords]], text: str) -> list[Place]:
    """Places of a text in reading order, upper and lower case alike; a text of several words goes over the ends of lines."""
    wanted = " ".join(text.casefold().split())
    if not wanted:
        return []
    return list(
        islice(((page, boxes) for page, words in pages for boxes in _on_page(words, wanted)), MOST_PLACES)
    )


def _on_page(words: PageWords, wanted: str) -> Iterator[list[Box]]:
    texts = [text.casefold() for text in words.texts]
    joined = " ".join(texts)
    starts = [0, *accumulate(len(text) + 1 for text in texts)]
    at = joined.find(wanted)
    while at >= 0:
        first, last = bisect_right(starts, at) - 1, bisect_right(starts, at + len(wanted) - 1) - 1
        yield _lines(words.boxes[first : last + 1])
        at = joined.find(wanted, at + len(wanted))


def _lines(boxes: np.ndarray) -> list[Box]:
    """Neighbours on one line as one box. boxes: (n, 4), in reading order"""
    lines: list[list[float]] = []
    for x0, y0, x1, y1 in boxes.tolist():
        last = lines[-1] if lines else None
        if last and x0 >= last[0] and abs(y1 - last[3]) < 0.6 * (y1 - y0):
            lines[-1] = [last[0], min(last[1], y0), max(last[2], x1), max(last[3], y1)]
        else:
            lines.append([x0, y0, x1, y1])
    return [(x0, y0, x1, y1) for x0, y0, x1, y1 in lines]

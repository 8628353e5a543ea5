"""Scans read once more, by Tesseract where it is installed: pages that bring no text of their own.

The encoder reads a page in a fraction of a second, Latin letters only, and .86 of its words are right; Tesseract takes seconds and
has .99 of them, in all scripts that it is installed for. So its words follow when the page can be found already, before it is understood.
"""

from __future__ import annotations

import csv
import io
import logging
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from PIL import Image

from pagelight.ingest import tesseract
from pagelight.ingest.language import LanguageCount
from pagelight.retrieval.errors import PagelightError
from pagelight.retrieval.types import PageWords, StoredPage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ScanParameters:
    """Reading of a page by Tesseract.

    width: of an upright page's picture, in pixels: 200 dpi of a letter, which read as well as 300 in half the time (speed)
    wide: of a page that is wider than high (speed)
    least_sure: words that Tesseract is less sure of, in percent, are none: specks and frames (by eye)
    fewest: words of a page at least; with fewer there is nothing that is worth it (by what it is for)
    most_languages: that are tried where a page's language is not known (speed)
    seconds: that a page may take (time)
    side_by_side: pages that are read at once (speed)
    nice: how far they step back for whoever searches (speed)
    """

    width: int = 1700
    wide: int = 2400
    least_sure: float = 30.0
    fewest: int = 3
    most_languages: int = 4
    seconds: float = 60.0
    side_by_side: int = 2
    nice: int = 10


SCANS = ScanParameters()

#: Tesseract's names of the languages that a page's words tell
_NAMES = {
    "ar": "ara",
    "de": "deu",
    "el": "ell",
    "en": "eng",
    "es": "spa",
    "fr": "fra",
    "he": "heb",
    "hi": "hin",
    "it": "ita",
    "ja": "jpn",
    "ko": "kor",
    "nl": "nld",
    "pt": "por",
    "ru": "rus",
    "th": "tha",
    "zh": "chi_sim",
}
#: (document id, page number, width in pixels) → the page's picture. Raises PagelightError.
Draw = Callable[[str, int, int], Image.Image]


class ScanReader:
    """Reads stored pages of documents without text. Safe for one thread, which may wait for it."""

    def __init__(self, draw: Draw, parameters: ScanParameters = SCANS) -> None:
        self._draw, self._parameters = draw, parameters

    def read(self, document_id: str, pages: Sequence[StoredPage]) -> dict[str, PageWords]:
        """The words of those that are scans, by page id, in reading order. Whatever goes wrong with one is logged: it stays as it is."""
        scans = [page for page in pages if is_scan(page)]
        pictures: dict[str, Image.Image] = {}
        for page in scans:
            grid, p = page.embedding.grid, self._parameters
            is_wide = 2 * grid.n_cols > grid.n_rows  # cells are twice as wide as high
            try:
                pictures[page.page_id] = self._draw(document_id, page.page, p.wide if is_wide else p.width)
            except PagelightError as error:
                log.warning("drawing page %d of %s for Tesseract: %s", page.page, document_id, error)
        languages = {page.page_id: self._languages(page) for page in scans}
        with ThreadPoolExecutor(self._parameters.side_by_side) as pool:
            read = pool.map(lambda one: self._words(pictures[one], languages[one]), pictures)
            found = dict(zip(pictures, read, strict=True))
        return {one: words for one, words in found.items() if len(words) >= self._parameters.fewest}

    def _languages(self, page: StoredPage) -> Sequence[str]:
        """Tesseract's names of the languages that the page may be in, by what the encoder read."""
        count = LanguageCount()
        count.add(page.to_understand.texts if page.to_understand else ())
        told = _NAMES.get(count.language, "")
        installed = tesseract.installed_languages()
        return (told,) if told in installed else installed[: self._parameters.most_languages]

    def _words(self, picture: Image.Image, languages: Sequence[str]) -> PageWords:
        try:
            told = tesseract.read(
                picture, languages, ("tsv",), nice=self._parameters.nice, seconds=self._parameters.seconds
            )
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("Tesseract: %s", error)
            return PageWords()
        table = csv.DictReader(io.StringIO(told), delimiter="\t", quoting=csv.QUOTE_NONE)
        return page_words(table, picture.size, self._parameters.least_sure)


def page_words(rows: csv.DictReader[str], size: tuple[int, int], least_sure: float) -> PageWords:
    """The words of Tesseract's table of a picture (width, height) in pixels."""
    texts: list[str] = []
    boxes: list[tuple[float, float, float, float]] = []
    for row in rows:
        text = (row.get("text") or "").strip()
        if not any(c.isalnum() for c in text) or float(row["conf"]) < least_sure:
            continue
        left, top, width, height = (int(row[name]) for name in ("left", "top", "width", "height"))
        texts.append(text)
        boxes.append((left / size[0], top / size[1], (left + width) / size[0], (top + height) / size[1]))
    return PageWords(tuple(texts), np.array(boxes, np.float32).reshape(-1, 4))


def is_scan(page: StoredPage) -> bool:
    """Whether the page has text, of which the document itself brings none."""
    return page.meaning_read and not len(page.words) and page.to_understand is not None


def phrases_of(words: PageWords) -> PageWords:
    """What pictures show, which stands among the words to be understood as phrases: no word has a space in it."""
    return words.chosen([i for i, text in enumerate(words.texts) if " " in text])

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
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pagelight.ingest import tesseract
from pagelight.ingest.language import LanguageCount
from pagelight.ingest.page_text import own_word_at
from pagelight.ingest.render.covers import without_places
from pagelight.ingest.stamps import stamp_layers
from pagelight.retrieval.errors import PagelightError
from pagelight.retrieval.slant import boxes_back, course_along, slant_of, turned_by
from pagelight.retrieval.types import Box, PageWords, StoredPage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ScanParameters:
    """Reading of a page by Tesseract.

    width: of an upright page's picture, in pixels: 200 dpi of a letter, which read as well as 300 in half the time (speed)
    wide: of a page that is wider than high (speed)
    least_sure: words that Tesseract is less sure of, in percent, are none: specks and frames (by eye)
    fewest: words of a page at least; with fewer there is nothing that is worth it (by what it is for)
    most_languages: that are tried where a page's language is not known (speed)
    least_slant: degrees from which on a page's slant is taken out: with 7 it loses nearly all of one (by trying)
    fewest_left: words that the encoder read and Tesseract did not, from which on it is asked again, for shaded paper, and
        what is still left is the encoder's (geometry)
    least_left: the same as a share of what the encoder read: it reads some in pictures (geometry)
    least_oblique: degrees by which other words, such as stamps, are turned against the page's, at least (geometry)
    doubtful: percent, below which half of a few words side by side are where they stand on their heads or sides: else 85 and
        more (by trying)
    beside: such words to each side of one (by trying)
    beyond_doubt: percent from which on one of them is right all the same (by trying)
    surely: percent by which Tesseract is sure of words at another angle than the page's, at least (by eye)
    least_letters: characters of such a word, at least (by eye)
    seconds: that a page may take (time)
    side_by_side: pages that are read at once (speed)
    nice: how far they step back for searches (speed)
    """

    width: int = 1700
    wide: int = 2400
    least_sure: float = 30.0
    fewest: int = 3
    most_languages: int = 4
    least_slant: float = 1.0
    fewest_left: int = 20
    least_left: float = 0.25
    least_oblique: float = 8.0
    doubtful: float = 60.0
    beside: int = 2
    beyond_doubt: float = 90.0
    surely: float = 70.0
    least_letters: int = 4
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
#: languages that the encoder's words tell; of others they have a few short words in common with what it reads in other scripts
_TOLD = frozenset(("de", "en", "es", "fr", "it", "nl"))
#: Tesseract's ways to tell ink from paper: by the page as a whole, and by what is around (form)
_WHOLE, _AROUND = "0", "2"
#: degrees by which words may be turned against a page's (form)
_QUARTERS = (90.0, 180.0, 270.0)
#: Tesseract's names for a page, and for a few words somewhere (form)
_PAGE, _SPARSE = "3", "11"
#: dots an inch that it is told, somewhat more than those of a sheet that is drawn for it: untold it leaves out what is in ruled
#: tables, and with less it takes spaces below each other for gaps between columns (by trying)
_DPI = "250"

#: (document id, page number, width in pixels) → the page's picture. Raises PagelightError.
Draw = Callable[[str, int, int], Image.Image]


class ScanReader:
    """Reads stored pages of documents without text. Safe for one thread, which may wait for it."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw

    def read(self, document_id: str, pages: Sequence[StoredPage]) -> dict[str, PageWords]:
        """The words of those that are scans, by page id, in reading order. Whatever goes wrong with one is logged: it stays as it is."""
        scans = [page for page in pages if is_scan(page)]
        pictures: dict[str, Image.Image] = {}
        for page in scans:
            grid = page.embedding.grid
            is_wide = 2 * grid.n_cols > grid.n_rows  # cells are twice as wide as high
            try:
                pictures[page.page_id] = self._draw(
                    document_id, page.page, SCANS.wide if is_wide else SCANS.width
                )
            except PagelightError as error:
                log.warning("drawing page %d of %s for Tesseract: %s", page.page, document_id, error)
        with ThreadPoolExecutor(SCANS.side_by_side) as pool:
            drawn = [page for page in scans if page.page_id in pictures]
            read = pool.map(
                lambda page: self._words(pictures[page.page_id], page.to_understand or PageWords()), drawn
            )
            found = dict(zip([page.page_id for page in drawn], read, strict=True))
        return {one: words for one, words in found.items() if len(words) >= SCANS.fewest}

    def _words(self, picture: Image.Image, seen: PageWords) -> PageWords:
        """The picture's words. seen: what the encoder has read there, and phrases"""
        seen = seen.chosen([i for i, text in enumerate(seen.texts) if " " not in text])
        gray = np.asarray(picture.convert("L"))
        angle = _angle(gray, seen)
        level = turned_by(gray, angle) if angle else gray
        languages = self._languages(level, seen)

        def read(is_shaded: bool) -> PageWords:
            words = self._read(Image.fromarray(level), languages, is_shaded)
            boxes = boxes_back(words.boxes, angle, _size(gray), _size(level)) if angle else words.boxes
            return replace(words, boxes=boxes)

        found = read(is_shaded=False)
        left = _left(found, seen)
        if len(left):
            again = read(is_shaded=True)
            left_again = _left(again, seen)
            if len(left_again) < len(left):
                found, left = again, left_again
        if len(found) < SCANS.fewest:
            return PageWords()
        others = PageWords()
        for layer, slant in stamp_layers(picture):
            if self._is_oblique(slant, angle) and not len(others):
                others = self._turned(layer, slant, languages)
        if not len(others):
            others = self._otherwise(gray, found, angle, languages, are_left=len(left) > 0)
            left = _left(found + others, seen) if len(others) else left
        return found + others + left

    def _otherwise(
        self,
        gray: NDArray[np.uint8],
        found: PageWords,
        angle: float,
        languages: Sequence[str],
        are_left: bool,
    ) -> PageWords:
        """Words at another angle than the page's: stamps, tables on their side.

        found: words at the page's angle, whose places are blank for this; are_left: whether there are others, at any angle
        """
        bare = without_places(np.repeat(gray[:, :, None], 3, axis=2), found.boxes)[:, :, 0]
        slant = slant_of(bare)
        quarters = [angle + turn for turn in _QUARTERS] if are_left else []
        others = PageWords()
        for one in [slant] if self._is_oblique(slant, angle) else quarters:
            others += self._turned(bare, one, languages)
        return others

    def _is_oblique(self, slant: float, angle: float) -> bool:
        return abs((slant - angle + 45) % 90 - 45) >= SCANS.least_oblique

    def _turned(self, gray: NDArray[np.uint8], angle: float, languages: Sequence[str]) -> PageWords:
        """Words of the picture turned clockwise by an angle, of which there is no doubt, where they stand on it."""
        turned = turned_by(gray, angle)
        read = self._read(Image.fromarray(turned), languages, False, _SPARSE, SCANS.surely)
        read = read.chosen([i for i, text in enumerate(read.texts) if len(text) >= SCANS.least_letters])
        return replace(read, boxes=boxes_back(read.boxes, angle, _size(gray), _size(turned)))

    def _read(
        self,
        picture: Image.Image,
        languages: Sequence[str],
        is_shaded: bool,
        mode: str = _PAGE,
        least_sure: float = 0,
    ) -> PageWords:
        """is_shaded: whether ink is told from the paper around it, rather than from the whole page's; mode: what it shows"""
        way = f"thresholding_method={_AROUND if is_shaded else _WHOLE}"
        options = ("--psm", mode, "--dpi", _DPI, "-c", way, "tsv")
        try:
            told = tesseract.read(picture, languages, options, nice=SCANS.nice, seconds=SCANS.seconds)
        except subprocess.TimeoutExpired:
            log.warning("Tesseract gave no answer within %g s; the encoder's words stay", SCANS.seconds)
            return PageWords()
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("Tesseract: %s", error)
            return PageWords()
        table = csv.DictReader(io.StringIO(told), delimiter="\t", quoting=csv.QUOTE_NONE)
        return page_words(table, picture.size, least_sure)

    def _languages(self, gray: NDArray[np.uint8], seen: PageWords) -> Sequence[str]:
        """Tesseract's names of the languages that the page may be in, by what the encoder read, or else its script."""
        count = LanguageCount()
        count.add(seen.texts)
        language, known = count.language, tesseract.installed_languages()
        if language in _TOLD and _NAMES[language] in known:
            return (_NAMES[language],)
        script = tesseract.script_of(Image.fromarray(gray), SCANS.nice, SCANS.seconds)
        of_script = tesseract.written_in(script, known) or known
        told = _NAMES.get(language, "")
        return (told,) if told in of_script else of_script[: SCANS.most_languages]


def _angle(gray: NDArray[np.uint8], seen: PageWords) -> float:
    """Degrees, clockwise, by which the picture is turned for its text to be upright. seen: its words, in reading order"""
    slant = slant_of(gray)
    course = course_along(slant, seen.boxes, _size(gray))
    angle = slant if course > 0 else slant + 180
    return angle if course and abs(angle) >= SCANS.least_slant else 0.0


def _left(found: PageWords, seen: PageWords) -> PageWords:
    """The words that were seen in places where nothing was found; none where they are few."""
    alone = own_word_at(found, seen) < 0 if len(found) else np.ones(len(seen), np.bool_)
    is_few = alone.sum() < max(SCANS.fewest_left, SCANS.least_left * len(seen))
    return PageWords() if is_few else seen.chosen(np.flatnonzero(alone).tolist())


def _size(gray: NDArray[np.uint8]) -> tuple[int, int]:
    """(width, height)"""
    return gray.shape[1], gray.shape[0]


def page_words(rows: csv.DictReader[str], size: tuple[int, int], least_sure: float = 0) -> PageWords:
    """The words of Tesseract's table of a picture (width, height) in pixels. least_sure: percent, where more is asked for"""
    lines: dict[tuple[str, ...], list[tuple[float, str, Box]]] = {}
    for row in rows:
        text = (row.get("text") or "").strip()
        if any(c.isalnum() for c in text):
            left, top, width, height = (int(row[name]) for name in ("left", "top", "width", "height"))
            box = left / size[0], top / size[1], (left + width) / size[0], (top + height) / size[1]
            line = tuple(row[name] for name in ("block_num", "par_num", "line_num"))
            lines.setdefault(line, []).append((float(row["conf"]), text, box))
    kept, beside = [], SCANS.beside
    for words in lines.values():
        sureness = [sure for sure, _, _ in words]
        for index, (sure, text, box) in enumerate(words):
            around = median(sureness[max(index - beside, 0) : index + beside + 1])
            usual = SCANS.beyond_doubt if around < SCANS.doubtful else SCANS.least_sure
            if sure >= max(usual, least_sure):
                kept.append((text, box))
    boxes = np.array([box for _, box in kept], np.float32).reshape(-1, 4)
    return PageWords(tuple(text for text, _ in kept), boxes)


def is_scan(page: StoredPage) -> bool:
    """Whether the page has text, of which the document itself brings none."""
    return page.meaning_read and not len(page.words) and page.to_understand is not None


def phrases_of(words: PageWords) -> PageWords:
    """Names of what pictures show, among the words to be understood: phrases, since no word has a space in it."""
    return words.chosen([i for i, text in enumerate(words.texts) if " " in text])

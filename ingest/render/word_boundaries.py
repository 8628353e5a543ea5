"""Boundaries of words among a page's characters: whether the next one goes on with the word."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pagelight.ingest.render.right_to_left import is_right_to_left
from pagelight.ingest.render.word_joining import Word

Rect = Sequence[float]
"""left, top, right, bottom in page units, origin bottom left"""


@dataclass(frozen=True, slots=True)
class WordBoundaryParameters:
    """How far the letters of a word may miss each other.

    touch: share of a character's smaller side by which letters of a vertical word may miss each other (geometry)
    abut: share of a character's height by which letters may miss each other where pdfium adds a break: spaces of tight lines
        are wider (measured on the second set)
    same_line: share of the lower one's height that two letters of a level word have in common, at least (geometry)
    initial: a large initial is at least so many times as high as the letters beside it (geometry)
    beside_initial: gap between the two, in heights of those letters, at most (geometry)
    """

    touch: float = 0.1
    abut: float = 0.03
    same_line: float = 0.2
    initial: float = 1.9
    beside_initial: float = 0.6


WORD_BOUNDARIES = WordBoundaryParameters()


def touches(word: Word, box: Rect) -> bool:
    """Whether a character at `box` stands right at the end of the word, on its line and as high."""
    left, top, _, bottom = box
    _, last_bottom, last_right, last_top = word.boxes[-1]
    slack = WORD_BOUNDARIES.abut * (top - bottom)
    apart = max(abs(left - last_right), abs(top - last_top), abs(bottom - last_bottom))
    return apart <= slack


def is_marked(word: Word, texts: Sequence[str], index: int, box: Rect) -> bool:
    """Whether the word goes on to the left with the character at `index`, one of the two being a letter with a mark.

    Browsers tell a letter and its marks by one glyph alone, that of a mark, whose place is no sign of where the letter ends.
    """
    _, _, right, _ = box
    beside = word.text[-1], texts[index], *texts[index + 1 : index + 2]
    has_mark = any(unicodedata.bidirectional(one) == "NSM" for one in beside)
    return has_mark and is_right_to_left(texts[index]) and right <= word.left + (word.right - word.left)


def is_initial(word: Word, character: str, box: Rect) -> bool:
    """Whether the word is a large initial, beside which the rest of the word that begins with `character` stands."""
    if len(word.text) != 1 or not word.text[0].isupper() or not character.isalpha():
        return False
    left, top, _, bottom = box
    height = top - bottom
    is_beside = abs(left - word.right) <= WORD_BOUNDARIES.beside_initial * height
    is_its_first_line = abs(word.top - top) <= height and word.bottom < bottom
    return is_beside and is_its_first_line and word.height >= WORD_BOUNDARIES.initial * height


def as_high(word: Word, box: Rect) -> Word:
    """The initial as if it were no higher than the letters at `box`, in whose place the word is."""
    _, top, _, bottom = box
    return replace(word, boxes=[(word.left, bottom, word.right, top)], bottom=bottom, top=top)


def continues(word: Word, box: Rect) -> bool:
    """Whether a character at `box` is near enough to belong to this word: some PDFs have no spaces, only a jump."""
    left, top, right, bottom = box
    if _is_below_its_start(word, box):
        return False
    gap = left - word.right if left > word.right else word.left - right
    if gap > 0 and (gap > word.top - word.bottom or _is_upright(word)):
        return False
    # letters of a vertical word lie on top of each other, and may miss each other by a rounding error
    slack = WORD_BOUNDARIES.touch * min(right - left, top - bottom)
    return bottom <= word.top + slack and top >= word.bottom - slack


def _is_below_its_start(word: Word, box: Rect) -> bool:
    """Whether a character at `box` stands on another line, below or above the letters of a word that runs level.

    In mirrored text, and in text that is put together of pieces, no space tells of the line's end.
    """
    left, top, _, bottom = box
    _, last_bottom, last_right, last_top = word.boxes[-1]
    if left >= last_right or len(word.text) == 1:
        return False
    shared = (top if top < last_top else last_top) - (bottom if bottom > last_bottom else last_bottom)
    if shared >= WORD_BOUNDARIES.same_line * min(top - bottom, last_top - last_bottom):
        return False
    return abs(word.last[0] - word.first[0]) > abs(word.last[1] - word.first[1])


def _is_upright(word: Word) -> bool:
    """Whether its last letters stand above each other."""
    before, last = word.boxes[max(len(word.boxes) - 2, 0)], word.boxes[-1]
    shared = min(before[3], last[3]) - max(before[1], last[1])
    is_above = 2 * shared < min(before[3] - before[1], last[3] - last[1])
    return is_above and last[0] < before[2] and before[0] < last[2]

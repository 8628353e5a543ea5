"""Words with space between their letters: set apart as headings are, or one letter to each cell of a form."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np

from pagelight.ingest.render.word_joining import Box, Word


@dataclass(frozen=True, slots=True)
class LetterSpacingParameters:
    """Signs of words that are written letter by letter.

    least_letters: letters that stand alone on one line before they are taken for spaced-out words (geometry)
    widest_gap: greatest gap between spaced-out letters, as a share of their height (geometry)
    between_words: how many times wider the gap between words is, at least (geometry)
    wider: how much wider it is, at least, as a share of the letters' height (geometry)
    usual_gap: the gap within words is this quantile of all (geometry)
    level: share of their height by which letters of one line may differ in level (geometry)
    size: the same in height: small capitals are .7 to .8 times as high as the others (geometry)
    even: share of the pitch by which a letter may stand beside its place, where a pitch is fixed (geometry)
    furthest_cells: cells from one letter to the next of the same run: a word, and the empty cells after it (geometry)
    cells: whole pieces of words that stand in even places are in the cells of a form where the gap between letters,
        with the spread of gaps inside pieces, is at least this share of their height; words that stand so by chance
        have 0.24 (measured on both sets)
    spread_weight: how much more than the gap its spread says, which is next to nothing in print (measured on both sets)
    widest_word: greatest even gap between letters that read as a word, as a share of their height (geometry)
    least_wide: letters of one of the words that stand so far apart, at least (geometry)
    least_row: letters that make a row of a calendar or of marks, at least (geometry)
    longest_run: pieces that are looked at together, at most (speed)
    """

    least_letters: int = 4
    widest_gap: float = 0.8
    between_words: float = 1.6
    wider: float = 0.15
    usual_gap: float = 0.25
    level: float = 0.25
    size: float = 0.35
    even: float = 0.06
    furthest_cells: int = 4
    cells: float = 0.3
    spread_weight: float = 6.0
    widest_word: float = 1.9
    least_wide: int = 5
    least_row: int = 4
    longest_run: int = 100


LETTER_SPACING = LetterSpacingParameters()

#: initials of weekdays and months, as calendars and charts have them in a row, in five languages
_INITIALS: tuple[str, ...] = (
    "MTWTFSSMTWTFS",
    "MDMDFSSMDMDFS",
    "LMMJVSDLMMJVS",
    "LMXJVSDLMXJVS",
    "JFMAMJJASOND",
    "EFMAMJJASOND",
)
_INITIALS += ("GFMAMGLASOND", "LMMGVSDLMMGVS")
#: letters that stand alone in tables, as marks and answers
_MARKS = frozenset("ABCDEFXYNJ")
#: marks that are set apart with the letters of their words
_BETWEEN = frozenset("'\u2019-\u2010\u2011&.,:;!?/")
#: vowels of Latin, Greek and Cyrillic words, without accents
_VOWELS = frozenset("AEIOUYΑΕΗΙΟΥΩАЕИОУЫЭЮЯЄІ")


@dataclass(frozen=True, slots=True)
class _Run:
    """Pieces that follow each other on a line, grouped to words. gap: between letters, as a share of their height"""

    groups: list[list[Word]]
    gap: float

    @property
    def pieces(self) -> list[Word]:
        return list(chain.from_iterable(self.groups))

    @property
    def n_pieces(self) -> int:
        return sum(map(len, self.groups))


def join_spaced(words: list[Word]) -> list[Word]:
    """'I N V O I C E   N U M B E R' becomes two words, and so do 'I NVOI CE NUMBER' in the cells of a form.

    Letters of a word have even gaps with wider ones between words, or stand in even places (left sides or middles)
    with places left empty between words. Letters of a table, a calendar or a list of answers stay apart.
    """
    joined: list[Word] = []
    start = 0
    while start < len(words):
        runs = _runs_from(words, start)
        made = (run for run in runs if _makes_words(run))
        best = max(made, key=lambda run: run.n_pieces, default=None)
        if best:
            joined += map(_joined, best.groups)
            start += best.n_pieces
        else:  # the last letter of a row may begin another run
            n_passed = max(runs[-1].n_pieces - 1, 1) if runs else 1
            joined += words[start : start + n_passed]
            start += n_passed
    return joined


def _runs_from(words: Sequence[Word], start: int) -> list[_Run]:
    """Runs from `start` on that may be written letter by letter, the one that is told by gaps last."""
    if start + 1 == len(words) or not _is_level(words[start], words[start + 1]):
        return []
    runs = (_run_of_even_places(words, start, place) for place in (_left, _middle))
    return [*filter(None, runs), _run_of_even_gaps(words, start)]


def _left(box: Box) -> float:
    return box[0]


def _middle(box: Box) -> float:
    return (box[0] + box[2]) / 2


def _run_of_even_places(words: Sequence[Word], start: int, place: Callable[[Box], float]) -> _Run | None:
    """The run from `start` on whose letters stand in cells of one width; empty cells are between words."""
    first = words[start]
    second = first.boxes[1] if len(first.boxes) > 1 else words[start + 1].boxes[0]
    pitch = place(second) - place(first.boxes[0])
    if pitch <= 0 or not _is_even(first, place, pitch):
        return None
    groups = [[first]]
    for index in range(start + 1, min(start + LETTER_SPACING.longest_run, len(words))):
        before, word = words[index - 1], words[index]
        step = (place(word.boxes[0]) - place(before.boxes[-1])) / pitch
        n_cells = round(step)
        if (
            not 1 <= n_cells <= LETTER_SPACING.furthest_cells
            or abs(step - n_cells) > LETTER_SPACING.even
            or not _is_level(before, word)
            or not _is_even(word, place, pitch)
        ):
            break
        if n_cells == 1:
            groups[-1].append(word)
        else:
            groups.append([word])
    widths = [box[2] - box[0] for group in groups for word in group for box in word.boxes]
    return _Run(groups, (pitch - sum(widths) / len(widths)) / first.height)


def _is_even(word: Word, place: Callable[[Box], float], pitch: float) -> bool:
    return all(
        abs(place(after) - place(before) - pitch) <= LETTER_SPACING.even * pitch
        for before, after in pairwise(word.boxes)
    )


def _is_level(before: Word, word: Word) -> bool:
    height = max(before.height, word.height)
    return (
        abs(word.bottom - before.bottom) < LETTER_SPACING.level * height
        and abs(word.height - before.height) < LETTER_SPACING.size * height
    )


def _run_of_even_gaps(words: Sequence[Word], start: int) -> _Run:
    """The run of single letters from `start` on; wider gaps are between words."""
    letters = [words[start]]
    while len(letters) < LETTER_SPACING.longest_run and start + len(letters) < len(words):
        word = words[start + len(letters)]
        if not _is_letter(letters[-1]) or not _is_letter(word) or not _is_beside(letters[-1], word):
            break
        letters.append(word)
    gaps = [after.left - before.right for before, after in pairwise(letters)]
    height = letters[0].height
    usual = (
        float(np.quantile(gaps, LETTER_SPACING.usual_gap))
        if len(letters) >= LETTER_SPACING.least_letters
        else np.inf
    )
    least = max(LETTER_SPACING.between_words * usual, usual + LETTER_SPACING.wider * height)
    groups = [letters[:1]]
    for gap, letter in zip(gaps, letters[1:], strict=True):
        if gap > least:
            groups.append([letter])
        else:
            groups[-1].append(letter)
    uneven = any(usual + LETTER_SPACING.level * height < gap <= least for gap in gaps)
    is_wide = usual > LETTER_SPACING.widest_gap * height
    return _Run(groups, np.inf if is_wide and uneven else usual / height)


def _is_letter(word: Word) -> bool:
    """Whether it is a letter, a figure, or a mark that stands among them."""
    return len(word.text) == 1 and (word.text[0].isalnum() or word.text[0] in _BETWEEN)


def _is_beside(before: Word, word: Word) -> bool:
    height = max(before.height, word.height)
    gap = word.left - before.right
    return (
        _is_level(before, word)
        and -LETTER_SPACING.level * height < gap < 2 * LETTER_SPACING.widest_word * height
    )


def _makes_words(run: _Run) -> bool:
    """Whether the run is written letter by letter, and no row of a table."""
    if all(len(group) == 1 for group in run.groups):
        return False
    texts = ["".join(chain.from_iterable(word.text for word in group)) for group in run.groups]
    n_letters = sum(map(len, texts))
    n_alphabetic = sum(letter.isalpha() for text in texts for letter in text)
    if n_letters < LETTER_SPACING.least_letters or not n_alphabetic:
        return False
    if sum(map(_is_letter, run.pieces)) < min(LETTER_SPACING.least_letters, run.n_pieces):
        return run.gap + LETTER_SPACING.spread_weight * _spread_of_gaps(run.pieces) >= LETTER_SPACING.cells
    if n_alphabetic * 2 < n_letters or any(map(_is_row, texts)):
        return False
    return run.gap <= LETTER_SPACING.widest_gap or (
        run.gap <= LETTER_SPACING.widest_word
        and any(len(text) >= LETTER_SPACING.least_wide and _reads_as_word(text) for text in texts)
    )


def _spread_of_gaps(words: Sequence[Word]) -> float:
    """Difference of the widest and the narrowest gap inside words, as a share of their height."""
    gaps = [(after[0] - before[2]) / word.height for word in words for before, after in pairwise(word.boxes)]
    return max(gaps) - min(gaps) if gaps else 0.0


def _is_row(text: str) -> bool:
    """Whether letters are a row of their own: of the alphabet, of a calendar's initials, or of two marks.

    >>> [_is_row(text) for text in ("CDEFG", "MTWTFSS", "YNNYYN", "ANNA", "TOTAL")]
    [True, True, True, False, False]
    """
    upper = "".join(filter(str.isalnum, text.upper()))
    return len(upper) >= LETTER_SPACING.least_row and (
        all(ord(after) - ord(before) == 1 for before, after in pairwise(upper))
        or any(upper in initials for initials in _INITIALS)
        or (len(upper) > LETTER_SPACING.least_row and len(set(upper)) <= 2)
    )


def _reads_as_word(text: str) -> bool:
    """Whether letters far from each other are likely a word: vowels, consonants, and more than a table's marks.

    >>> [_reads_as_word(text) for text in ("TOTAL", "Τιμή", "ABECAD", "XKCD")]
    [True, True, False, False]
    """
    letters = {unicodedata.normalize("NFD", letter)[0] for letter in text.upper()}
    return bool(letters & _VOWELS) and bool(letters - _VOWELS) and not letters <= _MARKS


def _joined(group: list[Word]) -> Word:
    word = group[0]
    for piece in group[1:]:
        word.take(piece)
        word.right = max(word.right, piece.right)
        word.bottom, word.top = min(word.bottom, piece.bottom), max(word.top, piece.top)
    return word

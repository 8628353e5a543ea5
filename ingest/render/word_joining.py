"""Words that are written in pieces: broken at a line's end, or with spaces between their letters."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

#: How a word that goes on in the next line ends: pdfium writes U+0002 and U+FFFE for some of them.
SOFT_HYPHENS = frozenset("\x02\xad\ufffe")
HARD_HYPHENS = frozenset("-\u2010\u2011")


@dataclass(frozen=True, slots=True)
class WordJoiningParameters:
    """How words that are written in pieces are told.

    same_line: share of the lower one's height that two pieces of a line share: a broken word goes on in another (geometry)
    least_letters: letters that stand alone on one line before they are taken for spaced-out words (geometry)
    widest_gap: greatest gap between spaced-out letters, as a share of their height (geometry)
    between_words: how many times wider the gap between words is, at least (geometry)
    wider: how much wider it is, at least, as a share of the letters' height (geometry)
    usual_gap: the gap within words is this quantile of all (geometry)
    level: share of their height by which letters of one line may differ in level, and in height (geometry)
    """

    same_line: float = 0.3
    least_letters: int = 4
    widest_gap: float = 0.8
    between_words: float = 1.6
    wider: float = 0.15
    usual_gap: float = 0.25
    level: float = 0.25


WORD_JOINING = WordJoiningParameters()


@dataclass(slots=True)
class Word:
    """A word under construction; box in page units, origin bottom left.

    garbage: characters without meaning; letters, seen: letters and figures, and those of them that can be seen
    first, last: middles of its first and last character, (x, y)
    """

    text: list[str] = field(default_factory=list)
    garbage: int = 0
    letters: int = 0
    seen: int = 0
    marks_seen: int = 0
    left: float = np.inf
    bottom: float = np.inf
    right: float = -np.inf
    top: float = -np.inf
    first: tuple[float, float] = (0.0, 0.0)
    last: tuple[float, float] = (0.0, 0.0)

    @property
    def height(self) -> float:
        return self.top - self.bottom

    @property
    def is_seen(self) -> bool:
        return self.seen * 2 >= self.letters if self.letters else self.marks_seen > 0

    def take(self, other: Word) -> None:
        """Add another piece of the word; the box stays that of the first piece."""
        self.text += other.text
        self.garbage += other.garbage
        self.letters += other.letters
        self.seen += other.seen
        self.marks_seen += other.marks_seen


def join_hyphenated(words: list[Word], parameters: WordJoiningParameters = WORD_JOINING) -> list[Word]:
    """'exam-' and 'ple' become 'example'; the next word must go on in lower case, in another line."""
    joined: list[Word] = []
    for word in words:
        before = joined[-1] if joined else None
        if before and _goes_on(before, word, parameters.same_line):
            before.text.pop()
            before.take(word)
        else:
            joined.append(word)
    for word in joined:
        word.text = _hyphens(word.text)
    return joined


def _goes_on(before: Word, word: Word, same_line: float) -> bool:
    if len(before.text) < 2 or not word.text[0].islower() or not before.text[-2].isalpha():
        return False
    if before.text[-1] in SOFT_HYPHENS:
        return True
    shared = min(before.top, word.top) - max(before.bottom, word.bottom)
    height = min(before.height, word.height)
    if before.text[-1] not in HARD_HYPHENS or shared >= same_line * height:
        return False
    heads_next_column = word.left > before.right and word.bottom > before.top + 2 * height
    return word.left < before.right or heads_next_column


def _hyphens(text: list[str]) -> list[str]:
    """Soft hyphens inside the word are gone, all others are U+002D."""
    last = len(text) - 1
    kept = [c for i, c in enumerate(text) if c not in SOFT_HYPHENS or i in (0, last)]
    return ["-" if c in SOFT_HYPHENS or c in HARD_HYPHENS else c for c in kept]


def join_spaced(words: list[Word], parameters: WordJoiningParameters = WORD_JOINING) -> list[Word]:
    """'I N V O I C E   N U M B E R' becomes two words: even gaps within, wider ones between."""
    joined: list[Word] = []
    run: list[Word] = []
    for word in words:
        if run and not (_is_letter(word) and _is_beside(run[-1], word, parameters)):
            joined += _joined_run(run, parameters)
            run = []
        if _is_letter(word):
            run.append(word)
        else:
            joined.append(word)
    return joined + _joined_run(run, parameters)


def _is_letter(word: Word) -> bool:
    return len(word.text) == 1 and word.text[0].isalnum()


def _is_beside(before: Word, word: Word, parameters: WordJoiningParameters) -> bool:
    height = max(before.height, word.height)
    gap, level = word.left - before.right, parameters.level
    return (
        abs(word.bottom - before.bottom) < level * height
        and abs(word.height - before.height) < level * height
        and -level * height < gap < 3 * parameters.widest_gap * height
    )


def _joined_run(run: list[Word], parameters: WordJoiningParameters) -> list[Word]:
    if len(run) < parameters.least_letters or sum(word.text[0].isalpha() for word in run) * 2 < len(run):
        return run
    gaps = [after.left - before.right for before, after in pairwise(run)]
    usual = float(np.quantile(gaps, parameters.usual_gap))
    if usual > parameters.widest_gap * run[0].height:
        return run
    least = max(parameters.between_words * usual, usual + parameters.wider * run[0].height)
    words = [run[0]]
    for gap, letter in zip(gaps, run[1:], strict=True):
        if gap > least:
            words.append(letter)
            continue
        word = words[-1]
        word.take(letter)
        word.right = max(word.right, letter.right)
        word.bottom, word.top = min(word.bottom, letter.bottom), max(word.top, letter.top)
    return words

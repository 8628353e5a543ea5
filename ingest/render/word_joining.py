"""Words under construction, and those that are broken at a line's end."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

#: How a word that goes on in the next line ends: pdfium writes U+0002 and U+FFFE for some of them.
SOFT_HYPHENS = frozenset("\x02\xad\ufffe")
#: with the Armenian, small and full-width one
HARD_HYPHENS = frozenset("-\u2010\u2011\u058a\ufe63\uff0d")


@dataclass(frozen=True, slots=True)
class WordJoiningParameters:
    """Signs of words that are broken at a line's end.

    same_line: share of the lower one's height that two pieces of a line share: a broken word goes on in another (geometry)
    capitals: letters of each half of a word in capitals, at least: initials and codes are shorter (geometry)
    """

    same_line: float = 0.3
    capitals: int = 3


WORD_JOINING = WordJoiningParameters()

#: left, bottom, right, top in page units, origin bottom left
Box = tuple[float, float, float, float]


@dataclass(slots=True)
class Word:
    """A word under construction; box in page units, origin bottom left.

    garbage: characters without meaning; letters, seen: letters and figures, and those of them that can be seen
    boxes: of its characters
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
    boxes: list[Box] = field(default_factory=list)

    @property
    def first(self) -> tuple[float, float]:
        """Middle of its first character, (x, y)."""
        return _middle(self.boxes[0])

    @property
    def last(self) -> tuple[float, float]:
        """Middle of its last character, (x, y)."""
        return _middle(self.boxes[-1])

    @property
    def height(self) -> float:
        return self.top - self.bottom

    @property
    def is_seen(self) -> bool:
        return self.seen * 2 >= self.letters if self.letters else self.marks_seen > 0

    def take(self, other: Word) -> None:
        """Add another piece of the word; the box stays that of the first piece."""
        self.text += other.text
        self.boxes += other.boxes
        self.garbage += other.garbage
        self.letters += other.letters
        self.seen += other.seen
        self.marks_seen += other.marks_seen


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def join_hyphenated(words: list[Word], parameters: WordJoiningParameters = WORD_JOINING) -> list[Word]:
    """'exam-' and 'ple' become 'example'; the next word must go on in lower case, or both are in capitals, in another line."""
    joined: list[Word] = []
    for word in words:
        before = joined[-1] if joined else None
        if before and _goes_on(before, word, parameters):
            before.text.pop()
            before.take(word)
        else:
            joined.append(word)
    for word in joined:
        word.text = _hyphens(word.text)
    return joined


def _goes_on(before: Word, word: Word, parameters: WordJoiningParameters) -> bool:
    if len(before.text) < 2 or not before.text[-2].isalpha():
        return False
    if not (word.text[0].islower() or _are_in_capitals(before, word, parameters.capitals)):
        return False
    if before.text[-1] in SOFT_HYPHENS:
        return True
    shared = min(before.top, word.top) - max(before.bottom, word.bottom)
    height = min(before.height, word.height)
    if before.text[-1] not in HARD_HYPHENS or shared >= parameters.same_line * height:
        return False
    heads_next_column = word.left > before.right and word.bottom > before.top + 2 * height
    return word.left < before.right or heads_next_column


def _are_in_capitals(before: Word, word: Word, least: int) -> bool:
    halves = "".join(before.text[:-1]), "".join(word.text).rstrip(".,:;!?)")
    return all(len(half) >= least and half.isalpha() and half.isupper() for half in halves)


def _hyphens(text: list[str]) -> list[str]:
    """Soft hyphens inside the word are gone, all others are U+002D."""
    last = len(text) - 1
    kept = [c for i, c in enumerate(text) if c not in SOFT_HYPHENS or i in (0, last)]
    return ["-" if c in SOFT_HYPHENS or c in HARD_HYPHENS else c for c in kept]

"""Words under construction, the signs by which they are joined, and the footnote's marks that stand at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

#: How a word that goes on in the next line ends: pdfium writes U+0002 and U+FFFE for some of them.
SOFT_HYPHENS = frozenset("\x02\xad\ufffe")
#: marks of footnotes; those that are raised by themselves
_RAISED = frozenset("*\u2020\u2021\u00b9\u00b2\u00b3\u2070\u2074\u2075\u2076\u2077\u2078\u2079")
_MARKS = _RAISED | frozenset("0123456789\u00a7\u00b6()[],")
#: hyphens, with the Armenian, the small and the full-width one
HARD_HYPHENS = frozenset("-\u2010\u2011\u058a\ufe63\uff0d")
#: signs that are hyphens at a line's end only: of text recognition, of old print, a bullet like one, the hyphen of dictionaries,
#: and the minus and the dash of figures, which some fonts name their hyphen
BREAKS = SOFT_HYPHENS | HARD_HYPHENS | frozenset("\u00ac\u2e17\u2043\u2027\u2212\u2012")


@dataclass(frozen=True, slots=True)
class WordJoiningParameters:
    """Signs of words that are broken at a line's end.

    same_line: share of the lower one's height that two pieces of a line share: a broken word goes on in another (geometry)
    capitals: letters of each half of a word in capitals, at least: initials and codes are shorter (geometry)
    raised: a footnote's mark is at most this many times as high as the letters, or raised by the rest (geometry)
    mark: characters of such a mark, at most (geometry)
    letters: letters of a word that has a mark, at least: shorter ones are formulas and units (geometry)
    touch: gap between a word and its hyphen, in heights, at most (geometry)
    column: gap between columns, in heights of the letters, at least (geometry)
    below: gap between the lines of a column, in the same, at most (geometry)
    furthest: words after a hyphen among which its line's next is looked for (speed)
    """

    same_line: float = 0.3
    capitals: int = 3
    raised: float = 0.85
    mark: int = 3
    letters: int = 3
    touch: float = 0.1
    column: float = 1.2
    below: float = 0.8
    furthest: int = 300


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


def without_marks(words: list[Word]) -> tuple[list[Word], set[int]]:
    """Words that a footnote's mark stands at, before or behind a hyphen; the marks as words of their own, and their indices."""
    apart: list[Word] = []
    marks: set[int] = set()
    for word in _with_hyphens(words):
        end = len(word.text) - (len(word.text) > 1 and word.text[-1] in BREAKS)
        at = _mark_at(word, end)
        if at:
            own = [*range(at), *range(end, len(word.text))]
            apart += [_piece(word, own), _piece(word, range(at, end))]
            marks.add(len(apart) - 1)
        else:
            apart.append(word)
    return apart, marks


def _with_hyphens(words: list[Word]) -> Iterator[Word]:
    """Words with the hyphens that touch them, which are pieces of their own behind a raised mark."""
    before: Word | None = None
    for word in words:
        if (
            before
            and len(word.text) == 1
            and word.text[0] in BREAKS
            and abs(word.left - before.right) < WORD_JOINING.touch * word.height
            and are_level(before, word)
        ):
            before.take(word)
            before.right = word.right
            continue
        if before:
            yield before
        before = word
    if before:
        yield before


def _mark_at(word: Word, end: int) -> int:
    """Index of the first character of a raised mark that ends there; 0 where there is none."""
    at = end
    while at and word.text[at - 1] in _MARKS:
        at -= 1
    before = "".join(word.text[:at]).rstrip("".join(BREAKS) + ".,;:!?)\"'\u201d\u2019")
    if not 0 < end - at <= WORD_JOINING.mark or not before.isalpha() or len(before) < WORD_JOINING.letters:
        return 0
    (_, bottom, _, top), (_, raised, _, high) = word.boxes[at - 1], word.boxes[at]
    if word.text[at] in _RAISED:
        return at
    is_small = high - raised <= WORD_JOINING.raised * (top - bottom)
    is_raised = raised >= bottom + (1 - WORD_JOINING.raised) * (top - bottom)
    return at if is_small and is_raised else 0


def _piece(word: Word, indices: Sequence[int]) -> Word:
    """Characters of a word as a word of their own, seen as the whole is."""
    boxes, text = [word.boxes[i] for i in indices], [word.text[i] for i in indices]
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    n_letters = sum(map(str.isalnum, text))
    return Word(
        text,
        letters=n_letters,
        seen=n_letters * word.is_seen,
        marks_seen=word.is_seen,
        left=min(lefts),
        bottom=min(bottoms),
        right=max(rights),
        top=max(tops),
        boxes=boxes,
    )


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def are_level(before: Word, word: Word) -> bool:
    shared = min(before.top, word.top) - max(before.bottom, word.bottom)
    return shared >= WORD_JOINING.same_line * min(before.height, word.height)

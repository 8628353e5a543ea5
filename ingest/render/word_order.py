"""Words in the order of reading: text that runs up, down or upside down is turned upright, lines from top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from pagelight.ingest.render.right_to_left import is_right_to_left
from pagelight.ingest.render.word_joining import Word


@dataclass(frozen=True, slots=True)
class WordOrderParameters:
    """Direction of words, and lines that belong together.

    same_line: share of the lower one's height that two words of a line share (geometry)
    apart: greatest gap between the lines of a block, in heights (geometry)
    alike: how many times higher one line of a block may be than the next (geometry)
    beside: greatest gap between letters that stand alone, in heights, by which their direction is told (geometry)
    slant: rise of a word, as a share of its run, from which on it is slanted (geometry)
    rise: the same as a share of its last letter's height: letters of other fonts stand somewhat higher (geometry)
    """

    same_line: float = 0.3
    apart: float = 1.5
    alike: float = 1.4
    beside: float = 2.5
    slant: float = 0.2
    rise: float = 0.25


WORD_ORDER = WordOrderParameters()

#: quarter turns counter-clockwise: 0 from left to right, 1 upwards, 2 upside down, 3 downwards; and from 4 on the same in a
#: mirror, for what is read from right to left (form)
_QUARTERS = 4


def for_each_direction(words: list[Word], work: Callable[[list[Word]], list[Word]]) -> list[Word]:
    """`work` done on each run of words of one direction, which it gets upright and in reading order; places as before."""
    done: list[Word] = []
    for direction, run in _runs(words):
        quarters, is_mirrored = direction % _QUARTERS, direction >= _QUARTERS
        for word in run:
            _turn(word, quarters)
            _mirror(word, is_mirrored)
        worked = work(_from_top(run))
        for word in worked:
            _mirror(word, is_mirrored)
            _turn(word, (_QUARTERS - quarters) % _QUARTERS)
        done += worked
    return done


def _runs(words: Sequence[Word]) -> Iterator[tuple[int, list[Word]]]:
    run: list[Word] = []
    direction = 0
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else None
        found = _direction(word, following)
        if found is not None and found != direction:
            if run:
                yield direction, run
            run, direction = [], found
        run.append(word)
    if run:
        yield direction, run


def _direction(word: Word, following: Word | None) -> int | None:
    """Quarter turns, told by the word's first and last letter, or by the next one where it has a single letter; in a mirror or not."""
    start, end = word.first, word.last
    if start == end:
        if following is None or len(following.text) > 1:
            return None
        end = following.first
        reach = WORD_ORDER.beside * max(word.height, word.right - word.left)
        if max(abs(end[0] - start[0]), abs(end[1] - start[1])) > reach:
            return None
    x, y = end[0] - start[0], end[1] - start[1]
    found = (0 if x >= 0 else 2) if abs(x) >= abs(y) else (1 if y > 0 else 3)
    return found if not is_right_to_left(word.text) else _QUARTERS + (found + 2) % _QUARTERS


def _is_slanted(word: Word) -> bool:
    """Whether an upright word rises or falls."""
    (x, y), (last_x, last_y) = word.first, word.last
    _, bottom, _, top = word.boxes[-1]
    return abs(last_y - y) > max(WORD_ORDER.slant * abs(last_x - x), WORD_ORDER.rise * (top - bottom))


def _turn(word: Word, quarters: int) -> None:
    """Turn the word's boxes clockwise around the origin."""
    for _ in range(quarters):
        word.left, word.bottom, word.right, word.top = word.bottom, -word.right, word.top, -word.left
        word.boxes = [(bottom, -right, top, -left) for left, bottom, right, top in word.boxes]


def _mirror(word: Word, is_mirrored: bool) -> None:
    if is_mirrored:
        word.left, word.right = -word.right, -word.left
        word.boxes = [(-right, bottom, -left, top) for left, bottom, right, top in word.boxes]


@dataclass(slots=True)
class _Line:
    words: list[Word] = field(default_factory=list)

    @property
    def top(self) -> float:
        return max(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        return min(word.bottom for word in self.words)

    @property
    def left(self) -> float:
        return min(word.left for word in self.words)

    @property
    def right(self) -> float:
        return max(word.right for word in self.words)


def _from_top(words: list[Word]) -> list[Word]:
    """pdfium gives the lines of some turned pages from the last to the first; such blocks are turned round."""
    lines: list[_Line] = []
    for before, word in pairwise([None, *words]):
        if word is None:
            continue
        if before is None or not _is_level(before, word):
            lines.append(_Line())
        lines[-1].words.append(word)
    ordered: list[Word] = []
    block: list[_Line] = []
    for line in lines:
        if block and not _rises(block[-1], line):
            ordered += [word for one in reversed(block) for word in one.words]
            block = []
        block.append(line)
    return ordered + [word for one in reversed(block) for word in one.words]


def _is_level(before: Word, word: Word) -> bool:
    shared = min(before.top, word.top) - max(before.bottom, word.bottom)
    return shared >= WORD_ORDER.same_line * min(before.height, word.height)


def _rises(before: _Line, line: _Line) -> bool:
    """Whether a line stands right above the one before it. The next word of a slanted line does, too."""
    if any(_is_slanted(word) for word in line.words):
        return False
    heights = sorted((before.top - before.bottom, line.top - line.bottom))
    gap = line.bottom - before.top
    return (
        heights[1] <= WORD_ORDER.alike * heights[0]
        and -WORD_ORDER.same_line * heights[0] <= gap <= WORD_ORDER.apart * heights[0]
        and min(before.right, line.right) > max(before.left, line.left)
    )

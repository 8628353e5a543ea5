"""Words that are broken at the end of a line or a page, and go on at the beginning of the next one."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pagelight.ingest.render.word_joining import (
    BREAKS,
    HARD_HYPHENS,
    SOFT_HYPHENS,
    WORD_JOINING,
    Word,
    are_level,
    without_marks,
)
from pagelight.retrieval.types import PageWords

#: before these a hyphen stands for the rest of a compound: "Hafen- und Schiffsbau", "up- and downstream"
CONJUNCTIONS = frozenset(("und", "oder", "bzw", "sowie", "and", "or"))


def join_hyphenated(words: list[Word]) -> list[Word]:
    """'exam-' and 'ple' become 'example'; the next word must go on in lower case, or both are in capitals, in another line.

    Where columns lie side by side in the file, or something stands between, a word goes on at the start of the line below it.
    """
    for word in words:
        _make_one_hyphen(word.text)
    pieces, marks = without_marks(words)
    firsts: dict[int, int] = {}  # where a word goes on: where it begins
    for index, word in enumerate(pieces):
        if len(word.text) < 2 or word.text[-1] not in BREAKS or not word.text[-2].isalpha():
            continue
        following = index + 1
        while following in marks:
            following += 1
        column = _left_of_column(pieces, index)
        is_next = following < len(pieces) and _goes_on(word, pieces[following])
        if is_next and pieces[following].left >= column - word.height:
            firsts[following] = index
        elif (below := _line_below(pieces, index, column)) is not None:
            firsts[below] = index
        elif is_next:
            firsts[following] = index
    joined: list[Word] = []
    for index, word in enumerate(pieces):
        if index in firsts:
            first = firsts[index]
            while first in firsts:  # pieces of pieces belong to the first of all
                first = firsts[first]
            pieces[first].text.pop()
            pieces[first].take(word)
        else:
            joined.append(word)
    for word in joined:
        word.text = _hyphens(word.text)
    return joined


def _make_one_hyphen(text: list[str]) -> None:
    """Several characters at a word's end, by which a font tells one hyphen: soft ones, and such as are not to be seen, among them."""
    at = len(text)
    while at > 1 and (text[at - 1] in BREAKS or _is_unseen(text[at - 1])):
        at -= 1
    hyphens = [character for character in text[at:] if character in BREAKS]
    hard = [character for character in hyphens if character not in SOFT_HYPHENS]
    if hyphens and len(hard) < 2:
        text[at:] = hard or hyphens[:1]


def _is_unseen(character: str) -> bool:
    return character > "~" and unicodedata.category(character) == "Cf"


def _left_of_column(words: Sequence[Word], index: int) -> float:
    """Left edge of the words on the word's line up to a wide gap; the line's own where there is none."""
    left = words[index].left
    for before in words[index - 1 :: -1] if index else ():
        if not are_level(before, words[index]) or before.left > left:
            break
        if left - before.right > WORD_JOINING.column * words[index].height:
            return left
        left = before.left
    return -np.inf


def _line_below(words: Sequence[Word], index: int, column: float) -> int | None:
    """The word that begins the line right below, where the word may go on."""
    word = words[index]
    for at in range(index + 1, min(index + WORD_JOINING.furthest, len(words))):
        other, before = words[at], words[at - 1]
        if are_level(before, other) and _is_beside(before, other):
            if before is word:
                return None  # it does not end its line
            continue
        gap = word.bottom - other.top
        if (
            -WORD_JOINING.same_line * word.height <= gap <= WORD_JOINING.below * word.height
            and column - word.height <= other.left < word.right
        ):
            goes_on = other.text[0].islower() or _are_in_capitals(word, other)
            return at if goes_on and not _is_conjunction(other) else None
    return None


def _is_beside(before: Word, word: Word) -> bool:
    return 0 <= word.left - before.right + word.height <= (1 + WORD_JOINING.column) * word.height


def _goes_on(before: Word, word: Word) -> bool:
    if not (word.text[0].islower() or _are_in_capitals(before, word)):
        return False
    if _is_conjunction(word):
        return False
    if before.text[-1] in SOFT_HYPHENS:
        return True
    if are_level(before, word):
        return False
    heads_next_column = word.left > before.right and word.bottom > before.top
    return word.left < before.right or heads_next_column


def _is_conjunction(word: Word) -> bool:
    return "".join(word.text).rstrip(".") in CONJUNCTIONS


def _are_in_capitals(before: Word, word: Word) -> bool:
    halves = "".join(before.text[:-1]), "".join(word.text).rstrip(".,:;!?)" + "".join(BREAKS))
    return all(len(half) >= WORD_JOINING.capitals and half.isalpha() and half.isupper() for half in halves)


def _hyphens(text: list[str]) -> list[str]:
    """Soft hyphens inside the word are gone, all others are U+002D."""
    last = len(text) - 1
    kept = [c for i, c in enumerate(text) if c not in SOFT_HYPHENS or i in (0, last)]
    return ["-" if c in SOFT_HYPHENS or c in HARD_HYPHENS else c for c in kept]


@dataclass(frozen=True, slots=True)
class PageBreakParameters:
    """End and beginning of a page's text.

    foot: words of a footer, below the text's last line, at most (geometry)
    head: words of a header, above the text's first line, at most (geometry)
    letters: of the first half, at least (geometry)
    """

    foot: int = 8
    head: int = 12
    letters: int = 2


PAGE_BREAKS = PageBreakParameters()


def broken_word(words: PageWords) -> int | None:
    """Index of the word with a hyphen that ends the page's text, or None."""
    lowest = len(words) - 1 - PAGE_BREAKS.foot
    for index in range(len(words) - 1, max(lowest, 0) - 1, -1):
        text = words.texts[index]
        if text.endswith("-") and text[:-1].isalpha() and len(text) > PAGE_BREAKS.letters:
            bottom = words.boxes[index, 3]
            are_below = bool((words.boxes[index + 1 :, 1] >= bottom).all())
            return index if are_below else None
    return None


def joined_over_pages(words: PageWords, index: int, following: PageWords) -> PageWords:
    """The page's words with the word at `index` whole, where the next page's text begins with the rest of it."""
    for at, text in enumerate(following.texts[: PAGE_BREAKS.head]):
        above = following.boxes[:at, 3]
        if not (above <= following.boxes[at, 1]).all() or not text[0].islower():
            continue
        if text.rstrip(".") in CONJUNCTIONS:
            return words
        texts = list(words.texts)
        texts[index] = texts[index][:-1] + text
        return replace(words, texts=tuple(texts))
    return words

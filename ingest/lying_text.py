"""Text that lies: words other than those that the page shows, because their font names its characters wrongly."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.encoders.encoder import TextEncoder
from pagelight.retrieval.text.analyzer import fold
from pagelight.retrieval.types import Ints, PageWords


@dataclass(frozen=True, slots=True)
class LyingTextParameters:
    """How a page's own words are compared with those that were read in their places.

    letters_read: letters of a word that is compared, at least: shorter ones are read worse (geometry)
    compared: places at which the two are not alike, from which on one of them is wrong (geometry)
    fewest: letters of the long words that are not alike, in different words, from which on a few of them tell: a heading in a
        font of its own has 12 (geometry)
    long_word: letters of a long word, at least: shorter ones are names and units as well (geometry)
    longer: share of its letters by which a word that was read may be longer or shorter, and be as long (geometry)
    agreeing: share of the places at which both say about the same, below which the whole page lies: the reader has .8 and more on
        upright print (practice pages)
    alike: from this ratio of common letters on two words are about the same (geometry)
    akin: words that were misread are by so much more alike to those in their places than to others, at least: codes .15 and
        more, what a font tells wrongly .05 at most (geometry)
    language: what was read is language from here on, in natural logarithms a character (sentences in four languages)
    as_long: share of the words that are as long as what was read, at least, where their script is not Latin, which the reader
        does not know: it reads .65 of such words as long as they are (pages in Marathi and Chinese)
    plainer: by so much a character of what was read has to be more likely, in natural logarithms: language has -2 to -3.5,
        letters at random -5 (sentences in four languages)
    plainer_few: the same where few words differ: codes and names are unlikely, too (pages of the first two sets)
    plainer_foreign: the same where the script is not Latin: its letters are less likely (sentences in seven languages)
    plainer_repeated: the same where letters are told wrongly in one and the same way (geometry)
    each_time: share of its places at which a letter that a font tells wrongly is told so, at least: the reader misreads some
        (geometry)
    repeated: places where a letter is told as wrongly as before, in words that are not alike, at least (geometry)
    repeated_alike: the same in all words: the reader takes some letters for others again and again (geometry)
    letters: so many characters, and not many more, have words whose letters are all told as the same few (geometry)
    few_letters: share of such words' characters that are those, at least: in every script it is .5 at most (geometry)
    lines_apart: a word on the next line is as far away as one this many times as far along the line, which is of one font
        (geometry)
    """

    letters_read: int = 4
    compared: int = 12
    fewest: int = 12
    long_word: int = 6
    longer: float = 0.25
    agreeing: float = 0.2
    alike: float = 0.6
    akin: float = 0.12
    language: float = -3.8
    as_long: float = 0.8
    plainer: float = 1.0
    plainer_few: float = 1.5
    plainer_foreign: float = 3.0
    plainer_repeated: float = 0.5
    each_time: float = 0.8
    repeated: int = 4
    repeated_alike: int = 12
    letters: int = 4
    few_letters: float = 0.8
    lines_apart: float = 20.0


LYING_TEXT = LyingTextParameters()

#: letters and figures that look alike: in codes the reader takes one for the other each time
_LOOKS = str.maketrans("01i|!5826q9", "olllls" + "bzbgg")


def lying_words(
    own: PageWords, read: PageWords, place_of_read: Ints, encoder: TextEncoder
) -> NDArray[np.bool_]:
    """(n_own,) whether each word is another one than the page shows there. Fonts lie, so that a whole page does, or a part.

    place_of_read: (n_read,) the own word in the place of each word that was read, or -1
    A word that nothing was read at lies where its nearest neighbour does.
    """
    compared = [
        i
        for i, place in enumerate(place_of_read)
        if place >= 0 and _n_letters(read.texts[i]) >= LYING_TEXT.letters_read
    ]
    pairs = [(fold(read.texts[i]), fold(own.texts[place_of_read[i]])) for i in compared]
    unlike = [not _are_alike(seen.translate(_LOOKS), said.translate(_LOOKS)) for seen, said in pairs]
    wrong, n_wrong, _ = _wrong_letters(pairs)
    _, n_wrong_unlike, n_unlike = _wrong_letters([*compress(pairs, unlike)])
    is_repeated = n_wrong >= LYING_TEXT.repeated_alike or n_wrong_unlike >= max(
        LYING_TEXT.repeated, n_unlike / 2
    )
    told_wrongly = [not wrong.isdisjoint(_side_by_side(*pair)) for pair in pairs]
    apart = np.array(unlike, np.bool_) | np.array(told_wrongly, np.bool_)
    if not _is_wrong([*compress(pairs, apart)], is_repeated, encoder):
        return np.zeros(len(own), np.bool_)
    if apart.mean() > 1 - LYING_TEXT.agreeing:
        return np.ones(len(own), np.bool_)
    middles = (own.boxes[:, :2] + own.boxes[:, 2:]) / 2
    places = place_of_read[compared]
    away = np.abs(middles[:, None] - middles[places][None])  # (n_own, n_compared, 2)
    nearest = (away * (1, LYING_TEXT.lines_apart)).sum(axis=2).argmin(axis=1)
    return np.asarray(apart[nearest])


def _is_wrong(pairs: Sequence[tuple[str, str]], is_repeated: bool, encoder: TextEncoder) -> bool:
    """Whether it is the page that says it wrongly, and not the reader that read wrongly.

    pairs: words as they were read, and as the page says, which are not the same
    """
    if not pairs:
        return False
    seen, said = ([pair[side] for pair in pairs] for side in (0, 1))
    n_as_long = sum(abs(len(a) - len(b)) <= max(1, LYING_TEXT.longer * len(b)) for a, b in pairs)
    is_as_long = n_as_long >= LYING_TEXT.as_long * len(pairs)
    is_foreign = _n_foreign("".join(said)) > sum(map(_n_letters, said)) / 2
    are_enough = len(pairs) >= LYING_TEXT.compared or _n_compared(pairs) >= LYING_TEXT.fewest
    is_akin = _kinship(pairs) >= LYING_TEXT.akin
    if is_akin and not (is_repeated and encoder.plausibility(seen) >= LYING_TEXT.language):
        return False
    if is_repeated:
        least = LYING_TEXT.plainer_repeated
    elif not are_enough or (is_foreign and not is_as_long):
        return False
    elif is_foreign:
        least = LYING_TEXT.plainer_foreign
    else:
        least = LYING_TEXT.plainer if len(pairs) >= LYING_TEXT.compared else LYING_TEXT.plainer_few
    usual = Counter("".join(said)).most_common(LYING_TEXT.letters)
    if sum(count for _, count in usual) >= LYING_TEXT.few_letters * sum(map(len, said)):
        return True
    return encoder.plausibility(seen) - encoder.plausibility(said) >= least


def _kinship(pairs: Sequence[tuple[str, str]]) -> float:
    """How much more alike words as they were read and as the page says are than each is to the next one's: codes that were misread are."""
    seen, said = ([text.translate(_LOOKS) for text in side] for side in zip(*pairs, strict=True))
    apart = [*said[1:], said[0]]
    return sum(map(_ratio, seen, said)) / len(pairs) - sum(map(_ratio, seen, apart)) / len(pairs)


def _ratio(seen: str, said: str) -> float:
    return SequenceMatcher(None, seen, said, autojunk=False).ratio()


def _n_compared(pairs: Sequence[tuple[str, str]]) -> int:
    """Letters of the long words that are said in the place of as long ones; codes and numbers do not count."""
    long_ones = {
        said
        for seen, said in pairs
        if said.isalpha()
        and len(said) >= LYING_TEXT.long_word
        and abs(len(seen) - len(said)) <= max(1, LYING_TEXT.longer * len(said))
    }
    return sum(map(len, long_ones)) if len(long_ones) > 1 else 0


def _wrong_letters(pairs: Sequence[tuple[str, str]]) -> tuple[set[tuple[str, str]], int, int]:
    """Letters (seen, said) that are said to be other ones each time they stand there; how often they, and all letters, recur.

    pairs: words as they were read, and as the page says; letters that look alike, as i and l do, are not wrong

    >>> _wrong_letters([("kittiwake", "nlwwlzdnh"), ("colonies", "frorqlhv")])[1:]
    (4, 6)
    """
    said_for: dict[str, Counter[str]] = {}
    for seen, said in dict.fromkeys(pairs):  # a word may be misread as often as it is there
        for letter, other in _side_by_side(seen, said):
            said_for.setdefault(letter, Counter())[other] += 1
    wrong, n_wrong = set(), 0
    for letter, others in said_for.items():
        ((other, count),) = others.most_common(1)
        if (
            letter.translate(_LOOKS) != other.translate(_LOOKS)
            and count > 1
            and count >= LYING_TEXT.each_time * others.total()
        ):
            wrong.add((letter, other))
            n_wrong += count - 1
    return wrong, n_wrong, sum(others.total() - 1 for others in said_for.values())


def _side_by_side(seen: str, said: str) -> list[tuple[str, str]]:
    """Letters at the same places; none where one word is longer."""
    return [*zip(seen, said, strict=True)] if len(seen) == len(said) else []


def _are_alike(seen: str, said: str) -> bool:
    return seen in said or SequenceMatcher(None, seen, said).ratio() >= LYING_TEXT.alike


def _n_foreign(text: str) -> int:
    """Letters of other scripts than Latin."""
    return sum(c.isalpha() and not unicodedata.name(c, "").startswith("LATIN") for c in text)


def _n_letters(text: str) -> int:
    return sum(map(str.isalpha, text))

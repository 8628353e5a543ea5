"""The text of a page: its own words, those that the encoder read, or both where each has a part of it.

A text layer may hold bullets and a page number while the text itself is a picture. It may also lie: with a wrong table of
characters the page shows one thing and its text layer says another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from pagelight.ingest.lying_text import LYING_TEXT, lying_words
from pagelight.ingest.render.characters import UNKNOWN
from pagelight.retrieval.encoders.encoder import TextEncoder
from pagelight.retrieval.types import Floats, Ints, PageWords

LYING = "its text is not what it shows, so that it was read from its picture"
PARTLY_LYING = "a part of its text is not what it shows, so that this was read from its picture"
#: letters that fonts set as one character, the longest first; marks that stand at words
_LIGATURES = ("ffi", "ffl", "ff", "fi", "fl", "ft", "tt", "ti", "th")
_MARKS = ".,;:!?()[]\"'\u201c\u201d\u2018\u2019"
#: marks as which fonts tell ligatures
_TOLD = frozenset("!#$%*+<=>?^|~\u00ae\u00a9\u2122\u2013\u2014")


@dataclass(frozen=True, slots=True)
class PageTextParameters:
    """Limits within which a page's own words are enough, and are believed.

    fewest: words that were read and have no own word in their place, from which on they are taken in, too (geometry)
    least_share: the same as a share of all words that were read: charts have some text of their own (geometry)
    odd_words: words of letters without meaning, or with ligatures told as marks, from which on the page says so: symbols
        are few (geometry)
    """

    fewest: int = 20
    least_share: float = 0.25
    odd_words: int = 2


PAGE_TEXT = PageTextParameters()


@dataclass(frozen=True, slots=True, eq=False)
class PageText:
    """own: the document's words without those that lie; understood: the words that passages are made of
    is_read: all of those were read from the picture; legible: text to select, where it is not `own` alone; note: what a person should know of it, or nothing
    """

    own: PageWords
    understood: PageWords
    is_read: bool
    note: str = ""
    legible: PageWords = field(default_factory=PageWords)


def page_text(own: PageWords, read: PageWords, encoder: TextEncoder) -> PageText:
    """Text of a page that is to be understood. own, read: words in reading order"""
    own, n_wrong = _mended(own, read, encoder, LYING_TEXT.alike)
    is_mended = n_wrong >= PAGE_TEXT.odd_words
    lettered = _lettered(own)
    if not len(lettered):
        over = sum(own_word_at(own, read) >= 0) if len(own) else 0
        return PageText(own, read, is_read=True, note=LYING if over >= LYING_TEXT.compared else "")
    place_of_read = own_word_at(lettered, read)
    lies = lying_words(lettered, read, place_of_read, encoder)
    if lies.all():
        return PageText(PageWords(), read, is_read=True, note=LYING)
    alone = place_of_read < 0
    if lies.any():
        own = _with_read(lettered, lies, read, place_of_read)
    elif alone.sum() < max(PAGE_TEXT.fewest, PAGE_TEXT.least_share * len(read)):
        return PageText(own, own, is_read=False, note=PARTLY_LYING if is_mended else "")
    taken = read.chosen(np.flatnonzero(alone).tolist())
    return PageText(own, own + taken, is_read=False, note=PARTLY_LYING if lies.any() or is_mended else "")


def without_repeated(words: PageWords) -> PageWords:
    """The words without those that stand over the same word: the reader finds some twice."""
    kept: list[int] = []
    places: dict[str, list[Floats]] = {}
    for index, (text, box) in enumerate(zip(words.texts, words.boxes, strict=True)):
        same = places.setdefault(text, [])
        if not any(_is_over(box, other) for other in same):
            same.append(box)
            kept.append(index)
    return words if len(kept) == len(words) else words.chosen(kept)


def _is_over(box: Floats, other: Floats) -> bool:
    """Whether the middle of one lies in the other."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return bool(other[0] <= x <= other[2] and other[1] <= y <= other[3])


def _with_read(own: PageWords, lies: NDArray[np.bool_], read: PageWords, place_of_read: Ints) -> PageWords:
    """The words with those that were read in place of those that lie."""
    read_at: dict[int, list[int]] = {}
    for index, place in enumerate(place_of_read.tolist()):
        read_at.setdefault(place, []).append(index)
    parts = [
        read.chosen(read_at.get(place, [])) if lies[place] else own.chosen([place])
        for place in range(len(own))
    ]
    return PageWords(
        tuple(chain.from_iterable(part.texts for part in parts)),
        np.concatenate([part.boxes for part in parts]),
    )


def without_unknown(own: PageWords) -> PageWords:
    """The words without the letters that their fonts do not tell."""
    if not any(UNKNOWN in text for text in own.texts):
        return own
    texts = [text.replace(UNKNOWN, "") for text in own.texts]
    kept = [i for i, text in enumerate(texts) if text]
    return replace(own, texts=tuple(texts[i] for i in kept), boxes=own.boxes[kept])


def _mended(own: PageWords, read: PageWords, encoder: TextEncoder, alike: float) -> tuple[PageWords, int]:
    """Letters that a font does not tell, often its ligatures, as they were read; and words that were told wrongly.

    alike: share of their letters that words have in common that are the same
    """
    odd = [i for i, text in enumerate(own.texts) if not text.isalnum() or not text.isascii()]
    texts, wrong = list(own.texts), set()
    places = own_word_at(own.chosen(odd), read) if odd else np.zeros(0, np.int32)
    for text, place in zip(read.texts, places.tolist(), strict=False):
        if place < 0:
            continue
        said = own.texts[odd[place]]
        mended = _filled(said, text, alike) if UNKNOWN in said else _with_ligatures(said, text, encoder)
        if mended != said:
            texts[odd[place]] = mended
            if UNKNOWN not in said or not said.strip(UNKNOWN):
                wrong.add(place)
    if texts == [*own.texts] and not any(UNKNOWN in text for text in texts):
        return own, 0
    return without_unknown(replace(own, texts=tuple(texts))), len(wrong)


def _with_ligatures(said: str, seen: str, encoder: TextEncoder) -> str:
    """The word with its ligature from what was read, where its font tells it as a mark: "o!cial" is "official"."""
    fitting = [
        f"{said[:at]}{ligature}{said[at + 1 :]}"
        for at, mark in enumerate(said)
        if mark in _TOLD and any(map(str.isalpha, said[at + 1 :]))
        for ligature in _LIGATURES
    ]
    fitting = [word for word in fitting if _once(word.lower().strip(_MARKS)) == _once(seen)]
    return max(fitting, key=lambda word: encoder.plausibility([word.strip(_MARKS)]), default=said)


def _once(word: str) -> str:
    """The word without doubled letters, which the reader may see as one.

    >>> _once("official")
    'oficial'
    """
    return re.sub(r"(.)\1+", r"\1", word)


def _filled(said: str, seen: str, alike: float) -> str:
    """The word with its untold letters from what was read, where the two are alike.

    >>> _filled("con\ufffdguration", "configuration", 0.6), _filled("pilo\ufffd", "plot", 0.6), _filled("\ufffd\ufffd", "is", 0.6)
    ('configuration', 'pilot', 'is')
    """
    known = said.replace(UNKNOWN, "")
    if not known:
        return seen
    if SequenceMatcher(None, seen, known).ratio() < alike:
        return said
    steps = SequenceMatcher(None, said, seen, autojunk=False).get_opcodes()
    parts = (
        seen[first:last] if UNKNOWN in said[start:end] else said[start:end]
        for _, start, end, first, last in steps
    )
    return "".join(parts)


def _lettered(words: PageWords) -> PageWords:
    """The words that have a letter or a digit."""
    return words.chosen([i for i, text in enumerate(words.texts) if any(c.isalnum() for c in text)])


def own_word_at(own: PageWords, read: PageWords) -> Ints:
    """(n_read,): the own word that lies over the middle of each word that was read, or -1."""
    x, y = np.asarray((read.boxes[:, :2] + read.boxes[:, 2:]) / 2, np.float32).T[:, :, None]
    left, top, right, bottom = own.boxes.T[:, None]
    over = (left <= x) & (x <= right)  # (n_read, n_own); axis by axis, for speed
    over &= top <= y
    over &= y <= bottom
    if not over.size:
        return np.full(len(read), -1, np.int32)
    first = over.argmax(axis=1)
    return np.where(over[np.arange(len(read)), first], first, -1).astype(np.int32)

"""The text of a page: its own words, those that the encoder read, or both where each has a part of it.

A text layer may hold bullets and a page number while the text itself is a picture. It may also lie: with a wrong table of
characters the page shows one thing and its text layer says another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from pagelight.ingest.render.characters import UNKNOWN
from pagelight.retrieval.encoders.encoder import TextEncoder
from pagelight.retrieval.text.analyzer import fold
from pagelight.retrieval.types import Ints, PageWords

LYING = "its text is not what it shows, so that it was read from its picture"
PARTLY_LYING = "a part of its text is not what it shows, so that this was read from its picture"


@dataclass(frozen=True, slots=True)
class PageTextParameters:
    """Limits within which a page's own words are enough, and are believed.

    fewest: words that were read and have no own word in their place, from which on they are taken in, too (geometry)
    least_share: the same as a share of all words that were read: charts have some text of their own (geometry)
    compared: places with an own word and a word that was read from which on the two are compared (geometry)
    agreeing: share of those places at which both say about the same, below which one of them is wrong: the reader has .8 and
        more on upright print (practice pages)
    alike: from this ratio of common letters on two words are about the same (geometry)
    plainer: by so much a character of what was read has to be more likely, in natural logarithms: language has -2 to -3.5,
        letters at random -5 (sentences in four languages)
    lines_apart: a word on the next line is as far away as one this many times as far along the line, which is of one font
        (geometry)
    letters: so many words are written with more different characters than this, in every script (geometry)
    """

    fewest: int = 20
    least_share: float = 0.25
    compared: int = 12
    agreeing: float = 0.2
    alike: float = 0.6
    plainer: float = 1.0
    lines_apart: float = 20.0
    letters: int = 4


PAGE_TEXT = PageTextParameters()


@dataclass(frozen=True, slots=True, eq=False)
class PageText:
    """own: the document's words without those that lie; understood: the words that passages are made of
    is_read: all of those were read from the picture; note: what a person should know of it, or nothing
    """

    own: PageWords
    understood: PageWords
    is_read: bool
    note: str = ""


def page_text(
    own: PageWords, read: PageWords, encoder: TextEncoder, parameters: PageTextParameters = PAGE_TEXT
) -> PageText:
    """Text of a page that is to be understood. own, read: words in reading order"""
    own = _mended(own, read, parameters.alike)
    lettered = _lettered(own)
    if not len(lettered):
        over = sum(_own_word_at(own, read) >= 0) if len(own) else 0
        return PageText(own, read, is_read=True, note=LYING if over >= parameters.compared else "")
    place_of_read = _own_word_at(lettered, read)
    lies = _lies(lettered, read, place_of_read, encoder, parameters)
    if lies.all():
        return PageText(PageWords(), read, is_read=True, note=LYING)
    alone = (place_of_read < 0) | lies[place_of_read]
    if lies.any():
        own = _chosen(lettered, np.flatnonzero(~lies).tolist())
    elif alone.sum() < max(parameters.fewest, parameters.least_share * len(read)):
        return PageText(own, own, is_read=False)
    taken = _chosen(read, np.flatnonzero(alone).tolist())
    return PageText(own, own + taken, is_read=False, note=PARTLY_LYING if lies.any() else "")


def without_unknown(own: PageWords) -> PageWords:
    """The words without the letters that their fonts do not tell."""
    if not any(UNKNOWN in text for text in own.texts):
        return own
    texts = [text.replace(UNKNOWN, "") for text in own.texts]
    kept = [i for i, text in enumerate(texts) if text]
    return replace(own, texts=tuple(texts[i] for i in kept), boxes=own.boxes[kept])


def _mended(own: PageWords, read: PageWords, alike: float) -> PageWords:
    """Letters that a font does not tell, often its ligatures, as they were read."""
    untold = [i for i, text in enumerate(own.texts) if UNKNOWN in text]
    if not untold:
        return own
    texts = list(own.texts)
    places = _own_word_at(_chosen(own, untold), read)
    for text, place in zip(read.texts, places.tolist(), strict=True):
        if place >= 0:
            texts[untold[place]] = _filled(own.texts[untold[place]], text, alike)
    return without_unknown(replace(own, texts=tuple(texts)))


def _filled(said: str, seen: str, alike: float) -> str:
    """The word with its untold letters from what was read, where the two are alike.

    >>> _filled("con\ufffdguration", "configuration", 0.6), _filled("pilo\ufffd", "plot", 0.6)
    ('configuration', 'pilot')
    """
    if SequenceMatcher(None, seen, said.replace(UNKNOWN, "")).ratio() < alike:
        return said
    steps = SequenceMatcher(None, said, seen, autojunk=False).get_opcodes()
    parts = (
        seen[first:last] if UNKNOWN in said[start:end] else said[start:end]
        for _, start, end, first, last in steps
    )
    return "".join(parts)


def _lettered(words: PageWords) -> PageWords:
    """The words that have a letter or a digit."""
    return _chosen(words, [i for i, text in enumerate(words.texts) if any(c.isalnum() for c in text)])


def _chosen(words: PageWords, kept: Sequence[int]) -> PageWords:
    return replace(words, texts=tuple(words.texts[i] for i in kept), boxes=words.boxes[kept])


def _own_word_at(own: PageWords, read: PageWords) -> Ints:
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


def _lies(
    own: PageWords, read: PageWords, place_of_read: Ints, encoder: TextEncoder, parameters: PageTextParameters
) -> NDArray[np.bool_]:
    """(n_own,) whether each word is another one than the page shows there. Fonts lie, so that a whole page does, or a part.

    A word that nothing was read at lies where its nearest neighbour does.
    """
    compared = [i for i, place in enumerate(place_of_read) if place >= 0 and _n_letters(read.texts[i]) >= 4]
    lies = np.zeros(len(own), np.bool_)
    pairs = [(fold(read.texts[i]), fold(own.texts[place_of_read[i]])) for i in compared]
    apart = np.array([not _are_alike(seen, said, parameters.alike) for seen, said in pairs], np.bool_)
    if apart.sum() < parameters.compared:
        return lies
    seen, said = (
        [pair[side] for pair, differs in zip(pairs, apart, strict=True) if differs] for side in (0, 1)
    )
    if len(set("".join(said))) > parameters.letters:
        plainer = encoder.plausibility(seen) - encoder.plausibility(said)
        if plainer < parameters.plainer:
            return lies
    if apart.mean() > 1 - parameters.agreeing:
        lies[:] = True
        return lies
    middles = (own.boxes[:, :2] + own.boxes[:, 2:]) / 2
    places = place_of_read[compared]
    away = np.abs(middles[:, None] - middles[places][None]) * (
        1,
        parameters.lines_apart,
    )  # (n_own, n_compared, 2)
    return np.asarray(apart[away.sum(axis=2).argmin(axis=1)])


def _are_alike(seen: str, said: str, alike: float) -> bool:
    return seen in said or SequenceMatcher(None, seen, said).ratio() >= alike


def _n_letters(text: str) -> int:
    return sum(map(str.isalpha, text))

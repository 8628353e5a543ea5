"""The text of a page: its own words, those that the encoder read, or both where each has a part of it.

A text layer may hold bullets and a page number while the text itself is a picture. It may also lie: with a wrong table of
characters the page shows one thing and its text layer says another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import SequenceMatcher

import numpy as np

from pagelight.retrieval.encoders.encoder import TextEncoder
from pagelight.retrieval.text.analyzer import fold
from pagelight.retrieval.types import Ints, PageWords

LYING = "its text is not what it shows, so that it was read from its picture"


@dataclass(frozen=True, slots=True)
class PageTextParameters:
    """When own words are enough, and when they are not to be believed.

    fewest: words that were read and have no own word in their place, from which on they are taken in, too (geometry)
    least_share: the same as a share of all words that were read: charts have some text of their own (geometry)
    compared: places with an own word and a word that was read from which on the two are compared (geometry)
    agreeing: share of those places at which both say about the same, below which one of them is wrong: the reader has .8 and
        more on upright print (practice pages)
    alike: from this ratio of common letters on two words are about the same (geometry)
    plainer: by so much a character of what was read has to be more likely, in natural logarithms: language has -2 to -3.5,
        letters at random -5 (sentences in four languages)
    """

    fewest: int = 20
    least_share: float = 0.25
    compared: int = 12
    agreeing: float = 0.2
    alike: float = 0.6
    plainer: float = 1.0


PAGE_TEXT = PageTextParameters()


@dataclass(frozen=True, slots=True, eq=False)
class PageText:
    """own: the document's words, none where they lie; understood: the words that passages are made of
    is_read: all of those were read from the picture; is_lying: the own words were left out
    """

    own: PageWords
    understood: PageWords
    is_read: bool
    is_lying: bool = False


def page_text(
    own: PageWords, read: PageWords, encoder: TextEncoder, parameters: PageTextParameters = PAGE_TEXT
) -> PageText:
    """Text of a page that is to be understood. own, read: words in reading order"""
    lettered = _lettered(own)
    if not len(lettered):
        return PageText(own, read, is_read=True)
    place_of_read = _own_word_at(lettered, read)
    if _is_lying(lettered, read, place_of_read, encoder, parameters):
        return PageText(PageWords(), read, is_read=True, is_lying=True)
    alone = np.flatnonzero(place_of_read < 0)
    if len(alone) < max(parameters.fewest, parameters.least_share * len(read)):
        return PageText(own, own, is_read=False)
    texts = tuple(read.texts[i] for i in alone)
    both = PageWords(own.texts + texts, np.concatenate([own.boxes, read.boxes[alone]]))
    return PageText(own, both, is_read=False)


def _lettered(words: PageWords) -> PageWords:
    """The words that have a letter or a digit."""
    kept = [i for i, text in enumerate(words.texts) if any(c.isalnum() for c in text)]
    return replace(words, texts=tuple(words.texts[i] for i in kept), boxes=words.boxes[kept])


def _own_word_at(own: PageWords, read: PageWords) -> Ints:
    """(n_read,): the own word that lies over the middle of each word that was read, or -1."""
    middles = np.asarray((read.boxes[:, :2] + read.boxes[:, 2:]) / 2, np.float32)
    inside = (own.boxes[None, :, :2] <= middles[:, None]) & (middles[:, None] <= own.boxes[None, :, 2:])
    over = np.all(inside, axis=2)  # (n_read, n_own)
    return np.where(np.any(over, axis=1), over.argmax(axis=1), -1).astype(np.int32)


def _is_lying(
    own: PageWords, read: PageWords, place_of_read: Ints, encoder: TextEncoder, parameters: PageTextParameters
) -> bool:
    pairs = [
        (fold(text), fold(own.texts[place]))
        for text, place in zip(read.texts, place_of_read.tolist(), strict=True)
        if place >= 0 and sum(map(str.isalpha, text)) >= 4
    ]
    if len(pairs) < parameters.compared:
        return False
    agreeing = sum(a in b or SequenceMatcher(None, a, b).ratio() >= parameters.alike for a, b in pairs)
    if agreeing >= parameters.agreeing * len(pairs):
        return False
    seen, said = (encoder.plausibility([pair[i] for pair in pairs]) for i in (0, 1))
    return seen >= said + parameters.plainer

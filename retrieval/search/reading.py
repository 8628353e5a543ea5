"""Did you mean: a query in which words that the library does not have are read as those that it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from pagelight.retrieval.search.prepared import PreparedQuery
from pagelight.retrieval.search.ranked import CANDIDATES
from pagelight.retrieval.store.page_store import PageStore
from pagelight.retrieval.text.analyzer import fold, split_words, terms


def read_as(store: PageStore, prepared: PreparedQuery) -> dict[str, str]:
    """Words of the query with a slip, and the words of the best pages that they are read as."""
    query = prepared.embedding
    suspects = [
        (i, word)
        for i, word in enumerate(query.words)
        # a word with alternatives is one that the encoder knows
        if SLIPS.allowed(fold(word)) and (query.word_of_token == i).sum() == 1
    ]
    coverage = prepared.evidence.coverage if prepared.evidence else np.zeros((0, len(query.words)))
    # scans show words that nothing spells; what is shown needs no request to the index, which is most
    hidden = [word for i, word in suspects if coverage[:, i].max(initial=0) < SLIPS.shown]
    if not hidden:
        return {}
    written = store.search_terms([terms(word)[0] for word in hidden], 1)
    unknown = [word for word, pages in zip(hidden, written, strict=True) if not pages]
    if not unknown:
        return {}
    pages = [*prepared.seen[:CANDIDATES], *prepared.written[:CANDIDATES], *prepared.meant[:CANDIDATES]]
    found = store.fetch_words(list(dict.fromkeys(page.page_id for page in pages)))
    counts = Counter(word for words in found for text in words.texts for word in _folded(text))
    nearest = {word: nearest_word(fold(word), counts) for word in unknown}
    return {word: other for word, other in nearest.items() if other}


@lru_cache(maxsize=100_000)
def _folded(text: str) -> tuple[str, ...]:
    """The words of a text; pages are made of the same ones."""
    return tuple(fold(word) for word in split_words(text))


def replaced(text: str, readings: dict[str, str]) -> str:
    """The query with each of its words as it is read."""
    for word, other in readings.items():
        text = text.replace(word, other)
    return text


@dataclass(frozen=True, slots=True)
class SlipParameters:
    """Limits within which two words are one with a slip in it (Damerau 1964: four slips in five are one wrong, missing, added or
    exchanged letter).

    shortest: letters of a word that may have one slip: shorter words are near to too many others (word lists)
    long: letters of a word that may have two (word lists)
    shown: match from which a page shows a word as it is typed (as TermScoring's midpoint)
    """

    shortest: int = 5
    long: int = 9
    shown: float = 0.5

    def allowed(self, word: str) -> int:
        """Number of slips that a word may have; none in words with digits."""
        if not word.isalpha() or len(word) < self.shortest:
            return 0
        return 2 if len(word) >= self.long else 1


SLIPS = SlipParameters()


def nearest_word(word: str, counts: Mapping[str, int], parameters: SlipParameters = SLIPS) -> str | None:
    """The word with the fewest slips between it and `word`, the commonest of several; None where none is near.

    A slip is a letter that is wrong, missing, added, or exchanged with its neighbour.
    word: folded; counts: how often each folded word occurs

    >>> nearest_word("harbuor", {"harbour": 3, "labour": 9})
    'harbour'
    """
    most = parameters.allowed(word)
    if not most:
        return None
    others = [other for other in counts if len(other) > 2]
    near = process.extract(
        word, others, scorer=OSA.distance, processor=None, score_cutoff=most, limit=None
    )  # (word, slips, place)
    return min(((slips, -counts[other], other) for other, slips, _ in near), default=(0, 0, None))[2]

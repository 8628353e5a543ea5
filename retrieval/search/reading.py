"""Did you mean: a query in which words that the library does not have are read as those that it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

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

    word: folded; counts: how often each folded word occurs

    >>> nearest_word("harbuor", {"harbour": 3, "labour": 9})
    'harbour'
    """
    most = parameters.allowed(word)
    near = ((slips(word, other, most), -count, other) for other, count in counts.items() if len(other) > 2)
    best = min((found for found in near if found[0] <= most), default=None) if most else None
    return best[2] if best else None


def slips(a: str, b: str, most: int) -> int:
    """Letters that are wrong, missing, added or exchanged with their neighbour; `most` + 1 where there are more.

    >>> slips("revnue", "revenue", 2), slips("teh", "the", 1), slips("cat", "dogs", 1)
    (1, 1, 2)
    """
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, start=1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(b, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)

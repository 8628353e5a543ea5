"""Did you mean: a query in which words that the library does not have are read as those that it has."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import numpy as np

from pagelight.retrieval.search.prepared import PreparedQuery
from pagelight.retrieval.search.ranked import CANDIDATES
from pagelight.retrieval.store.page_store import PageStore
from pagelight.retrieval.text.analyzer import fold, split_words, terms
from pagelight.retrieval.text.slips import SLIPS, nearest_word

#: match from which a page shows a word: at TermScoring's midpoint
SHOWN = 0.5


def read_as(store: PageStore, prepared: PreparedQuery) -> dict[str, str]:
    """Words of the query with a slip, and the words of the best pages that they are read as."""
    query = prepared.embedding
    suspects = [
        (i, word)
        for i, word in enumerate(query.words)
        # a word with alternatives is one that the encoder knows
        if SLIPS.allowed(fold(word)) and (query.word_of_token == i).sum() == 1
    ]
    if not suspects:
        return {}
    written = store.search_terms([terms(word)[0] for _, word in suspects], 1)
    coverage = prepared.evidence.coverage if prepared.evidence else np.zeros((0, len(query.words)))
    unknown = [
        word
        for (i, word), pages in zip(suspects, written, strict=True)
        # scans show words that nothing spells
        if not pages and coverage[:, i].max(initial=0) < SHOWN
    ]
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

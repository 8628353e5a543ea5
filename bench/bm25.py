"""BM25 over plain texts, by `bm25s` (Lù 2024): the ranking half of every control. Needs the extra `bench`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import bm25s
import bm25s.stopwords
import numpy as np
import Stemmer
from numpy.typing import NDArray

#: Robertson and Zaragoza 2009
K1, B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class Language:
    """A language that has both a Snowball stemmer and a list of stop words. tesseract: its language pack"""

    name: str
    tesseract: str
    stop_words: frozenset[str]


LANGUAGES = {
    name: Language(name, pack, frozenset(getattr(bm25s.stopwords, f"STOPWORDS_{listed}")))
    for name, pack, listed in (
        ("english", "eng", "EN_PLUS"),
        ("french", "fra", "FRENCH"),
        ("german", "deu", "GERMAN"),
        ("italian", "ita", "ITALIAN"),
        ("spanish", "spa", "SPANISH"),
        ("portuguese", "por", "PORTUGUESE"),
        ("dutch", "nld", "DUTCH"),
        ("swedish", "swe", "SWEDISH"),
        ("danish", "dan", "DANISH"),
        ("norwegian", "nor", "NORWEGIAN"),
        ("russian", "rus", "RUSSIAN"),
    )
}


def tokens(text: str) -> list[str]:
    """Lower-cased runs of letters and digits.

    >>> tokens("Rates: 3.5 %")
    ['rates', '3', '5']
    """
    return re.findall(r"\w+", text.lower())


def language_of(text: str) -> Language:
    """The language whose stop words are most of the text; English where there are none.

    >>> language_of("où est la carte des pistes cyclables").name
    'french'
    """
    words = tokens(text)
    counts = {name: sum(word in one.stop_words for word in words) for name, one in LANGUAGES.items()}
    return LANGUAGES[max(counts, key=lambda name: counts[name])]


class Bm25:
    """An index of texts, held in memory.

    languages: of each text, whose stems are indexed without stop words; None to index the words as they are
    """

    def __init__(self, texts: Sequence[str], languages: Sequence[Language] | None = None) -> None:
        self._languages = list(dict.fromkeys(languages)) if languages is not None else None
        if languages is None:
            bags = [tokens(text) for text in texts]
        else:
            bags = [stems(text, language) for text, language in zip(texts, languages, strict=True)]
        self._n = len(texts)
        self._index = bm25s.BM25(method="lucene", k1=K1, b=B) if any(bags) else None
        if self._index:
            self._index.index(bags, show_progress=False)

    def scores(self, query: str) -> NDArray[np.float64]:
        """(n_texts,): how well each text answers; 0 where it has no word of the query.

        With stems, the query is stemmed in each of the texts' languages, since nobody says which it is in, and
        loses the stop words of all of them.
        """
        asked = tokens(query)
        if self._languages is not None:
            stop_words = frozenset[str]().union(*(one.stop_words for one in self._languages))
            words = " ".join(word for word in asked if word not in stop_words)
            asked = list(dict.fromkeys(stem for one in self._languages for stem in stems(words, one)))
        if not asked or not self._index:
            return np.zeros(self._n)
        return np.asarray(self._index.get_scores(asked), np.float64)

    def search(self, query: str, limit: int = 10) -> list[int]:
        """The positions of the best texts, best first; texts without any word of the query are absent."""
        scores = self.scores(query)
        order = np.argsort(-scores, kind="stable")[:limit]
        return [int(i) for i in order if scores[i] > 0]


def stems(text: str, language: Language) -> list[str]:
    """Stems of the words that are no stop words.

    >>> stems("Les pistes cyclables", LANGUAGES["french"])
    ['pist', 'cyclabl']
    """
    stemmer = Stemmer.Stemmer(language.name)
    return [
        str(stem) for stem in stemmer.stemWords([w for w in tokens(text) if w not in language.stop_words])
    ]

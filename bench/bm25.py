"""BM25 (Robertson and Zaragoza 2009) over plain texts: the ranking half of the OCR control."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

K1, B = 1.2, 0.75


def tokens(text: str) -> list[str]:
    """Lower-cased runs of letters and digits.

    >>> tokens("Rates: 3.5 %")
    ['rates', '3', '5']
    """
    return re.findall(r"\w+", text.lower())


class Bm25:
    """An index of texts, held in memory."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = [Counter(tokens(text)) for text in texts]
        self._lengths = [sum(count.values()) for count in counts]
        self._mean = sum(self._lengths) / max(len(counts), 1) or 1.0
        self._postings: dict[str, list[tuple[int, int]]] = {}
        for index, count in enumerate(counts):
            for word, frequency in count.items():
                self._postings.setdefault(word, []).append((index, frequency))

    def search(self, query: str, limit: int = 10) -> list[int]:
        """The positions of the best texts, best first; texts without any word of the query are absent."""
        scores: Counter[int] = Counter()
        n = len(self._lengths)
        for word in tokens(query):
            postings = self._postings.get(word, ())
            idf = math.log(1 + (n - len(postings) + 0.5) / (len(postings) + 0.5))
            for index, frequency in postings:
                norm = K1 * (1 - B + B * self._lengths[index] / self._mean)
                scores[index] += idf * frequency * (K1 + 1) / (frequency + norm)  # type: ignore[assignment]
        return sorted(scores, key=lambda index: (-scores[index], index))[:limit]

"""The table of alternatives while it grows: folded words, how common they are, and what may stand for them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.encoders.builtin.lexicon import LANGUAGES, ZIPF_STEPS
from pagelight.retrieval.text.analyzer import fold

#: a word's alternatives at the most: near in meaning, and forms of the word itself
MEANINGS, FORMS = 5, 4
_GUEST = 1.2
"""A word this many Zipf steps more frequent in another language is a guest here."""
_FUNCTION_WORD = 6.0
"""Zipf frequency above which a word gets no alternatives."""


@dataclass(slots=True)
class Table:
    """Folded words with frequencies and their alternatives, growing."""

    zipf: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    alternatives: dict[str, dict[tuple[str, int], float]] = field(default_factory=lambda: defaultdict(dict))

    def know(self, word: str, language: int, zipf: float) -> None:
        known = self.zipf.setdefault(fold(word), np.zeros(len(LANGUAGES)))
        known[language] = max(known[language], zipf)

    def add(self, word: str, other: str, language: int, weight: float) -> None:
        a, b = fold(word), fold(other)
        if a == b or not (self._at_home(a, language) and self._at_home(b, language)):
            return
        if self.zipf[a][language] < _FUNCTION_WORD:
            known = self.alternatives[a]
            known[b, language] = max(known.get((b, language), 0.0), weight)

    def _at_home(self, word: str, language: int) -> bool:
        """Whether the word is not just a guest in this language (*car* in Italian texts)."""
        known = self.zipf.get(word)
        return known is not None and known[language] > 0 and known[language] >= known.max() - _GUEST

    def save(self, path: Path) -> None:
        words = sorted(self.zipf, key=lambda w: w.encode())
        index = {w: i for i, w in enumerate(words)}
        counts, targets, weights, languages = [], [], [], []
        for word in words:
            best = sorted(self.alternatives.get(word, {}).items(), key=lambda item: -item[1])
            kept: dict[int, int] = defaultdict(int)
            count = 0
            for (other, language), weight in best:
                if kept[language] < MEANINGS + FORMS - 1:
                    kept[language] += 1
                    count += 1
                    targets.append(index[other])
                    weights.append(round(weight * 255))
                    languages.append(language)
            counts.append(count)
        zipf = np.stack([self.zipf[w] for w in words], axis=1)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            path,
            words=np.frombuffer("\n".join(words).encode(), np.uint8),
            zipf=np.round(zipf * ZIPF_STEPS).astype(np.uint8),
            counts=np.array(counts, np.uint8),
            targets=np.array(targets, np.int32),
            weights=np.array(weights, np.uint8),
            languages=np.array(languages, np.uint8),
        )

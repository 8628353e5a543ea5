"""Forms of a query's words, and how much a word weighs.

A table made by ``training/lexicon``; no model runs here. Words are folded: lower case, without accents.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.text.analyzer import fold

LANGUAGES = ("en", "fr", "de", "es", "it")
#: Frequencies are kept as whole numbers, this many to a unit of the Zipf scale; 0 is unknown (form)
ZIPF_STEPS = 30


@dataclass(frozen=True, slots=True)
class LexiconParameters:
    """Weight of a word, and forms that stand for it.

    frequent: Zipf frequency from which a word weighs least (measured on the first set)
    common: Zipf frequency up to which a word weighs all (measured on the first set)
    least: weight of the most frequent words (measured on the first set)
    unseen: Zipf frequency of a word in a language that does not know it (word lists)
    english: how many times likelier English is of two languages that fit alike (practice queries)
    language: power of a language's share that its forms are weighed with (practice queries)
    least_form: forms of less weight, by likeness and language, are left out (measured on both sets)
    most_forms: of one word (speed)
    """

    frequent: float = 6.3
    common: float = 4.9
    least: float = 0.08
    unseen: float = 1.2
    english: float = 2.0
    language: float = 0.5
    least_form: float = 0.55
    most_forms: int = 8


LEXICON = LexiconParameters()

#: words of one letter, which the table does not have: articles, prepositions, conjunctions and pronouns of the five languages
_FUNCTION_LETTERS = frozenset("aeiouy")


class Lexicon:
    """Forms and weights of words, in English, French, German, Spanish and Italian.

    words: the folded words, sorted
    zipf: (n_languages, n_words) uint8, frequency × ZIPF_STEPS
    starts: (n_words + 1,) int32, where a word's forms begin
    targets, weights, languages: (n_forms,) word index, 1..255, index into LANGUAGES
    """

    def __init__(
        self,
        words: Sequence[bytes],
        zipf: NDArray[np.uint8],
        starts: NDArray[np.int32],
        targets: NDArray[np.int32],
        weights: NDArray[np.uint8],
        languages: NDArray[np.uint8],
        parameters: LexiconParameters = LEXICON,
    ) -> None:
        if zipf.shape != (len(LANGUAGES), len(words)) or starts.shape != (len(words) + 1,):
            raise ValueError(
                f"lexicon: expected arrays for {len(words)} words, got {zipf.shape} and {starts.shape}"
            )
        self._words, self._parameters = words, parameters
        self._index = {word: i for i, word in enumerate(words)}
        self._zipf, self._starts = zipf, starts
        self._targets, self._weights, self._languages = targets, weights, languages

    @classmethod
    def load(cls, path: Path | str, parameters: LexiconParameters = LEXICON) -> Lexicon:
        """Read the table; OSError where there is none, ValueError where it is not one."""
        with np.load(path, allow_pickle=False) as arrays:
            words = arrays["words"].tobytes().split(b"\n")
            counts = arrays["counts"].astype(np.int32)
            starts = np.concatenate([np.zeros(1, np.int32), np.cumsum(counts, dtype=np.int32)])
            return cls(
                words,
                arrays["zipf"],
                starts,
                arrays["targets"],
                arrays["weights"],
                arrays["languages"],
                parameters,
            )

    def __len__(self) -> int:
        return len(self._words)

    def frequencies(self) -> Iterator[tuple[str, float]]:
        """Every word with its Zipf frequency in the language that uses it most."""
        for word, steps in zip(self._words, self._zipf.max(0), strict=True):
            yield word.decode(), float(steps) / ZIPF_STEPS

    def language_shares(self, words: Sequence[str]) -> NDArray[np.float64]:
        """(n_languages,) how likely the words together are in each of LANGUAGES; sums to 1."""
        evidence = np.zeros(len(LANGUAGES))
        for word in words:
            found = self._index.get(fold(word).encode())
            if found is not None:
                zipf = self._zipf[:, found] / ZIPF_STEPS
                evidence += np.maximum(zipf, self._parameters.unseen)
        shares = 10 ** (evidence - evidence.max())
        shares[0] *= self._parameters.english  # English is the likelier of two that fit alike
        return np.asarray(shares / shares.sum())

    def expand(self, word: str, shares: NDArray[np.float64] | None = None) -> list[tuple[str, float]]:
        """Forms of a word with weights 0..1, likest first; none for a word that is not known.

        :param shares: from `language_shares` of the whole query; without it the word's own frequencies tell.
        """
        found = self._index.get(fold(word).encode())
        if found is None:
            return []
        shares = self.language_shares([word]) if shares is None else shares
        parameters = self._parameters
        best: dict[int, float] = {}
        for at in range(self._starts[found], self._starts[found + 1]):
            share = float(shares[self._languages[at]]) ** parameters.language
            weight = float(self._weights[at]) / 255 * share
            target = int(self._targets[at])
            if weight >= parameters.least_form:
                best[target] = max(best.get(target, 0.0), weight)
        ordered = sorted(best.items(), key=lambda item: -item[1])[: parameters.most_forms]
        return [(self._words[target].decode(), round(weight, 3)) for target, weight in ordered]

    def weight(self, word: str, shares: NDArray[np.float64] | None = None) -> float:
        """0..1: near 0 for function words (the, les, wie), 1 for words that say what is meant, and unknown ones.

        :param shares: from `language_shares` of the whole query, so that *fare* is a price in English and a
            function word in Italian.
        """
        folded = fold(word)
        found = self._index.get(folded.encode())
        if found is None:
            return self._parameters.least if folded in _FUNCTION_LETTERS else 1.0
        shares = self.language_shares([word]) if shares is None else shares
        zipf = self._zipf[:, found] / ZIPF_STEPS
        frequent, common = self._parameters.frequent, self._parameters.common
        own = np.clip((frequent - zipf) / (frequent - common), self._parameters.least, 1)
        return float((own * shares).sum())

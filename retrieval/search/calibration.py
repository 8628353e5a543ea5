"""Match strength: a score that means the same for every query.

A raw score says little: the best of many pages always has one. Strength compares it with what queries that
match nothing reach in the same library, so that "nothing here matches" can be an answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.types import Floats

#: the strength of a match in a word; none: too weak to answer
Level = Literal["strong", "fair", "weak", "none"]


@dataclass(frozen=True, slots=True)
class StrengthParameters:
    """The probability that a page answers a query: a logistic regression on what is known of the page.

    Fitted to the first ten hits of 228 labelled queries and of 40 that are off topic, on both labelled sets, with the
    documents' words and by images alone (docs/encoder-log.md). Chosen on what it was measured on: expect less on others.

    share: of the share of the query's words that the page has, 0..1 (fitted)
    evidence: of the square root of how much they say together: 1 is a word that a single page has (fitted)
    deviation: of how many deviations its text is closer to the query than chance, from `least` to `most` (fitted)
    behind: of how far its score lies behind the best page's (fitted)
    constant: added (fitted)
    least: deviations at least (both labelled sets)
    most: deviations at most (both labelled sets)
    unknown: deviations where nothing is known of meaning (both labelled sets)
    complete: from this share that it surely has on a page has all of a query's words, and matches (both labelled sets)
    understood: from so many deviations on it matches without any of them, in other words or another language (both
        labelled sets)
    close: deviations above chance from which on it matched by its meaning, too (both labelled sets)
    above_nulls: the same above what null queries reach, for encoders whose vectors are patches (both labelled sets)
    matched: below this strength of its best page a library does not answer the query (off-topic queries)
    fair: strength, which is a probability, from which on a match counts as fair (fitted on one set, right on the other in
        .54 to .72)
    strong: strength from which on it counts as strong (the same, right in .88 to 1)
    """

    share: float = 2.58
    evidence: float = 1.12
    deviation: float = 0.85
    behind: float = -8.12
    constant: float = -4.5
    least: float = -1.5
    most: float = 2.0
    unknown: float = 1.0
    complete: float = 0.9
    understood: float = 2.0
    close: float = 1.0
    above_nulls: float = 2.0
    matched: float = 0.08
    fair: float = 0.45
    strong: float = 0.75


STRENGTH = StrengthParameters()

#: questions about things that hardly any library of documents is about; unlike one another on purpose
NULL_QUERIES = (
    "zebra lullaby cucumber",
    "how do penguins brush their velvet trombone",
    "purple mittens for jellyfish",
    "who stole the marzipan accordion",
    "opera for hedgehogs in a thunderstorm",
    "recipe of pickled moonlight",
    "wie singt der Igel im Kühlschrank",
    "chaussettes du dragon endormi",
    "bagpipe tuning of haunted lighthouses",
    "unicorn dentistry fees",
    "tango lessons for walruses",
    "crocheted volcano insurance",
)


@dataclass(frozen=True, slots=True)
class NullScores:
    """Mean and standard deviation of the best raw score that null queries reach in a library."""

    mean: float
    deviation: float

    @classmethod
    def measure(cls, best_score: Callable[[str], float]) -> NullScores:
        """`best_score`: query -> raw score of the library's best page, per query token."""
        scores = np.array([best_score(query) for query in NULL_QUERIES])
        return cls(float(scores.mean()), float(max(scores.std(), 0.01)))

    def deviations(self, score: float) -> float:
        """Deviations of the score above the null mean."""
        return (score - self.mean) / self.deviation

    def all_deviations(self, scores: Floats) -> Floats:
        """(n,): the same for many."""
        return np.asarray((scores - self.mean) / self.deviation, np.float32)

    def strength(self, score: float) -> float:
        """0..1: a logistic in 2/3 of a standard deviation above the null mean; `above_nulls` deviations are `matched`.

        >>> round(NullScores(0.4, 0.05).strength(0.5), 2) == STRENGTH.matched
        True
        """
        return _logistic(1.5 * (self.deviations(score) - STRENGTH.above_nulls) + _logit(STRENGTH.matched))


class LibraryNulls:
    """`NullScores` of a library: measured at the first request, and again when it has doubled."""

    def __init__(self, best_score: Callable[[str], float]) -> None:
        """best_score: as `NullScores.measure` has it"""
        self._best_score = best_score
        self._measured: tuple[int, NullScores] | None = None
        self._lock = Lock()

    def scores(self, n_pages: int) -> NullScores:
        """The scores for a library of so many pages."""
        with self._lock:
            if self._measured is None or n_pages > 2 * self._measured[0]:
                self._measured = max(n_pages, 1), NullScores.measure(self._best_score)
            return self._measured[1]


def is_match(strengths: Iterable[float]) -> bool:
    """Whether pages of these strengths answer the query, as far as can be told."""
    return max(strengths, default=0.0) >= STRENGTH.matched


def level_of(strength: float) -> Level:
    """The word for a strength.

    >>> [level_of(strength) for strength in (0.8, 0.5, 0.2, 0.05)]
    ['strong', 'fair', 'weak', 'none']
    """
    if strength >= STRENGTH.strong:
        return "strong"
    if strength >= STRENGTH.fair:
        return "fair"
    return "weak" if is_match([strength]) else "none"


def answer_probability(
    share: Floats,
    sure: Floats,
    evidence: Floats,
    deviations: Floats | None,
    behind: Floats,
    parameters: StrengthParameters = STRENGTH,
) -> NDArray[np.float64]:
    """(n,) 0..1: how likely each page answers the query; the arguments as `StrengthParameters` has them, (n,) each.

    sure: the share of the words that the page surely has; many that are only like a word do not make it
    deviations: None where nothing is known of meaning, NaN for a page of which nothing is known
    """
    p = parameters
    known = np.full_like(share, p.unknown)
    if deviations is not None:
        known = np.where(np.isnan(deviations), known, deviations)
    logits = np.float64(p.constant) + (
        p.share * share
        + p.evidence * np.sqrt(evidence)
        + p.deviation * np.clip(known, p.least, p.most)
        + p.behind * behind
    )
    probability = 1 / (1 + np.exp(-np.clip(logits, -60, 60)))
    matches = (sure >= p.complete) | (known >= p.understood)
    strengths: NDArray[np.float64] = np.where(matches, np.maximum(probability, p.matched), probability)
    return strengths


def _logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def _logistic(logit: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(logit, -60, 60))))

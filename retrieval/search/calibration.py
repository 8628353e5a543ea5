"""Match strength: a score that means the same for every query.

A raw score says little: the best of many pages always has one. Strength compares it with what queries that
match nothing reach in the same library, so that "nothing here matches" can be an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

#: below this strength of its best page a library does not answer the query
MATCHED = 0.35

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

    def strength(self, score: float) -> float:
        """0..1: a logistic in standard deviations above the null mean; two deviations are MATCHED.

        >>> round(NullScores(0.4, 0.05).strength(0.5), 2)
        0.35
        """
        deviations = (score - self.mean) / self.deviation
        return float(1 / (1 + np.exp(-np.clip(deviations - 2 + np.log(MATCHED / (1 - MATCHED)), -60, 60))))

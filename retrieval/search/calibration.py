"""Match strength: a score that means the same for every query.

A raw score says little: the best of many pages always has one. Strength compares it with what queries that
match nothing reach in the same library, so that "nothing here matches" can be an answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

#: below this strength of its best page a library does not answer the query
MATCHED = 0.35

#: strength by words and meaning together, a logistic of their sum: of the share of the query's words that a page has, of how many
#: deviations its text is closer to the query than to null queries, and from where on their sum is MATCHED. So words alone match
#: from a third of the query's weight on, meaning alone from three and a half deviations (chosen by what is refused, of the
#: labelled queries and of those that are off topic)
SHARE, DEVIATION, ENOUGH = 8.0, 0.7, 2.5
#: deviations below the null mean that count at most: text about something else says little against words that are there
FARTHEST = 4.0

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
        """How many deviations the score lies above the null mean."""
        return (score - self.mean) / self.deviation

    def strength(self, score: float) -> float:
        """0..1: a logistic in standard deviations above the null mean; two deviations are MATCHED.

        >>> round(NullScores(0.4, 0.05).strength(0.5), 2)
        0.35
        """
        return _from_matched(self.deviations(score) - 2)


def joint_strength(share: float, deviations: float) -> float:
    """0..1, by words and meaning together.

    share: of the query's words that the page has, 0..1; deviations: of its meaning above the null mean

    >>> round(joint_strength(0.0, 2.5 / 0.7), 2), joint_strength(1.0, 0.0) > 0.95, joint_strength(0.1, -2.0) < 0.1
    (0.35, True, True)
    """
    return _from_matched(SHARE * share + DEVIATION * max(deviations, -FARTHEST) - ENOUGH)


def _from_matched(logit: float) -> float:
    """0..1: a logistic that is MATCHED at 0."""
    return 1 / (1 + math.exp(-min(max(logit + math.log(MATCHED / (1 - MATCHED)), -60), 60)))

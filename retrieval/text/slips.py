"""Slips in a query's words: which word of the library was meant by one that it does not have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SlipParameters:
    """When two words are one with a slip in it (Damerau 1964: four slips in five are one wrong, missing, added or
    exchanged letter).

    shortest: letters of a word that may have one slip: shorter words are near to too many others (word lists)
    long: letters of a word that may have two (word lists)
    """

    shortest: int = 5
    long: int = 9

    def allowed(self, word: str) -> int:
        """How many slips a word may have; none in words with digits."""
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

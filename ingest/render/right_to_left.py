"""Words that are read from right to left: their letters in the order of reading, told by their places.

pdfium turns such letters round, but not those that a file spells out one by one, as browsers do; and it turns round the
letters of one glyph as well.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import numpy as np

from pagelight.retrieval.types import Floats

#: scripts from here on may be read from right to left, by code point (Unicode 15.0: Hebrew is the first)
_FIRST = "\u0590"
#: classes of letters that are read from right to left (Unicode Standard Annex 9)
_LETTERS = frozenset(("R", "AL"))
#: the same of marks that stand above or below a letter
_MARK = "NSM"
#: and of figures and letters that are read from left to right
_OTHER_WAY = frozenset(("L", "EN", "AN", "ES", "ET", "CS"))


def logical_order(
    texts: Sequence[str], placed: Sequence[bool], boxes: Floats, angle_of: Callable[[int], float]
) -> list[int] | None:
    """Indices of the characters in the order of reading; None where they are in it.

    boxes: (n, 4) left, top, right, bottom, origin bottom left; angle_of: radians by which a character is turned clockwise
    """
    if not is_right_to_left([*set(texts)]):
        return None
    order: list[int] = []
    for is_word, run in groupby(range(len(texts)), lambda i: placed[i] and not texts[i].isspace()):
        indices = [*run]
        order += _word(indices, texts, boxes, angle_of(indices[0])) if is_word else indices
    return order if order != [*range(len(texts))] else None


def is_right_to_left(text: Sequence[str]) -> bool:
    """Whether a word has letters that are read from right to left.

    >>> is_right_to_left("שלום"), is_right_to_left("2026"), is_right_to_left("Größe")
    (True, False, False)
    """
    return any(one >= _FIRST and unicodedata.bidirectional(one) in _LETTERS for one in text)


def _word(indices: Sequence[int], texts: Sequence[str], boxes: Floats, angle: float) -> list[int]:
    """The characters of a word, from its first letter to its last."""
    direction = np.array([math.cos(angle), -math.sin(angle)])
    chosen = boxes[indices].astype(np.float64)
    along = ((chosen[:, :2] + chosen[:, 2:]) / 2 @ direction).tolist()
    place = dict(zip(indices, along, strict=True))
    if not is_right_to_left([texts[i] for i in indices]):
        return sorted(indices, key=lambda i: place[i])
    marks = [i for i in indices if unicodedata.bidirectional(texts[i]) == _MARK]
    letters = [i for i in indices if i not in marks]
    units = [*_units(letters, texts, place)]
    # letters of one glyph have one place, and were turned round with the others
    units = sorted(reversed(units), key=lambda unit: -sum(place[i] for i in unit) / len(unit))
    found = [i for unit in units for i in unit]
    if found == letters and indices[0] not in marks:
        return [*indices]
    for mark in marks:
        at = min(range(len(found)), key=lambda k: abs(place[found[k]] - place[mark])) if found else -1
        while at + 1 < len(found) and found[at + 1] in marks:
            at += 1
        found.insert(at + 1, mark)
    return found


def _units(indices: Sequence[int], texts: Sequence[str], place: dict[int, float]) -> Iterator[list[int]]:
    """Letters one by one, and what is read from left to right among them in one piece."""
    for is_other, run in groupby(indices, lambda i: unicodedata.bidirectional(texts[i]) in _OTHER_WAY):
        if is_other:
            yield sorted(run, key=lambda i: place[i])
        else:
            yield from ([i] for i in run)

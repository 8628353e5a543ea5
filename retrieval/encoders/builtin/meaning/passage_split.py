"""A page's words to passages, and passages to the windows that the text model sees at once.

A passage is a sentence or a few short lines: words until a sentence ends, or the next word stands apart, once there
are enough of them. It becomes one vector and one place on the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pagelight.retrieval.types import Floats, Ints

_SENTENCE_ENDS = (".", "!", "?", ":", ";", "。", "！", "？", "؟", "।")
#: no passage: words that the model is not given (form)
NO_PASSAGE = -1


@dataclass(frozen=True, slots=True)
class PassageRule:
    """Lengths of passages, and of what the model sees at once.

    Passages of 8 to 24 words, chosen by nDCG@5 at equal bytes (docs/encoder-log.md): shorter ones rank as well and take
    half as much space again, longer ones point less sharply.

    least, most: pieces of a passage: it may end from the first on, and ends at the second; 12 to 40 pieces are 8 to 24 words
    apart, beside: distance down the page, and to the right, in heights of the page's words, at which the next word stands
        apart
    window: pieces of a window; e5 was trained on texts of up to 512, and attention costs their square
    """

    least: int = 12
    most: int = 40
    apart: float = 2.2
    beside: float = 3.0
    window: int = 126


def split_passages(n_pieces: Sequence[int], words: Sequence[str], boxes: Floats, rule: PassageRule) -> Ints:
    """(n_words,): the passage of each word, counted from 0; NO_PASSAGE for words without pieces. A phrase is one by itself.

    n_pieces: of each word; boxes: (n_words, 4) relative to the page, words in reading order
    """
    passages = np.full(len(words), NO_PASSAGE, np.int32)
    height = float(np.median(boxes[:, 3] - boxes[:, 1])) if len(boxes) else 0.0
    passage, length, before = 0, 0, 0
    for i, n in enumerate(n_pieces):
        if not n:
            continue
        is_phrase = " " in words[i] or " " in words[before]
        ends = is_phrase or (
            length >= rule.least
            and (
                words[i - 1].endswith(_SENTENCE_ENDS) or _stands_apart(boxes[before], boxes[i], height, rule)
            )
        )
        if length and (ends or length + n > rule.most):
            passage, length = passage + 1, 0
        passages[i], length, before = passage, length + n, i
    return passages


def split_windows(lengths: Sequence[int], most: int) -> list[range]:
    """Passages that follow each other, together: as many as have at most `most` pieces.

    >>> split_windows([50, 60, 30, 200, 10], most=120)
    [range(0, 2), range(2, 3), range(3, 4), range(4, 5)]
    """
    windows: list[range] = []
    start, together = 0, 0
    for i, n in enumerate(lengths):
        if together and together + n > most:
            windows.append(range(start, i))
            start, together = i, 0
        together += n
    return [*windows, range(start, len(lengths))] if lengths else windows


def passage_lines(passages: Ints, boxes: Floats) -> tuple[Floats, Ints]:
    """(n_lines, 4) boxes of the passages' lines, and (n_lines,) the passage of each, in order.

    A line of a passage goes on as long as each word stands to the right of the word before it and on its height.
    """
    inside = np.flatnonzero(passages != NO_PASSAGE)
    if not len(inside):
        return np.zeros((0, 4), np.float32), np.zeros(0, np.int32)
    own, box = passages[inside], boxes[inside]
    middle = (box[:, 1] + box[:, 3]) / 2
    level = (middle[1:] > box[:-1, 1]) & (middle[1:] < box[:-1, 3])
    goes_on = (own[1:] == own[:-1]) & level & (box[1:, 0] >= box[:-1, 0])
    starts = np.concatenate([[0], np.flatnonzero(~goes_on) + 1])
    low = np.minimum.reduceat(box[:, :2], starts, axis=0)
    high = np.maximum.reduceat(box[:, 2:], starts, axis=0)
    return np.concatenate([low, high], axis=1).astype(np.float32), own[starts].astype(np.int32)


def _stands_apart(before: Floats, box: Floats, height: float, rule: PassageRule) -> bool:
    return bool(abs(box[1] - before[1]) > rule.apart * height or box[0] - before[2] > rule.beside * height)

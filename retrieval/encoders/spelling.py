"""What stands in a word's box, letter by letter.

The reader tells for every four pixels of a line which letter lies there. `strips` cuts that out word by word, `spell` decodes
it without knowing any word, `agreement` says how well a given word fits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.encoders.reader import ALPHABET, N_CHARACTERS
from retrieval.types import Floats, Ints

LETTER_WIDTH = 4
"""Pixels under one cell of the letters."""
_LONGEST = 96
"""Cells of a word that are looked at."""
_CHANGE = 1.0
"""Cost of a change of letter, in nats: single wrong cells inside a letter are passed over."""
_DOUBLE = 1.5
"""A letter this many times as wide as it should be is two."""
_LEAST = -6.0
"""Log probability below which a cell does not argue further against a letter."""
_SKIP = -2.5
"""Log probability of a letter that no cell shows: an i may fall between two."""
_IMPOSSIBLE = -1e4

_CLASS = {letter: i + 1 for i, letter in enumerate(ALPHABET)}
_OTHER = N_CHARACTERS - 1
_NARROW = {"f": 0.28, "i": 0.23, "j": 0.25, "l": 0.23, "r": 0.34, "t": 0.29, "m": 0.82, "w": 0.7}
_NARROW |= {".": 0.27, ",": 0.27, "-": 0.33, "'": 0.2, "%": 0.85}
_WIDTHS = np.array([1.0, *(_NARROW.get(letter, 0.53) for letter in ALPHABET), 1.0], np.float32)
"""Advance width of each class in a common typeface, in font sizes."""
_IN_NUMBERS = np.array([True, *(letter in "0123456789.,-%$" for letter in ALPHABET), False])


def strips(log_probabilities: Floats, rows: Ints, left: Floats, right: Floats) -> tuple[Floats, Ints]:
    """The letters under words: (n, longest, N_CHARACTERS) log probabilities and each word's number of cells (n,).

    log_probabilities: (N_CHARACTERS, n_rows, n_cells) of the page; rows: (n,); left, right: (n,) pixels
    """
    n_cells = log_probabilities.shape[2]
    first = np.clip(np.ceil((left - LETTER_WIDTH / 2) / LETTER_WIDTH), 0, n_cells - 1).astype(np.int32)
    last = np.floor((right - LETTER_WIDTH / 2) / LETTER_WIDTH).astype(np.int32)
    lengths = np.clip(last + 1 - first, 1, np.minimum(_LONGEST, n_cells - first)).astype(np.int32)
    longest = int(lengths.max()) if len(lengths) else 1
    columns = np.minimum(first[:, None] + np.arange(longest), n_cells - 1)
    return log_probabilities[:, rows[:, None], columns].transpose(1, 2, 0), lengths


def spell(letters: Floats, lengths: Ints, sizes: Floats) -> list[str]:
    """Read each word as it stands: the most probable run of letters, in which a change costs something.

    letters, lengths: from `strips`; sizes: (n,) font sizes in pixels
    """
    paths, scores = _best_paths(letters, lengths)
    digits, digit_scores = _best_paths(
        np.where(_IN_NUMBERS, letters, _IMPOSSIBLE).astype(np.float32), lengths
    )
    words = []
    for i, length in enumerate(lengths):
        path = paths[i, :length]
        lettered = (path > 0) & ~_IN_NUMBERS[path]
        # a number among whose digits one looks like a letter is a number
        if lettered.sum() <= 0.5 * (path > 0).sum() and digit_scores[i] > scores[i] - 0.75 * length:
            path = digits[i, :length]
        words.append(_runs(path, float(sizes[i])).strip(".,-'%$"))
    return words


def agreement(letters: Floats, lengths: Ints, which: Ints, words: Sequence[str]) -> Floats:
    """(m,) log likelihood of `words[j]` in box `which[j]` over that of any letters whatever, at most 0.

    Letters follow each other from left to right, each as long as it likes; ends may be blank.
    """
    found = np.zeros(len(words), np.float32)
    spelled = [[_CLASS.get(letter, _OTHER) for letter in word] for word in words]
    wide = np.array([len(s) for s in spelled], np.int32)
    order = np.lexsort((wide, lengths[which])) if len(words) else np.zeros(0, np.int64)
    for start in range(0, len(order), 512):
        part = order[start : start + 512]
        found[part] = _aligned(letters, lengths, which[part], [spelled[j] for j in part], wide[part])
    return found


def _aligned(
    letters: Floats, lengths: Ints, which: Ints, spelled: Sequence[Sequence[int]], wide: Ints
) -> Floats:
    n_cells, n_states = int(lengths[which].max()), int(wide.max()) + 2
    classes = np.zeros((len(which), n_states), np.int32)
    for j, word in enumerate(spelled):
        classes[j, 1 : 1 + len(word)] = word
    seen = letters[which, :n_cells]  # (m, n_cells, N_CHARACTERS)
    fit = np.maximum(np.take_along_axis(seen, classes[:, None], axis=2), _LEAST)
    fit[np.broadcast_to(np.arange(n_states) > wide[:, None, None] + 1, fit.shape)] = _IMPOSSIBLE
    at = np.full((len(which), n_states), _IMPOSSIBLE, np.float32)
    at[:, :2] = fit[:, 0, :2]
    each = np.arange(len(which))
    long = lengths[which]

    def ended() -> Floats:
        return np.maximum(at[each, wide], at[each, wide + 1])

    total = ended()
    for t in range(1, n_cells):
        before = at.copy()
        np.maximum(before[:, 1:], at[:, :-1], out=before[:, 1:])
        np.maximum(before[:, 2:], at[:, :-2] + _SKIP, out=before[:, 2:])
        at = before + fit[:, t]
        total = np.where(long > t, ended(), total)
    inside = np.arange(n_cells) < long[:, None]
    return np.asarray(total - (seen.max(2) * inside).sum(1), np.float32)


def _best_paths(letters: Floats, lengths: Ints) -> tuple[Ints, Floats]:
    """The most probable class of each cell (n, longest) when changes cost, and each path's score (n,)."""
    n, longest, n_classes = letters.shape
    each = np.arange(n)
    at = letters[:, 0].copy()
    came = np.zeros((n, longest, n_classes), np.int8)
    scores = at.max(1)
    ends = at.argmax(1)
    for t in range(1, longest):
        best = at.argmax(1)
        moved = at[each, best] - _CHANGE
        stays = at >= moved[:, None]
        came[:, t] = np.where(stays, np.arange(n_classes), best[:, None])
        at = np.where(stays, at, moved[:, None]) + letters[:, t]
        going = lengths > t
        scores = np.where(going, at.max(1), scores)
        ends = np.where(going, at.argmax(1), ends)
    paths = np.zeros((n, longest), np.int32)
    for t in range(longest - 1, -1, -1):
        inside = t < lengths
        paths[inside, t] = ends[inside]
        if t:
            ends = np.where(inside, came[each, t, ends], ends)
    return paths, scores


def _runs(path: Ints, size: float) -> str:
    """Letters of a path: a run is one letter, or as many as its width asks for."""
    word = []
    starts = np.flatnonzero(np.diff(path, prepend=-1))
    for start, end in zip(starts, [*starts[1:], len(path)], strict=True):
        if not 0 < path[start] < _OTHER:
            continue
        letter = ALPHABET[path[start] - 1]
        width = max(_WIDTHS[path[start]] * size, 1.0)
        pixels = float(end - start) * LETTER_WIDTH
        if letter.isdigit():
            word.append(letter * max(1, round(pixels / width - 0.2)))
        else:
            word.append(letter * (2 if letter.isalpha() and pixels > _DOUBLE * width + 3 else 1))
    return "".join(word)

"""The letters in a word's box.

The reader tells for every four pixels of a line which letter lies there. `strips` cuts that out word by word, `spell` decodes
it without knowing any word, `agreement` says how well a given word fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pagelight.retrieval.encoders.builtin.reader.nets import ALPHABET, N_CHARACTERS
from pagelight.retrieval.types import Floats, Ints

#: Pixels under one cell of the letters (net)
LETTER_WIDTH = 4
#: score below that of any spelling (guard)
_IMPOSSIBLE = -1e4

_CLASS = {letter: i + 1 for i, letter in enumerate(ALPHABET)}
#: class of any other character (net)
_OTHER = N_CHARACTERS - 1
_CLASS_OF_CODE = np.array([_CLASS.get(chr(code), _OTHER) for code in range(128)], np.int32)
_NARROW = {"f": 0.28, "i": 0.23, "j": 0.25, "l": 0.23, "r": 0.34, "t": 0.29, "m": 0.82, "w": 0.7}
_NARROW |= {".": 0.27, ",": 0.27, "-": 0.33, "'": 0.2, "%": 0.85}
_WIDTHS = np.array([1.0, *(_NARROW.get(letter, 0.53) for letter in ALPHABET), 1.0], np.float32)
"""Advance width of each class in a common typeface, in font sizes."""
_LETTER_OF_CLASS = np.frombuffer(f" {ALPHABET} ".encode(), np.uint8)
_IS_LETTER = np.array([False, *(letter.isalpha() for letter in ALPHABET), False])
_IS_DIGIT = np.array([False, *(letter.isdigit() for letter in ALPHABET), False])
_IN_NUMBERS = np.array([True, *(letter in "0123456789.,-%$" for letter in ALPHABET), False])


@dataclass(frozen=True, slots=True)
class SpellingParameters:
    """Words from letters that are seen cell by cell.

    longest: cells of a word that are looked at (speed)
    change: cost of a change of letter, in nats: single wrong cells inside a letter are passed over (practice pages)
    numeric: share of letters up to which a word is tried as a number (practice pages)
    as_number: loss a cell, in nats, up to which it is one: a digit may look like a letter (practice pages)
    double: a letter this many times as wide as it should be is two (geometry)
    double_pixels: pixels more that it has to have then: small letters are uncertain by so much (geometry)
    digit: widths of a digit that a run may be too wide before its digits are counted (geometry)
    least: log probability below which a cell does not argue further against a letter (practice pages)
    skip: log probability of a letter that no cell shows: an i may fall between two (practice pages)
    together: words that are compared at a time (speed)
    """

    longest: int = 96
    change: float = 1.0
    numeric: float = 0.5
    as_number: float = 0.75
    double: float = 1.5
    double_pixels: float = 3.0
    digit: float = 0.2
    least: float = -6.0
    skip: float = -2.5
    together: int = 512


SPELLING = SpellingParameters()


def strips(
    logits: Floats, rows: Ints, left: Floats, right: Floats, parameters: SpellingParameters = SPELLING
) -> tuple[Floats, Ints]:
    """The letters under words: (n, longest, N_CHARACTERS) log probabilities and each word's number of cells (n,).

    logits: (n_rows, n_cells, N_CHARACTERS) of the page; rows: (n,); left, right: (n,) pixels
    """
    n_cells = logits.shape[1]
    first = np.clip(np.ceil((left - LETTER_WIDTH / 2) / LETTER_WIDTH), 0, n_cells - 1).astype(np.int32)
    last = np.floor((right - LETTER_WIDTH / 2) / LETTER_WIDTH).astype(np.int32)
    lengths = np.clip(last + 1 - first, 1, np.minimum(parameters.longest, n_cells - first)).astype(np.int32)
    longest = int(lengths.max()) if len(lengths) else 1
    columns = np.minimum(first[:, None] + np.arange(longest), n_cells - 1)
    seen = logits[rows[:, None], columns]
    seen -= seen.max(2, keepdims=True)
    seen -= np.log(np.exp(seen).sum(2, keepdims=True))
    return seen, lengths


def spell(
    letters: Floats, lengths: Ints, sizes: Floats, parameters: SpellingParameters = SPELLING
) -> list[str]:
    """Read each word as it stands: the most probable run of letters, in which a change costs something.

    letters, lengths: from `strips`; sizes: (n,) font sizes in pixels
    """
    paths, scores = _best_paths(letters, lengths, parameters.change)
    lettered = ((paths > 0) & ~_IN_NUMBERS[paths]).sum(1)
    maybe = np.flatnonzero(lettered <= parameters.numeric * (paths > 0).sum(1))
    digits, digit_scores = _best_paths(
        np.where(_IN_NUMBERS, letters[maybe], _IMPOSSIBLE).astype(np.float32),
        lengths[maybe],
        parameters.change,
    )
    # a number among whose digits one looks like a letter is a number
    numbers = digit_scores > scores[maybe] - parameters.as_number * lengths[maybe]
    paths[maybe[numbers]] = digits[numbers]
    return [word.strip(".,-'%$") for word in _words(paths, lengths, sizes, parameters)]


def agreement(
    letters: Floats,
    lengths: Ints,
    which: Ints,
    words: Sequence[str],
    parameters: SpellingParameters = SPELLING,
) -> Floats:
    """(m,) log likelihood of `words[j]` in box `which[j]` over that of any letters whatever, at most 0.

    Letters follow each other from left to right, each as long as it likes; ends may be blank.
    """
    found = np.zeros(len(words), np.float32)
    classes, wide = _classes(words)
    order = np.lexsort((wide, lengths[which])) if len(words) else np.zeros(0, np.int64)
    for start in range(0, len(order), parameters.together):
        part = order[start : start + parameters.together]
        found[part] = _aligned(letters, lengths, which[part], classes[part], wide[part], parameters)
    inside = np.arange(letters.shape[1]) < lengths[:, None]
    any_letters: Floats = (letters.max(2) * inside).sum(1)
    return found - any_letters[which]


def _classes(words: Sequence[str]) -> tuple[Ints, Ints]:
    """(m, longest + 2) classes of the words' letters with a blank at either end and beyond; (m,) numbers of letters."""
    codes = np.frombuffer("".join(words).encode("utf-32-le"), np.uint32)
    wide = np.array([len(word) for word in words], np.int32)
    classes = np.zeros((len(words), int(wide.max(initial=0)) + 2), np.int32)
    columns = np.arange(classes.shape[1])
    inside = (columns > 0) & (columns <= wide[:, None])
    classes[inside] = np.where(
        codes < len(_CLASS_OF_CODE), _CLASS_OF_CODE[codes % len(_CLASS_OF_CODE)], _OTHER
    )
    return classes, wide


def _aligned(
    letters: Floats, lengths: Ints, which: Ints, classes: Ints, wide: Ints, parameters: SpellingParameters
) -> Floats:
    """(m,) log likelihood of each row of `classes` in its box."""
    n_cells, n_states = int(lengths[which].max()), int(wide.max()) + 2
    classes = classes[:, :n_states]
    cells = which[:, None] * letters.shape[1] + np.arange(n_cells)  # (m, n_cells)
    fit = np.maximum(
        letters.ravel()[cells[:, :, None] * letters.shape[2] + classes[:, None]], parameters.least
    )
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
        np.maximum(before[:, 2:], at[:, :-2] + parameters.skip, out=before[:, 2:])
        at = before + fit[:, t]
        total = np.where(long > t, ended(), total)
    return np.asarray(total, np.float32)


def _best_paths(letters: Floats, lengths: Ints, change: float) -> tuple[Ints, Floats]:
    """The most probable class of each cell (n, longest) when changes cost `change`, and each path's score (n,)."""
    n, longest, n_classes = letters.shape
    order = np.argsort(-lengths, kind="stable")  # the longest first: those that go on are the first ones
    letters, falling = letters[order], lengths[order]
    at = letters[:, 0].copy()
    came = np.zeros((n, longest, n_classes), np.int8)
    for t in range(1, longest):
        going = int(np.searchsorted(-falling, -t))  # lengths > t
        now = at[:going]
        best = now.argmax(1)
        moved = now[np.arange(going), best] - change
        stays = now >= moved[:, None]
        came[:going, t] = np.where(stays, np.arange(n_classes), best[:, None])
        at[:going] = np.where(stays, now, moved[:, None]) + letters[:going, t]
    ends = at.argmax(1)
    scores = at[np.arange(n), ends]
    paths = np.zeros((n, longest), np.int32)
    for t in range(longest - 1, -1, -1):
        going = int(np.searchsorted(-falling, -t))
        paths[:going, t] = ends[:going]
        if t:
            ends[:going] = came[np.arange(going), t, ends[:going]]
    back = np.argsort(order)
    return paths[back], scores[back]


def _words(paths: Ints, lengths: Ints, sizes: Floats, parameters: SpellingParameters) -> list[str]:
    """Letters of each path: a run of one class is one letter, or as many as its width asks for."""
    n, longest = paths.shape
    inside = np.arange(longest) < lengths[:, None]
    starts = np.flatnonzero((inside & (np.diff(paths, axis=1, prepend=-1) != 0)).ravel())
    word, first = np.divmod(starts, max(longest, 1))
    following = np.append(starts[1:], n * longest)
    end = np.minimum(following - word * longest, lengths[word])
    run = paths.ravel()[starts]
    pixels = (end - first) * float(LETTER_WIDTH)
    width = np.maximum(_WIDTHS[run] * sizes[word], 1.0)
    digits = np.maximum(1, np.rint(pixels / width - parameters.digit))
    wide = pixels > parameters.double * width + parameters.double_pixels
    doubles = np.where(_IS_LETTER[run] & wide, 2, 1)
    times = np.where(_IS_DIGIT[run], digits, doubles).astype(int) * ((run > 0) & (run < _OTHER))
    spelled = _LETTER_OF_CLASS[np.repeat(run, times)].tobytes().decode()
    stops = np.cumsum(np.bincount(word, weights=times, minlength=n)).astype(int).tolist()
    return [spelled[start:stop] for start, stop in zip([0, *stops], stops, strict=False)]

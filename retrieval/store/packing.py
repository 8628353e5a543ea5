"""Pages' vectors as strings: what Qdrant hands over at once, where it would make a Python number of every float.

Numbers are written as printable characters of ASCII, 92 of them, so that neither JSON nor the embedded engine makes
them longer. A page's words use the first columns only and its looks the others, which are left out for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.types import Floats, Ints, Kind, Kinds

#: "#" to "~": one run, so that a digit is a difference; JSON makes one of them longer, the backslash
_FIRST, _BASE = 35, 92
#: steps of two characters and of one on either side of zero
_FINE, _COARSE = (_BASE * _BASE - 1) // 2, (_BASE - 1) // 2
_NONE = np.zeros(0, np.uint8)
#: the byte of a word's kind: counting bytes takes a tenth of comparing a short array
_WORD = bytes([Kind.WORD])


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Vectors of one kind: numbers (n, width) int16 times scales (n,) float32; counts (n,)."""

    numbers: NDArray[np.int16]
    scales: Floats
    counts: Ints

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def nbytes(self) -> int:
        return self.numbers.nbytes + self.scales.nbytes + self.counts.nbytes

    def part(self, start: int, end: int) -> Rows:
        """A copy of some of the rows."""
        return Rows(
            self.numbers[start:end].copy(), self.scales[start:end].copy(), self.counts[start:end].copy()
        )

    def similarities(self, tokens: Floats) -> Floats:
        """(n_tokens, n): products with tokens (n_tokens, width)."""
        if not len(self):  # of no page at all nobody knows the width
            return np.zeros((len(tokens), 0), np.float32)
        products = tokens @ self.numbers.astype(np.float32).T
        products *= self.scales
        return products


@dataclass(frozen=True, slots=True, eq=False)
class UnpackedPages:
    """kinds: (n,) of all pages' vectors, page by page; words, looks: those of Kind.WORD, and the others."""

    kinds: Kinds
    words: Rows
    looks: Rows


def pack(vectors: Floats, counts: Ints, kinds: Kinds, split: int, fine: bool) -> str:
    """Vectors (n, dim) of numbers from -1 to 1, of which words use the first `split` columns only, and others the rest.

    fine: steps of 1/4231; else each vector has a scale of its own and steps of 1/45 of it, in half of the space
    Raises ValueError where a vector uses a column of another kind.
    """
    words = kinds == Kind.WORD
    if vectors[words][:, split:].any() or vectors[~words][:, :split].any():
        raise ValueError(f"vectors: expected words in the first {split} columns, and all others behind")
    parts = [_digit(kinds), _two_digits(np.clip(counts, 0, _BASE * _BASE - 1))]
    for own in (np.clip(vectors[words][:, :split], -1, 1), np.clip(vectors[~words][:, split:], -1, 1)):
        if fine:
            parts.append(_two_digits(np.rint(own * _FINE).astype(np.int32).ravel() + _FINE))
        else:
            largest = np.abs(own).max(axis=1, initial=0)
            steps = np.ceil(largest * (_BASE - 1)).clip(1).astype(np.int32)  # (n_own,)
            scaled = own * ((_BASE - 1) / steps * _COARSE)[:, None]
            parts += [_digit(steps), _digit(np.rint(scaled).astype(np.int32).ravel() + _COARSE)]
    return np.concatenate(parts).tobytes().decode("ascii")


def unpack(packed: Sequence[str], lengths: Sequence[int], dim: int, split: int, fine: bool) -> UnpackedPages:
    """The reverse of `pack`, for many pages at once, page by page.

    lengths: how many vectors each of the texts holds
    Raises ValueError where a text is none of `pack`'s.
    """
    digits = np.frombuffer("".join(packed).encode("ascii"), np.uint8) - np.uint8(_FIRST)
    widths = (split, dim - split)
    per_number = 2 if fine else 1
    kinds: list[NDArray[np.uint8]] = []
    counts: list[NDArray[np.uint8]] = []
    scales: tuple[list[NDArray[np.uint8]], ...] = ([], [])
    numbers: tuple[list[NDArray[np.uint8]], ...] = ([], [])
    start = 0
    for text, n in zip(packed, lengths, strict=True):
        end = start + len(text)
        own = digits[start : start + n]
        kinds.append(own)
        counts.append(digits[start + n : start + 3 * n])
        at = start + 3 * n
        n_words = own.tobytes().count(_WORD)
        for which, n_own in enumerate((n_words, n - n_words)):
            if not fine:
                scales[which].append(digits[at : at + n_own])
                at += n_own
            size = n_own * widths[which] * per_number
            numbers[which].append(digits[at : at + size])
            at += size
        if at != end:
            raise ValueError(f"packed vectors: expected {at - start} characters, got {len(text)}")
        start = end
    all_kinds = np.concatenate([_NONE, *kinds])
    all_counts = _numbers(counts)
    rows: list[Rows] = []
    for which, mine in enumerate((all_kinds == Kind.WORD, all_kinds != Kind.WORD)):
        if fine:
            values = _numbers(numbers[which]) - np.int16(_FINE)
            scale = np.full(int(mine.sum()), 1 / _FINE)
        else:
            values = np.concatenate([_NONE, *numbers[which]]).astype(np.int16) - np.int16(_COARSE)
            scale = np.concatenate([_NONE, *scales[which]]) / np.float32((_BASE - 1) * _COARSE)
        rows.append(
            Rows(
                values.reshape(-1, widths[which]), scale.astype(np.float32), all_counts[mine].astype(np.int32)
            )
        )
    return UnpackedPages(all_kinds, *rows)


def unpack_page(packed: str, n: int, dim: int, split: int, fine: bool) -> tuple[Floats, Ints, Kinds]:
    """One page: vectors (n, dim) float32, counts (n,) and kinds (n,). Raises ValueError as `unpack`."""
    page = unpack([packed], [n], dim, split, fine)
    vectors = np.zeros((len(page.kinds), dim), np.float32)
    counts = np.zeros(len(page.kinds), np.int32)
    words = page.kinds == Kind.WORD
    vectors[words, :split] = page.words.numbers * page.words.scales[:, None]
    vectors[~words, split:] = page.looks.numbers * page.looks.scales[:, None]
    counts[words], counts[~words] = page.words.counts, page.looks.counts
    return vectors, counts, page.kinds


def _two_digits(numbers: Ints) -> NDArray[np.uint8]:
    """All high digits, then all low ones."""
    return np.concatenate([_digit(numbers // _BASE), _digit(numbers % _BASE)])


def _digit(numbers: NDArray[np.integer]) -> NDArray[np.uint8]:
    return (numbers + _FIRST).astype(np.uint8)


def _numbers(parts: Sequence[NDArray[np.uint8]]) -> NDArray[np.int16]:
    """(n,): of parts that each hold their high digits, then their low ones."""
    high = np.concatenate([_NONE, *(part[: len(part) // 2] for part in parts)])
    low = np.concatenate([_NONE, *(part[len(part) // 2 :] for part in parts)])
    return np.asarray(high.astype(np.int16) * np.int16(_BASE) + low, np.int16)

"""Pages' vectors and terms as strings: what Qdrant hands over at once, where it would make a Python number of every float.

Numbers are written as printable characters of ASCII, 92 of them, so that neither JSON nor the embedded engine makes
them longer. Each vector is a record of one width, so that those of many pages, one behind another, are one table. A
page's words use the first columns only and its looks the others, which are left out for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.types import Floats, Ints, Kind, Kinds

#: "#" to "~": one run, so that a digit is a difference; JSON makes one of them longer, the backslash (form)
_FIRST, _BASE = 35, 92
#: steps of two characters and of one on either side of zero (form)
_FINE, _COARSE = (_BASE * _BASE - 1) // 2, (_BASE - 1) // 2
#: the digit of a word's kind
_WORD = chr(_FIRST + Kind.WORD)
#: characters of a vector's count, and of a term: its index and how often it occurs (form)
_COUNT, _INDEX, _OFTEN = 2, 5, 1
#: the most that these characters can say (form)
_MOST_COUNT, _MOST_OFTEN = _BASE**_COUNT - 1, _BASE**_OFTEN - 1


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Vectors of one kind: numbers (n, width) float32 times scales (n,) float32; counts (n,) of patches."""

    numbers: Floats
    scales: Floats
    counts: Floats

    def __len__(self) -> int:
        return len(self.numbers)

    def similarities(self, tokens: Floats) -> Floats:
        """(n_tokens, n): products with tokens (n_tokens, width)."""
        products = tokens @ self.numbers.T
        products *= self.scales
        return np.asarray(products, np.float32)


@dataclass(frozen=True, slots=True)
class PackedVectors:
    """A page's vectors, taken apart.

    kinds: of all of them in order, a digit each; words, looks: the records of Kind.WORD, and of the others
    """

    kinds: str
    words: str
    looks: str


@dataclass(frozen=True, slots=True)
class Packing:
    """How an index packs vectors (n, dim) of numbers from -1 to 1.

    split: words use the first so many columns only, and all others the rest
    fine: steps of 1/4231; else each vector has a scale of its own and steps of 1/45 of it, in half of the space
    """

    dim: int
    split: int
    fine: bool

    def pack(self, vectors: Floats, counts: Ints, kinds: Kinds) -> str:
        """Raises ValueError where a vector uses a column of another kind."""
        words = kinds == Kind.WORD
        if vectors[words][:, self.split :].any() or vectors[~words][:, : self.split].any():
            raise ValueError(
                f"vectors: expected words in the first {self.split} columns, and all others behind"
            )
        parts = [_digit(kinds)]
        for own, columns in ((words, slice(0, self.split)), (~words, slice(self.split, None))):
            count = _digits(np.clip(counts[own], 0, _MOST_COUNT), _COUNT)
            numbers = np.clip(vectors[own][:, columns], -1, 1)
            parts.append(np.concatenate([count, *self._records(numbers)], axis=1))
        return b"".join(part.tobytes() for part in parts).decode("ascii")

    def take_apart(self, packed: str, n: int) -> PackedVectors:
        """Of the text of n vectors. Raises ValueError where it is none of `pack`'s."""
        n_words = packed.count(_WORD, 0, n)
        end = n + n_words * self._width(self.split)
        expected = end + (n - n_words) * self._width(self.dim - self.split)
        if len(packed) != expected:
            raise ValueError(f"packed vectors: expected {expected} characters, got {len(packed)}")
        return PackedVectors(packed[:n], packed[n:end], packed[end:])

    def words(self, records: Sequence[str]) -> Rows:
        """The words of many pages, page by page."""
        return self._rows(records, self.split)

    def looks(self, records: Sequence[str]) -> Rows:
        """All that are no words, page by page."""
        return self._rows(records, self.dim - self.split)

    def n_words(self, page: PackedVectors) -> int:
        return len(page.words) // self._width(self.split)

    def unpack(self, packed: str, n: int) -> tuple[Floats, Ints, Kinds]:
        """One page: vectors (n, dim) float32, counts (n,) and kinds (n,). Raises ValueError as `take_apart`."""
        page = self.take_apart(packed, n)
        kinds = _table([page.kinds], 1).ravel().copy()
        vectors, counts = np.zeros((n, self.dim), np.float32), np.zeros(n, np.int32)
        word = kinds == Kind.WORD
        for own, rows, columns in (
            (word, self.words([page.words]), slice(0, self.split)),
            (~word, self.looks([page.looks]), slice(self.split, None)),
        ):
            vectors[own, columns] = rows.numbers * rows.scales[:, None]
            counts[own] = rows.counts
        return vectors, counts, kinds

    def _width(self, n_numbers: int) -> int:
        return _COUNT + (2 * n_numbers if self.fine else 1 + n_numbers)

    def _records(self, numbers: Floats) -> list[NDArray[np.uint8]]:
        """numbers: (n, width) in -1..1"""
        if self.fine:
            steps = np.rint(numbers * _FINE).astype(np.int32) + _FINE
            return [_digit(steps // _BASE), _digit(steps % _BASE)]
        largest = np.abs(numbers).max(axis=1, initial=0)
        scale = np.ceil(largest * (_BASE - 1)).clip(1).astype(np.int32)[:, None]
        scaled = numbers * ((_BASE - 1) / scale * _COARSE)
        return [_digit(scale), _digit(np.rint(scaled).astype(np.int32) + _COARSE)]

    def _rows(self, records: Sequence[str], n_numbers: int) -> Rows:
        digits = _table(records, self._width(n_numbers))
        counts = _number(digits[:, :_COUNT]).astype(np.float32)
        if self.fine:
            numbers = digits[:, _COUNT : _COUNT + n_numbers].astype(np.float32)
            numbers *= _BASE
            numbers += digits[:, _COUNT + n_numbers :]
            numbers -= _FINE
            return Rows(numbers, np.full(len(digits), 1 / _FINE, np.float32), counts)
        scales = digits[:, _COUNT].astype(np.float32) / np.float32((_BASE - 1) * _COARSE)
        numbers = digits[:, _COUNT + 1 :].astype(np.float32)
        numbers -= _COARSE
        return Rows(numbers, scales, counts)


def pack_terms(counts: Mapping[int, int]) -> str:
    """How often each term, by its index of 32 bits, occurs on a page; 91 times at most."""
    indices = np.array(sorted(counts), np.int64)
    often = np.array([counts[int(index)] for index in indices], np.int64).clip(max=_MOST_OFTEN)
    return (
        np.concatenate([_digits(indices, _INDEX), _digits(often, _OFTEN)], axis=1).tobytes().decode("ascii")
    )


def unpack_terms(packed: Sequence[str]) -> tuple[NDArray[np.int64], Floats, NDArray[np.int64]]:
    """(indices (n,), counts (n,), where those of each page begin (n_pages + 1,)) of many pages' terms."""
    table = _table(packed, _INDEX + _OFTEN)
    sizes = [len(text) // (_INDEX + _OFTEN) for text in packed]
    return _number(table[:, :_INDEX]), table[:, _INDEX].astype(np.float32), starts_of(sizes)


def starts_of(sizes: Sequence[int]) -> NDArray[np.int64]:
    """(n + 1,): where each of n runs of these sizes begins, one behind another, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)


def _digit(numbers: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Numbers in one character each; same shape."""
    return (numbers + _FIRST).astype(np.uint8)


def _digits(numbers: NDArray[np.integer], n: int) -> NDArray[np.uint8]:
    """Numbers (k,) in `n` characters each, the highest first: (k, n)."""
    places = _BASE ** np.arange(n - 1, -1, -1, dtype=np.int64)
    return _digit(numbers.astype(np.int64)[:, None] // places % _BASE)


def _number(digits: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(k,) of digits (k, n)."""
    number = digits[:, 0].astype(np.int64)
    for place in range(1, digits.shape[1]):
        number *= _BASE
        number += digits[:, place]
    return number


def _table(records: Sequence[str], width: int) -> NDArray[np.uint8]:
    """(n, width) digits of all records."""
    characters = np.frombuffer("".join(records).encode("ascii"), np.uint8)
    return (characters - np.uint8(_FIRST)).reshape(-1, width)

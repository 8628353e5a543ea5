"""Pages' vectors and terms as strings: Qdrant hands them over at once, where it would make a Python number of every float.

Numbers are written as `printable` characters. Each vector is a record of one width, so that those of many pages, one
behind another, are one table. A page's words use the first columns only and its looks the others, which are left out for
each.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.store.printable import BASE, FIRST, digit, digits, number_of, table_of
from pagelight.retrieval.types import Floats, Ints, Kind, Kinds

#: steps of two characters and of one on either side of zero, and of half a one (form)
_FINE, _COARSE, _PAIRS = (BASE * BASE - 1) // 2, (BASE - 1) // 2, 4
#: values of a number in half a character, two of which are at most BASE (form)
_VALUES = 2 * _PAIRS + 1
#: the numbers of each pair in one character
_PAIR = (np.stack(np.divmod(np.arange(BASE), _VALUES), axis=1) - _PAIRS).astype(np.int8)
#: the digit of a word's kind
_WORD = chr(FIRST + Kind.WORD)
#: characters of a vector's count, and the most that they can say (form)
_COUNT, _MOST_COUNT = 1, BASE - 1
#: characters of a term: bits of its index, and one of these for how often it occurs (form)
_TERM, _TERM_BITS = 4, 22
_OFTEN = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 28, 45, 91], np.float32)


#: vectors that are multiplied at once: made floats, they are still in the cache when they are (block)
_BLOCK = 2048


class Grain(Enum):
    """How finely vectors are packed: how many characters each of their numbers takes.

    FINE: two, steps of 1/4231; COARSE: one, and each vector has a scale of its own with steps of 1/45 of it; PAIRS: half a
        one, with steps of a fourth of that scale
    """

    FINE = 2
    COARSE = 1
    PAIRS = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Vectors of one kind: numbers (n, width), small integers, times scales (n,) float32; counts (n,) float32 of patches."""

    numbers: NDArray[np.int8] | NDArray[np.int16]
    scales: Floats
    counts: Floats

    def __len__(self) -> int:
        return len(self.numbers)

    @classmethod
    def joined(cls, parts: Sequence[Rows], width: int) -> Rows:
        """One behind another."""
        none = np.zeros(0, np.float32)
        return cls(
            np.concatenate([np.zeros((0, width), np.int8), *[part.numbers for part in parts]]),
            np.concatenate([none, *[part.scales for part in parts]]),
            np.concatenate([none, *[part.counts for part in parts]]),
        )

    def split(self, sizes: Sequence[int]) -> list[Rows]:
        """The reverse of `joined`, each in memory of its own."""
        return [
            Rows(self.numbers[start:end].copy(), self.scales[start:end].copy(), self.counts[start:end].copy())
            for start, end in pairwise(accumulate(sizes, initial=0))
        ]

    @property
    def n_bytes(self) -> int:
        return self.numbers.nbytes + self.scales.nbytes + self.counts.nbytes

    def similarities(self, tokens: Floats) -> Floats:
        """(n_tokens, n): products with tokens (n_tokens, width)."""
        products = np.empty((len(tokens), len(self)), np.float32)
        columns = np.ascontiguousarray(tokens.T)
        for start in range(0, len(self), _BLOCK):
            block = self.numbers[start : start + _BLOCK].astype(np.float32)
            products[:, start : start + _BLOCK] = (block @ columns).T
        products *= self.scales
        return products


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
    """

    dim: int
    split: int
    grain: Grain

    def pack(self, vectors: Floats, counts: Ints, kinds: Kinds) -> str:
        """Raises ValueError where a vector uses a column of another kind."""
        words = kinds == Kind.WORD
        if vectors[words][:, self.split :].any() or vectors[~words][:, : self.split].any():
            raise ValueError(
                f"vectors: expected words in the first {self.split} columns, and all others behind"
            )
        parts = [digit(kinds)]
        for own, columns in ((words, slice(0, self.split)), (~words, slice(self.split, None))):
            count = digits(np.clip(counts[own], 0, _MOST_COUNT), _COUNT)
            numbers = np.clip(vectors[own][:, columns], -1, 1)
            parts.append(np.concatenate([count, *self._records(numbers)], axis=1))
        return b"".join(part.tobytes() for part in parts).decode("ascii")

    def take_apart(self, packed: str, n: int) -> PackedVectors:
        """The parts of the text of n vectors. Raises ValueError where it is none of `pack`'s."""
        n_words = packed.count(_WORD, 0, n)
        end = n + n_words * self._width(self.split)
        expected = end + (n - n_words) * self._width(self.dim - self.split)
        if len(packed) != expected:
            raise ValueError(f"packed vectors: expected {expected} characters, got {len(packed)}")
        return PackedVectors(packed[:n], packed[n:end], packed[end:])

    def rows(self, pages: Sequence[PackedVectors]) -> tuple[list[Rows], list[Rows]]:
        """The words of each page, and all of each that are no words."""
        n_words = [page.kinds.count(_WORD) for page in pages]
        n_looks = [len(page.kinds) - n for page, n in zip(pages, n_words, strict=True)]
        words = self._rows([page.words for page in pages], self.split)
        looks = self._rows([page.looks for page in pages], self.dim - self.split)
        return words.split(n_words), looks.split(n_looks)

    def unpack(self, packed: str, n: int) -> tuple[Floats, Ints, Kinds]:
        """One page: vectors (n, dim) float32, counts (n,) and kinds (n,). Raises ValueError as `take_apart`."""
        page = self.take_apart(packed, n)
        kinds = table_of([page.kinds], 1).ravel().copy()
        vectors, counts = np.zeros((n, self.dim), np.float32), np.zeros(n, np.int32)
        word = kinds == Kind.WORD
        (words,), (looks,) = self.rows([page])
        for own, rows, columns in (
            (word, words, slice(0, self.split)),
            (~word, looks, slice(self.split, None)),
        ):
            vectors[own, columns] = rows.numbers * rows.scales[:, None]
            counts[own] = rows.counts
        return vectors, counts, kinds

    def _width(self, n_numbers: int) -> int:
        scale = 0 if self.grain is Grain.FINE else 1
        return _COUNT + scale + math.ceil(float(self.grain.value) * n_numbers)

    def _records(self, numbers: Floats) -> list[NDArray[np.uint8]]:
        """numbers: (n, width) in -1..1"""
        if self.grain is Grain.FINE:
            steps = np.rint(numbers * _FINE).astype(np.int32) + _FINE
            return [digit(steps // BASE), digit(steps % BASE)]
        largest = np.abs(numbers).max(axis=1, initial=0)
        scale = np.ceil(largest * (BASE - 1)).clip(1).astype(np.int32)[:, None]
        scaled = numbers * ((BASE - 1) / scale)
        if self.grain is Grain.COARSE:
            return [digit(scale), digit(np.rint(scaled * _COARSE).astype(np.int32) + _COARSE)]
        steps = np.rint(scaled * _PAIRS).astype(np.int32) + _PAIRS
        even = np.pad(steps, ((0, 0), (0, steps.shape[1] % 2)), constant_values=_PAIRS)
        return [digit(scale), digit(even[:, ::2] * _VALUES + even[:, 1::2])]

    def _rows(self, records: Sequence[str], n_numbers: int) -> Rows:
        table = table_of(records, self._width(n_numbers))
        counts = number_of(table[:, :_COUNT]).astype(np.float32)
        if self.grain is Grain.FINE:
            numbers = table[:, _COUNT : _COUNT + n_numbers].astype(np.int16)
            numbers *= BASE
            numbers += table[:, _COUNT + n_numbers :]
            numbers -= _FINE
            return Rows(numbers, np.full(len(table), 1 / _FINE, np.float32), counts)
        steps = _COARSE if self.grain is Grain.COARSE else _PAIRS
        scales = table[:, _COUNT].astype(np.float32) / np.float32((BASE - 1) * steps)
        if self.grain is Grain.PAIRS:
            pairs = _PAIR[table[:, _COUNT + 1 :]].reshape(len(table), 2 * (table.shape[1] - _COUNT - 1))
            return Rows(pairs[:, :n_numbers], scales, counts)
        return Rows((table[:, _COUNT + 1 :] - np.uint8(_COARSE)).view(np.int8), scales, counts)


def packed_term(index: int) -> int:
    """The part of a term's index of 32 bits that is kept.

    Of a page's hundred terms one in 40,000 is taken for a given other one.
    """
    return index & ((1 << _TERM_BITS) - 1)


def pack_terms(counts: Mapping[int, int]) -> str:
    """How often each term, by its index, occurs on a page: exactly up to ten times, then in steps of a fourth and more."""
    often: Counter[int] = Counter()
    for index, count in counts.items():
        often[packed_term(index)] += count
    terms = np.array(sorted(often), np.int64)
    found = np.array([often[int(term)] for term in terms], np.float32)
    steps = np.abs(found[:, None] - _OFTEN).argmin(axis=1)
    numbers = (steps.astype(np.int64) << _TERM_BITS) + terms
    return digits(numbers, _TERM).tobytes().decode("ascii")


def unpack_terms(packed: Sequence[str]) -> tuple[NDArray[np.int32], Floats, NDArray[np.int64]]:
    """(`packed_term`s (n,), counts (n,), where those of each page begin (n_pages + 1,)) of many pages' terms."""
    numbers = number_of(table_of(packed, _TERM))
    often, terms = numbers >> _TERM_BITS, numbers & ((1 << _TERM_BITS) - 1)
    return terms.astype(np.int32), _OFTEN[often], starts_of([len(text) // _TERM for text in packed])


def starts_of(sizes: Sequence[int]) -> NDArray[np.int64]:
    """(n + 1,): where each of n runs of these sizes begins, one behind another, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)

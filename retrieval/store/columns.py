"""Many pages side by side: what a ranking scores them by, in a few arrays instead of page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.store.packing import Rows
from pagelight.retrieval.types import Floats, Ints, Kind, QueryEmbedding

Number = TypeVar("Number", bound=np.generic)

#: of the Python objects of one page
_OBJECT_BYTES = 1500


@dataclass(frozen=True, slots=True, eq=False)
class PageColumn:
    """One page.

    length: patches that its vectors stand for; read: its passages are of words that the encoder read, not of the
        document's own; understood: so they are, or it has none
    shallow: what its text means is still to come
    words, looks: vectors of Kind.WORD and all others
    terms (n,) uint32, frequencies (n,): of the document's own words
    """

    document_id: str
    document: str
    page: int
    length: int
    read: bool
    understood: bool
    shallow: bool
    words: Rows
    looks: Rows
    terms: NDArray[np.uint32]
    frequencies: Floats

    @property
    def n_bytes(self) -> int:
        arrays = self.terms.nbytes + self.frequencies.nbytes
        return self.words.nbytes + self.looks.nbytes + arrays + _OBJECT_BYTES


@dataclass(frozen=True, slots=True, eq=False)
class PageColumns:
    """Pages side by side.

    documents: each page's document id, name and number; lengths, read, understood, shallow: (n,); words, looks: the rows of all pages; starts: (n + 1,) of each page's."""

    page_ids: list[str]
    documents: list[tuple[str, str, int]]
    lengths: Floats
    read: NDArray[np.bool_]
    understood: NDArray[np.bool_]
    shallow: NDArray[np.bool_]
    words: Rows
    looks: Rows
    word_starts: NDArray[np.int64]
    look_starts: NDArray[np.int64]
    terms: NDArray[np.uint32]
    frequencies: Floats
    term_starts: NDArray[np.int64]
    split: int = field(default=0)

    def __len__(self) -> int:
        return len(self.page_ids)

    @classmethod
    def of(cls, pages: dict[str, PageColumn], split: int) -> PageColumns:
        """split: numbers of a word's vector"""
        own = list(pages.values())
        words, word_starts = _joined([page.words for page in own])
        looks, look_starts = _joined([page.looks for page in own])
        terms, term_starts = _chained([page.terms for page in own], np.uint32)
        frequencies, _ = _chained([page.frequencies for page in own], np.float32)
        return cls(
            list(pages),
            [(page.document_id, page.document, page.page) for page in own],
            np.array([page.length for page in own], np.float32),
            np.array([page.read for page in own], bool),
            np.array([page.understood for page in own], bool),
            np.array([page.shallow for page in own], bool),
            words,
            looks,
            word_starts,
            look_starts,
            terms,
            frequencies,
            term_starts,
            split,
        )

    def similarities(self, query: QueryEmbedding) -> list[tuple[Ints, Floats, Ints, NDArray[np.int64]]]:
        """For words, then looks: (tokens (t,), similarities (t, n_rows), counts (n_rows,), starts of the pages' rows).

        Vectors of different kinds do not match, so that each token meets its own kind only.
        """
        words = np.flatnonzero(query.kinds == Kind.WORD).astype(np.int32)
        looks = np.flatnonzero(query.kinds != Kind.WORD).astype(np.int32)
        return [
            (tokens, rows.similarities(query.vectors[tokens][:, columns]), rows.counts, starts)
            for tokens, rows, starts, columns in (
                (words, self.words, self.word_starts, slice(0, self.split)),
                (looks, self.looks, self.look_starts, slice(self.split, None)),
            )
        ]

    def best(self, tokens: Floats) -> Floats:
        """(n_pages, n_tokens): the best product of each page's vectors with tokens (n_tokens, dim); -inf without any."""
        best = np.full((len(self), len(tokens)), -np.inf, np.float32)
        for rows, starts, columns in (
            (self.words, self.word_starts, slice(0, self.split)),
            (self.looks, self.look_starts, slice(self.split, None)),
        ):
            pages = np.flatnonzero(np.diff(starts))
            if len(tokens) and len(pages):
                products = np.maximum.reduceat(rows.similarities(tokens[:, columns]), starts[pages], axis=1)
                best[pages] = np.maximum(best[pages], products.T)
        return best

    def term_frequencies(self, terms: Sequence[int]) -> Floats:
        """(n_pages, n_terms): how often each page's document spells each term there."""
        wanted = np.array(terms, np.uint32)
        order = np.argsort(wanted, kind="stable")
        place = np.searchsorted(wanted[order], self.terms).clip(max=max(len(wanted) - 1, 0))
        found = np.zeros((len(self), len(wanted)), np.float32)
        if len(wanted):
            hits = np.flatnonzero(wanted[order][place] == self.terms)
            pages = np.searchsorted(self.term_starts, hits, side="right") - 1
            np.maximum.at(found, (pages, order[place[hits]]), self.frequencies[hits])
        return found


def _joined(rows: Sequence[Rows]) -> tuple[Rows, NDArray[np.int64]]:
    """All rows, and where each page's begin (n + 1,)."""
    width = rows[0].numbers.shape[1] if rows else 0
    counts, starts = _chained([part.counts for part in rows], np.int32)
    numbers = [part.numbers for part in rows if part.numbers.size]
    scales = [part.scales for part in rows if part.scales.size]
    return Rows(
        np.concatenate(numbers) if numbers else np.zeros((0, width), np.int16),
        np.concatenate(scales) if scales else np.zeros(0, np.float32),
        counts,
    ), starts


def _chained(
    parts: Sequence[NDArray[Number]], dtype: type[Number]
) -> tuple[NDArray[Number], NDArray[np.int64]]:
    """The parts one behind another, and where each begins (n + 1,)."""
    starts = np.zeros(len(parts) + 1, np.int64)
    np.cumsum([part.size for part in parts], out=starts[1:])
    filled = [part for part in parts if part.size]
    return np.concatenate(filled) if filled else np.zeros(0, dtype), starts

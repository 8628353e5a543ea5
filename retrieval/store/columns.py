"""Many pages side by side: what a ranking scores them by, in a few arrays instead of page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.store.packing import Packing, Rows, packed_term, starts_of
from pagelight.retrieval.types import Floats, Ints, Kind, PageName, QueryEmbedding

#: bytes of the Python objects of one page (limit)
_OBJECT_BYTES = 1200


@dataclass(frozen=True, slots=True, eq=False)
class PageColumn:
    """One page, in small integers: they take as much memory as the text that is stored, and those of many pages are joined faster.

    length: patches that its vectors stand for; read: its passages are of words that the encoder read, not of the
        document's own; understood: so they are, or it has none
    shallow: what its text means is still to come
    terms (n,), frequencies (n,): of the document's own words, see `unpack_terms`
    """

    name: PageName
    length: int
    read: bool
    understood: bool
    shallow: bool
    words: Rows
    looks: Rows
    terms: NDArray[np.int32]
    frequencies: Floats

    @property
    def n_bytes(self) -> int:
        arrays = self.terms.nbytes + self.frequencies.nbytes
        return self.words.n_bytes + self.looks.n_bytes + arrays + _OBJECT_BYTES


@dataclass(frozen=True, slots=True, eq=False)
class PageColumns:
    """Pages side by side.

    lengths, read, understood, shallow: (n,)
    words, looks: the rows of all pages; word_starts, look_starts: (n + 1,) where each page's begin
    terms, frequencies: `packed_term`s of all pages; term_starts: (n + 1,)
    split: numbers of a word's vector
    """

    pages: list[PageName]
    lengths: Floats
    read: NDArray[np.bool_]
    understood: NDArray[np.bool_]
    shallow: NDArray[np.bool_]
    words: Rows
    looks: Rows
    word_starts: NDArray[np.int64]
    look_starts: NDArray[np.int64]
    terms: NDArray[np.int32]
    frequencies: Floats
    term_starts: NDArray[np.int64]
    split: int

    def __len__(self) -> int:
        return len(self.pages)

    @property
    def page_ids(self) -> list[str]:
        return [page.page_id for page in self.pages]

    @classmethod
    def of(cls, pages: Sequence[PageColumn], packing: Packing) -> PageColumns:
        return cls(
            [page.name for page in pages],
            np.array([page.length for page in pages], np.float32),
            np.array([page.read for page in pages], bool),
            np.array([page.understood for page in pages], bool),
            np.array([page.shallow for page in pages], bool),
            Rows.joined([page.words for page in pages], packing.split),
            Rows.joined([page.looks for page in pages], packing.dim - packing.split),
            starts_of([len(page.words.scales) for page in pages]),
            starts_of([len(page.looks.scales) for page in pages]),
            np.concatenate([np.zeros(0, np.int32), *[page.terms for page in pages]]),
            np.concatenate([np.zeros(0, np.float32), *[page.frequencies for page in pages]]),
            starts_of([len(page.terms) for page in pages]),
            packing.split,
        )

    def similarities(self, query: QueryEmbedding) -> list[tuple[Ints, Floats, Floats, NDArray[np.int64]]]:
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
        """(n_pages, n_terms): how often each page's document spells each term, by its index, there."""
        wanted = np.array([packed_term(index) for index in terms], np.int32)
        order = np.argsort(wanted, kind="stable")
        place = np.searchsorted(wanted[order], self.terms).clip(max=max(len(wanted) - 1, 0))
        found = np.zeros((len(self), len(wanted)), np.float32)
        if len(wanted):
            hits = np.flatnonzero(wanted[order][place] == self.terms)
            pages = np.searchsorted(self.term_starts, hits, side="right") - 1
            np.maximum.at(found, (pages, order[place[hits]]), self.frequencies[hits])
        return found

"""Many pages side by side: what a ranking scores them by, in a few arrays instead of page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.store.packing import (
    PackedVectors,
    Packing,
    Rows,
    packed_term,
    starts_of,
    unpack_terms,
)
from pagelight.retrieval.types import Floats, Ints, Kind, QueryEmbedding

#: of the Python objects of one page (limit)
_OBJECT_BYTES = 800


@dataclass(frozen=True, slots=True)
class PageColumn:
    """One page, packed as it is stored: unpacking those of many pages at once takes less than keeping them unpacked.

    length: patches that its vectors stand for; read: its passages are of words that the encoder read, not of the
        document's own; understood: so they are, or it has none
    shallow: what its text means is still to come
    terms: of the document's own words, see `pack_terms`
    """

    document_id: str
    document: str
    page: int
    length: int
    read: bool
    understood: bool
    shallow: bool
    vectors: PackedVectors
    terms: str

    @property
    def n_bytes(self) -> int:
        return len(self.vectors.words) + len(self.vectors.looks) + len(self.terms) + _OBJECT_BYTES


@dataclass(frozen=True, slots=True, eq=False)
class PageColumns:
    """Pages side by side.

    documents: each page's document id, name and number; lengths, read, understood, shallow: (n,)
    words, looks: the rows of all pages; word_starts, look_starts: (n + 1,) where each page's begin
    terms, frequencies: `packed_term`s of all pages; term_starts: (n + 1,)
    split: numbers of a word's vector
    """

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
    terms: NDArray[np.int64]
    frequencies: Floats
    term_starts: NDArray[np.int64]
    split: int

    def __len__(self) -> int:
        return len(self.page_ids)

    @classmethod
    def of(cls, pages: Mapping[str, PageColumn], packing: Packing) -> PageColumns:
        own = list(pages.values())
        n_words = packing.n_words(page.vectors for page in own)
        n_looks = [len(page.vectors.kinds) - n for page, n in zip(own, n_words, strict=True)]
        terms, frequencies, term_starts = unpack_terms([page.terms for page in own])
        return cls(
            list(pages),
            [(page.document_id, page.document, page.page) for page in own],
            np.array([page.length for page in own], np.float32),
            np.array([page.read for page in own], bool),
            np.array([page.understood for page in own], bool),
            np.array([page.shallow for page in own], bool),
            packing.words([page.vectors.words for page in own]),
            packing.looks([page.vectors.looks for page in own]),
            starts_of(n_words),
            starts_of(n_looks),
            terms,
            frequencies,
            term_starts,
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
        wanted = np.array([packed_term(index) for index in terms], np.int64)
        order = np.argsort(wanted, kind="stable")
        place = np.searchsorted(wanted[order], self.terms).clip(max=max(len(wanted) - 1, 0))
        found = np.zeros((len(self), len(wanted)), np.float32)
        if len(wanted):
            hits = np.flatnonzero(wanted[order][place] == self.terms)
            pages = np.searchsorted(self.term_starts, hits, side="right") - 1
            np.maximum.at(found, (pages, order[place[hits]]), self.frequencies[hits])
        return found

"""Words as entries of an inverted index: which vocabulary words a page's vectors are, and which ones a query's are near.

A page's word lies on the vocabulary's word that it was read as, or between some that it may be. So the vocabulary
itself is a codebook of some hundred thousand centroids that follows any library without ever being learned anew
(after WARP's and PLAID's centroids, Santhanam et al. 2022, arXiv 2205.09707). Entries say how near a vector lies, so
that a query's words find what the vectors themselves would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.scoring import TermScoring, own_weights
from pagelight.retrieval.types import Floats, Ints, Kind, PageEmbedding, QueryEmbedding

#: the codebook's name in an index; rises with every change of the entries that a page gets
WORDS = "words-3"

#: where the entries of unsure vectors and of looks begin; below are those of sure vectors (form)
_UNSURE, _LOOKS = 1 << 18, 1 << 19
#: where those of terms begin that a page's document spells, and as many there are: numbers of three bytes take a seventh
#: less room than those of four, and of a hundred thousand pages two are found by another term of theirs (form)
_TERMS = 1 << 23
#: entries of looks at each level of how sure they are (form)
_LOOKS_A_LEVEL = 256


@dataclass(frozen=True, slots=True)
class CodebookParameters:
    """Entries that a page's vectors are, and those that a query's words look up.

    `docs/benchmarks.md` has what the first stage finds by them, measured against comparing all pages.

    sure: cosine from which a vector is the word that it is nearest to: seven in ten are, the others lie between words
        (measured on the first set)
    unsure_words: words that an unsure vector is an entry of, each the nearest of its cell: a name's neighbours are the
        same on page and in query (recall of the first stage)
    own: share of its word's weight from which a token is the word itself (recall of the first stage)
    token_words: nearest words that are looked up for a token that is the word itself (recall of the first stage)
    near_words: those that are looked up for an alternative (recall of the first stage)
    cells: cells of the vocabulary (speed)
    page_cells: cells that a page's vectors look into: 85 in 100 find the very nearest word there, the others one beside
        it (measured on the first set)
    token_cells: cells that a query's words look into: 95 in 100 (measured on the first set)
    few_cells: cells up to which it is faster to look for the nearest again and again than to order all: a fourth of the
        time for 4 (measured)
    least: least match that an entry is looked up for (speed)
    unknown: match of a vector beside the word that an unknown word lies nearest to (recall of the first stage)
    beside: the same beside the next words, which is too little to count pages by (recall of the first stage)
    between: share of the vectors between words, right beside the token's own word, that are the token (measured on the
        first set)
    between_from: cosine from which some of them are (measured on the first set)
    look_levels: probabilities of a look from which a region is an entry each, from TermScoring's least on; what lies
        between two of them is what an entry adds to the match (arithmetic)
    """

    sure: float = 0.85
    unsure_words: int = 3
    own: float = 0.5
    token_words: int = 24
    near_words: int = 6
    cells: int = 512
    page_cells: int = 4
    token_cells: int = 16
    few_cells: int = 8
    least: float = 1e-3
    unknown: float = 0.5
    beside: float = 0.04
    between: float = 0.5
    between_from: float = 0.6
    look_levels: tuple[float, ...] = (0.2, 0.4, 0.6, 0.8)


CODEBOOK = CodebookParameters()


@dataclass(frozen=True, slots=True, eq=False)
class QueryCodes:
    """entries (n,) int64 that a query looks up; the token (n,) that each is for; match (n,) 0..1, how surely a page
    that has the entry shows the token."""

    entries: NDArray[np.int64]
    tokens: Ints
    match: Floats


def term_entry(term_index: int) -> int:
    """The entry of a term, from its dimension in the BM25 vectors."""
    return _TERMS | (term_index & (_TERMS - 1))


def look_entry(looks: NDArray[np.int64], levels: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,): the entries of looks, each at one of the levels."""
    return _LOOKS + _LOOKS_A_LEVEL * levels + looks


class Codebook:
    """Vocabulary words in cells, so that the nearest are found without looking at all of them."""

    def __init__(self, vectors: Floats, parameters: CodebookParameters = CODEBOOK) -> None:
        """vectors: (n_words, dim), L2-normalized"""
        self._parameters = parameters
        if len(vectors) > _UNSURE:
            raise ValueError(f"vectors: expected at most {_UNSURE} words, got {len(vectors)}")
        n_cells = min(self._parameters.cells, len(vectors))
        centres = vectors[np.linspace(0, len(vectors) - 1, n_cells).astype(np.int64)]
        cell = _nearest(vectors, centres)
        sums = np.zeros_like(centres)
        np.add.at(sums, cell, vectors)
        self._centres = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)
        cell = _nearest(vectors, self._centres)
        self._order = np.argsort(cell, kind="stable")
        self._starts = np.searchsorted(cell[self._order], np.arange(n_cells + 1))
        self._bounds = list(pairwise(self._starts.tolist()))
        self._vectors = vectors[self._order]
        self._dim = vectors.shape[1]

    @property
    def dim(self) -> int:
        """Numbers of a word's vector: the first of an encoder's."""
        return int(self._dim)

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls, name: str) -> Codebook:
        """The codebook of that name. Raises ValueError for a name that is not known."""
        if name != WORDS:
            raise ValueError(f"codebook: expected {WORDS}, got {name!r}")
        path = Path(str(resources.files("pagelight") / "assets" / "encoder" / "vocabulary.npz"))
        with np.load(path, allow_pickle=False) as stored:
            return cls(stored["vectors"].astype(np.float32) * stored["scales"].astype(np.float32)[:, None])

    def page_codes(self, pages: Sequence[PageEmbedding]) -> list[NDArray[np.int64]]:
        """The entries of each page, ascending and unique."""
        p = self._parameters
        owner = np.repeat(np.arange(len(pages)), [len(page) for page in pages])
        vectors = np.concatenate([page.vectors for page in pages])
        kinds = np.concatenate([page.kinds for page in pages])
        words = np.flatnonzero(kinds == Kind.WORD)
        nearest, similar = self._nearest_of_cells(vectors[words][:, : self._dim], p.page_cells)
        sure = similar[:, 0] >= p.sure if len(words) else np.zeros(0, bool)
        unsure = words[~sure]
        between = nearest[~sure, : p.unsure_words]
        shown = vectors[:, self._dim :] * (kinds == Kind.FIGURE)[:, None]
        levels, rows, looks = np.nonzero(shown >= np.array(p.look_levels)[:, None, None])
        entries = np.concatenate(
            [nearest[sure, 0], between.ravel() + _UNSURE, look_entry(looks, levels)]
        ).astype(np.int64)
        of_page = owner[np.concatenate([words[sure], np.repeat(unsure, between.shape[1]), rows])]
        return [np.unique(entries[of_page == page]) for page in range(len(pages))]

    def query_codes(self, query: QueryEmbedding, scoring: TermScoring) -> QueryCodes:
        """Entries that a query looks up."""
        p = self._parameters
        words = np.flatnonzero((query.kinds == Kind.WORD) & (query.word_of_token >= 0))
        looks = np.flatnonzero((query.kinds == Kind.FIGURE) & (query.word_of_token >= 0))
        own = scoring.relative_weights(query)[words] >= p.own
        vectors = query.vectors[:, : self._dim]
        found = [
            (chosen, *self.nearest(vectors[chosen], n, cells))
            for chosen, n, cells in (
                (words[own], p.token_words, p.token_cells),
                (words[~own], p.near_words, p.page_cells),
            )
        ]
        ids = np.concatenate([ids.ravel() for _, ids, _ in found])
        similar = np.concatenate([similar.ravel() for *_, similar in found])
        owner = np.concatenate([np.repeat(chosen, ids.shape[1]) for chosen, ids, _ in found])
        rank = np.concatenate([np.arange(ids.size) % ids.shape[1] for _, ids, _ in found])
        best = np.concatenate([np.repeat(own[:, 0], own.shape[1]) for *_, own in found])
        sure, unsure = scoring.match(similar), self._unsure_match(similar)
        # a word that is not in the vocabulary lies where its like on pages does: beside the same one
        unknown = (best < p.sure) & (rank < p.near_words)
        unsure[unknown] = np.where(rank == 0, p.unknown, np.maximum(unsure, p.beside))[unknown]
        look = query.vectors[looks][:, self._dim :].argmax(axis=1) if len(looks) else np.zeros(0, np.int64)
        steps = np.diff(p.look_levels, append=1.0)
        levels = np.repeat(np.arange(len(steps)), len(looks))
        graded = look_entry(np.tile(look, len(steps)), levels)
        entries = np.concatenate([ids, ids + _UNSURE, graded]).astype(np.int64)
        tokens = np.concatenate([owner, owner, np.tile(looks, len(steps))]).astype(np.int32)
        match = np.concatenate([sure, unsure, steps[levels]]).astype(np.float32)
        kept = match >= p.least
        return QueryCodes(entries[kept], tokens[kept], match[kept])

    def _unsure_match(self, similar: Floats) -> Floats:
        """A guess for vectors between words: some of those that lie next to the token's own word are the token."""
        p = self._parameters
        near = np.clip((similar - p.between_from) / (1 - p.between_from), 0.0, 1.0)
        return np.asarray(p.between * near**2, np.float32)

    def nearest(self, vectors: Floats, n: int, cells: int) -> tuple[NDArray[np.int64], Floats]:
        """((len, n) words, (len, n) cosines), nearest first, of those in the nearest `cells` cells of each vector."""
        similar = np.full((len(vectors), n), -1.0, np.float32)
        found = np.zeros((len(vectors), n), np.int64)
        for row, near in enumerate(self._nearest_cells(vectors, cells).tolist()):
            bounds = [self._bounds[cell] for cell in near]
            own = np.empty(sum(end - start for start, end in bounds), np.float32)
            at = 0
            for start, end in bounds:
                np.dot(self._vectors[start:end], vectors[row], out=own[at : at + end - start])
                at += end - start
            top = np.argpartition(-own, min(n, len(own)) - 1)[:n]
            top = top[np.argsort(-own[top], kind="stable")]
            ends = np.cumsum([end - start for start, end in bounds])
            of_cell = np.searchsorted(ends, top, side="right")
            places = np.array([end for _, end in bounds])[of_cell] - (ends[of_cell] - top)
            similar[row, : len(top)], found[row, : len(top)] = own[top], self._order[places]
        return found, similar

    def _nearest_of_cells(self, vectors: Floats, cells: int) -> tuple[NDArray[np.int64], Floats]:
        """((len, cells) words, (len, cells) cosines), nearest first: the nearest word of each of the nearest cells.

        Goes cell by cell, with all vectors that look into it.
        """
        near = self._nearest_cells(vectors, cells)
        similar = np.full(near.shape, -1.0, np.float32)
        found = np.zeros(near.shape, np.int64)
        order = np.argsort(near, axis=None, kind="stable")
        bounds = np.searchsorted(near.ravel()[order], np.arange(len(self._centres) + 1))
        for cell in np.flatnonzero((np.diff(bounds) > 0) & (np.diff(self._starts) > 0)):
            places = order[bounds[cell] : bounds[cell + 1]]
            start, end = self._starts[cell], self._starts[cell + 1]
            products = vectors[places // near.shape[1]] @ self._vectors[start:end].T  # (n_own, n_cell)
            best = products.argmax(axis=1)
            similar.ravel()[places] = products[np.arange(len(places)), best]
            found.ravel()[places] = self._order[start + best]
        ranked = np.argsort(-similar, axis=1, kind="stable")
        return np.take_along_axis(found, ranked, axis=1), np.take_along_axis(similar, ranked, axis=1)

    def _nearest_cells(self, vectors: Floats, cells: int) -> NDArray[np.int64]:
        """(len, cells)"""
        cells = min(cells, len(self._centres))
        products = vectors @ self._centres.T
        if cells > self._parameters.few_cells:
            return np.argpartition(-products, cells - 1, axis=1)[:, :cells]
        near = np.empty((len(vectors), cells), np.int64)
        rows = np.arange(len(vectors))
        for rank in range(cells):
            near[:, rank] = products.argmax(axis=1)
            products[rows, near[:, rank]] = -np.inf
        return near


def word_scores(query: QueryEmbedding, scoring: TermScoring, codes: QueryCodes) -> Floats:
    """(n,): what each entry counts for in a first ranking, before rarity: the root of its match by the weight of its word.

    The root, since a page that shows a word has several entries beside it: with the match itself, of the ten best of
    10,000 pages .945 were among the candidates, with the root .965.
    """
    weights = (
        scoring.relative_weights(query)[codes.tokens] * own_weights(query)[query.word_of_token[codes.tokens]]
    )
    return np.asarray(np.sqrt(codes.match) * weights, np.float32)


def _nearest(vectors: Floats, centres: Floats) -> Ints:
    """(n,): the centre with the largest product."""
    block = 8192
    parts = [(vectors[i : i + block] @ centres.T).argmax(axis=1) for i in range(0, len(vectors), block)]
    return np.concatenate(parts).astype(np.int32)

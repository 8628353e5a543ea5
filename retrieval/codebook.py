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
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.cells import Cells
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
    rounds: of k-means, beginning with words in even steps (speed)
    page_cells: cells that a page's vectors look into: 85 in 100 find the very nearest word there, the others one beside
        it (measured on the first set)
    token_cells: cells that a query's words look into: 95 in 100 (measured on the first set)
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
    rounds: int = 1
    page_cells: int = 4
    token_cells: int = 16
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
        self._cells = Cells(vectors, parameters.cells, parameters.rounds)
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
        nearest, similar = self._nearest_of_cells(vectors[words][:, : self._dim])
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
            (chosen, *self._cells.nearest_several(vectors[chosen], n, cells))
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

    def _nearest_of_cells(self, vectors: Floats) -> tuple[NDArray[np.int64], Floats]:
        """((len, page_cells) words, (len, page_cells) cosines), nearest first, each the nearest of a cell."""
        found, similar = self._cells.nearest_of_cells(vectors, self._parameters.page_cells)
        ranked = np.argsort(-similar, axis=1, kind="stable")
        return np.take_along_axis(found, ranked, axis=1), np.take_along_axis(similar, ranked, axis=1)


def word_scores(query: QueryEmbedding, scoring: TermScoring, codes: QueryCodes) -> Floats:
    """(n,): what each entry counts for in a first ranking, before rarity: the root of its match by the weight of its word.

    The root, since a page that shows a word has several entries beside it: with the match itself, of the ten best of
    10,000 pages .945 were among the candidates, with the root .965.
    """
    weights = (
        scoring.relative_weights(query)[codes.tokens] * own_weights(query)[query.word_of_token[codes.tokens]]
    )
    return np.asarray(np.sqrt(codes.match) * weights, np.float32)

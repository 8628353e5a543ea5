"""Soft term frequency: BM25 (Robertson and Zaragoza 2009, eq. 3.15) on similarities instead of exact words.

A word of the query counts on a page as often as the page has vectors near it; words that many pages have
count little; long pages are normalized. It needs vectors that are well separated from each other, as the
built-in encoder's are; the ColPali family stays with plain MaxSim.

Where a document brings its own words, they are evidence of the same kind, read without error: a word's
frequency is the larger of what was seen and what is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pagelight.retrieval.types import Floats, Ints, Kind, PageEmbedding, QueryEmbedding

#: matches below this are none; a page of 10,000 vectors has .01 of them at most (guard)
NEGLIGIBLE = 1e-6


@dataclass(frozen=True, slots=True)
class TermScoring:
    """A score made of similarities.

    midpoint, slope: similarity at which a vector counts as half a match, and how sharply
    floor: similarity below which a page is no candidate for a word
    k1, b: BM25's saturation and length normalization
    power: exponent of the inverse document frequency; above 1, rare words lead
    least_look: probability below which a page does not show a look (measured on both sets)
    """

    midpoint: float
    slope: float
    floor: float
    k1: float = 1.2
    b: float = 0.75
    power: float = 1.25
    least_look: float = 0.2

    def match(self, similarities: Floats) -> Floats:
        """0..1, how surely each similarity is the word itself; same shape."""
        logit = np.clip((similarities - self.midpoint) * self.slope, -60, 60)
        return np.asarray(1 / (1 + np.exp(-logit)), np.float32)

    def token_matches(self, query: QueryEmbedding, similarities: Floats) -> Floats:
        """(..., n_tokens) 0..1: `match`, and for a look its probability, which is what its similarity is."""
        shown = np.where(similarities >= self.least_look, similarities, 0).clip(0, 1)
        return np.where(query.kinds == Kind.FIGURE, shown, self.match(similarities)).astype(np.float32)

    def relative_weights(self, query: QueryEmbedding) -> Floats:
        """(n_tokens,): each token's weight relative to the strongest token of its word."""
        own = own_weights(query)
        return (query.weights / np.maximum(own[query.word_of_token], 1e-6)).astype(np.float32)

    def coverage(self, query: QueryEmbedding, best: Floats) -> Floats:
        """(..., n_words) from best similarities (..., n_tokens): the best of a word's alternatives, 0..1."""
        match = self.token_matches(query, best) * self.relative_weights(query)
        words = np.zeros((*best.shape[:-1], len(query.words)), np.float32)
        for token, word in enumerate(query.word_of_token):
            np.maximum(words[..., word], match[..., token], out=words[..., word])
        return words

    def looks(self, query: QueryEmbedding, best: Floats) -> Floats:
        """(n, n_words): the part of `coverage` that comes of looks: how likely the page shows what a word asks for."""
        figures = query.kinds == Kind.FIGURE
        if not figures.any():  # the same for all of them, as most queries have it
            return np.repeat(
                self.coverage(query, np.zeros((1, best.shape[-1]), best.dtype)), len(best), axis=0
            )
        return self.coverage(query, np.where(figures, best, 0))

    def frequencies(self, query: QueryEmbedding, page: PageEmbedding) -> Floats:
        """(n_words,): how often the page shows each word of the query."""
        similarities = query.vectors @ page.vectors.T  # (n_tokens, n_vectors)
        match = self.token_matches(query, similarities.T).T * self.relative_weights(query)[:, None]
        frequencies = np.zeros(len(query.words), np.float32)
        for word in range(len(query.words)):
            own = match[query.word_of_token == word]
            if len(own):
                frequencies[word] = float((own.max(axis=0) * page.counts).sum())
        return frequencies

    def word_matches(
        self, query: QueryEmbedding, tokens: Ints, similarities: Floats, negligible: float = NEGLIGIBLE
    ) -> Floats:
        """(n_words, n): how surely each vector is each word of the query, from the similarities (t, n) of tokens (t,).

        Matches below `negligible` are left out, which spares nearly all of the exponentials.
        """
        n = similarities.shape[1]
        words = query.word_of_token[tokens]
        looks = query.kinds[tokens] == Kind.FIGURE
        least = np.where(looks, self.least_look, self.midpoint + np.log(negligible) / self.slope)
        least = np.where(words >= 0, least, np.inf)
        places = np.flatnonzero(similarities > least[:, None].astype(np.float32))
        rows, columns = np.divmod(places, max(n, 1))
        found = similarities.ravel()[places]
        matches = np.where(looks[rows], found, self.match(found)) * self.relative_weights(query)[tokens[rows]]
        by_word = np.zeros((len(query.words), n), np.float32)
        np.maximum.at(by_word.ravel(), words[rows] * n + columns, matches)
        return by_word

    def frequencies_of(self, query: QueryEmbedding, pages: Sequence[PageEmbedding]) -> Floats:
        """(n_pages, n_words): the `frequencies` of many pages, in one product."""
        found = np.zeros((len(pages), len(query.words)), np.float32)
        rows = [row for row, page in enumerate(pages) if len(page)]
        if not rows or not len(query.vectors):
            return found
        vectors = np.concatenate([pages[row].vectors for row in rows])
        counts = np.concatenate([pages[row].counts for row in rows])
        similarities = query.vectors @ vectors.T  # (n_tokens, n_vectors)
        by_word = self.word_matches(query, np.arange(len(query.vectors), dtype=np.int32), similarities)
        starts = np.cumsum([0, *(len(pages[row]) for row in rows[:-1])])
        found[rows] = np.add.reduceat(by_word * counts, starts, axis=1).T
        return found

    def weights_of(self, query: QueryEmbedding, frequency: Floats, n_pages: int) -> Floats:
        """(n_words,): the encoder's own weight times a power of BM25's inverse document frequency.

        frequency: (n_words,) pages that have each word, which may be fractional
        """
        idf = np.log1p(np.maximum((n_pages - frequency + 0.5) / (frequency + 0.5), 0.0))
        return np.asarray(idf**self.power * own_weights(query), np.float32)

    def rarest(self, n_pages: int) -> float:
        """The weight of a word that says what is meant and that a single one of the pages has."""
        return float(np.log1p(max(n_pages - 0.5, 0.5) / 1.5) ** self.power)

    def shares(self, frequencies: Floats, word_weights: Floats) -> Floats:
        """(n,) in 0..1: the share of the query's weight that pages with these frequencies (n, n_words) show."""
        shown = np.minimum(frequencies, 1.0) @ word_weights
        return np.asarray(shown / max(float(word_weights.sum()), 1e-6), np.float32)

    def contributions(
        self, frequencies: Floats, word_weights: Floats, lengths: Floats, mean_length: float
    ) -> Floats:
        """(n, n_words): what each word adds to the `scores`."""
        norm = self.k1 * (1 - self.b + self.b * lengths[:, None] / max(mean_length, 1e-6))
        bm25 = word_weights * frequencies * (self.k1 + 1) / (frequencies + norm)
        return np.asarray(bm25 * self.shares(frequencies, word_weights)[:, None], np.float32)

    def scores(
        self, frequencies: Floats, word_weights: Floats, lengths: Floats, mean_length: float
    ) -> Floats:
        """(n,): BM25 of pages times the share of the query that they show: those that have all of it come first.

        frequencies: (n, n_words); lengths: (n,), the pages' sums of counts
        """
        added = self.contributions(frequencies, word_weights, lengths, mean_length)
        return np.asarray(added.sum(axis=1), np.float32)

    def highest(self, word_weights: Floats) -> float:
        """Most that `scores` come to: every word of the query, as often as one likes."""
        return float(word_weights.sum()) * (self.k1 + 1)


def own_weights(query: QueryEmbedding) -> Floats:
    """(n_words,): the weight of each word's strongest token."""
    own = np.zeros(len(query.words), np.float32)
    inside = query.word_of_token >= 0
    np.maximum.at(own, query.word_of_token[inside], query.weights[inside])
    return own

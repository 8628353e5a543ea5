"""Soft term frequency: BM25 (Robertson and Zaragoza 2009, eq. 3.15) on similarities instead of exact words.

A word of the query counts on a page as often as the page has vectors near it; words that many pages have
count little; long pages are normalized. It needs vectors that are well separated from each other, as the
built-in encoder's are; the ColPali family stays with plain MaxSim.

Where a document brings its own words, they are evidence of the same kind, read without error: a word's
frequency is the larger of what was seen and what is written.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from retrieval.types import Floats, PageEmbedding, QueryEmbedding


@dataclass(frozen=True, slots=True)
class TermScoring:
    """How similarities become a score.

    midpoint, slope: similarity at which a vector counts as half a match, and how sharply
    floor: similarity below which a page is no candidate for a word
    k1, b: BM25's saturation and length normalization
    """

    midpoint: float
    slope: float
    floor: float
    k1: float = 1.2
    b: float = 0.75

    def match(self, similarities: Floats) -> Floats:
        """0..1, how surely each similarity is the word itself; same shape."""
        logit = np.clip((similarities - self.midpoint) * self.slope, -60, 60)
        return (1 / (1 + np.exp(-logit))).astype(np.float32)

    def relative_weights(self, query: QueryEmbedding) -> Floats:
        """(n_tokens,): each token's weight relative to the strongest token of its word."""
        own = own_weights(query)
        return (query.weights / np.maximum(own[query.word_of_token], 1e-6)).astype(np.float32)

    def coverage(self, query: QueryEmbedding, best: Floats) -> Floats:
        """(..., n_words) from best similarities (..., n_tokens): the best of a word's alternatives, 0..1."""
        match = self.match(best) * self.relative_weights(query)
        words = np.zeros((*best.shape[:-1], len(query.words)), np.float32)
        for token, word in enumerate(query.word_of_token):
            np.maximum(words[..., word], match[..., token], out=words[..., word])
        return words

    def frequencies(self, query: QueryEmbedding, page: PageEmbedding) -> Floats:
        """(n_words,): how often the page shows each word of the query."""
        similarities = query.vectors @ page.vectors.T  # (n_tokens, n_vectors)
        match = self.match(similarities) * self.relative_weights(query)[:, None]
        frequencies = np.zeros(len(query.words), np.float32)
        for word in range(len(query.words)):
            own = match[query.word_of_token == word]
            if len(own):
                frequencies[word] = float((own.max(axis=0) * page.counts).sum())
        return frequencies

    def score(self, frequencies: Floats, word_weights: Floats, length: float, mean_length: float) -> float:
        """BM25 of one page from its frequencies (n_words,); length: the page's sum of counts."""
        norm = self.k1 * (1 - self.b + self.b * length / max(mean_length, 1e-6))
        return float((word_weights * frequencies * (self.k1 + 1) / (frequencies + norm)).sum())


def own_weights(query: QueryEmbedding) -> Floats:
    """(n_words,): the weight of each word's strongest token."""
    own = np.zeros(len(query.words), np.float32)
    inside = query.word_of_token >= 0
    np.maximum.at(own, query.word_of_token[inside], query.weights[inside])
    return own


def inverse_document_frequency(document_frequency: Floats, n_pages: int) -> Floats:
    """BM25's log(1 + (N - df + 1/2) / (df + 1/2)), (n_words,); df may be fractional."""
    ratio = (n_pages - document_frequency + 0.5) / (document_frequency + 0.5)
    return np.log1p(np.maximum(ratio, 0.0)).astype(np.float32)

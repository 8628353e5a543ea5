"""Soft term frequency: BM25 (Robertson and Zaragoza 2009, eq. 3.15) on similarities instead of exact words.

A word of the query counts on a page as often as the page has vectors near it; words that many pages have
count little; long pages are normalized. It needs vectors that are well separated from each other, as the
built-in encoder's are; the ColPali family stays with plain MaxSim.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from retrieval.types import Floats, PageEmbedding, QueryEmbedding


def _sigmoid(x: Floats) -> Floats:
    return (1 / (1 + np.exp(-np.clip(x, -60, 60)))).astype(np.float32)


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
        return _sigmoid((similarities - self.midpoint) * self.slope)

    def word_weights(self, query: QueryEmbedding, document_frequency: Floats, n_pages: int) -> Floats:
        """(n_words,): inverse document frequency times the encoder's own weight of the word."""
        idf = np.log(1 + (n_pages - document_frequency + 0.5) / (document_frequency + 0.5))
        own = np.zeros(len(query.words), np.float32)
        np.maximum.at(own, query.word_of_token, query.weights)
        return (np.maximum(idf, 0.0) * own).astype(np.float32)

    def coverage(self, query: QueryEmbedding, best: Floats) -> Floats:
        """(..., n_words) from (..., n_tokens) best similarities: the best of a word's alternatives, 0..1."""
        relative = query.weights / np.maximum(_own_weight(query)[query.word_of_token], 1e-6)
        match = self.match(best) * relative
        words = np.zeros((*best.shape[:-1], len(query.words)), np.float32)
        for token, word in enumerate(query.word_of_token):
            np.maximum(words[..., word], match[..., token], out=words[..., word])
        return words

    def score(self, query: QueryEmbedding, page: PageEmbedding, word_weights: Floats, mean_length: float) -> float:
        """The page's soft BM25. mean_length: mean over the library of a page's sum of counts."""
        similarities = query.vectors @ page.vectors.T  # (n_tokens, n_vectors)
        relative = query.weights / np.maximum(_own_weight(query)[query.word_of_token], 1e-6)
        match = self.match(similarities) * relative[:, None]  # (n_tokens, n_vectors)
        frequency = np.zeros(len(query.words), np.float32)
        for word in range(len(query.words)):
            own = match[query.word_of_token == word]
            if len(own):
                frequency[word] = (own.max(axis=0) * page.counts).sum()
        norm = self.k1 * (1 - self.b + self.b * page.counts.sum() / max(mean_length, 1e-6))
        return float((word_weights * frequency * (self.k1 + 1) / (frequency + norm)).sum())


def _own_weight(query: QueryEmbedding) -> Floats:
    """(n_words,): the weight of each word's strongest token."""
    own = np.zeros(len(query.words), np.float32)
    np.maximum.at(own, query.word_of_token, query.weights)
    return own

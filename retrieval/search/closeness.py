"""Closeness in meaning: how well a page's passages say what a query means, and from where on that is more than chance."""

from __future__ import annotations

import math

import numpy as np

from pagelight.retrieval.encoders.encoder import Encoder, text_encoder
from pagelight.retrieval.search.calibration import LibraryNulls, NullScores
from pagelight.retrieval.store.page_store import PageStore
from pagelight.retrieval.types import Floats, PageMeaning, QueryMeaning, StoredPage


def page_meaning(page: StoredPage, image_only: bool) -> PageMeaning:
    """The page's passages. image_only: those of words that the encoder read, and none of the document's own."""
    return (
        PageMeaning.none(page.meaning.vectors.shape[1])
        if image_only and not page.meaning_read
        else page.meaning
    )


def is_understood(page: StoredPage) -> bool:
    """Whether the page's meaning is known from its image alone: pages of which it is not would lose to those of which it is."""
    return page.meaning_read or not (len(page.meaning) or is_shallow(page))


def is_shallow(page: StoredPage) -> bool:
    """Whether the page's meaning is still to come."""
    return page.to_understand is not None


def similarities(query: QueryMeaning, page: PageMeaning) -> Floats:
    """(n_tokens, n_passages): the cosine of each token with each passage, weighted."""
    return np.asarray(query.weighted @ page.vectors.T, np.float32)


def closeness(query: QueryMeaning | None, page: PageMeaning) -> float:
    """MaxSim of the query's tokens with the page's passages, -1..1; 0 for a page without text."""
    if query is None or not len(page) or not len(query.vectors):
        return 0.0
    return float(similarities(query, page).max(axis=1).sum())


#: deviation of closeness at least: that of passages all alike is none (form)
LEAST_DEVIATION = 1e-3


class MeaningNulls:
    """Closeness that is no more than chance, for a query and the library that it is put to.

    Some queries are close to everything. So a page's closeness is counted in deviations of what passages about anything reach
    (`TextEncoder.background`; the test normalization of speaker verification, Auckenthaler, Carey and Lloyd-Thomas 2000), and what the
    best of n pages reaches by chance is taken off: √(2 ln n) deviations, as of n normal draws. For encoders without such passages it
    is what queries that mean nothing reach here, measured once, and again when the library has doubled. Pages whose meaning is still
    to come do not count.
    """

    def __init__(self, encoder: Encoder, store: PageStore) -> None:
        self._encoder, self._store = encoder, store
        self._text = text_encoder(encoder)
        self._nulls = LibraryNulls(self._closest)

    def scores(self, query: QueryMeaning) -> NullScores | None:
        """In closeness to this query; None while no page is understood."""
        n_pages = self._store.stats().n_deep
        if not n_pages:
            return None
        background = self._text.background if self._text else None
        if background is None or not len(background):
            return self._nulls.scores(n_pages)
        reached = query.weighted.sum(axis=0) @ background.T
        deviation = float(max(reached.std(), LEAST_DEVIATION))
        return NullScores(float(reached.mean()) + deviation * math.sqrt(2 * math.log(n_pages)), deviation)

    def _closest(self, text: str) -> float:
        query = self._encoder.encode_query(text).meaning
        best = self._store.search_meaning(query.weighted, 1, exact=False) if query else []
        return best[0].score if best else 0.0

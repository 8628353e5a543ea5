"""Closeness in meaning: how well a page's passages say what a query means, and from where on that is more than chance."""

from __future__ import annotations

import numpy as np

from pagelight.retrieval.encoders.encoder import Encoder
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


class MeaningNulls:
    """Closeness of the best page to queries that mean nothing here: measured once, and again when the library has doubled.

    Pages whose meaning is still to come do not count: the more there are to choose from, the closer the best one is.
    """

    def __init__(self, encoder: Encoder, store: PageStore) -> None:
        self._encoder, self._store = encoder, store
        self._nulls = LibraryNulls(self._closest)

    def scores(self) -> NullScores | None:
        """None while no page is understood."""
        n_pages = self._store.stats().n_deep
        return self._nulls.scores(n_pages) if n_pages else None

    def _closest(self, text: str) -> float:
        query = self._encoder.encode_query(text).meaning
        best = self._store.search_meaning(query.weighted, 1, exact=False) if query else []
        return best[0].score if best else 0.0

"""Closeness in meaning: how well a page's passages say what a query means, and from where on that is more than chance."""

from __future__ import annotations

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


class MeaningNulls:
    """Closeness that is no more than chance, for a query and the library that it is put to.

    Some queries are close to everything. So a page's closeness is counted in deviations of what passages about anything reach
    (`TextEncoder.background`; test normalization of speaker verification, Auckenthaler et al. 2000), above what the best page has
    for queries that mean nothing here: the more pages there are, the closer the best one. This is measured once, and again when
    the library has doubled. Pages whose meaning is still to come do not count.
    """

    def __init__(self, encoder: Encoder, store: PageStore) -> None:
        self._encoder, self._store = encoder, store
        self._text = text_encoder(encoder)
        self._nulls = LibraryNulls(self._best)

    def scores(self, query: QueryMeaning) -> NullScores | None:
        """In closeness to this query; None while no page is understood."""
        n_pages = self._store.stats().n_deep
        if not n_pages:
            return None
        library, usual = self._nulls.scores(n_pages), self._usual(query)
        if usual is None:
            return library
        return NullScores(usual.mean + library.mean * usual.deviation, usual.deviation)

    def _usual(self, query: QueryMeaning) -> NullScores | None:
        """What passages about anything reach; None where the encoder has none."""
        background = self._text.background if self._text else None
        if background is None or not len(background):
            return None
        reached = query.weighted.sum(axis=0) @ background.T
        return NullScores(float(reached.mean()), float(max(reached.std(), 1e-3)))

    def _best(self, text: str) -> float:
        """Closeness of the best page to a query, in deviations where these are known."""
        query = self._encoder.encode_query(text).meaning
        best = self._store.search_meaning(query.weighted, 1, exact=False) if query else []
        if not query or not best:
            return 0.0
        usual = self._usual(query)
        return usual.deviations(best[0].score) if usual else best[0].score

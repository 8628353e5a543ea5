"""The first stage of a search as requests to Qdrant: what is seen, what is written and what is meant, at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from pagelight.retrieval.store import fields
from pagelight.retrieval.store.index_layout import Layout
from pagelight.retrieval.store.page_store import Candidates, Lookup
from pagelight.retrieval.store.qdrant_engine import Nearest, QdrantEngine
from pagelight.retrieval.text.bm25 import SparseTerms
from pagelight.retrieval.types import Floats


@dataclass(frozen=True, slots=True)
class SubjectParameters:
    """Pages whose passages are compared: a query's tokens together choose them by what all of a page's passages say together.

    share: of the library (of the ten pages that are nearest in meaning, a fourth of 261 and 317 holds 99 of 100, a tenth 94)
    least: ... these at least (speed)
    most: ... and these at most (speed)
    compared: those of which single passages are compared with every token, at least (docs/encoder-log.md)
    """

    share: float = 0.25
    least: int = 256
    most: int = 1024
    compared: int = 256

    def chosen(self, n_pages: int) -> int:
        """Pages of n_pages whose passages are compared."""
        return min(max(round(self.share * n_pages), self.least), self.most)


SUBJECT_CHOICE = SubjectParameters()
#: entries whose rarity is remembered: some thousand queries' (limit)
_RARITIES = 200_000


class CandidateSearch:
    """Asks one engine. Safe for several threads."""

    def __init__(self, engine: QdrantEngine, layout: Layout) -> None:
        self._engine, self._layout = engine, layout
        self._lock = Lock()
        self._rarities: tuple[tuple[int, ...], dict[int, float]] = (), {}

    def find(
        self, lookup: Lookup, document_ids: Sequence[str] | None, generation: tuple[int, ...]
    ) -> Candidates:
        """The candidates among these documents, or all. generation: of the index, by which rarities are remembered"""
        searches: dict[str, Nearest] = {}
        if lookup.entries:
            searches[fields.SEEN] = Nearest(fields.SEEN, lookup.entries, lookup.n_seen)
        if lookup.terms:
            searches[fields.WORDS] = self._layout.spelling(lookup.terms, lookup.n_others)
        if self._layout.meaning_dim and lookup.meaning is not None and len(lookup.meaning):
            # all that are found otherwise are compared as well, so that nobody needs to ask for their closeness
            prefetch = (*searches.values(), *self.near_subject(lookup.meaning, 2 * lookup.n_others))
            searches[fields.PASSAGES] = Nearest(
                fields.PASSAGES, lookup.meaning, lookup.n_seen + 3 * lookup.n_others, prefetch=prefetch
            )
        known = self._known_rarities(generation)
        unknown = [number for number in dict.fromkeys(lookup.counted) if number not in known]
        each = [
            Nearest(fields.SEEN, SparseTerms([number], [1.0]), 1, all_documents=True, scores_only=True)
            for number in unknown
        ]
        asked = [*searches.values(), *each]
        nowhere = document_ids is not None and not document_ids
        answers = [] if nowhere or not asked else self._engine.query(asked, 1, document_ids, None, None)
        found = dict(zip(searches, answers, strict=False))
        told = [pages[0].score if pages else np.inf for pages in answers[len(searches) :]]
        known.update(zip(unknown, told, strict=False))
        rarity = np.array([known.get(number, np.inf) for number in lookup.counted], np.float64)
        # Qdrant's inverse document frequency, log(1 + (n - f + .5) / (f + .5)), solved for f
        n_pages = self._engine.totals().n_pages
        counts = np.clip((n_pages + 1) * np.exp(-rarity) - 0.5, 0, n_pages)
        seen, written, close = (found.get(name, []) for name in (fields.SEEN, fields.WORDS, fields.PASSAGES))
        return Candidates(
            seen,
            written,
            close[: lookup.n_others],
            dict.fromkeys((page.page_id for page in (*seen, *written)), 0.0)
            | {page.page_id: page.score for page in close},
            np.asarray(counts, np.float32),
        )

    def near_subject(self, tokens: Floats, limit: int) -> tuple[Nearest, ...]:
        """A search of the `limit` pages with the passage that is nearest to the sum of the tokens (n_tokens, dim), among
        pages that are near to it as a whole."""
        together = tokens.sum(axis=0)
        chosen = SUBJECT_CHOICE.chosen(self._engine.totals().n_pages)
        whole = Nearest(fields.SUBJECT, together, max(chosen, 2 * limit))
        return (Nearest(fields.PASSAGES, together[None], limit, prefetch=(whole,)),)

    def _known_rarities(self, generation: tuple[int, ...]) -> dict[int, float]:
        """Rarities by entry, as far as they were asked for since the index was last written to; the same object for every caller."""
        with self._lock:
            if self._rarities[0] != generation or len(self._rarities[1]) > _RARITIES:
                self._rarities = generation, {}
            return self._rarities[1]

"""Search: MaxSim retrieves, the stored vectors rescore, and the documents' own words join in.

An encoder that declares a `TermScoring` is ranked by `term_ranking`, the others by `maxsim_ranking`. Both read the
best pages' stored vectors, from which the regions come.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pagelight.retrieval.encoders.encoder import Encoder
from pagelight.retrieval.errors import InvalidQuery, NotFound
from pagelight.retrieval.highlights.maps import heatmap, page_regions
from pagelight.retrieval.highlights.meant import Closeness, closest_passage
from pagelight.retrieval.highlights.parameters import HIGHLIGHTS, HighlightParameters
from pagelight.retrieval.maxsim import maxsim
from pagelight.retrieval.results import Heatmap, PageHit, Region, SearchResult
from pagelight.retrieval.scoring import own_weights
from pagelight.retrieval.search import term_ranking
from pagelight.retrieval.search.calibration import is_match
from pagelight.retrieval.search.example import Example, example_query
from pagelight.retrieval.search.lazy_regions import LazyRegions
from pagelight.retrieval.search.maxsim_ranking import MaxSimRanker
from pagelight.retrieval.search.meaning import MeaningNulls, page_meaning
from pagelight.retrieval.search.page_layouts import PageLayouts
from pagelight.retrieval.search.prepared import PreparedQuery, Recent
from pagelight.retrieval.search.ranked import CANDIDATES, Ranked
from pagelight.retrieval.search.reading import read_as, replaced
from pagelight.retrieval.search.receipt import Receipt, ReceiptEntry, text_inside, word_entries
from pagelight.retrieval.store.page_store import PageStore
from pagelight.retrieval.text.analyzer import fold
from pagelight.retrieval.types import Kind, PageWords, QueryEmbedding, StoredPage, page_id


class Searcher:
    """Answers queries from one store with the encoder that filled it."""

    def __init__(
        self, encoder: Encoder, store: PageStore, highlights: HighlightParameters = HIGHLIGHTS
    ) -> None:
        self._encoder = encoder
        self._highlights = highlights
        self._store = store
        self._maxsim = MaxSimRanker(encoder, store)
        self._nulls = MeaningNulls(encoder, store)
        self._embeddings: Recent[QueryEmbedding] = Recent()
        self._queries: Recent[PreparedQuery] = Recent()
        self._layouts = PageLayouts(highlights.layout)

    def search(
        self,
        query: str,
        top_k: int = 10,
        document_ids: Sequence[str] | None = None,
        image_only: bool = False,
        mends: bool = True,
        exact: bool = False,
    ) -> SearchResult:
        """The best `top_k` pages.

        image_only: leave the documents' own words unused
        mends: read words with a slip as words of the library
        exact: compare all pages, where otherwise a first stage chooses those that are
        Raises InvalidQuery when `query` is blank.
        """
        start = time.perf_counter()
        prepared = self._prepared(query, _limit(top_k), document_ids, image_only, mends, exact)
        ranked = self._rank(prepared, top_k, image_only)
        hits = tuple(self._hit(r, prepared, image_only, lit=not i) for i, r in enumerate(ranked))
        matched = is_match(hit.strength for hit in hits)
        seconds = time.perf_counter() - start
        return SearchResult(query, matched, seconds, hits, prepared.read_as, prepared.exact)

    def rank(self, query: str, top_k: int = 10, image_only: bool = False) -> list[Ranked]:
        """The best pages as `search` finds them, without their regions, which take most of its time."""
        return self._rank(self._prepared(query, _limit(top_k), None, image_only), top_k, image_only)

    def heatmap(
        self, document_id: str, page: int, query: str, image_only: bool = False, mends: bool = True
    ) -> Heatmap:
        """Where the query's words are on one stored page; `image_only` and `mends` as in `search`.

        Raises NotFound and InvalidQuery.
        """
        return self._heatmap(
            document_id, page, self._prepared(query, CANDIDATES, None, image_only, mends), image_only
        )

    def _heatmap(self, document_id: str, page: int, prepared: PreparedQuery, image_only: bool) -> Heatmap:
        found = self._store.fetch([page_id(document_id, page)])
        if not found:
            raise NotFound(f"page {page} of document {document_id[:12]} is not indexed")
        words = PageWords() if image_only else found[0].words
        return heatmap(
            prepared.embedding,
            found[0].embedding,
            words,
            prepared.weights,
            self._encoder.scoring,
            _closeness(prepared, found[0], image_only),
            self._highlights,
            self._layouts.of(found[0], image_only),
        )

    def explain(
        self,
        document_id: str,
        page: int,
        query: str,
        document_ids: Sequence[str] | None = None,
        image_only: bool = False,
        mends: bool = True,
    ) -> Receipt:
        """Why a page has its score in a search of these documents. Raises NotFound and InvalidQuery."""
        prepared = self._prepared(query, CANDIDATES, document_ids, image_only, mends)
        return self._receipt(prepared, self._stored(document_id, page), image_only)

    def explain_like(
        self,
        document_id: str,
        page: int,
        example: Example,
        document_ids: Sequence[str] | None = None,
        image_only: bool = False,
    ) -> Receipt:
        """Why a page has its score in a search by an example among these documents. Raises NotFound."""
        prepared = self._prepared_like(example, CANDIDATES, document_ids, image_only)
        return self._receipt(prepared, self._stored(document_id, page), image_only)

    def _stored(self, document_id: str, page: int) -> StoredPage:
        found = self._store.fetch([page_id(document_id, page)])
        if not found:
            raise NotFound(f"page {page} of document {document_id[:12]} is not indexed")
        return found[0]

    def _receipt(self, prepared: PreparedQuery, page: StoredPage, image_only: bool) -> Receipt:
        query, scoring = prepared.embedding, self._encoder.scoring
        words = PageWords() if image_only else page.words
        if not len(query.vectors):
            return Receipt.of(page, [], exact=prepared.exact)
        if scoring is None:
            tokens, text = self._maxsim.parts(prepared, page)
            inside = query.word_of_token >= 0
            by_word = np.zeros(len(query.words), np.float32)
            np.add.at(by_word, query.word_of_token[inside], tokens[inside])
            others = [
                ReceiptEntry("prompt", float(tokens[~inside].sum())),
                ReceiptEntry("text", text),
            ]
            entries = [*word_entries(query, page, words, scoring, by_word), *others]
            return Receipt.of(page, entries, exact=prepared.exact)
        parts = term_ranking.parts(self._store, prepared, scoring, page, image_only)
        passage = closest_passage(query.meaning, page_meaning(page, image_only))
        others = [
            ReceiptEntry("document", parts.document),
            ReceiptEntry(
                "meaning",
                parts.meaning,
                matched=text_inside(page.words, passage) if passage else "",
                box=passage,
            ),
        ]
        entries = [*word_entries(query, page, words, scoring, parts.words), *others]
        return Receipt.of(page, entries, exact=prepared.exact)

    def search_like(
        self,
        example: Example,
        top_k: int = 10,
        document_ids: Sequence[str] | None = None,
        image_only: bool = False,
    ) -> SearchResult:
        """The pages that are most like the example, which is not among them; the result's query is what is written in it."""
        start = time.perf_counter()
        prepared = self._prepared_like(example, _limit(top_k + 1), document_ids, image_only)
        ranked = [
            one
            for one in self._rank(prepared, top_k + 1, image_only)
            if one.page.page_id != example.page.page_id
        ][:top_k]
        if self._encoder.scoring is None:
            ranked = self._as_alike(ranked, prepared.embedding)
        hits = tuple(self._hit(r, prepared, image_only, lit=not i) for i, r in enumerate(ranked))
        matched = is_match(hit.strength for hit in hits)
        seconds = time.perf_counter() - start
        return SearchResult(prepared.embedding.text, matched, seconds, hits, exact=prepared.exact)

    def _as_alike(self, ranked: Sequence[Ranked], example: QueryEmbedding) -> list[Ranked]:
        """With the mean best cosine of the example's patches for a strength: null queries are no measure for patches."""
        n = max(len(example.vectors), 1)
        pages = self._store.fetch([one.page.page_id for one in ranked])
        alike = {page.page_id: maxsim(example.vectors, page.embedding.vectors) / n for page in pages}
        return [replace(one, strength=alike.get(one.page.page_id, 0.0)) for one in ranked]

    def heatmap_like(
        self, document_id: str, page: int, example: Example, image_only: bool = False
    ) -> Heatmap:
        """Where one stored page is like the example. Raises NotFound."""
        return self._heatmap(
            document_id, page, self._prepared_like(example, CANDIDATES, None, image_only), image_only
        )

    def _prepared_like(
        self, example: Example, limit: int, document_ids: Sequence[str] | None, image_only: bool
    ) -> PreparedQuery:
        if image_only:
            example = replace(example, page=replace(example.page, words=PageWords()))
        among = None if document_ids is None else tuple(document_ids)
        key = (example.key, among, image_only, self._store.stats().generation)
        return self._queries.get(
            key,
            lambda: self._prepare_embedded(
                example_query(self._store, example, self._encoder.scoring), limit, document_ids, image_only
            ),
            lambda prepared: prepared.limit >= limit,
        )

    def shows(self, page: StoredPage, word: str) -> bool:
        """Whether the encoder read this folded word on the page; False for encoders that read none."""
        scoring = self._encoder.scoring
        if scoring is None:
            return False
        query = self._embeddings.get(word, lambda: self._encoder.encode_query(word))
        same = [i for i, spelling in enumerate(query.spellings) if fold(spelling) == word]
        read = page.embedding.vectors[page.embedding.kinds == Kind.WORD]
        return bool((query.vectors[same] @ read.T).max(initial=-1.0) >= scoring.midpoint)

    def _prepared(
        self,
        query: str,
        limit: int,
        document_ids: Sequence[str] | None,
        image_only: bool,
        mends: bool = True,
        exact: bool = False,
    ) -> PreparedQuery:
        """The query as it was prepared last for this index, or anew. Raises InvalidQuery."""
        text = query.strip()
        if not text:
            raise InvalidQuery("the query is empty; type a few words")
        among = None if document_ids is None else tuple(document_ids)
        key = (text, among, image_only, mends, exact, self._store.stats().generation)
        return self._queries.get(
            key,
            lambda: self._read(text, limit, document_ids, image_only, mends, exact),
            lambda prepared: prepared.limit >= limit,
        )

    def _read(
        self,
        text: str,
        limit: int,
        document_ids: Sequence[str] | None,
        image_only: bool,
        mends: bool,
        exact: bool,
    ) -> PreparedQuery:
        """The query, slips in its words mended where the library tells what was meant."""
        prepared = self._prepare(text, limit, document_ids, image_only, exact)
        scoring = self._encoder.scoring
        if scoring is None or image_only or not mends:
            return prepared
        readings = read_as(self._store, prepared)
        if not readings:
            return prepared
        mended = self._prepare(
            replaced(prepared.embedding.text, readings), limit, document_ids, image_only, exact
        )
        return replace(mended, read_as=readings)

    def _prepare(
        self, text: str, limit: int, document_ids: Sequence[str] | None, image_only: bool, exact: bool
    ) -> PreparedQuery:
        query = self._embeddings.get(text, lambda: self._encoder.encode_query(text))
        return self._prepare_embedded(query, limit, document_ids, image_only, exact)

    def _prepare_embedded(
        self,
        query: QueryEmbedding,
        limit: int,
        document_ids: Sequence[str] | None,
        image_only: bool,
        exact: bool = False,
    ) -> PreparedQuery:
        if not len(query.vectors):  # punctuation only
            return PreparedQuery(query, own_weights(query), (), (), limit)
        scoring = self._encoder.scoring
        if scoring is None:
            return self._maxsim.prepare(query, limit, document_ids, image_only)
        nulls = self._nulls.scores() if query.meaning else None
        return term_ranking.prepare(
            self._store, query, scoring, limit, document_ids, image_only, nulls, exact
        )

    def _rank(self, prepared: PreparedQuery, top_k: int, image_only: bool) -> list[Ranked]:
        scoring = self._encoder.scoring
        if not len(prepared.embedding.vectors):
            return []
        if scoring is None:
            return self._maxsim.rank(prepared, top_k, image_only)
        return term_ranking.rank(self._store, prepared, scoring, top_k, image_only)

    def _hit(self, ranked: Ranked, prepared: PreparedQuery, image_only: bool, lit: bool) -> PageHit:
        """lit: with its regions found at once"""
        page, scoring, highlights = ranked.page, self._encoder.scoring, self._highlights

        def find() -> tuple[Region, ...]:
            return tuple(
                region
                for stored in self._store.fetch([page.page_id])
                for region in page_regions(
                    prepared.embedding,
                    stored.embedding,
                    PageWords() if image_only else stored.words,
                    prepared.weights,
                    scoring,
                    _closeness(prepared, stored, image_only),
                    highlights,
                    self._layouts.of(stored, image_only),
                )
            )

        regions = LazyRegions(find)
        return PageHit(
            page.document,
            page.document_id,
            page.page,
            round(ranked.score, 4),
            round(min(max(ranked.strength, 0.0), 1.0), 4),
            ranked.sources,
            regions.all() if lit else regions,
        )


def _closeness(prepared: PreparedQuery, page: StoredPage, image_only: bool) -> Closeness | None:
    """How close the page's passages are to the query; None where nothing is known of meaning."""
    query, meaning = prepared.embedding.meaning, page_meaning(page, image_only)
    if prepared.nulls is None or query is None or not len(query.vectors) or not len(meaning):
        return None
    return Closeness.of(query, meaning, prepared.nulls.deviation)


def _limit(top_k: int) -> int:
    """Pages that are scored from their stored vectors, at most twice as many."""
    return max(CANDIDATES, 2 * top_k)

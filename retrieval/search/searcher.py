"""Search: MaxSim retrieves, the stored vectors rescore, and the documents' own words join in.

An encoder that declares a `TermScoring` is ranked by `term_ranking`, the others by `maxsim_ranking`. Both read the
best pages' stored vectors, from which the regions come.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from pagelight.retrieval.encoders.encoder import Encoder
from pagelight.retrieval.errors import not_indexed
from pagelight.retrieval.highlights.maps import HIGHLIGHTS, HighlightParameters
from pagelight.retrieval.highlights.passage_closeness import closest_passage
from pagelight.retrieval.maxsim import maxsim
from pagelight.retrieval.results import Heatmap, PageHit, SearchResult
from pagelight.retrieval.search import term_ranking
from pagelight.retrieval.search.calibration import is_match
from pagelight.retrieval.search.closeness import page_meaning
from pagelight.retrieval.search.example import Example
from pagelight.retrieval.search.lit_pages import LitPages
from pagelight.retrieval.search.maxsim_ranking import MaxSimRanker
from pagelight.retrieval.search.page_evidence import CANDIDATES, Ranked
from pagelight.retrieval.search.preparation import Preparation
from pagelight.retrieval.search.prepared import PreparedQuery, Scope
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
        self._store = store
        self._maxsim = MaxSimRanker(encoder, store)
        self._preparation = Preparation(encoder, store, self._maxsim)
        self._lit = LitPages(store, encoder.scoring, highlights)

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
        scope = Scope.of(document_ids, image_only, mends, exact)
        prepared = self._preparation.of_text(query, _limit(top_k), scope)
        ranked = self._rank(prepared, top_k, image_only)
        hits = self._hits(ranked, prepared, image_only)
        matched = is_match(hit.strength for hit in hits)
        seconds = time.perf_counter() - start
        return SearchResult(query, matched, seconds, hits, prepared.read_as, prepared.exact)

    def warm_up(self, wanted: Callable[[], bool] = lambda: True) -> None:
        """Load and measure what the first searches would wait for: the text model, the codebook, what chance reaches, pages.

        wanted: whether to go on reading pages, see `PageStore.load_columns`
        """
        self.search("page", 1)
        self._store.load_columns(wanted)

    def rank(self, query: str, top_k: int = 10, image_only: bool = False) -> list[Ranked]:
        """The best pages as `search` finds them, without their regions, which take most of its time."""
        prepared = self._preparation.of_text(query, _limit(top_k), Scope(image_only=image_only))
        return self._rank(prepared, top_k, image_only)

    def heatmap(
        self, document_id: str, page: int, query: str, image_only: bool = False, mends: bool = True
    ) -> Heatmap:
        """Places of the query's words on one stored page; `image_only` and `mends` as in `search`.

        Raises NotFound and InvalidQuery.
        """
        prepared = self._preparation.of_text(query, CANDIDATES, Scope.of(None, image_only, mends))
        return self._lit.heatmap(self._stored(document_id, page), prepared, image_only)

    def explain(
        self,
        document_id: str,
        page: int,
        query: str,
        document_ids: Sequence[str] | None = None,
        image_only: bool = False,
        mends: bool = True,
    ) -> Receipt:
        """The parts of a page's score in a search of these documents. Raises NotFound and InvalidQuery."""
        prepared = self._preparation.of_text(query, CANDIDATES, Scope.of(document_ids, image_only, mends))
        return self._receipt(prepared, self._stored(document_id, page), image_only)

    def explain_like(
        self,
        document_id: str,
        page: int,
        example: Example,
        document_ids: Sequence[str] | None = None,
        image_only: bool = False,
    ) -> Receipt:
        """The parts of a page's score in a search by an example among these documents. Raises NotFound."""
        prepared = self._preparation.of_example(example, CANDIDATES, Scope.of(document_ids, image_only))
        return self._receipt(prepared, self._stored(document_id, page), image_only)

    def _stored(self, document_id: str, page: int) -> StoredPage:
        """Raises NotFound."""
        found = self._store.fetch([page_id(document_id, page)])
        if not found:
            raise not_indexed(document_id, page)
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
        prepared = self._preparation.of_example(
            example, _limit(top_k + 1), Scope.of(document_ids, image_only)
        )
        ranked = [
            one
            for one in self._rank(prepared, top_k + 1, image_only)
            if one.page.page_id != example.page.page_id
        ][:top_k]
        if self._encoder.scoring is None:
            ranked = self._as_alike(ranked, prepared.embedding)
        hits = self._hits(ranked, prepared, image_only)
        matched = is_match(hit.strength for hit in hits)
        seconds = time.perf_counter() - start
        return SearchResult(prepared.embedding.text, matched, seconds, hits, exact=prepared.exact)

    def _as_alike(self, ranked: Sequence[Ranked], example: QueryEmbedding) -> list[Ranked]:
        """The result with the mean best cosine of the example's patches for a strength: null queries are no measure for patches."""
        n = max(len(example.vectors), 1)
        pages = self._store.fetch([one.page.page_id for one in ranked])
        alike = {page.page_id: maxsim(example.vectors, page.embedding.vectors) / n for page in pages}
        return [replace(one, strength=alike.get(one.page.page_id, 0.0)) for one in ranked]

    def heatmap_like(
        self, document_id: str, page: int, example: Example, image_only: bool = False
    ) -> Heatmap:
        """Places of one stored page that are like the example. Raises NotFound."""
        prepared = self._preparation.of_example(example, CANDIDATES, Scope(image_only=image_only))
        return self._lit.heatmap(self._stored(document_id, page), prepared, image_only)

    def shows(self, page: StoredPage, word: str) -> bool:
        """Whether the encoder read this folded word on the page; False for encoders that read none."""
        scoring = self._encoder.scoring
        if scoring is None:
            return False
        query = self._preparation.embedded(word)
        same = [i for i, spelling in enumerate(query.spellings) if fold(spelling) == word]
        read = page.embedding.vectors[page.embedding.kinds == Kind.WORD]
        return bool((query.vectors[same] @ read.T).max(initial=-1.0) >= scoring.midpoint)

    def _rank(self, prepared: PreparedQuery, top_k: int, image_only: bool) -> list[Ranked]:
        scoring = self._encoder.scoring
        if not len(prepared.embedding.vectors):
            return []
        if scoring is None:
            return self._maxsim.rank(prepared, top_k, image_only)
        return term_ranking.rank(self._store, prepared, scoring, top_k, image_only)

    def _hits(
        self, ranked: Sequence[Ranked], prepared: PreparedQuery, image_only: bool
    ) -> tuple[PageHit, ...]:
        """The first one with its regions, the others without: those are found when somebody looks."""
        hits: list[PageHit] = []
        for one in ranked:
            regions = self._lit.regions(one.page.page_id, prepared, image_only)
            hits.append(
                PageHit(
                    one.page.document,
                    one.page.document_id,
                    one.page.page,
                    round(one.score, 4),
                    round(min(max(one.strength, 0.0), 1.0), 4),
                    one.sources,
                    regions if hits else regions.all(),
                )
            )
        return tuple(hits)


def _limit(top_k: int) -> int:
    """Pages that are scored from their stored vectors, at most twice as many."""
    return max(CANDIDATES, 2 * top_k)

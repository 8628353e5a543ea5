"""Putting a dataset's queries to a filled index: what is found, how fast, how sure, and where it lights up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from pagelight.app.evaluation.dataset import Place, Query
from pagelight.app.evaluation.memory_store import MemoryStore
from pagelight.app.evaluation.metrics import Pointing, QueryScore, point, score_run
from pagelight.retrieval.encoders.encoder import Encoder
from pagelight.retrieval.errors import NotFound
from pagelight.retrieval.results import Heatmap, Region
from pagelight.retrieval.search.calibration import is_match
from pagelight.retrieval.search.searcher import Searcher
from pagelight.retrieval.store.page_store import PageStore

#: results that are asked for; nDCG@10 looks at the first ten
TOP_K = 10
#: an index of more vectors is large: its searches take seconds
LARGE = 500_000
#: queries of a large index, from all over the dataset, that are searched and timed; the others are answered from memory
TIMED_IF_LARGE = 8


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a result, with the strength that was claimed for it."""

    place: Place
    strength: float


@dataclass(frozen=True, slots=True, eq=False)
class QueryOutcome:
    """One query under one setting.

    results: best first; matched: False where the search says that nothing answers
    seconds: None where the search was not timed; pointing: None where no box is labelled
    """

    query: Query
    score: QueryScore
    results: tuple[Found, ...]
    matched: bool
    seconds: float | None
    pointing: Pointing | None

    @property
    def found(self) -> tuple[Place, ...]:
        return tuple(result.place for result in self.results)


@dataclass(frozen=True, slots=True, eq=False)
class PageView:
    """View of a page as a person would see it: the strongest word of each cell, and the regions.

    strength: (n_rows, n_cols) uint8, 255 = strongest; indexed: (n_rows, n_cols) bool
    """

    place: Place
    strength: NDArray[np.uint8]
    indexed: NDArray[np.bool_]
    regions: tuple[Region, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """outcomes: of every query, in order; page_views: of those that score worst, by query id
    refused: for each off-topic query whether the search says that nothing answers
    """

    outcomes: tuple[QueryOutcome, ...]
    page_views: dict[str, PageView]
    refused: tuple[bool, ...]


def run_queries(
    encoder: Encoder,
    store: MemoryStore,
    queries: Sequence[Query],
    ids: Mapping[str, str],
    *,
    off_topic: Sequence[str] = (),
    image_only: bool = False,
    n_views: int = 0,
    on_step: Callable[[], None] = lambda: None,
) -> Answers:
    """Search for every query, and for those that nothing should answer.

    ids: document ids by name; n_views: of how many queries to keep a view; on_step: called after each query
    """
    searcher = Searcher(encoder, cast(PageStore, store))
    searcher.search(queries[0].text, TOP_K, image_only=image_only)  # the first search opens files
    store.forget_last()
    large = encoder.scoring is not None and store.is_exact and store.cost.n_vectors > LARGE
    timed = {query.query_id for query in (spread(queries, TIMED_IF_LARGE) if large else queries)}
    texts = [query.text for query in queries] + list(off_topic)
    results: dict[str, tuple[Found, ...]] = {}
    matched: dict[str, bool] = {}
    seconds: dict[str, float] = {}
    pointing: dict[str, Pointing | None] = {}
    page_views: dict[str, PageView] = {}
    # Those that are timed first: what was compared in memory takes no time
    for query in sorted(queries, key=lambda query: query.query_id not in timed):
        name = query.query_id
        if name in timed:
            result = searcher.search(query.text, TOP_K, image_only=image_only)
            seconds[name], matched[name] = result.seconds, result.matched
            results[name] = tuple(Found((hit.document, hit.page), hit.strength) for hit in result.hits)
        else:
            if not store.has_compared:
                store.compare_all([encoder.encode_query(text.strip()).vectors for text in texts])
            results[name] = _ranked(searcher, query.text, image_only)
            matched[name] = _matched(results[name])
        # at once, while the store remembers what it answered
        if query.boxes or n_views:
            shown = _heatmap(searcher, query, ids)
            pointing[name] = _pointing(query, shown)
            if shown is not None and len(shown.maps):
                page_views[name] = _page_view(query, shown)
        on_step()
    refused = []
    for text in off_topic:
        refused.append(not _matched(_ranked(searcher, text, image_only)))
        on_step()
    scores = score_run(queries, {name: [f.place for f in found] for name, found in results.items()})
    outcomes = tuple(
        QueryOutcome(
            query,
            scores[query.query_id],
            results[query.query_id],
            matched[query.query_id],
            seconds.get(query.query_id),
            pointing.get(query.query_id),
        )
        for query in queries
    )
    worst = sorted(outcomes, key=lambda outcome: outcome.score.ndcg5)[:n_views]
    named = [outcome.query.query_id for outcome in worst]
    kept = {query_id: page_views[query_id] for query_id in named if query_id in page_views}
    return Answers(outcomes, kept, tuple(refused))


def spread(queries: Sequence[Query], most: int) -> Sequence[Query]:
    """At most so many of them, evenly spread."""
    return queries[:: -(-len(queries) // most)]


def place_of(query: Query) -> Place:
    """The page that is looked at: the first labelled one, or one of those that answer."""
    return query.boxes[0].place if query.boxes else min(query.relevant)


def _ranked(searcher: Searcher, text: str, image_only: bool) -> tuple[Found, ...]:
    """Pages that a search finds, without their regions, which take most of its time."""
    ranked = searcher.rank(text, TOP_K, image_only)
    return tuple(Found((r.page.document, r.page.page), min(max(r.strength, 0.0), 1.0)) for r in ranked)


def _matched(results: Sequence[Found]) -> bool:
    return is_match(found.strength for found in results)


def _pointing(query: Query, shown: Heatmap | None) -> Pointing | None:
    """Pointing on the first labelled page, against all of its boxes."""
    if not query.boxes:
        return None
    regions = shown.regions if shown else ()
    return point(regions, [box.box for box in query.boxes if box.place == place_of(query)])


def _page_view(query: Query, shown: Heatmap) -> PageView:
    strength = np.clip(shown.maps.max(axis=0) * 255, 0, 255).astype(np.uint8)
    return PageView(place_of(query), strength, shown.indexed, shown.regions)


def _heatmap(searcher: Searcher, query: Query, ids: Mapping[str, str]) -> Heatmap | None:
    name, page = place_of(query)
    try:
        return searcher.heatmap(ids[name], page, query.text)
    except (NotFound, KeyError):  # the page could not be read
        return None

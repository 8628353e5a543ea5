"""Putting a dataset's queries to a filled index: what is found, how fast, and where it lights up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagelight.app.evaluation.dataset import Place, Query
from pagelight.app.evaluation.memory_store import HeldStore
from pagelight.app.evaluation.metrics import QueryScore, score_run
from pagelight.app.evaluation.pointing import Pointing, point
from pagelight.retrieval.encoders.encoder import Encoder
from pagelight.retrieval.errors import NotFound
from pagelight.retrieval.search.searcher import Searcher
from pagelight.retrieval.types import Heatmap, Region

#: results that are asked for; nDCG@10 looks at the first ten
TOP_K = 10
#: so many queries, from all over the dataset, are searched and timed; of the others only the ranking is asked for
TIMED = 32
#: in an index of more vectors than LARGE so many are, and the others are answered from memory
LARGE, TIMED_IF_LARGE = 500_000, 8


@dataclass(frozen=True, slots=True, eq=False)
class QueryOutcome:
    """One query under one setting.

    found: the places, best first; seconds: None where the search was not timed; pointing: None where no box is
    labelled
    """

    query: Query
    score: QueryScore
    found: tuple[Place, ...]
    seconds: float | None
    pointing: Pointing | None


@dataclass(frozen=True, slots=True, eq=False)
class Glimpse:
    """What a person would see on a page: the strongest word of each cell, and the regions.

    strength: (n_rows, n_cols) uint8, 255 = strongest; indexed: (n_rows, n_cols) bool
    """

    place: Place
    strength: NDArray[np.uint8]
    indexed: NDArray[np.bool_]
    regions: tuple[Region, ...]


def ask(
    encoder: Encoder,
    store: HeldStore,
    queries: Sequence[Query],
    ids: Mapping[str, str],
    image_only: bool = False,
    glimpse_at: int = 0,
    on_step: Callable[[], None] = lambda: None,
) -> tuple[tuple[QueryOutcome, ...], dict[str, Glimpse]]:
    """Every query's outcome, in order, and glimpses of those that score worst, by query id.

    ids: document ids by name; glimpse_at: of how many queries to keep a glimpse; on_step: called after each query
    """
    searcher = Searcher(encoder, store)
    searcher.rank(queries[0].text, TOP_K, image_only)  # the first search opens files
    store.forget()
    large = encoder.scoring is not None and store.learns and store.stats().n_vectors > LARGE
    timed = {query.query_id for query in spread(queries, TIMED_IF_LARGE if large else TIMED)}
    found: dict[str, tuple[Place, ...]] = {}
    seconds: dict[str, float] = {}
    pointing: dict[str, Pointing | None] = {}
    glimpses: dict[str, Glimpse] = {}
    # Those that are timed first: what the store has learnt takes no time
    for query in sorted(queries, key=lambda query: query.query_id not in timed):
        if query.query_id in timed:
            result = searcher.search(query.text, TOP_K, image_only=image_only)
            seconds[query.query_id] = result.seconds
            found[query.query_id] = tuple((hit.document, hit.page) for hit in result.hits)
        else:
            if large and not store.learned:
                store.learn([encoder.encode_query(query.text.strip()).vectors for query in queries])
            ranked = searcher.rank(query.text, TOP_K, image_only)
            found[query.query_id] = tuple((r.page.document, r.page.page) for r in ranked)
        # at once, while the store remembers what it answered
        if query.boxes or glimpse_at:
            shown = _heatmap(searcher, query, ids)
            pointing[query.query_id] = _pointing(query, shown)
            if shown is not None and len(shown.maps):
                glimpses[query.query_id] = _glimpse(query, shown)
        on_step()
    scores = score_run(queries, found)
    outcomes = tuple(
        QueryOutcome(
            query,
            scores[query.query_id],
            found[query.query_id],
            seconds.get(query.query_id),
            pointing.get(query.query_id),
        )
        for query in queries
    )
    worst = sorted(outcomes, key=lambda outcome: outcome.score.ndcg5)[:glimpse_at]
    named = [outcome.query.query_id for outcome in worst]
    return outcomes, {query_id: glimpses[query_id] for query_id in named if query_id in glimpses}


def spread(queries: Sequence[Query], most: int) -> Sequence[Query]:
    """At most so many, evenly spread."""
    return queries[:: -(-len(queries) // most)]


def place_of(query: Query) -> Place:
    """The page that is looked at: the first labelled one, or one of those that answer."""
    return query.boxes[0].place if query.boxes else min(query.relevant)


def _pointing(query: Query, shown: Heatmap | None) -> Pointing | None:
    """On the first labelled page, against all of its boxes."""
    if not query.boxes:
        return None
    regions = shown.regions if shown else ()
    return point(regions, [box.box for box in query.boxes if box.place == place_of(query)])


def _glimpse(query: Query, shown: Heatmap) -> Glimpse:
    strength = np.clip(shown.maps.max(axis=0) * 255, 0, 255).astype(np.uint8)
    return Glimpse(place_of(query), strength, shown.indexed, shown.regions)


def _heatmap(searcher: Searcher, query: Query, ids: Mapping[str, str]) -> Heatmap | None:
    name, page = place_of(query)
    try:
        return searcher.heatmap(ids[name], page, query.text)
    except (NotFound, KeyError):  # the page could not be read
        return None

"""Lit pages: heat maps and regions of found pages, found when somebody looks, from layouts that are remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import overload

from pagelight.retrieval.highlights.layout import Layout, LayoutParameters, page_layout
from pagelight.retrieval.highlights.maps import HighlightParameters, heatmap, page_places
from pagelight.retrieval.highlights.passage_closeness import Closeness
from pagelight.retrieval.highlights.regions import Place
from pagelight.retrieval.results import Heatmap, Region
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.search.closeness import page_meaning
from pagelight.retrieval.search.prepared import PreparedQuery, Recent
from pagelight.retrieval.store.page_store import PageStore
from pagelight.retrieval.types import Ints, PageWords, StoredPage

#: layouts that are kept, of some 50 kB each at most: a dozen searches' hits (limit)
KEPT = 128


class LitPages:
    """Lights the pages of a store for a prepared query."""

    def __init__(
        self, store: PageStore, scoring: TermScoring | None, parameters: HighlightParameters
    ) -> None:
        self._store, self._scoring, self._parameters = store, scoring, parameters
        self._layouts = PageLayouts(parameters.layout)
        self._lit: Recent[_Lit] = Recent()

    def heatmap(self, page: StoredPage, prepared: PreparedQuery, image_only: bool) -> Heatmap:
        """The places of the query's words on the page."""
        return heatmap(
            prepared.embedding,
            page.embedding,
            PageWords() if image_only else page.words,
            prepared.weights,
            self._scoring,
            self._layouts.of(page, image_only),
            self._places(page, prepared, image_only),
        )

    def regions(self, page_id: str, prepared: PreparedQuery, image_only: bool) -> LazyRegions:
        """The regions of a stored page; none where it is gone by then."""

        def find() -> tuple[Region, ...]:
            found = self._store.fetch([page_id])
            places = self._places(found[0], prepared, image_only) if found else ()
            return tuple(place.region for place in places)

        return LazyRegions(find)

    def _places(self, page: StoredPage, prepared: PreparedQuery, image_only: bool) -> tuple[Place, ...]:
        """Found once for those who search and then look at the page."""
        key, cells = (page.page_id, image_only), page.embedding.cell_to_vector
        known = self._lit.find(key, lambda lit: lit.prepared is prepared and lit.cells is cells)
        if known is None:
            places = page_places(
                prepared.embedding,
                page.embedding,
                PageWords() if image_only else page.words,
                prepared.weights,
                self._scoring,
                _closeness(prepared, page, image_only),
                self._parameters,
                self._layouts.of(page, image_only),
            )
            known = self._lit.keep(key, _Lit(prepared, cells, places))
        return known.places


@dataclass(frozen=True, slots=True, eq=False)
class _Lit:
    """Places on a page. cells: of the page as it was then, (n_cells,)"""

    prepared: PreparedQuery
    cells: Ints
    places: tuple[Place, ...]


def _closeness(prepared: PreparedQuery, page: StoredPage, image_only: bool) -> Closeness | None:
    """Closeness of the page's passages to the query; None where nothing is known of meaning."""
    query, meaning = prepared.embedding.meaning, page_meaning(page, image_only)
    if prepared.nulls is None or query is None or not len(query.vectors) or not len(meaning):
        return None
    return Closeness.of(query, meaning, prepared.nulls.deviation)


class LazyRegions(Sequence[Region]):
    """A tuple of regions, computed at its first use. Safe for several threads."""

    def __init__(self, find: Callable[[], tuple[Region, ...]]) -> None:
        self._find: Callable[[], tuple[Region, ...]] | None = find
        self._found: tuple[Region, ...] = ()
        self._lock = Lock()

    def all(self) -> tuple[Region, ...]:
        with self._lock:
            if self._find is not None:
                self._found = self._find()
                self._find = None  # lets go of the page
            return self._found

    @overload
    def __getitem__(self, index: int) -> Region: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Region, ...]: ...
    def __getitem__(self, index: int | slice) -> Region | tuple[Region, ...]:
        return self.all()[index]

    def __len__(self) -> int:
        return len(self.all())

    def __eq__(self, other: object) -> bool:
        return self.all() == tuple(other) if isinstance(other, Sequence) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.all())

    def __repr__(self) -> str:
        return repr(self.all())


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """A layout. cells: of the page as it was then, (n_cells,)"""

    cells: Ints
    layout: Layout


class PageLayouts:
    """Finds the layout of a stored page once. Safe for several threads."""

    def __init__(self, parameters: LayoutParameters) -> None:
        self._parameters = parameters
        self._found: Recent[_Found] = Recent(KEPT)

    def of(self, page: StoredPage, image_only: bool) -> Layout:
        """image_only: leave the document's own words unused"""
        cells = page.embedding.cell_to_vector
        words = PageWords() if image_only else page.words
        key = (page.page_id, image_only)
        # a page that was written anew, or read from the store again, has other arrays
        known = self._found.find(key, lambda found: found.cells is cells)
        if known is None:
            layout = page_layout(page.embedding, words, self._parameters)
            known = self._found.keep(key, _Found(cells, layout))
        return known.layout

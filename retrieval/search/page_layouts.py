"""Layouts of the pages that were lit last: a page that answers one query often answers the next."""

from __future__ import annotations

from dataclasses import dataclass

from pagelight.retrieval.highlights.layout import Layout, LayoutParameters, page_layout
from pagelight.retrieval.search.prepared import Recent
from pagelight.retrieval.types import Ints, PageWords, StoredPage

#: layouts that are kept, of some 50 kB each at most: a dozen searches' hits (limit)
KEPT = 128


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """cells: of the page as it was then, (n_cells,)"""

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
        found = self._found.get(
            (page.page_id, image_only),
            lambda: _Found(cells, page_layout(page.embedding, words, self._parameters)),
            # a page that was written anew, or read from the store again, has other arrays
            lambda found: found.cells is cells,
        )
        return found.layout

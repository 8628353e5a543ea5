"""Heat maps of a query's words on a stored page, and the regions that they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pagelight.retrieval.highlights.layout import LAYOUT, Layout, LayoutParameters, page_layout
from pagelight.retrieval.highlights.page_pictures import (
    PICTURES,
    PictureParameters,
    asks_for_figure,
    find_pictures,
)
from pagelight.retrieval.highlights.passage_closeness import MEANT, Closeness, MeantParameters
from pagelight.retrieval.highlights.query_matches import MATCHES, MatchParameters, find_matches
from pagelight.retrieval.highlights.regions import REGIONS, Place, RegionParameters, find_regions
from pagelight.retrieval.results import Heatmap
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.text.evidence import written_maps
from pagelight.retrieval.types import (
    PRUNED,
    Floats,
    Kind,
    PageEmbedding,
    PageWords,
    PatchGrid,
    QueryEmbedding,
)


@dataclass(frozen=True, slots=True)
class HighlightParameters:
    """Every number that highlights are found by, one object a part.

    layout: lines, blocks, rows and passages
    matches: cells that match, and how far they reach
    pictures: figures and their captions
    regions: what becomes a region
    meant: passages that say what the query means
    """

    layout: LayoutParameters = LAYOUT
    matches: MatchParameters = MATCHES
    pictures: PictureParameters = PICTURES
    regions: RegionParameters = REGIONS
    meant: MeantParameters = MEANT


HIGHLIGHTS = HighlightParameters()


def word_maps(
    query: QueryEmbedding,
    page: PageEmbedding,
    words: PageWords,
    scoring: TermScoring | None,
    figures: bool = True,
) -> Floats:
    """(n_words, n_rows, n_cols) float32 in 0..1: how strongly each cell matches each word.

    The stronger of what was seen (0 where pruned) and what the page's own words spell. With `scoring`, the
    probability of a match; without it (MaxSim), each token's similarities are stretched from the page's mean to
    its maximum, since the absolute level says little (colpali-engine draws them so too).

    figures: False leaves out the vectors that stand for a figure
    """
    similarities = query.vectors @ page.vectors.T  # (n_tokens, n_vectors)
    if scoring is not None:
        strength = scoring.token_matches(query, similarities.T).T * scoring.relative_weights(query)[:, None]
    else:
        low, high = similarities.mean(axis=1), similarities.max(axis=1)
        stretched = (similarities - low[:, None]) / np.maximum(high - low, 1e-6)[:, None]
        strength = np.clip(stretched, 0.0, 1.0)
    # a last column of zeros is what pruned cells (-1) show
    by_word = np.zeros((len(query.words), len(page) + 1), np.float32)
    for token, word in enumerate(query.word_of_token):
        if word >= 0:
            np.maximum(by_word[word, :-1], strength[token], out=by_word[word, :-1])
    if not figures:
        by_word[:, :-1][:, page.kinds == Kind.FIGURE] = 0.0
    maps = by_word.take(page.cell_to_vector, axis=1, mode="wrap").reshape(
        -1, page.grid.n_rows, page.grid.n_cols
    )  # "wrap": PRUNED is -1, the last column
    return np.maximum(maps, written_maps(query, scoring, words, page.grid)) if len(words) else maps


def heatmap(
    query: QueryEmbedding,
    page: PageEmbedding,
    words: PageWords,
    word_weights: Floats,
    scoring: TermScoring | None,
    layout: Layout,
    places: Sequence[Place],
) -> Heatmap:
    """The query's words on one page, and the regions that they make.

    layout: of the page and these words; places: what `page_places` finds on it
    A passage that says what is meant, more than it has the words, is lit under every word.
    """
    maps = word_maps(query, page, words, scoring)
    indexed = (page.cell_to_vector != PRUNED).reshape(page.grid.n_rows, page.grid.n_cols)
    relative = word_weights / max(float(word_weights.max(initial=0.0)), 1e-6)
    for place in places:
        if place.meant >= 0:
            own = layout.fragments.boxes[layout.fragments.passage == place.meant]
            maps = np.where(_cells(own, page.grid), np.maximum(maps, place.region.score), maps)
    return Heatmap(
        page.grid,
        query.words,
        maps,
        relative.astype(np.float32),
        indexed,
        tuple(place.region for place in places),
    )


def page_places(
    query: QueryEmbedding,
    page: PageEmbedding,
    words: PageWords,
    word_weights: Floats,
    scoring: TermScoring | None,
    closeness: Closeness | None = None,
    parameters: HighlightParameters = HIGHLIGHTS,
    layout: Layout | None = None,
) -> tuple[Place, ...]:
    """Up to five regions, best first, each with what made it.

    word_weights: (n_words,); closeness: of the page's passages in meaning, None where nothing is known;
    layout: of the page and these words, found anew where None
    """
    layout = layout or page_layout(page, words, parameters.layout)
    maps = word_maps(query, page, words, scoring, figures=False)
    return find_regions(
        find_matches(maps, word_weights, parameters.matches),
        layout,
        find_pictures(query, page, parameters.pictures),
        asks_for_figure(query),
        closeness,
        parameters.regions,
        parameters.matches,
        parameters.pictures,
        parameters.meant,
    )


def _cells(boxes: Floats, grid: PatchGrid) -> np.ndarray:
    """(n_rows, n_cols) bool: the cells whose middle lies in one of the boxes (n, 4)."""
    x, y = (np.arange(grid.n_cols) + 0.5) / grid.n_cols, (np.arange(grid.n_rows) + 0.5) / grid.n_rows
    across = (x >= boxes[:, :1]) & (x <= boxes[:, 2:3])  # (n, n_cols)
    down = (y >= boxes[:, 1:2]) & (y <= boxes[:, 3:])  # (n, n_rows)
    return np.asarray((down[:, :, None] & across[:, None]).any(axis=0))

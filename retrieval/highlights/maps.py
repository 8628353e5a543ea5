"""Heat maps of a query's words on a stored page, and the regions that they make."""

from __future__ import annotations

import numpy as np

from pagelight.retrieval.highlights.figures import asks_for_figure, find_pictures
from pagelight.retrieval.highlights.layout import Layout, page_layout
from pagelight.retrieval.highlights.parameters import HIGHLIGHTS, HighlightParameters
from pagelight.retrieval.highlights.query_matches import find_matches
from pagelight.retrieval.highlights.regions import find_regions
from pagelight.retrieval.results import Heatmap, Region
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.text.evidence import written_maps
from pagelight.retrieval.types import PRUNED, Floats, Kind, PageEmbedding, PageWords, QueryEmbedding


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
        strength = scoring.match(similarities) * scoring.relative_weights(query)[:, None]
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
    parameters: HighlightParameters = HIGHLIGHTS,
    layout: Layout | None = None,
) -> Heatmap:
    """The query's words on one page, and the regions that they make. word_weights: (n_words,); layout: as in `page_regions`."""
    maps = word_maps(query, page, words, scoring)
    indexed = (page.cell_to_vector != PRUNED).reshape(page.grid.n_rows, page.grid.n_cols)
    relative = word_weights / max(float(word_weights.max(initial=0.0)), 1e-6)
    return Heatmap(
        page.grid,
        query.words,
        maps,
        relative.astype(np.float32),
        indexed,
        page_regions(query, page, words, word_weights, scoring, parameters, layout),
    )


def page_regions(
    query: QueryEmbedding,
    page: PageEmbedding,
    words: PageWords,
    word_weights: Floats,
    scoring: TermScoring | None,
    parameters: HighlightParameters = HIGHLIGHTS,
    layout: Layout | None = None,
) -> tuple[Region, ...]:
    """Up to five regions, best first. word_weights: (n_words,); layout: of the page and these words, found anew where None."""
    maps = word_maps(query, page, words, scoring, figures=False)
    return find_regions(
        find_matches(maps, word_weights, parameters.matches),
        layout or page_layout(page, words, parameters.layout),
        find_pictures(query, page, parameters.pictures),
        asks_for_figure(query),
        parameters.regions,
        parameters.matches,
        parameters.pictures,
    )

"""From a stored page and a query to the places that answer it.

A place is good where many of the query's rare words lie close together. Each word spreads a soft bell over the
page around its matches; the bells of different words add up, those of one word do not. The peaks of the sum
become regions: the matching cells around the peak, snapped to the page's own words where it has them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from retrieval.maxsim import similarity_map
from retrieval.scoring import TermScoring
from retrieval.types import PRUNED, Box, Floats, Heatmap, PageEmbedding, PageWords, QueryEmbedding, Region
from retrieval.written import written_maps

#: how far a match reaches, as a share of the page's width and height: lines of text are long, not high
REACH = (0.14, 0.04)
#: at most this many cells of a word take part (the strongest)
MAX_CELLS = 256
MAX_REGIONS = 5
#: points of the page at which the sum of the bells is read
PROBES = (33, 41)


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """The cells that match one word: centres (n, 2) as x, y; strength (n,) in 0..1; boxes (n, 4)."""

    centres: Floats
    strength: Floats
    boxes: Floats


def word_maps(
    query: QueryEmbedding, page: PageEmbedding, words: PageWords, scoring: TermScoring | None
) -> Floats:
    """(n_words, n_rows, n_cols) float32 in 0..1: how strongly each cell matches each word.

    The stronger of what was seen (0 where pruned) and what the page's own words spell. With `scoring`, the probability of a match; without it (MaxSim), each token's similarities are stretched
    from the page's mean to its maximum, since the absolute level says little (colpali-engine draws them so too).
    """
    n_words = len(query.words)
    similarities = np.nan_to_num(similarity_map(query.vectors, page), nan=-1.0)  # (n_tokens, n_rows, n_cols)
    if scoring is not None:
        strength = scoring.match(similarities) * scoring.relative_weights(query)[:, None, None]
        strength[similarities <= -1.0] = 0.0
    else:
        flat = query.vectors @ page.vectors.T  # (n_tokens, n_vectors)
        low, high = flat.mean(axis=1), flat.max(axis=1)
        strength = (similarities - low[:, None, None]) / np.maximum(high - low, 1e-6)[:, None, None]
        strength = np.clip(strength, 0.0, 1.0)
    maps = np.zeros((n_words, page.grid.n_rows, page.grid.n_cols), np.float32)
    for token, word in enumerate(query.word_of_token):
        if word >= 0:
            np.maximum(maps[word], strength[token], out=maps[word])
    return np.maximum(maps, written_maps(query, scoring, words, page.grid)) if len(words) else maps


def heatmap(
    query: QueryEmbedding,
    page: PageEmbedding,
    words: PageWords,
    word_weights: Floats,
    scoring: TermScoring | None,
) -> Heatmap:
    """The query's words on one page, and the regions that they make. word_weights: (n_words,)."""
    maps = word_maps(query, page, words, scoring)
    indexed = (page.cell_to_vector != PRUNED).reshape(page.grid.n_rows, page.grid.n_cols)
    relative = word_weights / max(float(word_weights.max(initial=0.0)), 1e-6)
    return Heatmap(
        page.grid,
        query.words,
        maps,
        relative.astype(np.float32),
        indexed,
        find_regions(maps, word_weights, words),
    )


def find_regions(maps: Floats, word_weights: Floats, words: PageWords) -> tuple[Region, ...]:
    """Up to five regions, best first; a region's score is the share of the query's weight that it covers."""
    total = float(word_weights.sum())
    places = [_places(word_map) for word_map in maps]
    if total <= 0 or not any(len(p.strength) for p in places):
        return ()
    xs, ys = np.meshgrid(np.linspace(0.015, 0.985, PROBES[0]), np.linspace(0.015, 0.985, PROBES[1]))
    probes = np.stack([xs.ravel(), ys.ravel()], axis=1).astype(np.float32)  # (n_probes, 2)
    bells = np.stack([_bell(probes, p) for p in places], axis=1)  # (n_probes, n_words)
    heat = bells @ word_weights / total  # (n_probes,)
    regions: list[Region] = []
    best = float(heat.max())
    while len(regions) < MAX_REGIONS:
        peak = int(heat.argmax())
        score = float(heat[peak])
        if score < max(0.35 * best, 0.02):
            break
        box = _box_around(probes[peak], places, word_weights)
        heat[_inside(probes, probes[peak], 1.5)] = 0.0
        if box is None or any(_overlap(box, r.box) > 0.3 for r in regions):
            continue
        regions.append(Region(_snap(box, words), round(min(score, 1.0), 4)))
    return tuple(regions)


def _places(word_map: Floats) -> _Places:
    """The word's strongest cells."""
    n_rows, n_cols = word_map.shape
    flat = word_map.ravel()
    cells = np.flatnonzero(flat >= max(0.3 * float(flat.max(initial=0.0)), 0.05))
    if len(cells) > MAX_CELLS:
        cells = cells[np.argsort(-flat[cells], kind="stable")[:MAX_CELLS]]
    rows, cols = cells // n_cols, cells % n_cols
    boxes = np.stack([cols / n_cols, rows / n_rows, (cols + 1) / n_cols, (rows + 1) / n_rows], axis=1)
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    return _Places(centres.astype(np.float32), flat[cells].astype(np.float32), boxes.astype(np.float32))


def _bell(probes: Floats, places: _Places) -> Floats:
    """(n_probes,): the strongest of the word's bells at each probe of the grid.

    A bell is a product of its row and its column: 74 exponentials a place instead of 1,353.
    """
    if not len(places.strength):
        return np.zeros(len(probes), np.float32)
    xs, ys = probes[: PROBES[0], 0], probes[:: PROBES[0], 1]
    across = np.exp(-np.square((xs[:, None] - places.centres[None, :, 0]) / REACH[0])) * places.strength
    down = np.exp(-np.square((ys[:, None] - places.centres[None, :, 1]) / REACH[1]))  # (n_ys, n_places)
    bells = np.empty((len(ys), len(xs)), np.float32)
    for row, weights in enumerate(down):
        np.max(across * weights, axis=1, out=bells[row])
    return bells.reshape(-1)


def _inside(points: Floats, centre: Floats, reach: float) -> np.ndarray:
    """(n,) bool: which points lie within `reach` bells of the centre."""
    offset = (points - centre) / np.array(REACH, np.float32)
    return np.asarray(np.square(offset).sum(axis=-1) <= reach**2)


def _box_around(centre: Floats, places: list[_Places], word_weights: Floats) -> Box | None:
    """The box of the matching cells near a peak; weak matches of light words do not stretch it."""
    near = []
    strongest = float(word_weights.max())
    for place, weight in zip(places, word_weights, strict=True):
        if weight < 0.15 * strongest:
            continue
        near.append(place.boxes[_inside(place.centres, centre, 1.4) & (place.strength >= 0.3)])
    boxes = np.concatenate(near) if near else np.zeros((0, 4), np.float32)
    if not len(boxes):
        return None
    x0, y0 = boxes[:, :2].min(axis=0)
    x1, y1 = boxes[:, 2:].max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def _overlap(a: Box, b: Box) -> float:
    """Intersection over the smaller of the two areas."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return width * height / max(smaller, 1e-9)


def _snap(box: Box, words: PageWords) -> Box:
    """The box of the page's own words whose centres lie in `box`, or `box` where there are none."""
    if not len(words):
        return box
    x0, y0, x1, y1 = box
    centres = (words.boxes[:, :2] + words.boxes[:, 2:]) / 2
    inside = (centres[:, 0] >= x0) & (centres[:, 0] <= x1) & (centres[:, 1] >= y0) & (centres[:, 1] <= y1)
    if not inside.any():
        return box
    own = words.boxes[inside]
    return (
        float(min(x0, own[:, 0].min())),
        float(own[:, 1].min()),
        float(max(x1, own[:, 2].max())),
        float(own[:, 3].max()),
    )

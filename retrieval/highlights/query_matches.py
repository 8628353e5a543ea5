"""Where the words of a query match on a page, and how much of the query comes together in a place.

A place is good where many of the query's rare words lie close together. Each word spreads a soft bell over the
page around its matches; the bells of different words add up, those of one word do not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.types import Box, Floats

#: at most this many cells of a word take part (the strongest)
MAX_CELLS = 256
#: matches below this share of the word's strongest, and below this strength, are none
LEAST_SHARE, LEAST = 0.3, 0.05
#: words with less of the query's weight than this leave no trace
LIGHT = 0.01
#: how far a match reaches, in heights of the page's text: lines are long, not high
REACH = (12.0, 2.4)
#: what belongs to a peak: matches within so many reaches, of this strength, of words with this share of the
#: heaviest word's weight
NEAR, STRONG, TELLING = 1.4, 0.3, 0.15
#: power of a word's inverse block frequency
PLACES = 2
#: points at which the bells are read: for each reach, and at least and at most across the page
PROBES, FEWEST, MOST = (3, 2), (16, 20), (60, 120)


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    """The cells that match, sorted by word.

    boxes: (n, 4); strengths: (n,) 0..1; words: (n,) index of the query's word; weights: (n_words,) sum 1
    reach: of a match, across and down
    """

    boxes: Floats
    strengths: Floats
    words: NDArray[np.integer]
    weights: Floats
    reach: Floats

    @property
    def centres(self) -> Floats:
        return np.asarray((self.boxes[:, :2] + self.boxes[:, 2:]) / 2, np.float32)

    def __len__(self) -> int:
        return len(self.strengths)

    def shares(self, boxes: Floats) -> Floats:
        """(k,): the share of the query's weight that lies in each of the boxes (k, 4), 0..1."""
        if not len(self) or not len(boxes):
            return np.zeros(len(boxes), np.float32)
        inside = _within(self.centres, boxes)
        starts = np.flatnonzero(np.diff(self.words, prepend=-1))
        best = np.maximum.reduceat(np.where(inside, self.strengths, 0), starts, axis=1)  # (k, n_present)
        return np.asarray(best @ self.weights[self.words[starts]], np.float32)

    def share(self, box: Box) -> float:
        """The same for one box."""
        return float(self.shares(np.array([box], np.float32))[0])

    def telling(self, blocks: Floats) -> Spots:
        """The same, where words that many of the page's blocks (k, 4) have weigh less: they do not tell where to look.

        Inverse document frequency (Spärck Jones 1972) with blocks for documents, 1 for a word that a single one has.
        """
        if not len(self) or not len(blocks):
            return self
        weights = self.weights.copy()
        for word in np.unique(self.words):
            own = self.words == word
            n_blocks = max(int(_within(self.centres[own], blocks).any(axis=1).sum()), 1)
            weights[word] *= (np.log1p(len(blocks) / n_blocks) / np.log1p(len(blocks))) ** PLACES
        return replace(self, weights=weights / max(float(weights.sum()), 1e-6))

    def heat(self) -> tuple[Floats, Floats]:
        """(n, 2) points over the page, and (n,): the bells' sum at each of them, weighted, 0..1.

        A bell is a product of its row and its column, which saves most of the exponentials.
        """
        n_cols, n_rows = (
            int(min(max(per / reach, fewest), most))
            for per, reach, fewest, most in zip(PROBES, self.reach, FEWEST, MOST, strict=True)
        )
        xs, ys = (np.arange(n_cols) + 0.5) / n_cols, (np.arange(n_rows) + 0.5) / n_rows
        heat = np.zeros((n_rows, n_cols), np.float32)
        for word in np.unique(self.words):
            own = self.words == word
            x, y = self.centres[own].T
            across = np.exp(-np.square((xs[:, None] - x) / self.reach[0])) * self.strengths[own]
            down = np.exp(-np.square((ys[:, None] - y) / self.reach[1]))
            for top in range(0, n_rows, 16):  # some rows at once: all of them would be large
                rows = slice(top, top + 16)
                heat[rows] += self.weights[word] * np.max(down[rows, None] * across, axis=2)
        points = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
        return points.astype(np.float32), heat.ravel()

    def distances(self, points: Floats, centre: Floats) -> Floats:
        """(n,): how many reaches each of the points (n, 2) lies from the centre (2,)."""
        return np.asarray(np.sqrt(np.square((points - centre) / self.reach).sum(axis=1)), np.float32)

    def near(self, peak: Floats) -> Spots:
        """What belongs to a peak; weak matches and light words do not stretch it."""
        telling = self.weights >= TELLING * float(self.weights.max(initial=0.0))
        kept = (self.distances(self.centres, peak) <= NEAR) & (self.strengths >= STRONG) & telling[self.words]
        return replace(self, boxes=self.boxes[kept], strengths=self.strengths[kept], words=self.words[kept])

    def inside(self, box: Box) -> Floats:
        """(k, 4): the boxes of those whose centres lie in `box`."""
        return np.asarray(self.boxes[_within(self.centres, np.array([box], np.float32))[0]], np.float32)


def _within(points: Floats, boxes: Floats) -> NDArray[np.bool_]:
    """(k, n): whether each of the points (n, 2) lies in each of the boxes (k, 4)."""
    x, y = points.T
    inside: NDArray[np.bool_] = (
        (x >= boxes[:, :1]) & (x <= boxes[:, 2:3]) & (y >= boxes[:, 1:2]) & (y <= boxes[:, 3:])
    )
    return inside


def find_spots(maps: Floats, word_weights: Floats, text_height: float) -> Spots:
    """maps: (n_words, n_rows, n_cols) 0..1; word_weights: (n_words,); text_height: relative to the page's."""
    weights = (word_weights / max(float(word_weights.sum()), 1e-6)).astype(np.float32)
    n_words, n_rows, n_cols = maps.shape
    cells, words = [], []
    flat_maps = maps.reshape(n_words, n_rows * n_cols)
    for word, flat in enumerate(flat_maps):
        if weights[word] < LIGHT:
            continue
        found = np.flatnonzero(flat >= max(LEAST_SHARE * float(flat.max(initial=0.0)), LEAST))
        if len(found) > MAX_CELLS:
            found = found[np.argsort(-flat[found], kind="stable")[:MAX_CELLS]]
        cells.append(found)
        words.append(np.full(len(found), word))
    cell = np.concatenate([*cells, np.zeros(0, np.int64)]).astype(np.int64)
    word_of = np.concatenate([*words, np.zeros(0, np.int64)]).astype(np.int64)
    row, col = np.divmod(cell, n_cols)
    boxes = np.stack([col / n_cols, row / n_rows, (col + 1) / n_cols, (row + 1) / n_rows], axis=1)
    return Spots(
        boxes.astype(np.float32),
        flat_maps[word_of, cell],
        word_of,
        weights,
        np.array(REACH, np.float32) * text_height,
    )

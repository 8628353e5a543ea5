"""Matches of a query's words on a page, and how much of the query lies in a place and near it.

A place is good where many of the query's rare words lie close together. A match counts in full inside a place and
fades with the distance outside; the matches of different words add up, those of one word do not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pagelight.retrieval.geometry import run_starts
from pagelight.retrieval.highlights.lines import Indices, within
from pagelight.retrieval.types import Box, Floats


@dataclass(frozen=True, slots=True)
class MatchParameters:
    """Which cells of a page match, and how far a match reaches.

    most_cells: cells of a word that take part, the strongest (speed)
    least_share: matches below this share of the word's strongest are none (measured on the first set)
    least: matches below this strength are none (measured on the first set)
    light: words with less of the query's weight leave no trace (speed)
    reach_along: distance along a line at which a match counts 1/e, in heights of the page's text (measured on the first set)
    reach_across: the same across lines, which are long and not high (measured on the first set)
    common: power of a word's inverse frequency among the page's passages (all labelled sets)
    """

    most_cells: int = 256
    least_share: float = 0.3
    least: float = 0.05
    light: float = 0.01
    reach_along: float = 12.0
    reach_across: float = 2.4
    common: float = 1.5


MATCHES = MatchParameters()


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """The cells that match, sorted by word.

    boxes: (n, 4); strengths: (n,) 0..1; words: (n,) index of the query's word; weights: (n_words,) sum 1
    """

    boxes: Floats
    strengths: Floats
    words: Indices
    weights: Floats

    @property
    def centres(self) -> Floats:
        return np.asarray((self.boxes[:, :2] + self.boxes[:, 2:]) / 2, np.float32)

    def __len__(self) -> int:
        return len(self.strengths)

    def shares(self, boxes: Floats) -> Floats:
        """(k,): the share of the query's weight that lies in each of the boxes (k, 4), 0..1."""
        return self.weighed(self.best(boxes))

    def weighed(self, best: Floats) -> Floats:
        """(k,) shares of the query's weight from what `best` returns."""
        return np.asarray(best @ self.weights[self._present()], np.float32)

    def _present(self) -> Indices:
        """The words that match anywhere, ascending."""
        return np.asarray(self.words[run_starts(self.words)])

    def best(self, boxes: Floats, reaches: Floats | None = None) -> Floats:
        """(k, n_present): the strongest match of each word that matches anywhere in each of the boxes (k, 4).

        reaches: (k, 2) how far a match counts beyond a box, across and down; None: not at all
        """
        if not len(self) or not len(boxes):
            return np.zeros((len(boxes), len(self._present())), np.float32)
        if reaches is None:
            # a cell that is larger than a line belongs to all that it covers
            cell, size = self.boxes[0, 2:] - self.boxes[0, :2], boxes[:, 2:] - boxes[:, :2]
            slack = np.maximum(cell - size, 0) / 2
            wider = np.concatenate([boxes[:, :2] - slack, boxes[:, 2:] + slack], axis=1)
            counts: Floats = within(self.centres, wider).astype(np.float32)
        else:
            x, y = self.centres.T
            across = np.maximum(boxes[:, :1] - x, x - boxes[:, 2:3]).clip(0) / reaches[:, :1]
            down = np.maximum(boxes[:, 1:2] - y, y - boxes[:, 3:]).clip(0) / reaches[:, 1:]
            counts = np.exp(-np.square(across) - np.square(down))  # (k, n)
        starts = run_starts(self.words)
        return np.asarray(np.maximum.reduceat(counts * self.strengths, starts, axis=1), np.float32)

    def best_in_parts(self, parts: Floats, whole_of: Indices, n_wholes: int) -> Floats:
        """(n_wholes, n_present): the same, where a whole consists of parts (f, 4). whole_of: (f,) ascending"""
        best = np.zeros((n_wholes, len(self._present())), np.float32)
        if len(parts):
            starts = run_starts(whole_of)
            best[whole_of[starts]] = np.maximum.reduceat(self.best(parts), starts, axis=0)
        return best

    def share(self, box: Box) -> float:
        """The same for one box."""
        return float(self.shares(np.array([box], np.float32))[0])

    def telling(self, places: Floats, parameters: MatchParameters = MATCHES) -> Matches:
        """The same, where words that many of the page's places (k, 4) have weigh less: they do not tell where to look.

        Inverse document frequency (Spärck Jones 1972) with places for documents, 1 for a word that a single one has.
        """
        if not len(self) or not len(places):
            return self
        weights = self.weights.copy()
        inside = within(self.centres, places)
        having = np.logical_or.reduceat(inside, run_starts(self.words), axis=1).sum(axis=0)  # (n_present,)
        for word, n_having in zip(self._present().tolist(), having.tolist(), strict=True):
            n_places = max(n_having, 1)
            weights[word] *= (np.log1p(len(places) / n_places) / np.log1p(len(places))) ** parameters.common
        return replace(self, weights=weights / max(float(weights.sum()), 1e-6))


def find_matches(maps: Floats, word_weights: Floats, parameters: MatchParameters = MATCHES) -> Matches:
    """maps: (n_words, n_rows, n_cols) 0..1; word_weights: (n_words,)"""
    weights = (word_weights / max(float(word_weights.sum()), 1e-6)).astype(np.float32)
    n_words, n_rows, n_cols = maps.shape
    cells, words = [], []
    flat_maps = maps.reshape(n_words, n_rows * n_cols)
    for word, flat in enumerate(flat_maps):
        if weights[word] < parameters.light:
            continue
        least = max(parameters.least_share * float(flat.max(initial=0.0)), parameters.least)
        found = np.flatnonzero(flat >= least)
        if len(found) > parameters.most_cells:
            found = found[np.argsort(-flat[found], kind="stable")[: parameters.most_cells]]
        cells.append(found)
        words.append(np.full(len(found), word))
    cell = np.concatenate([*cells, np.zeros(0, np.int64)]).astype(np.int64)
    word_of = np.concatenate([*words, np.zeros(0, np.int64)]).astype(np.int64)
    row, col = np.divmod(cell, n_cols)
    boxes = np.stack([col / n_cols, row / n_rows, (col + 1) / n_cols, (row + 1) / n_rows], axis=1)
    return Matches(boxes.astype(np.float32), flat_maps[word_of, cell], word_of, weights)

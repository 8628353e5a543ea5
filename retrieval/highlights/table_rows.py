"""Rows of tables: lines that stand level with each other, under or over others with the same columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pagelight.retrieval.geometry import connected, joined, median
from pagelight.retrieval.highlights.lines import Indices
from pagelight.retrieval.types import Floats


@dataclass(frozen=True, slots=True)
class RowParameters:
    """Signs of a table's row.

    level: greatest distance of the middles of two cells of a row, as a share of the lower one's height (geometry)
    cell: greatest width of a cell that tells a table, as a share of the page's: columns of prose are wider (geometry)
    cell_words: most words of such a cell: lines of narrow columns of prose have more (geometry)
    label: greatest width of the cell to its left (geometry)
    gap: greatest distance of two cells, as a share of the page's width (geometry)
    high: greatest height of a row, in lines: more is a chain of cells that stand almost level (geometry)
    aligned: how far the edges or the middles of two cells of a column are apart, as a share of the page's width: a
        cell of the coarsest grid (geometry)
    next_row: how far the next row's cells lie away at most, as a multiple of their height (geometry)
    """

    level: float = 0.35
    cell: float = 0.16
    cell_words: int = 2
    label: float = 0.4
    gap: float = 0.3
    high: float = 2.5
    aligned: float = 0.012
    next_row: float = 4.0


def find_rows(lines: Floats, n_words: Indices, parameters: RowParameters) -> tuple[Indices, Indices]:
    """(n,): the row of each line (n, 4), 0, 1, …, -1 where it is no cell of a table; and the table of each row.

    n_words: (n,) of each line
    """
    none = np.full(len(lines), -1)
    left, right = _level_neighbours(lines, n_words, parameters)
    if len(left) < 2:
        return none, none[:0]
    # a pair of neighbours is part of a table if another pair stands under or over it in the same two columns
    same_left, same_right = _same_column(lines[left], parameters), _same_column(lines[right], parameters)
    support = same_left & same_right
    supported = support.any(axis=1)
    first, second = left[supported], right[supported]
    if not len(first):
        return none, none[:0]
    groups = connected(first, second, len(lines))
    boxes = joined(lines, groups)
    high = boxes[:, 3] - boxes[:, 1] > parameters.high * median(lines[first, 3] - lines[first, 1])
    level = ~high[groups[first]]
    first, second = first[level], second[level]
    if not len(first):
        return none, none[:0]
    inside = np.zeros(len(lines), np.bool_)
    inside[first] = inside[second] = True
    rows = none
    rows[inside] = np.unique(groups[inside], return_inverse=True)[1]
    above, below = (rows[left[side]] for side in np.nonzero(support))
    both = (above >= 0) & (below >= 0)
    table_of = connected(above[both], below[both], int(rows.max()) + 1)
    return rows, table_of


def _level_neighbours(lines: Floats, n_words: Indices, parameters: RowParameters) -> tuple[Indices, Indices]:
    """Indices (m,), (m,) of lines and of the next line to the right that stands level with it."""
    width, height = lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]
    middle = (lines[:, 1] + lines[:, 3]) / 2
    level = np.abs(middle[:, None] - middle) < parameters.level * np.minimum(height[:, None], height)
    gap = np.where(level, lines[None, :, 0] - lines[:, None, 2], -1.0)  # (n, n): from the first to the second
    gap = np.where(gap > 0, gap, np.inf)
    left = np.flatnonzero(np.isfinite(gap.min(axis=1, initial=np.inf)))
    right = gap[left].argmin(axis=1) if len(left) else left
    few = n_words <= parameters.cell_words
    fits = (width[right] <= parameters.cell) & (few[left] | few[right]) & (width[left] <= parameters.label)
    fits &= gap[left, right] <= parameters.gap
    return left[fits], right[fits]


def _same_column(cells: Floats, parameters: RowParameters) -> np.ndarray:
    """(m, m): which cells lie under or over each other, not far away, with an edge or their middles in line."""
    in_line = np.zeros((len(cells), len(cells)), np.bool_)
    for edge in (cells[:, 0], cells[:, 2], (cells[:, 0] + cells[:, 2]) / 2):
        in_line |= np.abs(edge[:, None] - edge) < parameters.aligned
    height = cells[:, 3] - cells[:, 1]
    middle = (cells[:, 1] + cells[:, 3]) / 2
    away = np.abs(middle[:, None] - middle) / np.maximum(np.maximum(height[:, None], height), 1e-6)
    return np.asarray(in_line & (away > 0.8) & (away < parameters.next_row))

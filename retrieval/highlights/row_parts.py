"""What belongs to a table's rows besides the cells that tell the table: cells of several lines, and cells out of line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pagelight.retrieval.geometry import connected, joined, quantile
from pagelight.retrieval.highlights.lines import Indices
from pagelight.retrieval.types import Floats


@dataclass(frozen=True, slots=True)
class PartParameters:
    """Signs of what belongs to a row.

    level: greatest distance of the middles of a row and what stands level with it, as a share of the lower one's height (geometry)
    begin: a table begins where this share of its rows do or have (geometry)
    out: how far out of line a cell may begin, as a share of the page's width (geometry)
    cell: greatest width of a cell, as a share of the page's (geometry)
    most_lines: lines of a cell at most (geometry)
    pitch: greatest distance of two lines of a cell, in heights of a line (geometry)
    nearer: how much nearer a cell's middle lies to its row's than to the next row's, as a share of their distance (geometry)
    """

    level: float = 0.35
    begin: float = 0.35
    out: float = 0.02
    cell: float = 0.4
    most_lines: int = 5
    pitch: float = 1.4
    nearer: float = 0.4


def complete_rows(
    lines: Floats, row_of: Indices, table_of: Indices, parameters: PartParameters
) -> tuple[Indices, Indices]:
    """The row of each line (n,), -1 where it is no cell, and the table of each row, with all that stands in them.

    row_of: (n,) as far as it is known; table_of: of each row
    """
    if not len(table_of):
        return row_of, table_of
    row_of, table_of = _merged(lines, row_of, table_of, parameters)
    rows = joined(lines[row_of >= 0], row_of[row_of >= 0])
    tables = _tables(rows, table_of, parameters)[table_of]
    loose = np.flatnonzero((row_of < 0) & (lines[:, 2] - lines[:, 0] <= parameters.cell))
    level, own = _level_rows(lines[loose], rows, tables, parameters)
    complete = row_of.copy()
    complete[loose[level]] = own
    rest = loose[~level]
    if len(rest):
        cells = _stacks(lines[rest], parameters)
        boxes, n_lines = joined(lines[rest], cells), np.bincount(cells)
        complete[rest] = _stacked_rows(boxes, n_lines, rows, tables, parameters)[cells]
    return complete, table_of


def _merged(
    lines: Floats, row_of: Indices, table_of: Indices, parameters: PartParameters
) -> tuple[Indices, Indices]:
    """Rows of one table that are level with each other as one."""
    inside = row_of >= 0
    rows = joined(lines[inside], row_of[inside])
    level = _are_level(rows, rows, parameters) & (table_of[:, None] == table_of)
    first, second = np.nonzero(level)
    merged = connected(first, second, len(rows))
    new = row_of.copy()
    new[inside] = merged[row_of[inside]]
    tables = np.zeros(int(merged.max()) + 1, np.int64)
    tables[merged] = table_of
    return new, tables


def _are_level(boxes: Floats, rows: Floats, parameters: PartParameters) -> np.ndarray:
    """(k, r): whether the middles of boxes (k, 4) and rows (r, 4) are at the same height."""
    height = np.minimum((boxes[:, 3] - boxes[:, 1])[:, None], rows[:, 3] - rows[:, 1])
    away = np.abs((boxes[:, 1] + boxes[:, 3])[:, None] - (rows[:, 1] + rows[:, 3])) / 2
    return np.asarray(away < parameters.level * height)


def _stacks(lines: Floats, parameters: PartParameters) -> Indices:
    """(n,): the cell of each line: lines that stand closely under each other."""
    height = (lines[:, 3] - lines[:, 1])[:, None]
    middle = (lines[:, 1] + lines[:, 3]) / 2
    shared = np.minimum(lines[:, None, 2], lines[:, 2]) - np.maximum(lines[:, None, 0], lines[:, 0])
    below = middle - middle[:, None]
    under = (shared > 0) & (below > 0.5 * height) & (below <= parameters.pitch * height)
    first, second = np.nonzero(under)
    return connected(first, second, len(lines))


def _tables(rows: Floats, table_of: Indices, parameters: PartParameters) -> Floats:
    """(t, 4): the tables, from where most rows (r, 4) begin: the line of prose beside a row is no cell."""
    tables = joined(rows, table_of)
    for table in range(len(tables)):
        tables[table, 0] = quantile(rows[table_of == table, 0], parameters.begin) - parameters.out
    return tables


def _within(cells: Floats, tables: Floats) -> np.ndarray:
    """(k, r): whether the cells (k, 4) stand between the left and the right of the tables (r, 4)."""
    middle = (cells[:, 0] + cells[:, 2]) / 2
    return np.asarray((cells[:, None, 0] > tables[:, 0]) & (middle[:, None] < tables[:, 2]))


def _level_rows(
    cells: Floats, rows: Floats, tables: Floats, parameters: PartParameters
) -> tuple[np.ndarray, Indices]:
    """(k,) which of the cells (k, 4) are level with a row of a table that they stand in, and the rows of those.

    rows, tables: (r, 4) each row and its table
    """
    fits = _within(cells, tables) & _are_level(cells, rows, parameters)
    level = fits.any(axis=1)
    return level, fits[level].argmax(axis=1)


def _stacked_rows(
    cells: Floats, n_lines: Indices, rows: Floats, tables: Floats, parameters: PartParameters
) -> Indices:
    """(k,): the row that each of the cells (k, 4), of several lines, reaches into and lies nearest to; -1 where none."""
    middle, row_middle = (cells[:, 1] + cells[:, 3]) / 2, (rows[:, 1] + rows[:, 3]) / 2
    fits = _within(cells, tables) & ((n_lines > 1) & (n_lines <= parameters.most_lines))[:, None]
    away = np.where(fits, np.abs(middle[:, None] - row_middle), np.inf)
    nearest = away.argmin(axis=1)
    least, next_one = np.partition(np.append(away, np.full((len(cells), 1), np.inf), axis=1), 1, axis=1).T[:2]
    reaches = (cells[:, 1] < rows[nearest, 3]) & (cells[:, 3] > rows[nearest, 1])
    own = reaches & np.isfinite(least) & (least < parameters.nearer * (least + next_one))
    return np.where(own, nearest, -1)

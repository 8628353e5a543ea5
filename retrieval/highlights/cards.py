"""Cards: figures side by side, each with its name over or under it, as dashboards have them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pagelight.retrieval.geometry import run_starts
from pagelight.retrieval.highlights.cell_kinds import is_value
from pagelight.retrieval.highlights.lines import Indices
from pagelight.retrieval.types import Floats


def find_cards(
    lines: Floats, texts: Sequence[str], row_of: Indices, table_of: Indices, most_rows: int
) -> tuple[Indices, Indices]:
    """The rows of lines (n,) and the tables of rows, see `find_rows`, with each card of a grid of cards as a row and a table.

    A grid of cards is a table of few rows of which no row is named by its first cell: one of names, one of figures.
    """
    by_row = np.flatnonzero(row_of >= 0)[np.lexsort((lines[row_of >= 0, 0], row_of[row_of >= 0]))]
    rows = np.split(by_row, run_starts(row_of[by_row])[1:])
    tables = ([rows[i] for i in np.flatnonzero(table_of == table)] for table in np.unique(table_of))
    grids = [
        own
        for own in tables
        if 2 <= len(own) <= most_rows and _are_cards([[is_value(texts[i]) for i in row] for row in own])
    ]
    if not grids:  # most pages
        return row_of, table_of
    card_of = row_of.copy()
    for own in grids:
        widest = max(own, key=len)
        for row in own:
            card_of[row] = _nearest(lines[row], lines[widest]) + len(table_of)
        table_of = np.append(table_of, len(table_of) + np.arange(len(widest)))
    inside = card_of >= 0
    kept, card_of[inside] = np.unique(card_of[inside], return_inverse=True)
    return card_of, np.unique(table_of[kept], return_inverse=True)[1]


def _are_cards(rows: Sequence[Sequence[bool]]) -> bool:
    """Whether rows of cells, of which it is known if they are values, are names and values of cards."""
    has_names = any(not any(row) for row in rows)
    has_values = any(all(row) for row in rows)
    is_labelled = any(any(row) and not row[0] for row in rows)
    return has_names and has_values and not is_labelled


def _nearest(cells: Floats, columns: Floats) -> Indices:
    """(n,): for each of the cells (n, 4) the column (k, 4) that it stands over or under."""
    left, right = cells[:, 0, None] - columns[:, 0], cells[:, 2, None] - columns[:, 2]
    return np.asarray(np.abs([left, right, (left + right) / 2]).min(axis=0).argmin(axis=1))

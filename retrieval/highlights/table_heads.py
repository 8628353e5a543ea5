"""Heads of tables: what says what stands in the columns, first in the table itself and then in the lines right above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pagelight.retrieval.geometry import joined, median, run_starts
from pagelight.retrieval.highlights.cell_kinds import is_value
from pagelight.retrieval.highlights.lines import Flags, Indices
from pagelight.retrieval.types import Floats


@dataclass(frozen=True, slots=True)
class HeadParameters:
    """Signs of a table's head.

    cells: cells of a table's first row from which it is a head where no row has a value: lists of names have none (geometry)
    counting: share of a table's rows with a value from which those without one that stand first are its head, however few
        cells they have (geometry)
    rows: rows of such a head at most (geometry)
    above: distance of a line to what it stands above, in heights of the table's lines, up to which it belongs to the head
        (geometry)
    level: distance of two lines that stand level with each other at most, in the same heights (geometry)
    levels: lines above each other at most (geometry)
    prose: words from which a line as wide as most of the table is a title or prose, which ends the head (geometry)
    wide: share of the table's width that is most of it (geometry)
    title: distance of a title of larger letters to the head or the table at most, in the same heights (geometry)
    larger: letters of such a title, in the same heights (geometry)
    same: how far the edges of two tables with the same columns are apart, as a share of the page's width (geometry)
    """

    cells: int = 3
    counting: float = 0.6
    rows: int = 5
    above: float = 1.6
    level: float = 0.6
    levels: int = 9
    prose: int = 8
    wide: float = 0.7
    title: float = 5.0
    larger: float = 1.15
    same: float = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """The lines of a page. boxes: (n, 4); n_words: (n,); values: (n,) which hold a value"""

    boxes: Floats
    n_words: Indices
    values: Flags


def find_heads(
    texts: Sequence[str],
    lines: Floats,
    row_of: Indices,
    rows: Floats,
    table_of: Indices,
    nowhere: Floats,
    parameters: HeadParameters,
) -> Floats:
    """(r, 4): the head of each row's table, `nowhere` for rows that belong to it and where there is none.

    texts: of the lines (n, 4), "" where only the place is known; row_of: (n,); rows: (r, 4); table_of: (r,)
    """
    n_words = np.array([text.count(" ") + 1 for text in texts])
    values = np.array([is_value(text) for text in texts], np.bool_)
    page = _Lines(lines, n_words, values)
    inside = row_of >= 0
    n_cells = np.bincount(row_of[inside], minlength=len(rows))
    counts = np.zeros(len(rows), np.bool_)  # rows with a value
    counts[row_of[inside & values]] = True
    heads = np.tile(nowhere, (len(rows), 1))
    known: list[tuple[Floats, Floats]] = []  # (table, head), downwards
    tables = joined(rows, table_of)
    for table in np.argsort(tables[:, 1], kind="stable").tolist():
        own = np.flatnonzero(table_of == table)
        own = own[np.argsort(rows[own, 1], kind="stable")]
        n_head = _head_rows(counts[own], int(n_cells[own[0]]), parameters)
        body = own[n_head:]
        if not len(body) or not (n_head or counts[own].any()):
            continue
        above, goes_on = _lines_above(page, np.isin(row_of, body), tables[table], parameters)
        parts = np.concatenate([rows[own[:n_head]], lines[above]])
        if not n_head and (goes_on or not len(parts)):
            before = [head for other, head in known if _same_columns(other, tables[table], parameters)]
            parts = before[-1][None] if before else parts
        if len(parts):
            heads[body] = joined(parts, np.zeros(len(parts), np.int64))[0]
            known.append((tables[table], heads[body[0]]))
    return heads


def _head_rows(counts: Flags, n_cells: int, parameters: HeadParameters) -> int:
    """How many of a table's rows, downwards, say what stands in its columns.

    counts: (r,) whether there is a value in the row; n_cells: of the first one
    """
    first = int(counts.argmax())  # 0 as well where none counts
    if 0 < first <= parameters.rows and counts[first:].mean() >= parameters.counting:
        return first
    return int(n_cells >= parameters.cells and not counts[0])


def _lines_above(
    page: _Lines, body: Flags, table: Floats, parameters: HeadParameters
) -> tuple[Indices, bool]:
    """The lines that stand above the table's body, each close to the next, within its width, up to its title, and whether a row of
    values is next.

    body: (n,) lines of the rows below the head
    """
    lines = page.boxes
    height = median(lines[body, 3] - lines[body, 1])
    bottom = float(lines[body, 1].min())
    middle = (lines[:, :2] + lines[:, 2:]) / 2
    farthest = bottom - parameters.levels * (1 + parameters.above) * height
    candidates = np.flatnonzero(
        (middle[:, 0] >= table[0])
        & (middle[:, 0] <= table[2])
        & (middle[:, 1] < bottom)
        & (lines[:, 3] > farthest)
    )
    candidates = candidates[np.argsort(-lines[candidates, 3], kind="stable")]
    step = max(parameters.level * height, 1e-6)
    starts = run_starts(np.round((bottom - lines[candidates, 3]) / step).astype(np.int64))
    taken: list[int] = []
    top = bottom
    for level in np.split(candidates, starts[1:])[: parameters.levels]:
        if not len(level):
            break
        away = (top - float(lines[level, 3].max())) / max(height, 1e-6)
        if away > parameters.above:
            letters = float((lines[level, 3] - lines[level, 1]).max())
            if away <= parameters.title and letters >= parameters.larger * height:
                taken += level.tolist()
            break
        if page.values[level].any():
            return np.array(taken, np.int64), True
        wide = lines[level, 2] - lines[level, 0] > parameters.wide * (table[2] - table[0])
        taken += level.tolist()
        if (wide & (page.n_words[level] >= parameters.prose)).any():
            break
        top = min(top, float(lines[level, 1].min()))
    return np.array(taken, np.int64), False


def _same_columns(first: Floats, second: Floats, parameters: HeadParameters) -> bool:
    return bool(np.abs(first[[0, 2]] - second[[0, 2]]).max() <= parameters.same)

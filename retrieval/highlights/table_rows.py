"""Rows of tables: lines that stand level with each other, under or over others with the same columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pagelight.retrieval.geometry import connected, joined, median, run_starts
from pagelight.retrieval.highlights.cards import find_cards
from pagelight.retrieval.highlights.cell_kinds import is_value
from pagelight.retrieval.highlights.lines import Flags, Indices
from pagelight.retrieval.highlights.row_parts import PartParameters, complete_rows
from pagelight.retrieval.types import Floats


@dataclass(frozen=True, slots=True)
class RowParameters:
    """Signs of a table's row.

    level: greatest distance of the middles of two cells of a row, as a share of the lower one's height (geometry)
    cell: greatest width of a cell that tells a table, as a share of the page's: columns of prose are wider (geometry)
    cell_words: most words of such a cell: lines of narrow columns of prose have more (geometry)
    label: greatest width of the cell to its left (geometry)
    name_words: most words of a cell that names the one to its right, as forms do: "Contact:" (geometry)
    named: greatest width of the cell that is named, as a share of the page's (geometry)
    gap: greatest distance of two cells, as a share of the page's width (geometry)
    high: greatest height of a row, in lines: more is a chain of cells that stand almost level (geometry)
    aligned: how far the edges or the middles of two cells of a column are apart, as a share of the page's width: a
        cell of the coarsest grid (geometry)
    over: share of the narrower of two cells of a column that stands under or over the other, where their labels are in line (geometry)
    next_row: how far the next row's cells lie away at most, as a multiple of their height (geometry)
    far_label: greatest distance of a label from its row's first cell, as a share of the page's width (geometry)
    indented: how far the labels of a table begin apart at most, as the same share (geometry)
    labelled: share of a table's rows that have such a label, at least (geometry)
    ragged: share of a table's labels or descriptions that end at the same place, at most: lines of prose beside it do (geometry)
    prose_lines: labels from which on that tells (geometry)
    parts: signs of what belongs to a row besides
    card_rows: most rows of figures that stand side by side, each with its name (geometry)
    described: share of a table's rows that have a description to their right, at least (geometry)
    """

    level: float = 0.35
    cell: float = 0.16
    cell_words: int = 2
    label: float = 0.4
    name_words: int = 4
    named: float = 0.6
    gap: float = 0.3
    high: float = 2.5
    aligned: float = 0.012
    over: float = 0.6
    next_row: float = 4.0
    far_label: float = 0.5
    indented: float = 0.08
    labelled: float = 0.5
    ragged: float = 0.5
    prose_lines: int = 4
    card_rows: int = 4
    parts: PartParameters = field(default_factory=PartParameters)
    described: float = 0.8


def find_rows(
    lines: Floats, n_words: Indices, texts: Sequence[str], parameters: RowParameters
) -> tuple[Indices, Indices]:
    """(n,): the row of each line (n, 4), 0, 1, …, -1 where it is no cell of a table; and the table of each row.

    n_words: (n,) of each line; texts: n, "" where only the place is known
    """
    none = np.full(len(lines), -1)
    left, right = _level_neighbours(lines, n_words, texts, parameters)
    if len(left) < 2:
        return none, none[:0]
    # a pair of neighbours is part of a table if another pair stands under or over it in the same two columns
    same_left, same_right = _same_column(lines[left], parameters), _same_column(lines[right], parameters)
    below_right = _same_column(lines[right], parameters, parameters.over)
    support = same_left & (same_right | below_right)
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
    labelled = _with_labels(lines, texts, rows, table_of, parameters)
    described = _with_descriptions(lines, labelled, table_of, parameters)
    complete = complete_rows(lines, described, table_of, parameters.parts)
    return find_cards(lines, texts, *complete, parameters.card_rows)


def _with_labels(
    lines: Floats, texts: Sequence[str], rows: Indices, table_of: Indices, parameters: RowParameters
) -> Indices:
    """The rows (n,), those that begin with a value with what stands level with them to their left, however long and far away.

    Only where a table has a column of such labels.
    """
    inside = rows >= 0
    boxes = joined(lines[inside], rows[inside])
    leftmost = np.flatnonzero(inside)[np.lexsort((lines[inside, 0], rows[inside]))]
    firsts = leftmost[run_starts(rows[leftmost])]
    named = np.array([bool(texts[i].strip()) and not is_value(texts[i]) for i in firsts.tolist()], np.bool_)
    middle = (lines[:, 1] + lines[:, 3]) / 2
    gap = boxes[None, :, 0] - lines[:, None, 2]  # (n, r): from the line to the row
    fits = (middle[:, None] > boxes[:, 1]) & (middle[:, None] < boxes[:, 3]) & ~inside[:, None]
    fits &= (gap > 0) & (gap <= parameters.far_label)
    labelled = rows.copy()
    nearest = np.where(fits, gap, np.inf).argmin(axis=0)
    has = fits.any(axis=0) & ~named
    for table in range(int(table_of.max()) + 1):
        every = np.flatnonzero(table_of == table)
        own = every[has[every]]
        if not len(own):
            continue
        labels = lines[nearest[own]]
        first = min(float(labels[:, 0].min()), float(boxes[every, 0].min()))
        own = own[labels[:, 0] <= first + parameters.indented]
        # rows that have a label as it is
        n_labelled = int((boxes[every, 0] <= first + parameters.indented).sum()) + len(own)
        is_prose = len(own) >= parameters.prose_lines and _end_together(lines[nearest[own], 2], parameters)
        if n_labelled >= max(2, parameters.labelled * len(every)) and not is_prose:
            labelled[nearest[own]] = own
    return labelled


def _with_descriptions(lines: Floats, rows: Indices, table_of: Indices, parameters: RowParameters) -> Indices:
    """The rows (n,), with the wide cells to their right that say in words what they are, in a column of such cells."""
    inside = rows >= 0
    boxes = joined(lines[inside], rows[inside])
    height = lines[:, 3] - lines[:, 1]
    away = np.abs((lines[:, 1] + lines[:, 3])[:, None] - (boxes[:, 1] + boxes[:, 3])) / 2  # (n, r)
    gap = lines[:, 0][:, None] - boxes[:, 2]  # from the row to the line
    fits = (
        (away < parameters.level * height[:, None]) & ~inside[:, None] & (gap > 0) & (gap <= parameters.gap)
    )
    nearest = np.where(fits, gap, np.inf).argmin(axis=0)
    has: Flags = np.asarray(fits.any(axis=0))
    described = rows.copy()
    for table in range(int(table_of.max()) + 1):
        every = np.flatnonzero(table_of == table)
        own = every[has[every]]
        if len(own) < max(2, parameters.described * len(every)):
            continue
        starts, is_prose = lines[nearest[own], 0], _end_together(lines[nearest[own], 2], parameters)
        own = own[np.abs(starts - median(starts)) < parameters.aligned]
        if len(own) >= max(2, parameters.described * len(every)) and not is_prose:
            described[nearest[own]] = own
    return described


def _end_together(ends: Floats, parameters: RowParameters) -> bool:
    """Whether most of the lines end at the same place, as those of prose do."""
    return bool(np.mean(ends > ends.max() - parameters.aligned / 2) > parameters.ragged)


def _level_neighbours(
    lines: Floats, n_words: Indices, texts: Sequence[str], parameters: RowParameters
) -> tuple[Indices, Indices]:
    """Indices (m,), (m,) of lines and of the next line to the right that stands level with it."""
    width, height = lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]
    middle = (lines[:, 1] + lines[:, 3]) / 2
    level = np.abs(middle[:, None] - middle) < parameters.level * np.minimum(height[:, None], height)
    gap = np.where(level, lines[None, :, 0] - lines[:, None, 2], -1.0)  # (n, n): from the first to the second
    gap = np.where(gap > 0, gap, np.inf)
    left = np.flatnonzero(np.isfinite(gap.min(axis=1, initial=np.inf)))
    right = gap[left].argmin(axis=1) if len(left) else left
    few = n_words <= parameters.cell_words
    # "Contact: Michael Chen, Amsterdam office"
    names = np.array([text.rstrip().endswith(":") for text in texts], np.bool_)[left]
    names &= (n_words[left] <= parameters.name_words) & (width[right] <= parameters.named)
    fits = (width[right] <= parameters.cell) & (few[left] | few[right]) & (width[left] <= parameters.label)
    fits |= names
    fits &= gap[left, right] <= parameters.gap
    return left[fits], right[fits]


def _same_column(cells: Floats, parameters: RowParameters, over: float = 0.0) -> np.ndarray:
    """(m, m): which cells lie under or over each other, not far away, with an edge or their middles in line.

    over: share of the narrower cell that is enough instead
    """
    in_line = np.zeros((len(cells), len(cells)), np.bool_)
    for edge in (cells[:, 0], cells[:, 2], (cells[:, 0] + cells[:, 2]) / 2):
        in_line |= np.abs(edge[:, None] - edge) < parameters.aligned
    if over:
        shared = np.minimum(cells[:, None, 2], cells[:, 2]) - np.maximum(cells[:, None, 0], cells[:, 0])
        in_line = shared > over * np.minimum(cells[:, None, 2] - cells[:, None, 0], cells[:, 2] - cells[:, 0])
    height = cells[:, 3] - cells[:, 1]
    middle = (cells[:, 1] + cells[:, 3]) / 2
    away = np.abs(middle[:, None] - middle) / np.maximum(np.maximum(height[:, None], height), 1e-6)
    return np.asarray(in_line & (away > 0.8) & (away < parameters.next_row))

"""Passages of a page: the whole things that a region may be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.geometry import joined
from pagelight.retrieval.highlights.headings import NOWHERE, HeadingParameters, find_headings, heading_rows
from pagelight.retrieval.highlights.lines import Indices, Words
from pagelight.retrieval.highlights.sentences import (
    ListParameters,
    find_sentences,
    items,
    leading,
    windows,
    with_next,
)
from pagelight.retrieval.highlights.table_heads import HeadParameters, find_heads
from pagelight.retrieval.types import Floats

#: the beginning of a caption in English, French, German, Spanish and Italian, with the number that follows
_CAPTION = re.compile(
    r"(?:fig|figs|figure|figura|abb|abbildung|tab|table|tableau|tabelle|tabella|tabla|chart|graph|graphique|diagram"
    r"|diagramm|photo|map|carte|karte|exhibit|plate|planche|image|bild|listing|box|encadré|schéma)\.?\s*\(?[\dIVXA-Z]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PassageParameters:
    """Limits on a passage's length, and signs of what heads it.

    tall: height up to which a block is a passage as a whole, as a share of the page's (measured on the first set)
    window: lines of a passage where no sentences are known (geometry: what a sentence usually has)
    lists: signs of a list without bullets
    headings: signs of what heads a block
    heads: signs of what says what stands in a table's columns
    """

    tall: float = 0.16
    window: int = 3
    lists: ListParameters = field(default_factory=ListParameters)
    headings: HeadingParameters = field(default_factory=HeadingParameters)
    heads: HeadParameters = field(default_factory=HeadParameters)


@dataclass(frozen=True, slots=True, eq=False)
class Fragments:
    """Parts of lines: a sentence begins and ends within a line. boxes: (f, 4); passage: (f,) ascending."""

    boxes: Floats
    passage: Indices


@dataclass(frozen=True, slots=True, eq=False)
class Passages:
    """The passages of a page, each of which may become a region.

    boxes: (m, 4); fragments: what of their lines is theirs; n_lines: (m,)
    block_of: (m,) the block, -1 for rows and tables
    headings: (m, 4) the heading above, or a table's first row, whose words hold for the passage; empty where none
    led: (m,) whether it says what the passage is of: for rows, and items below the line that leads to them
    heads: (m,) whether it is a row that heads others
    tables: (t, 4)
    labelled: (n_blocks,) whether a block begins as a caption does: "Figure 3", "Tab. 2"
    closed: (n_blocks,) whether it ends as a sentence does, or goes on: it is no heading
    """

    boxes: Floats
    fragments: Fragments
    n_lines: Indices
    block_of: Indices
    headings: Floats
    led: NDArray[np.bool_]
    heads: NDArray[np.bool_]
    tables: Floats
    labelled: NDArray[np.bool_]
    closed: NDArray[np.bool_]


def find_passages(
    words: Words,
    line_of: Indices,
    lines: Floats,
    texts: Sequence[str],
    block_of: Indices,
    rows: tuple[Indices, Indices],
    parameters: PassageParameters,
) -> Passages:
    """Rows, tables, sentences and items, or runs of lines where the words are not known, and blocks that are not tall.

    line_of: (n_words,); lines: (n, 4), and their texts; block_of: (n,); rows: see `find_rows`
    """
    row_of, table_of = rows
    row_boxes, row_headings, tables = _rows(texts, lines, row_of, table_of, parameters)
    order = _reading_order(words, line_of, lines, block_of, row_of)
    found = _runs(words, lines, order, int(block_of.max(initial=-1)) + 1, parameters)
    boxes, n_lines, fragments = _of_runs(words, lines, order, found.runs, len(row_boxes))
    headings = find_headings(lines, block_of, parameters.headings)[found.runs[:, 2]]
    led = found.leads[:, 1] > 0
    headings[led] = _around(words.boxes[order.words], *found.leads[led].T)
    return Passages(
        np.concatenate([row_boxes, boxes]),
        Fragments(
            np.concatenate([row_boxes, fragments.boxes]),
            np.concatenate([np.arange(len(row_boxes)), fragments.passage]),
        ),
        np.concatenate([np.ones(len(row_boxes), np.int64), n_lines]),
        np.concatenate([np.full(len(row_boxes), -1), found.runs[:, 2]]),
        np.concatenate([row_headings, headings]),
        np.concatenate([np.ones(len(row_boxes), np.bool_), led]),
        np.concatenate([heading_rows(row_boxes, row_headings), np.zeros(len(led), np.bool_)]),
        tables,
        found.labelled,
        found.closed,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _ReadingOrder:
    """Lines outside of tables, block by block and downwards, and their words from left to right.

    lines, words: (l,) and (w,) indices; block_starts: (b + 1,) each block's first line; line_starts: (l + 1,) each
    line's first word; line_at: (w,) the line of each word, as a position
    """

    lines: Indices
    words: Indices
    blocks: Indices
    block_starts: Indices
    line_starts: Indices
    line_at: Indices


def _reading_order(
    words: Words, line_of: Indices, lines: Floats, block_of: Indices, row_of: Indices
) -> _ReadingOrder:
    own = np.flatnonzero(row_of < 0)
    own = own[np.lexsort((lines[own, 1] + lines[own, 3], block_of[own]))]
    place = np.full(len(lines), -1)
    place[own] = np.arange(len(own))
    place_of = place[line_of]
    order = np.lexsort((words.boxes[:, 0], place_of))
    order = order[np.searchsorted(place_of[order], 0) :]
    line_at = place_of[order]
    blocks, starts = np.unique(block_of[own], return_index=True)
    return _ReadingOrder(
        own,
        order,
        blocks,
        np.append(starts, len(own)),
        np.searchsorted(line_at, np.arange(len(own) + 1)),
        line_at,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Runs:
    """Words that make a passage each, as positions in the reading order.

    runs: (m, 3) the first word, the one after the last, and the block
    leads: (m, 2) first and stop of the line that leads to the list whose item it is, (0, 0) where none does
    labelled, closed: (n_blocks,) see `Passages`
    """

    runs: Indices
    leads: Indices
    labelled: NDArray[np.bool_]
    closed: NDArray[np.bool_]


def _runs(
    words: Words, lines: Floats, order: _ReadingOrder, n_blocks: int, parameters: PassageParameters
) -> _Runs:
    found: list[tuple[int, int, int]] = []
    leads: list[tuple[int, int]] = []
    labelled, closed = np.zeros((2, n_blocks), np.bool_)
    texts = [words.texts[i] for i in order.words.tolist()]
    is_full = _full_before(words, order).tolist()
    line_starts, line_at = order.line_starts.tolist(), order.line_at.tolist()
    starts = order.block_starts.tolist()
    low = _low_blocks(lines, order, parameters)
    for block, top, bottom, is_low in zip(order.blocks.tolist(), starts[:-1], starts[1:], low, strict=True):
        start, stop = line_starts[top], line_starts[bottom]
        own = texts[start:stop]
        lead = 0
        closed[block] = own[-1].endswith((".", "!", "?", ";", ","))
        labelled[block] = bool(_CAPTION.match(" ".join(own[:2])))
        if len(own) == 1:  # most blocks of tables and figures
            runs = {(0, 1)}
        elif "" in own:
            runs = set(windows([at - start for at in line_starts[top : bottom + 1]], parameters.window))
        else:
            own_lines = line_at[start:stop]
            sentences = [
                item
                for sentence in find_sentences(own, own_lines)
                for item in items(
                    sentence,
                    own,
                    own_lines,
                    is_full[start:stop],
                    parameters.lists,
                )
            ]
            lead = leading(sentences, own, own_lines)
            runs = with_next(sentences, own_lines, parameters.window)
        if is_low:
            runs.add((0, stop - start))
        for first, last in sorted(runs):
            found.append((start + first, start + last, block))
            leads.append((start, start + lead) if lead and first >= lead else (0, 0))
    return _Runs(
        np.array(found, np.int64).reshape(-1, 3), np.array(leads, np.int64).reshape(-1, 2), labelled, closed
    )


def _full_before(words: Words, order: _ReadingOrder) -> NDArray[np.bool_]:
    """(w,): which words begin a line of a block since the line before had no room for them."""
    boxes = words.boxes[order.words]
    starts = order.line_starts[:-1]
    full = np.zeros(len(boxes), np.bool_)
    if len(starts) < 2:
        return full
    ends = np.maximum.reduceat(boxes[:, 2], starts)
    n_lines = np.diff(order.block_starts)
    edges = np.repeat(np.maximum.reduceat(ends, order.block_starts[:-1]), n_lines)
    room = edges - ends  # of each line
    first = boxes[starts[1:]]
    full[starts[1:]] = room[:-1] < first[:, 2] - first[:, 0]
    full[starts[order.block_starts[:-1]]] = False
    return full


def _low_blocks(lines: Floats, order: _ReadingOrder, parameters: PassageParameters) -> list[bool]:
    """Which of the blocks are not too high for a passage."""
    if not len(order.blocks):
        return []
    boxes, starts = lines[order.lines], order.block_starts[:-1]
    height = np.maximum.reduceat(boxes[:, 3], starts) - np.minimum.reduceat(boxes[:, 1], starts)
    return [bool(low) for low in height <= parameters.tall]


def _of_runs(
    words: Words, lines: Floats, order: _ReadingOrder, runs: Indices, before: int
) -> tuple[Floats, Indices, Fragments]:
    """(boxes (m, 4), n_lines (m,), fragments) of runs of words; before: passages that are numbered before them"""
    first, stop = runs[:, 0], runs[:, 1]
    top, bottom = order.line_at[first], order.line_at[stop - 1]
    n_lines = bottom - top + 1
    passage = np.repeat(np.arange(len(runs)), n_lines)
    line = np.arange(len(passage)) - np.repeat(np.cumsum(n_lines) - n_lines, n_lines) + top[passage]
    begins = np.maximum(order.line_starts[line], first[passage])
    ends = np.minimum(order.line_starts[line + 1], stop[passage])
    parts = _around(words.boxes[order.words], begins, ends)
    return _around(lines[order.lines], top, bottom + 1), n_lines, Fragments(parts, passage + before)


def _around(boxes: Floats, starts: Indices, stops: Indices) -> Floats:
    """(k, 4): the box around each run of the boxes (n, 4), of which none is empty."""
    if not len(starts):
        return NOWHERE[None][:0]
    # reduceat wants a position for its last end
    padded = np.concatenate([boxes, boxes[-1:]])
    bounds = np.stack([starts, stops], axis=1).ravel()
    lowest = np.minimum.reduceat(padded[:, :2], bounds, axis=0)[::2]
    highest = np.maximum.reduceat(padded[:, 2:], bounds, axis=0)[::2]
    return np.concatenate([lowest, highest], axis=1)


def _rows(
    texts: Sequence[str], lines: Floats, row_of: Indices, table_of: Indices, parameters: PassageParameters
) -> tuple[Floats, Floats, Floats]:
    """Boxes (r, 4) and headings (r, 4) of rows, and the tables' boxes (t, 4)."""
    if not len(table_of):
        none = NOWHERE[None][:0]
        return none, none, none
    inside = row_of >= 0
    rows = joined(lines[inside], row_of[inside])
    headings = find_heads(texts, lines, row_of, rows, table_of, NOWHERE, parameters.heads)
    return rows, headings, joined(rows, table_of)

"""Passages of a page: the whole things that a region may be."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.geometry import joined
from pagelight.retrieval.highlights.lines import Indices, Words
from pagelight.retrieval.highlights.sentences import find_sentences, windows, with_next
from pagelight.retrieval.types import Floats

#: a box that nothing lies in
_NOWHERE = np.array([2, 2, 1, 1], np.float32)
#: what a caption begins with in English, French, German, Spanish and Italian, and the number that follows
_CAPTION = re.compile(
    r"(?:fig|figs|figure|figura|abb|abbildung|tab|table|tableau|tabelle|tabella|tabla|chart|graph|graphique|diagram"
    r"|diagramm|photo|map|carte|karte|exhibit|plate|planche|image|bild|listing|box|encadré|schéma)\.?\s*\(?[\dIVXA-Z]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PassageParameters:
    """How long a passage may be, and what heads it.

    tall: height up to which a block is a passage as a whole, as a share of the page's (measured on the first set)
    window: lines of a passage where no sentences are known (geometry: what a sentence usually has)
    heading_lines: greatest height of a heading, in lines (geometry)
    heading_gap: how far a heading stands above what it heads at most, as a share of the page's height (geometry)
    head_cells: cells of a table's first row from which it says what stands in the columns: lists of names and values
        have no such row (geometry)
    larger: letters so much higher than those of the text below head it however far away (geometry)
    """

    tall: float = 0.16
    window: int = 3
    heading_lines: float = 2.6
    heading_gap: float = 0.03
    larger: float = 1.15
    head_cells: int = 3


@dataclass(frozen=True, slots=True, eq=False)
class Fragments:
    """Parts of lines: a sentence begins and ends within a line. boxes: (f, 4); passage: (f,) ascending."""

    boxes: Floats
    passage: Indices


@dataclass(frozen=True, slots=True, eq=False)
class Passages:
    """What a region may be.

    boxes: (m, 4); fragments: what of their lines is theirs; n_lines: (m,)
    block_of: (m,) the block, -1 for rows and tables
    headings: (m, 4) the heading above, or a table's first row, whose words hold for the passage; empty where none
    tables: (t, 4)
    labelled: (n_blocks,) whether a block begins as a caption does: "Figure 3", "Tab. 2"
    """

    boxes: Floats
    fragments: Fragments
    n_lines: Indices
    block_of: Indices
    headings: Floats
    tables: Floats
    labelled: NDArray[np.bool_]


def find_passages(
    words: Words,
    line_of: Indices,
    lines: Floats,
    block_of: Indices,
    rows: tuple[Indices, Indices],
    parameters: PassageParameters,
) -> Passages:
    """Rows, tables, sentences and items, or runs of lines where the words are not known, and blocks that are not tall.

    line_of: (n_words,); lines: (n, 4); block_of: (n,); rows: see `find_rows`
    """
    row_of, table_of = rows
    boxes, n_lines, headings, tables = _rows(lines, row_of, table_of, parameters)
    blocks = [-1] * len(boxes)
    parts, part_of = list(boxes), list(range(len(boxes)))
    words_of_line = _words_of_line(words, line_of, len(lines))
    labelled = np.zeros(int(block_of.max(initial=-1)) + 1, np.bool_)
    block_headings = _headings(lines, block_of, parameters)
    for block in range(len(labelled)):
        own = np.flatnonzero((block_of == block) & (row_of < 0))
        if not len(own):
            continue
        own = own[np.argsort(lines[own, 1] + lines[own, 3], kind="stable")]
        order = np.concatenate([words_of_line[line] for line in own])
        line_at = np.repeat(np.arange(len(own)), [len(words_of_line[line]) for line in own])
        texts = [words.texts[i] for i in order]
        labelled[block] = bool(_CAPTION.match(" ".join(texts[:2])))
        if "" in texts:
            starts = np.searchsorted(line_at, np.arange(len(own) + 1)).tolist()
            runs = set(windows(starts, parameters.window))
        else:
            runs = with_next(list(find_sentences(texts, line_at)), line_at, parameters.window)
        if lines[own, 3].max() - lines[own, 1].min() <= parameters.tall:
            runs.add((0, len(order)))
        for first, stop in sorted(runs):
            top, bottom = int(line_at[first]), int(line_at[stop - 1])
            part_of += [len(boxes)] * (bottom - top + 1)
            parts += [
                _around(words.boxes[order[first:stop][line_at[first:stop] == line]])
                for line in range(top, bottom + 1)
            ]
            boxes.append(_around(lines[own[top : bottom + 1]]))
            n_lines.append(bottom - top + 1)
            blocks.append(block)
            headings.append(block_headings[block])
    return Passages(
        np.array(boxes, np.float32).reshape(-1, 4),
        Fragments(np.array(parts, np.float32).reshape(-1, 4), np.array(part_of, np.int64)),
        np.array(n_lines, np.int64),
        np.array(blocks, np.int64),
        np.array(headings, np.float32).reshape(-1, 4),
        tables,
        labelled,
    )


def _around(boxes: Floats) -> Floats:
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _rows(
    lines: Floats, row_of: Indices, table_of: Indices, parameters: PassageParameters
) -> tuple[list[Floats], list[int], list[Floats], Floats]:
    """Boxes, numbers of lines and headings of rows, and the tables' boxes (t, 4)."""
    if not len(table_of):
        return [], [], [], _NOWHERE[None][:0]
    inside = row_of >= 0
    rows = joined(lines[inside], row_of[inside])
    tables = joined(rows, table_of)
    first = np.array(
        [np.flatnonzero(table_of == t)[rows[table_of == t, 1].argmin()] for t in range(len(tables))]
    )
    heads = np.bincount(row_of[inside])[first] >= parameters.head_cells
    headings = [
        rows[first[t]] if heads[t] and first[t] != i else _NOWHERE for i, t in enumerate(table_of.tolist())
    ]
    return list(rows), [1] * len(rows), headings, tables


def _headings(lines: Floats, block_of: Indices, parameters: PassageParameters) -> list[Floats]:
    """The heading of each block: the nearest low block above it, close to it or of larger letters."""
    boxes = joined(lines, block_of)
    letters = np.bincount(block_of, lines[:, 3] - lines[:, 1]) / np.bincount(block_of)
    height = boxes[:, 3] - boxes[:, 1]
    low = height <= parameters.heading_lines * letters
    found = []
    for i, box in enumerate(boxes):
        gap = box[1] - boxes[:, 3]
        heads = low & (gap > -0.2 * letters) & (boxes[:, 1] < box[1])
        heads &= np.minimum(boxes[:, 2], box[2]) - np.maximum(boxes[:, 0], box[0]) > 0.5 * np.minimum(
            boxes[:, 2] - boxes[:, 0], box[2] - box[0]
        )
        heads &= (letters > parameters.larger * letters[i]) | (
            (gap < parameters.heading_gap) & (height[i] > height)
        )
        heads[i] = False
        found.append(boxes[np.where(heads, gap, np.inf).argmin()] if heads.any() else _NOWHERE)
    return found


def _words_of_line(words: Words, line_of: Indices, n_lines: int) -> list[Indices]:
    """The words of each line from left to right."""
    order = np.lexsort((words.boxes[:, 0], line_of))
    return np.split(order, np.searchsorted(line_of[order], np.arange(1, n_lines)))

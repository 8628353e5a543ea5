"""Layout of a page's text: words stand in lines, lines in blocks, table rows and passages.

A block is a paragraph, a heading, a caption or a cell. A passage is what a person would point at: a sentence, an
item of a list, a short paragraph, a table row with its label and all its cells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from pagelight.retrieval.geometry import connected, joined, median, quantile
from pagelight.retrieval.highlights.lines import (
    Flags,
    Indices,
    LineParameters,
    Words,
    find_lines,
    line_texts,
    page_words,
    transposed,
)
from pagelight.retrieval.highlights.passages import Fragments, PassageParameters, find_passages
from pagelight.retrieval.highlights.table_rows import RowParameters, find_rows
from pagelight.retrieval.types import Floats, PageEmbedding, PageWords

#: a line that was drawn with letters: "-----", "= = ="
_RULE = re.compile(r"(?:[-–—_=*~+|.]\s?){3,}")


@dataclass(frozen=True, slots=True)
class BlockParameters:
    """Distances and sizes by which lines become blocks.

    alike: least ratio of the heights of two lines of a block: a heading is no part of its paragraph (geometry)
    covered: least share of the narrower line that the other covers (geometry)
    pitch: greatest distance of two lines, as a multiple of the page's own (geometry)
    farthest: the same as a multiple of their height (geometry)
    own_pitch: the page's own distance of lines is this quantile: the lower ones lie within paragraphs (geometry)
    most_lines: pages with more lines are left as lines, since pairs of them are compared (memory)
    usual_height: height of text as a share of the page's, where none is known: a line of A4 at 10 points (geometry)
    lowest: least height of text: a line at 5 points (geometry)
    highest: greatest height of text: a line at 40 points (geometry)
    """

    alike: float = 0.65
    covered: float = 0.5
    pitch: float = 1.2
    farthest: float = 3.0
    own_pitch: float = 0.25
    most_lines: int = 2000
    usual_height: float = 0.014
    lowest: float = 0.006
    highest: float = 0.05


@dataclass(frozen=True, slots=True)
class LayoutParameters:
    """Every number that a layout is found by, one object a part.

    lines: words to lines
    blocks: lines to blocks
    rows: lines to rows of tables
    passages: lines to passages
    """

    lines: LineParameters = field(default_factory=LineParameters)
    blocks: BlockParameters = field(default_factory=BlockParameters)
    rows: RowParameters = field(default_factory=RowParameters)
    passages: PassageParameters = field(default_factory=PassageParameters)


LAYOUT = LayoutParameters()


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The text of a page.

    blocks: (k, 4), without those that are cells of a table; line_heights: (k,) of their lines
    passages: (m, 4); fragments: what of their lines is theirs; n_lines: (m,) how many lines each has; sideways: (m,) whether it runs up or down the page
    block_of: (m,) the block of each passage, -1 for rows and tables
    headings: (m, 4) what heads each passage, led and heads: (m,) see `Passages`; tables: (t, 4); labelled, closed: (k,) see `Passages`
    text_height: median height of a line, as a share of the page's height (of its width where text runs sideways)
    lies_sideways: whether most of the text does
    """

    blocks: Floats
    line_heights: Floats
    passages: Floats
    fragments: Fragments
    n_lines: Indices
    block_of: Indices
    headings: Floats
    led: Flags
    heads: Flags
    tables: Floats
    labelled: Flags
    closed: Flags
    sideways: Flags
    text_height: float
    lies_sideways: bool = False


_NO_BOXES = np.zeros((0, 4), np.float32)
_NONE = np.zeros(0, np.int64)
_NO_FLAGS = np.zeros(0, np.bool_)
EMPTY = Layout(
    _NO_BOXES,
    np.zeros(0, np.float32),
    _NO_BOXES,
    Fragments(_NO_BOXES, _NONE),
    _NONE,
    _NONE,
    _NO_BOXES,
    _NO_FLAGS,
    _NO_FLAGS,
    _NO_BOXES,
    _NO_FLAGS,
    _NO_FLAGS,
    _NO_FLAGS,
    LAYOUT.blocks.usual_height,
)


def page_layout(page: PageEmbedding, words: PageWords, parameters: LayoutParameters = LAYOUT) -> Layout:
    """The layout of the document's own words and of what was read; empty where there are neither."""
    across, along = page_words(page, words, parameters.lines)
    main, other = layout(across, parameters), layout(along, parameters)
    if not len(along):
        return main
    turned = Layout(
        transposed(other.blocks),
        other.line_heights,
        transposed(other.passages),
        Fragments(transposed(other.fragments.boxes), other.fragments.passage),
        other.n_lines,
        other.block_of,
        transposed(other.headings),
        other.led,
        other.heads,
        transposed(other.tables),
        other.labelled,
        other.closed,
        ~other.sideways,
        other.text_height,
        lies_sideways=True,
    )
    return _both(main, turned) if len(across) else turned


def layout(words: Words, parameters: LayoutParameters = LAYOUT) -> Layout:
    """The layout of words that run across the page."""
    if not len(words):
        return EMPTY
    line_of = find_lines(words, parameters.lines)
    lines = joined(words.boxes, line_of)
    heights = lines[:, 3] - lines[:, 1]
    texts = line_texts(words, line_of, len(lines))
    if len(lines) <= parameters.blocks.most_lines:
        rows = find_rows(lines, np.bincount(line_of), texts, parameters.rows)
    else:
        rows = np.full(len(lines), -1), _NONE
    in_table = rows[0] >= 0
    rules = np.array([bool(_RULE.fullmatch(text)) for text in texts], np.bool_)
    block_of = _blocks(lines, in_table | rules, parameters.blocks)
    passages = find_passages(words, line_of, lines, texts, block_of, rows, parameters.passages)
    line_heights = np.bincount(block_of, heights) / np.bincount(block_of)
    text = np.flatnonzero(np.bincount(block_of, in_table) < 0.5 * np.bincount(block_of))
    number = np.full(len(line_heights), -1)
    number[text] = np.arange(len(text))
    text_height = median(words.boxes[:, 3] - words.boxes[:, 1])
    return Layout(
        joined(lines, block_of)[text],
        line_heights[text].astype(np.float32),
        passages.boxes,
        passages.fragments,
        passages.n_lines,
        np.where(passages.block_of >= 0, number[passages.block_of], -1),
        passages.headings,
        passages.led,
        passages.heads,
        passages.tables,
        passages.labelled[text],
        passages.closed[text],
        np.zeros(len(passages.boxes), np.bool_),
        min(max(text_height, parameters.blocks.lowest), parameters.blocks.highest),
    )


def _both(across: Layout, along: Layout) -> Layout:
    """Two layouts of one page as one, whose text height is that of the larger."""
    main = across if len(across.passages) >= len(along.passages) else along
    return Layout(
        np.concatenate([across.blocks, along.blocks]),
        np.concatenate([across.line_heights, along.line_heights]),
        np.concatenate([across.passages, along.passages]),
        Fragments(
            np.concatenate([across.fragments.boxes, along.fragments.boxes]),
            np.concatenate([across.fragments.passage, along.fragments.passage + len(across.passages)]),
        ),
        np.concatenate([across.n_lines, along.n_lines]),
        np.concatenate(
            [across.block_of, np.where(along.block_of >= 0, along.block_of + len(across.blocks), -1)]
        ),
        np.concatenate([across.headings, along.headings]),
        np.concatenate([across.led, along.led]),
        np.concatenate([across.heads, along.heads]),
        np.concatenate([across.tables, along.tables]),
        np.concatenate([across.labelled, along.labelled]),
        np.concatenate([across.closed, along.closed]),
        np.concatenate([across.sideways, along.sideways]),
        main.text_height,
        main.lies_sideways,
    )


def _blocks(lines: Floats, alone: Flags, parameters: BlockParameters) -> Indices:
    """(n,): the block of each line. Lines of like height that lie under each other at the page's own distance.

    alone: (n,) cells of a table and rules, which are blocks by themselves
    """
    if len(lines) > parameters.most_lines:
        return np.arange(len(lines))
    height, width = lines[:, 3] - lines[:, 1], lines[:, 2] - lines[:, 0]
    middle = (lines[:, 1] + lines[:, 3]) / 2
    across = np.minimum(lines[:, None, 2], lines[None, :, 2]) - np.maximum(
        lines[:, None, 0], lines[None, :, 0]
    )
    higher, lower = np.maximum(height[:, None], height), np.minimum(height[:, None], height)
    # (n, n): how far the second lies below the first
    pitch = (middle[None] - middle[:, None]) / np.maximum(higher, 1e-6)
    under = across > parameters.covered * np.minimum(width[:, None], width)
    under &= ~(alone[:, None] | alone)
    under &= (lower > parameters.alike * higher) & (pitch > 0.5) & (pitch < parameters.farthest)
    nearest = np.where(under, pitch, np.inf).min(axis=1)
    nearest = nearest[np.isfinite(nearest)]
    own = quantile(nearest, parameters.own_pitch) if len(nearest) else 1.5
    first, second = np.nonzero(under & (pitch <= parameters.pitch * own))
    return connected(first, second, len(lines))

"""From matches on a page to the regions that a person would mark.

Text: around each peak of the heat, the paragraph, or the lines of a long one. The label of a table brings its row, a
heading what it stands over, and a caption its picture if the query asks for a look. Pictures: those whose look the
query asks for, the surer and the more of the query in and under them the better.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pagelight.retrieval.geometry import area, as_box, overlap, shared, union
from pagelight.retrieval.highlights.figures import Picture, captions
from pagelight.retrieval.highlights.layout import Layout
from pagelight.retrieval.highlights.query_matches import Spots
from pagelight.retrieval.types import Box, Floats, Region

MAX_REGIONS = 5
#: peaks that are looked at; a peak below this share of the highest, or below this heat, is none
MAX_PEAKS, LEAST_PEAK, LEAST_HEAT = 6, 0.35, 0.02
#: reaches around a peak in which there is no other
APART = 1.5
#: regions that share more of the smaller one are the same
SAME = 0.3
#: height up to which a block is a region as a whole, and by how many lines the found part of others is widened
TALL, WIDENED = 0.16, 1.5
#: lines of a heading, and how far below it its text begins
HEADING_LINES, HEADING_GAP = 1.7, 0.05
#: a heading's text is at least this much of its own area
LEAST_TEXT = 0.8
#: greatest width of a table's cells, and of the one that is found
CELL, FOUND_CELL = 0.16, 0.4
#: from where a look counts as asked for, the worth of that, and of being half sure of it
ASKED, WORTH, HALF_SURE = 0.15, 0.3, 0.3
#: pictures smaller than this share of the page lose up to half of that worth: few people ask for a mark
SMALL, SMALL_LOSS = 0.06, 0.5
#: worth of a picture (of this size at least) where the query asks for a look that none on the page has
ANY, ANY_SIZE, ANY_FULL = 0.3, 0.03, 0.1


def find_regions(
    spots: Spots, layout: Layout, pictures: Sequence[Picture] = (), look: bool = False
) -> tuple[Region, ...]:
    """Up to five regions, best first. look: whether the query asks for a look"""
    found = [*_text_regions(spots.telling(layout.blocks), layout, pictures, look)]
    if look:
        found += _picture_regions(spots, layout, pictures)
    kept: list[Region] = []
    for box, score in sorted(found, key=lambda f: -f[1]):
        if len(kept) < MAX_REGIONS and not any(overlap(box, other.box) > SAME for other in kept):
            kept.append(Region(box, round(min(max(score, 1e-4), 1.0), 4)))
    return tuple(kept)


def _text_regions(
    spots: Spots, layout: Layout, pictures: Sequence[Picture], look: bool
) -> Iterator[tuple[Box, float]]:
    """Boxes and scores: half the heat at the peak, half the share of the query that lies in the box."""
    if not len(spots):
        return
    points, heat = spots.heat()
    least = max(LEAST_PEAK * float(heat.max()), LEAST_HEAT)
    for _ in range(MAX_PEAKS):
        peak = int(heat.argmax())
        height = float(heat[peak])
        if height < least:
            return
        near = spots.near(points[peak])
        heat[spots.distances(points, points[peak]) < APART] = 0.0
        if len(near):
            box = _grown(near, layout, pictures, look)
            yield box, (height + spots.share(box)) / 2


def _picture_regions(
    spots: Spots, layout: Layout, pictures: Sequence[Picture]
) -> Iterator[tuple[Box, float]]:
    """Boxes and scores: what the look is worth and the share of the query that lies in and under the picture."""
    asked = any(picture.asked >= ASKED for picture in pictures)
    for picture in pictures:
        if picture.asked >= ASKED:
            value = WORTH + picture.asked / (picture.asked + HALF_SURE)
            value *= 1 - SMALL_LOSS * max(0.0, 1 - picture.size / SMALL)
        elif not asked and picture.size >= ANY_SIZE:
            value = ANY * min(1.0, picture.size / ANY_FULL)
        else:
            continue
        box = picture.box
        named = layout.blocks[captions(box, layout)]
        shares = spots.shares(named)
        if shares.max(initial=0.0) > 0:
            caption = as_box(named[int(shares.argmax())])
            box = union(box, caption)
        yield box, value + spots.share(box)


def _grown(near: Spots, layout: Layout, pictures: Sequence[Picture], look: bool) -> Box:
    """From the matches around a peak to the block that has most of them, or to what that block belongs to."""
    shares = near.shares(layout.blocks)
    if not len(shares) or shares.max() <= 0:
        return _around(near.boxes)
    best = int(shares.argmax())
    row = _row(near, best, layout)
    if row:
        return row
    block, line = as_box(layout.blocks[best]), float(layout.line_heights[best])
    if block[3] - block[1] > TALL:
        found = _around(near.inside(block))
        top, bottom = found[1] - WIDENED * line, found[3] + WIDENED * line
        return block[0], max(block[1], top), block[2], min(block[3], bottom)
    captioned = _captioned(block, best, layout, pictures) if look else None
    return captioned or _headed(block, line, layout, pictures) or block


def _around(boxes: Floats) -> Box:
    x0, y0 = boxes[:, :2].min(axis=0)
    x1, y1 = boxes[:, 2:].max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def _captioned(block: Box, index: int, layout: Layout, pictures: Sequence[Picture]) -> Box | None:
    """The block and the nearest picture whose caption it is."""
    fitting = [p.box for p in pictures if p.captioned and index in captions(p.box, layout)]
    if not fitting:
        return None
    nearest = min(fitting, key=lambda p: min(abs(block[1] - p[3]), abs(p[1] - block[3])))
    return union(block, nearest)


def _headed(block: Box, line: float, layout: Layout, pictures: Sequence[Picture]) -> Box | None:
    """A heading, or the line that leads to a list or table, and what stands under it."""
    things = np.array([p.box for p in pictures if p.captioned], np.float32).reshape(-1, 4)
    things = np.concatenate([layout.blocks, things])
    if block[3] - block[1] > HEADING_LINES * line:
        return None
    gap = things[:, 1] - block[3]
    below = (gap >= -0.005) & (gap < HEADING_GAP) & (shared(block, things, 0) > 0.5)
    if not below.any():
        return None
    nearest = things[int(np.where(below, gap, np.inf).argmin())]
    if float(area(nearest)) < LEAST_TEXT * (block[2] - block[0]) * (block[3] - block[1]):
        return None
    x0, y0, x1, y1 = as_box(nearest)
    return union(block, (x0, y0, x1, min(y1, y0 + TALL)))


def _row(near: Spots, index: int, layout: Layout) -> Box | None:
    """The row of a table whose label was found: a short line with others to its right, all of them short."""
    lines = layout.lines[layout.block_of == index]
    found = as_box(lines[int(near.shares(lines).argmax())])
    if found[2] - found[0] >= FOUND_CELL:
        return None
    middle, height = (found[1] + found[3]) / 2, found[3] - found[1]
    level = np.abs((layout.lines[:, 1] + layout.lines[:, 3]) / 2 - middle) < 0.35 * height
    row = layout.lines[level & (shared(found, layout.lines, 0) == 0)]
    if not len(row) or (row[:, 2] - row[:, 0]).max() >= CELL or row[:, 0].min() < found[2]:
        return None
    return union(found, _around(row))

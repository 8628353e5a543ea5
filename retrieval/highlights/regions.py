"""Regions of a page that a person would mark for a query, each of them a whole thing.

Text: the passages that hold most of the query, in themselves and near them, or say what it means; a heading with what
stands under it; a caption with its picture if the query asks for a look. Pictures: those whose look the query asks for, the surer and the
more of the query in and under them the better.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from pagelight.retrieval.geometry import area, as_box, overlap, shared, union
from pagelight.retrieval.highlights.layout import Layout
from pagelight.retrieval.highlights.lines import Flags, Indices, middles, within
from pagelight.retrieval.highlights.page_pictures import PICTURES, CaptionedPage, Picture, PictureParameters
from pagelight.retrieval.highlights.passage_closeness import MEANT, Closeness, MeantParameters
from pagelight.retrieval.highlights.query_matches import MATCHES, Matches, MatchParameters
from pagelight.retrieval.results import Region
from pagelight.retrieval.types import Box, Floats


@dataclass(frozen=True, slots=True)
class RegionParameters:
    """Thresholds from which a passage becomes a region.

    most: regions of a page (what a person looks at)
    least: regions below this share of the best one's score are none (measured on the first set)
    same: regions that share more of the smaller one are the same (geometry)
    inside: weight of what lies in a passage beside what lies in it and near it (measured on the first set)
    line: what each line more of a passage costs, in shares of the query (measured on the first set)
    heading: how much a match in the heading above counts for a passage (measured on the first set)
    column_head: how much a match in a table's first row, or in the line that leads to a list, counts for what is below (measured on the first set)
    heads: what it costs a row that it heads others, in shares of the query (all labelled sets, and tables)
    heading_lines: greatest height of a heading, in lines (geometry)
    heading_gap: how far below a heading its text begins at most, as a share of the page's height (geometry)
    heading_touch: how far that text may reach into the heading's box, as the same share (geometry)
    heading_beside: share of the narrower one's width that heading and text have in common (geometry)
    heading_larger: text whose letters are so much higher than a line's above it is not headed by it (geometry)
    heading_text: a heading's text is at least this much of its own area (geometry)
    heading_tall: greatest height of the text that is marked with its heading, as a share of the page's (geometry)
    asked: probability from which a look counts as asked for (all labelled sets)
    look: worth of a look that is asked for (measured on the first set)
    half_sure: probability at which it is worth half as much again (measured on the first set)
    small: pictures smaller than this share of the page are worth less: few people ask for a mark (measured on the first
        set)
    small_loss: share of its worth that the smallest picture loses (measured on the first set)
    line_thick: what is higher is no line, which a picture takes the whole of, but several read as one, in heights of the page's text
        (geometry)
    any_look: worth of a picture where the query asks for a look that none on the page has (measured on the first set)
    any_size: least share of the page that such a picture takes (measured on the first set)
    any_full: share of the page from which it is worth all (measured on the first set)
    """

    most: int = 5
    least: float = 0.35
    same: float = 0.3
    inside: float = 0.3
    line: float = 0.005
    heading: float = 1.0
    column_head: float = 0.9
    heads: float = 0.05
    heading_lines: float = 1.7
    heading_gap: float = 0.05
    heading_touch: float = 0.005
    heading_beside: float = 0.5
    heading_larger: float = 1.15
    heading_text: float = 0.8
    heading_tall: float = 0.16
    asked: float = 0.09
    look: float = 0.4
    half_sure: float = 0.2
    small: float = 0.06
    small_loss: float = 0.5
    line_thick: float = 2.5
    any_look: float = 0.3
    any_size: float = 0.03
    any_full: float = 0.1


REGIONS = RegionParameters()


@dataclass(frozen=True, slots=True)
class Place:
    """A region as it was found. meant: the passage that it is of, where its meaning counts for more than its words, -1 else"""

    region: Region
    meant: int = -1


def find_regions(
    matches: Matches,
    layout: Layout,
    pictures: Sequence[Picture] = (),
    look: bool = False,
    closeness: Closeness | None = None,
    parameters: RegionParameters = REGIONS,
    match_parameters: MatchParameters = MATCHES,
    picture_parameters: PictureParameters = PICTURES,
    meant_parameters: MeantParameters = MEANT,
) -> tuple[Place, ...]:
    """Up to five regions, best first.

    look: whether the query asks for a look; closeness: of the page's passages in meaning, None where nothing is known
    """
    captioned = CaptionedPage(layout, pictures, look, picture_parameters)
    scored = _scored_passages(matches, layout, closeness, parameters, match_parameters, meant_parameters)
    found = list(_text_regions(scored, layout, captioned, parameters))
    if look or any(picture.asked for picture in pictures):
        said = float(scored.scores.max(initial=0.0))
        found += _picture_regions(matches, captioned, said, parameters)
    kept: list[Place] = []
    for box, score, meant in sorted(found, key=lambda f: -f[1]):
        if len(kept) == parameters.most or (kept and score < parameters.least * kept[0].region.score):
            break
        if not any(overlap(box, other.region.box) > parameters.same for other in kept):
            kept.append(Place(Region(box, round(min(max(score, 1e-4), 1.0), 4)), meant))
    return tuple(kept)


@dataclass(frozen=True, slots=True, eq=False)
class _ScoredPassages:
    """boxes: (k, 4); passages: (k,) which of the layout's they are, -1 where it has none; scores: (k,); meant: (k,) bool"""

    boxes: Floats
    passages: Indices
    scores: Floats
    meant: Flags


def _scored_passages(
    matches: Matches,
    layout: Layout,
    closeness: Closeness | None,
    parameters: RegionParameters,
    match_parameters: MatchParameters,
    meant_parameters: MeantParameters,
) -> _ScoredPassages:
    """The passages with any of the query, or the matching cells on a page whose text has no known layout."""
    n = len(layout.passages)
    telling = matches.telling(layout.passages, match_parameters)
    if not n:
        inside = telling.weighed(telling.best(matches.boxes))
        near = telling.weighed(telling.best(matches.boxes, _reaches(layout, inside, match_parameters)))
        scores = parameters.inside * inside + (1 - parameters.inside) * near
        return _ScoredPassages(
            matches.boxes, np.full(len(scores), -1), scores, np.zeros(len(scores), np.bool_)
        )
    best = telling.best_in_parts(layout.fragments.boxes, layout.fragments.passage, n)
    matching = telling.weighed(best) > 0
    gains = np.zeros(n, np.float32)
    if closeness is not None:
        left_open = 1 - float(telling.weighed(best).max(initial=0.0))
        gains = closeness.of_places(layout.fragments, n, meant_parameters)
        gains *= meant_parameters.deviation * left_open
        others = np.where(matching, 0, gains)
        closest = np.argsort(-others, kind="stable")[: meant_parameters.most]
        matching[closest[others[closest] > 0]] = True
    found = np.flatnonzero(matching)
    inside, gains = best[found], gains[found]
    near = telling.best(layout.passages[found], _reaches(layout, found, match_parameters))
    headings = telling.best(layout.headings[found])
    near = np.maximum(near, parameters.heading * headings)
    led = layout.led[found]  # a cell says what its row's label and its column's head say together
    inside[led] = np.maximum(inside[led], parameters.column_head * headings[led])
    words = parameters.inside * telling.weighed(inside) + (1 - parameters.inside) * telling.weighed(near)
    scores = words + gains - parameters.line * (layout.n_lines[found] - 1)
    scores -= parameters.heads * layout.heads[found]
    return _ScoredPassages(layout.passages[found], found, scores, gains > words)


def _text_regions(
    scored: _ScoredPassages, layout: Layout, captioned: CaptionedPage, parameters: RegionParameters
) -> Iterator[tuple[Box, float, int]]:
    """Boxes, scores and meant passages of the best, with what belongs to them."""
    taken: list[Box] = []
    for i in np.argsort(-scored.scores, kind="stable").tolist():
        box, passage = as_box(scored.boxes[i]), int(scored.passages[i])
        if len(taken) == 2 * parameters.most:
            return
        if any(overlap(box, other) > parameters.same for other in taken):
            continue
        taken.append(box)
        whole = _widened(box, passage, captioned, parameters) if passage >= 0 else box
        yield whole, float(scored.scores[i]), passage if scored.meant[i] else -1


def _reaches(layout: Layout, places: np.ndarray, parameters: MatchParameters) -> Floats:
    """(k, 2): how far a match counts beyond each place, across and down the page."""
    reach = np.array([parameters.reach_along, parameters.reach_across], np.float32) * layout.text_height
    if not len(layout.passages):
        return np.tile(reach, (len(places), 1))
    return np.where(layout.sideways[places, None], reach[::-1], reach).astype(np.float32)


def _picture_regions(
    matches: Matches, captioned: CaptionedPage, said: float, parameters: RegionParameters
) -> Iterator[tuple[Box, float, int]]:
    """Boxes, scores and -1: what the look is worth and the share of the query that lies in and under the picture.

    said: the share of the query that the best text says
    """
    pictures = captioned.pictures
    asked = any(picture.asked >= parameters.asked for picture in pictures)
    for picture in pictures:
        if said >= picture.gives_way:
            continue
        if picture.asked >= parameters.asked:
            value = parameters.look + picture.asked / (picture.asked + parameters.half_sure)
            value *= 1 - parameters.small_loss * max(0.0, 1 - picture.size / parameters.small)
        elif not asked and picture.size >= parameters.any_size:
            value = parameters.any_look * min(1.0, picture.size / parameters.any_full)
        else:
            continue
        box = picture.box
        named = captioned.own_captions(box)
        shares = matches.shares(named)
        if shares.max(initial=0.0) > 0:
            caption = as_box(named[int(shares.argmax())])
            box = union(box, caption)
        yield _with_whole_lines(box, captioned.layout, parameters), value + matches.share(box), -1


def _with_whole_lines(box: Box, layout: Layout, parameters: RegionParameters) -> Box:
    """A picture with all of the lines that have their middle in it: what is seen of its edges is not exact."""
    lines = layout.fragments.boxes
    thickness = (lines[:, 2:] - lines[:, :2]).min(axis=1, initial=np.inf)
    lines = lines[thickness <= parameters.line_thick * layout.text_height]
    whole = lines[within(middles(lines), np.array([box], np.float32))[0]]
    return reduce(union, map(as_box, whole), box)


def _widened(box: Box, index: int, captioned: CaptionedPage, parameters: RegionParameters) -> Box:
    """A passage with what belongs to it: a caption's picture, or what stands under a heading."""
    layout = captioned.layout
    number = int(layout.block_of[index])
    if number < 0 or layout.sideways[index]:
        return box
    block = as_box(layout.blocks[number])
    return (
        captioned.with_picture(block, number)
        or (
            not layout.closed[number]
            and _headed(block, float(layout.line_heights[number]), captioned, parameters)
        )
        or box
    )


def _headed(block: Box, line: float, captioned: CaptionedPage, parameters: RegionParameters) -> Box | None:
    """A heading, or the line that leads to a list or table, and what stands under it."""
    layout = captioned.layout
    things = np.array([p.box for p in captioned.with_captions], np.float32).reshape(-1, 4)
    # letters of tables and pictures are not known, and head nothing
    letters = np.concatenate([layout.line_heights, np.zeros(len(layout.tables) + len(things), np.float32)])
    things = np.concatenate([layout.blocks, layout.tables, things])
    if block[3] - block[1] > parameters.heading_lines * line:
        return None
    gap = things[:, 1] - block[3]
    below = (gap >= -parameters.heading_touch) & (gap < parameters.heading_gap)
    below &= shared(block, things, 0) > parameters.heading_beside
    below &= letters <= parameters.heading_larger * line
    if not below.any():
        return None
    nearest = things[int(np.where(below, gap, np.inf).argmin())]
    if float(area(nearest)) < parameters.heading_text * (block[2] - block[0]) * (block[3] - block[1]):
        return None
    if nearest[3] - nearest[1] > parameters.heading_tall:
        return None
    return union(block, as_box(nearest))

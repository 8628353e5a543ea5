"""Parameters of the visibility of a PDF page's text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VisibleTextParameters:
    """Drawing of a page to see what its text changes, and what counts as changed.

    character_pixels: height of a character of middling size (geometry)
    most_pixels: of the page (memory)
    least_scale: pixels a point, at least (geometry)
    most_scale: pixels a point, at most (memory)
    different: levels by which a pixel differs with and without the text: light grey on white differs by 20 (geometry)
    faint: levels by which some pixel of a character differs, at least, for an eye to see it: text of an opacity of .05 on
        white differs by 13, light grey by 20 (geometry)
    enlarged: times larger at which a page is drawn once more where all of a character is fainter (geometry)
    least_share: share of a character's inner box that differs: a point or a dash has 5 %, letters 15 to 60 % (geometry)
    least_size: points of a font on a sheet of A6 or more, at least: smaller print is dust (geometry)
    remains: share of a pixel's contrast that is left under what hides it, at most: bars of an opacity of .9 leave .1,
        highlighters and watermarks .4 and more (geometry)
    uncovered: share of what its text changes on a page without its bars, from which on a character lies under none: bars
        may be clipped away, or on a layer that is off (geometry)
    uncovered_shape: the same for pictures and other shapes, whose edges are not those of their bounds (geometry)
    opaque: opacity from which on a bar or a line may hide what is under it (geometry)
    margin: share of a character's box that the inner box leaves out on each side, where neighbours and the edges of
        bars reach in (geometry)
    whole_page: a picture of at least this share of the page is a scan of it, and text under it the scan's (geometry)
    under_scan: characters under such a picture for each that is drawn elsewhere, at least: else it hides them (geometry)
    beside: share of a line's height to both sides of its edges in which there is a row without ink, if the line is all that is
        drawn there (geometry)
    goes_on: share of its own ink that each of these rows has, at least, where a drawing goes on beside the line (geometry)
    bar_segments: segments of a path that may be a rectangle, at most (geometry)
    shape_segments: segments of a path that may hide words, at most: drawings of more are lines and maps (speed)
    bar_height: height of a bar, as a share of the letters', from which it hides them: thinner ones strike them through
        (geometry)
    bar_stroke: points; a line of this width or more may hide what it is drawn over (geometry)
    crosses: letters of one kind in a row that strike out what is below them, at least (geometry)
    deepest: levels of forms within forms that are looked into (speed)
    """

    character_pixels: float = 10.0
    most_pixels: int = 6_000_000
    least_scale: float = 0.4
    most_scale: float = 4.0
    different: int = 8
    faint: int = 14
    enlarged: float = 3.0
    least_share: float = 0.03
    least_size: float = 1.0
    remains: float = 0.15
    uncovered: float = 0.8
    uncovered_shape: float = 0.3
    opaque: float = 0.85
    margin: float = 0.18
    whole_page: float = 0.7
    under_scan: float = 2.0
    beside: float = 0.25
    goes_on: float = 0.3
    bar_segments: int = 6
    shape_segments: int = 60
    bar_height: float = 0.25
    bar_stroke: float = 4.0
    crosses: int = 3
    deepest: int = 15


VISIBLE_TEXT = VisibleTextParameters()

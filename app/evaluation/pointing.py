"""Pointing: highlights compared with labelled boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pagelight.retrieval.geometry import intersection
from pagelight.retrieval.results import Region
from pagelight.retrieval.types import Box

#: overlap from which a region counts as found, as detection and document question answering report it
IOU_HIT = 0.5


@dataclass(frozen=True, slots=True)
class Pointing:
    """One query on one labelled page.

    hit: the best region's centre lies in a labelled box
    iou: intersection over union of the best region and the labelled box that it fits best, 0..1
    """

    hit: bool
    iou: float

    @property
    def iou_hit(self) -> bool:
        return self.iou >= IOU_HIT


def point(regions: Sequence[Region], boxes: Sequence[Box]) -> Pointing:
    """Compare a page's regions (best first) with its labelled boxes; no region is a miss.

    >>> point([Region((0.0, 0.0, 0.2, 0.1), 1.0)], [(0.0, 0.0, 0.4, 0.1)])
    Pointing(hit=True, iou=0.5)
    """
    if not regions:
        return Pointing(False, 0.0)
    best = regions[0].box
    x, y = (best[0] + best[2]) / 2, (best[1] + best[3]) / 2
    hit = any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in boxes)
    return Pointing(hit, max((iou(best, box) for box in boxes), default=0.0))


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes; 0 where they do not meet."""
    shared = intersection(a, b)
    if not shared:
        return 0.0
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / both

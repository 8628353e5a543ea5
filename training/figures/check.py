"""Check of the figure net on real pages: the boxes that were named by hand, and what the net says is there."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from PIL import Image

from pagelight.app.evaluation.metrics import iou
from pagelight.retrieval.encoders.builtin.figures.detector import DetectedFigure, FigureDetector
from pagelight.retrieval.encoders.builtin.figures.query_words import FIGURE_KINDS
from pagelight.retrieval.geometry import intersection
from pagelight.retrieval.types import Box
from training.figures.real import RealPage

_TOLD = 0.25
"""Probability from which a look counts as told."""
_COVERS = 0.3
"""Share of a named box that a region must cover to be about it."""


def measure(net: FigureDetector, pages: list[RealPage]) -> dict[str, float]:
    """Shares of the named boxes.

    named: the region that fits best has the right class first; by_class: the mean of it over the classes; told: the
    right class is among what is told (_TOLD); right: of all that is told there, what is right; off: how
    far confidences are from that share, on average over ten steps of confidence; placed: intersection over union of a box
    and the region told there that fits best.
    """
    named: dict[str, list[bool]] = defaultdict(list)
    told: list[bool] = []
    placed: list[float] = []
    claims: list[tuple[float, bool]] = []
    for page in pages:
        regions = net.find(Image.fromarray(page.image), 0).regions
        for box, look in page.things:
            near = _about(box, regions)
            best = max(near, key=lambda region: (iou(box, region.box), region.confidence), default=None)
            named[look].append(best is not None and best.name == look)
            sure = [region for region in near if region.confidence >= _TOLD]
            placed.append(max((iou(box, region.box) for region in sure), default=0.0))
            own = FIGURE_KINDS.index(look)
            told.append(any(region.kinds[own] >= _TOLD for region in sure))
            claims += [
                (float(region.kinds[i]), i == own)
                for region in sure
                for i in np.flatnonzero(region.kinds >= _TOLD)
            ]
    every = [hit for hits in named.values() for hit in hits]
    confidence, right = np.array(claims or [(0.0, False)]).T
    return {
        "boxes": len(every),
        "named": round(float(np.mean(every)), 3),
        "by_class": round(float(np.mean([np.mean(hits) for hits in named.values()])), 3),
        "told": round(float(np.mean(told)), 3),
        "right": round(float(right.mean()), 3),
        "off": round(_off(confidence, right), 3),
        "placed": round(float(np.mean(placed)), 3),
    }


def _about(box: Box, regions: tuple[DetectedFigure, ...]) -> list[DetectedFigure]:
    """The regions that cover enough of the box."""
    least = _COVERS * (box[2] - box[0]) * (box[3] - box[1])
    return [region for region in regions if intersection(box, region.box) > least]


def _off(
    confidence: np.ndarray[tuple[int], np.dtype[np.float64]],
    right: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> float:
    steps = np.minimum((confidence * 10).astype(int), 9)
    gaps = [
        abs(float(confidence[steps == i].mean() - right[steps == i].mean())) * float((steps == i).mean())
        for i in np.unique(steps)
    ]
    return sum(gaps)

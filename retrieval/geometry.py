"""Arithmetic of boxes: `(x0, y0, x1, y1)` relative to the page, one or many of them as `(n, 4)`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.types import Box, Floats, Ints


def as_box(row: Floats) -> Box:
    """A row of four numbers as a plain box."""
    x0, y0, x1, y1 = (float(v) for v in row)
    return x0, y0, x1, y1


def area(boxes: Floats) -> Floats:
    """(..., 4) to (...): 0 where a box is turned inside out."""
    size = np.maximum(boxes[..., 2:] - boxes[..., :2], 0)
    return np.asarray(size[..., 0] * size[..., 1], np.float32)


def union(a: Box, b: Box) -> Box:
    """The smallest box that holds both.

    >>> union((0.0, 0.2, 0.5, 0.4), (0.1, 0.0, 0.2, 0.3))
    (0.0, 0.0, 0.5, 0.4)
    """
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def shared(box: Box, boxes: Floats, axis: int) -> Floats:
    """(n,): how much of the narrower of two boxes the other one covers, along x (axis 0) or y (axis 1), 0..1."""
    length = np.minimum(box[axis + 2], boxes[:, axis + 2]) - np.maximum(box[axis], boxes[:, axis])
    narrower = np.minimum(box[axis + 2] - box[axis], boxes[:, axis + 2] - boxes[:, axis])
    return np.asarray(np.clip(length, 0, None) / np.maximum(narrower, 1e-6), np.float32)


def intersection(a: Box, b: Box) -> float:
    """The area that both cover; 0 where they do not meet."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(width, 0.0) * max(height, 0.0)


def overlap(a: Box, b: Box) -> float:
    """Intersection over the smaller of the two areas."""
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return intersection(a, b) / max(smaller, 1e-9)


def ious(box: Floats, boxes: Floats) -> Floats:
    """(n,): intersection over union of a box (4,) with each of the boxes (n, 4)."""
    both = np.concatenate([np.maximum(boxes[:, :2], box[:2]), np.minimum(boxes[:, 2:], box[2:])], axis=1)
    common = area(both)
    return np.asarray(common / np.maximum(area(boxes) + area(box) - common, 1e-9), np.float32)


def joined(boxes: Floats, groups: Ints | NDArray[np.integer]) -> Floats:
    """(n_groups, 4): the box of each group. boxes: (n, 4); groups: (n,) 0, 1, … without gaps"""
    if not len(groups):
        return np.zeros((0, 4), np.float32)
    order = np.argsort(groups, kind="stable")
    starts = run_starts(groups[order])
    own = boxes[order]
    corners = np.minimum.reduceat(own[:, :2], starts), np.maximum.reduceat(own[:, 2:], starts)
    return np.concatenate(corners, axis=1).astype(np.float32)


def run_starts(groups: NDArray[np.integer]) -> NDArray[np.integer]:
    """(n_runs,): where each run of equal numbers begins.

    >>> run_starts(np.array([4, 4, 7, 4])).tolist(), run_starts(np.array([], int)).tolist()
    ([0, 2, 3], [])
    """
    begins = np.ones(len(groups), np.bool_)
    np.not_equal(groups[1:], groups[:-1], out=begins[1:])
    return np.flatnonzero(begins)


def median(values: Floats) -> float:
    """The median of (n,), which are some.

    >>> median(np.array([3, 1, 2, 8], np.float32))
    2.5
    """
    return quantile(values, 0.5)


def quantile(values: Floats, share: float) -> float:
    """The value below which this share of (n,) lies, which are some; numpy's own takes ten times as long for a page's words.

    >>> quantile(np.array([3, 1, 2, 8, 9], np.float32), 0.1)
    1.4
    """
    ordered = np.sort(values)
    whole, rest = divmod(share * (len(ordered) - 1), 1)
    low, high = float(ordered[int(whole)]), float(ordered[min(int(whole) + 1, len(ordered) - 1)])
    return low + rest * (high - low)


def connected(first: NDArray[np.integer], second: NDArray[np.integer], n: int) -> NDArray[np.integer]:
    """(n,): the group of each of n things, of which first[i] and second[i] belong together.

    Every thing points to the first of its group: pairs whose groups differ hook one to the other until none do
    (Shiloach and Vishkin 1982), a fraction of what a sparse matrix takes to make for some hundred pairs.

    >>> connected(np.array([3, 1]), np.array([1, 0]), 5).tolist()
    [0, 0, 1, 0, 2]
    """
    root = np.arange(n)
    while True:
        one, other = root[first], root[second]
        apart = np.flatnonzero(one != other)
        if not len(apart):
            return np.asarray(np.cumsum(root == np.arange(n))[root] - 1)
        first, second, one, other = first[apart], second[apart], one[apart], other[apart]
        np.minimum.at(root, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(root, root[root]):
            root = root[root]

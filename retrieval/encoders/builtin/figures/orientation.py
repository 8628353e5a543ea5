"""Which way a page is turned, told from its lines of text; nothing here is learned.

In Latin script more letters rise above the body of a line (b d f h k l t, capitals, figures) than hang below it
(g j p q y): over many lines the ink just above the bodies outweighs the ink just below them. On a turned page the
lines stand upright, on an inverted one the signs change.
"""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from pagelight.retrieval.encoders.builtin.placement import Gray
from pagelight.retrieval.types import Floats

_SIDE = 900
"""Pixels of the page's long side: bodies of letters are then 3 to 14 pixels high."""
_STRIP = 64
"""Width of the strips whose rows are averaged, so that slightly skew lines stay lines."""
_THINNEST, _THICKEST = 3, 14
_FEWEST = 24
"""Pieces of lines, below which nothing is told."""
_SURE, _CLEAR = 6.5, 1.6
"""Mean over standard error from which a direction is told, and how far it must surpass the other axis."""


def turn_of(gray: Gray) -> int:
    """Clockwise quarter turns that make the page upright; 0 where it is upright or hard to tell."""
    share = _SIDE / max(gray.shape)
    level = uprightness(_strips(gray, share), share)
    upright = uprightness(_strips(gray.T, share)[:, ::-1].copy(), share)  # the page turned counter-clockwise
    if max(abs(level), abs(upright)) < _SURE:
        return 0
    if abs(level) >= abs(upright) / _CLEAR:
        return 2 if level <= -_SURE and abs(level) > abs(upright) * _CLEAR else 0
    # text that now reads right needs three clockwise turns, else one
    return 3 if upright > 0 else 1


def _strips(gray: Gray, share: float) -> Floats:
    """(height, width) -> (n_strips, height) in 0..1: means of the rows of each strip."""
    width = max(1, round(_STRIP / share))
    n_strips = gray.shape[1] // width
    sums = gray[:, : n_strips * width].reshape(len(gray), n_strips, width).sum(2, dtype=np.uint32)
    return np.asarray((sums / np.float32(255 * width)).T, np.float32)


def uprightness(strips: Floats, share: float) -> float:
    """How surely level lines of text stand on their feet: mean over standard error; negative on their heads.

    strips: (n_strips, height) gray levels; share: of its size at which the page is looked at
    """
    height = round(strips.shape[1] * share)
    if len(strips) < 1 or height < 4 * _THICKEST:
        return 0.0
    size = len(strips), height
    ink = torch.from_numpy(np.ascontiguousarray(strips))[None, None]
    means = functional.interpolate(ink, size, mode="bilinear", antialias=True)[0, 0]
    rows = (means - means.median()).abs().numpy()  # (strips, height): ink
    peaks = rows
    for step in (1, 2, 4, 2):  # the most within 9 rows on both sides
        peaks = np.maximum(peaks, np.maximum(np.roll(peaks, step, 1), np.roll(peaks, -step, 1)))
    body = (rows > 0.5 * peaks) & (peaks > 0.04)
    body[:, :8] = body[:, -8:] = False
    change = np.diff(np.pad(body.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    strip, top = np.nonzero(change == 1)
    bottom = np.nonzero(change == -1)[1]
    fits = (bottom - top >= _THINNEST) & (bottom - top <= _THICKEST)
    strip, top, bottom = strip[fits], top[fits], bottom[fits]
    if len(top) < _FEWEST:
        return 0.0
    sums = np.pad(rows.cumsum(1), ((0, 0), (1, 0)))
    reach = np.maximum(1, (bottom - top + 1) // 2)
    above = sums[strip, top] - sums[strip, top - reach]
    below = sums[strip, bottom + reach] - sums[strip, bottom]
    lean = (above - below) / (reach * peaks[strip, top])
    return float(lean.mean() / (lean.std() / np.sqrt(len(lean)) + 1e-6))

"""Orientation of a page, told from its lines of text; nothing here is learned.

In Latin script more letters rise above the body of a line (b d f h k l t, capitals, figures) than hang below it
(g j p q y): over many lines the ink just above the bodies outweighs the ink just below them. On a turned page the
lines stand upright, on an inverted one the signs change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from pagelight.retrieval.encoders.builtin.placement import Gray
from pagelight.retrieval.types import Floats


@dataclass(frozen=True, slots=True)
class OrientationParameters:
    """Lines of text: how they are found, and when they tell which way a page is turned.

    side: pixels of the page's long side: bodies of letters are then 3 to 14 pixels high (geometry)
    strip: pixels; width of the strips whose rows are averaged, so that slightly skew lines stay lines (geometry)
    thinnest: pixels; least height of a line's body (geometry)
    thickest: pixels; greatest height of a line's body (geometry)
    body: share of the darkest row nearby from which a row belongs to a line's body (geometry)
    faint: darkness, 0..1, below which the darkest row nearby is no line (practice pages)
    border: pixels at the strip's ends that are left out (geometry)
    fewest: pieces of lines, below which nothing is told (practice pages)
    sure: mean over standard error from which a direction is told (practice pages)
    clear: how many times it has to surpass the other axis (practice pages)
    """

    side: int = 900
    strip: int = 64
    thinnest: int = 3
    thickest: int = 14
    body: float = 0.5
    faint: float = 0.04
    border: int = 8
    fewest: int = 24
    sure: float = 6.5
    clear: float = 1.6


ORIENTATION = OrientationParameters()


def turn_of(gray: Gray, parameters: OrientationParameters = ORIENTATION) -> int:
    """Clockwise quarter turns that make the page upright; 0 where it is upright or hard to tell."""
    share = parameters.side / max(gray.shape)
    level = uprightness(_strips(gray, share, parameters.strip), share, parameters)
    on_its_side = _strips(gray.T, share, parameters.strip)[
        :, ::-1
    ].copy()  # the page turned counter-clockwise
    upright = uprightness(on_its_side, share, parameters)
    sure, clear = parameters.sure, parameters.clear
    if max(abs(level), abs(upright)) < sure:
        return 0
    if abs(level) >= abs(upright) / clear:
        return 2 if level <= -sure and abs(level) > abs(upright) * clear else 0
    # text that now reads right needs three clockwise turns, else one
    return 3 if upright > 0 else 1


def _strips(gray: Gray, share: float, pixels: int) -> Floats:
    """(height, width) -> (n_strips, height) in 0..1: means of the rows of each strip."""
    width = max(1, round(pixels / share))
    n_strips = gray.shape[1] // width
    sums = gray[:, : n_strips * width].reshape(len(gray), n_strips, width).sum(2, dtype=np.uint32)
    return np.asarray((sums / np.float32(255 * width)).T, np.float32)


def uprightness(strips: Floats, share: float, parameters: OrientationParameters = ORIENTATION) -> float:
    """Certainty that level lines of text stand on their feet: mean over standard error; negative on their heads.

    strips: (n_strips, height) gray levels; share: of its size at which the page is looked at
    """
    height = round(strips.shape[1] * share)
    if len(strips) < 1 or height < 4 * parameters.thickest:
        return 0.0
    size = len(strips), height
    ink = torch.from_numpy(np.ascontiguousarray(strips))[None, None]
    means = functional.interpolate(ink, size, mode="bilinear", antialias=True)[0, 0]
    rows = (means - means.median()).abs().numpy()  # (strips, height): ink
    peaks = rows
    for step in (1, 2, 4, 2):  # the most within 9 rows on both sides
        peaks = np.maximum(peaks, np.maximum(np.roll(peaks, step, 1), np.roll(peaks, -step, 1)))
    body = (rows > parameters.body * peaks) & (peaks > parameters.faint)
    body[:, : parameters.border] = body[:, -parameters.border :] = False
    change = np.diff(np.pad(body.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    strip, top = np.nonzero(change == 1)
    bottom = np.nonzero(change == -1)[1]
    fits = (bottom - top >= parameters.thinnest) & (bottom - top <= parameters.thickest)
    strip, top, bottom = strip[fits], top[fits], bottom[fits]
    if len(top) < parameters.fewest:
        return 0.0
    sums = np.pad(rows.cumsum(1), ((0, 0), (1, 0)))
    reach = np.maximum(1, (bottom - top + 1) // 2)
    above = sums[strip, top] - sums[strip, top - reach]
    below = sums[strip, bottom + reach] - sums[strip, bottom]
    lean = (above - below) / (reach * peaks[strip, top])
    return float(lean.mean() / (lean.std() / np.sqrt(len(lean)) + 1e-6))

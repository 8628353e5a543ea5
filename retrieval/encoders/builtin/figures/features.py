"""A page's small image as numbers a cell: edges, strokes, fills, colours, lines of text. Nothing here is learned.

Two layers of oriented filters with their moduli averaged over cells, as in a scattering transform (Bruna and Mallat,
"Invariant scattering convolution networks", 2013), and what a person would measure: rules, solid fills, hues, the
rhythm of lines.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from pagelight.retrieval.encoders.builtin.figures.query_words import CELL

Bytes = NDArray[np.uint8]

#: distances between cells at which strokes are compared (net)
_LAGS = (2, 3, 4, 5, 6, 8)
_EVEN, _ADD = np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0001000100010001)
#: Differences from the page's colour, and between channels, of 255 (net)
_INK, _SATURATED = 30, 38


@cache
def _kernels() -> Tensor:
    """(12, 1, 5, 5): eight directions of an edge, four of a line."""
    ys, xs = torch.meshgrid(torch.arange(-2.0, 3), torch.arange(-2.0, 3), indexing="ij")
    bell = torch.exp(-(xs**2 + ys**2) / 2.0)
    made = []
    for i in range(8):
        angle = math.pi * i / 8
        made.append((xs * math.cos(angle) + ys * math.sin(angle)) * bell)
    for i in range(4):
        across = xs * math.cos(math.pi * i / 4) + ys * math.sin(math.pi * i / 4)
        kernel = (across**2 - 1) * bell
        made.append(kernel - kernel.mean())
    stacked = torch.stack([k / k.abs().sum() for k in made])
    return stacked[:, None]


Window = tuple[int, int]
"""Rows and columns of a window around a place, both odd."""


def _window_sums(maps: Tensor, windows: tuple[Window, ...]) -> list[Tensor]:
    """(n, rows, columns) → for each window its sums around each place; outside counts as 0."""
    rows, columns = maps.shape[1:]
    up, left = max(w[0] for w in windows) // 2, max(w[1] for w in windows) // 2
    sums = F.pad(maps, (left + 1, left, up + 1, up)).cumsum(1).cumsum(2)
    found = []
    for high, wide in windows:
        y0, x0 = up - high // 2, left - wide // 2
        top, bottom = slice(y0, y0 + rows), slice(y0 + high, y0 + high + rows)
        start, end = slice(x0, x0 + columns), slice(x0 + wide, x0 + wide + columns)
        found.append(sums[:, bottom, end] - sums[:, top, end] - sums[:, bottom, start] + sums[:, top, start])
    return found


@lru_cache(maxsize=64)
def _window_shares(rows: int, columns: int, windows: tuple[Window, ...]) -> list[Tensor]:
    """One over the number of places of each window that lie on the page."""
    with torch.inference_mode(False):
        return [1 / counts for counts in _window_sums(torch.ones(1, rows, columns), windows)]


def window_means(maps: Tensor, *windows: Window) -> list[Tensor]:
    """The means around each place, one map a window, of what lies on the page."""
    shares = _window_shares(maps.shape[1], maps.shape[2], windows)
    return [sums.mul_(share) for sums, share in zip(_window_sums(maps, windows), shares, strict=True)]


def _least(values: Bytes, length: int, axis: int) -> Bytes:
    """The least of ``length`` values around each place along an axis, by doubling; edges keep what they have."""
    have = 1
    while have < length:
        step = min(have, length - have)
        ahead = values.copy()
        if axis:
            np.minimum(values[:, :-step], values[:, step:], out=ahead[:, :-step])
        else:
            np.minimum(values[:-step], values[step:], out=ahead[:-step])
        values, have = ahead, have + step
    back = length // 2
    centred = values.copy()
    if axis:
        centred[:, back:] = values[:, :-back]
    else:
        centred[back:] = values[:-back]
    return centred


def _least_in(values: Bytes, high: int, wide: int) -> Bytes:
    values = _least(values, high, 0) if high > 1 else values
    return _least(values, wide, 1) if wide > 1 else values


def _most_in(values: Bytes, high: int, wide: int) -> Bytes:
    return ~_least_in(~values, high, wide)


def _cells(values: Bytes) -> NDArray[np.float32]:
    """(height, width) uint8 → means over cells, 0..1; eight bytes are added at a time."""
    rows, columns = values.shape[0] // CELL, values.shape[1] // CELL
    words = values.view(np.uint64).reshape(rows, CELL, columns)
    lanes = (words & _EVEN).sum(1) + ((words >> np.uint64(8)) & _EVEN).sum(1)  # four sums of 16 bits each
    sums = (lanes * _ADD) >> np.uint64(48)
    return np.asarray(sums.astype(np.float32) / np.float32(255 * CELL * CELL), np.float32)


def page_features(pixels: Bytes) -> Tensor:
    """(n_features, rows, columns) float32 for (height, width, 3) uint8 pixels with sides that are multiples of CELL."""
    planes = np.ascontiguousarray(pixels.transpose(2, 0, 1))
    coarse = (planes >> 4).astype(np.uint16)
    codes = coarse[0] * 256 + coarse[1] * 16 + coarse[2]
    usual = codes == np.bincount(codes.ravel(), minlength=4096).argmax()
    # not by numpy, whose threads wait on the other encoders' cores after each product
    total = torch.from_numpy(planes.reshape(3, -1)).float() @ torch.from_numpy(usual.ravel()).float()
    ground = (total.numpy() / usual.sum()).astype(np.int16)
    gray = ((planes[0].astype(np.uint16) + planes[1] + planes[2]) // 3).astype(np.uint8)
    if ground.mean() < 128:
        gray = ~gray
    red, green, blue = (np.abs(p.astype(np.int16) - g) for p, g in zip(planes, ground, strict=True))
    ink = np.maximum(np.maximum(red, green), blue).astype(np.uint8)  # how far from the page's colour
    found = [_cells(ink), _cells(gray)]
    found += [_cells(m) for m in _strokes(ink, gray)]
    found += [_cells(m) for m in _hues(planes, ink)]
    edges = _edges(gray)
    found += [_cells(m) for m in edges]
    found += [_cells(_most_in(m, 3, 3)) for m in edges[:2]]
    maps = [torch.from_numpy(np.stack(found))]
    half = F.avg_pool2d(torch.from_numpy(gray)[None, None].float().div_(255), 2)
    maps.append(F.avg_pool2d(F.conv2d(half, _kernels(), padding=2).abs(), CELL // 2)[0])
    quarter = F.avg_pool2d(half, 2)
    maps.append(F.avg_pool2d(F.conv2d(quarter, _kernels(), padding=2).abs(), CELL // 4)[0])
    eighth = F.avg_pool2d(quarter, 2)
    maps.append(F.conv2d(eighth, _kernels(), padding=2)[0].abs())
    kinds = F.avg_pool2d(torch.from_numpy(np.stack(edges))[:, None].float().div_(255), 4)
    second = F.conv2d(kinds, _kernels()[::2], padding=2).abs()
    maps.append(F.avg_pool2d(second.flatten(0, 1)[None], CELL // 4)[0])
    maps.append(_rhythm(gray))
    return torch.cat(maps).clamp_min_(0).sqrt_()


def _edges(gray: Bytes) -> list[Bytes]:
    """Upright, level, and the two slanting edges, by differences across two pixels."""
    wide = np.pad(gray, 1, mode="edge").astype(np.int16)
    return [
        np.abs(wide[1:-1, 2:] - wide[1:-1, :-2]).astype(np.uint8),
        np.abs(wide[2:, 1:-1] - wide[:-2, 1:-1]).astype(np.uint8),
        np.abs(wide[2:, 2:] - wide[:-2, :-2]).astype(np.uint8),
        np.abs(wide[2:, :-2] - wide[:-2, 2:]).astype(np.uint8),
    ]


def _strokes(ink: Bytes, gray: Bytes) -> list[Bytes]:
    """Masks of thin strokes, rules, fills plain and textured, blanks, dots."""
    mask = _mask(ink > _INK)
    core = _least_in(mask, 5, 5)
    filled = _most_in(core, 5, 5)
    thin = mask & ~filled
    span = _most_in(gray, 3, 3) - _least_in(gray, 3, 3)
    levels = [core & _mask(span < 8), core & _mask((span >= 8) & (span < 40)), core & _mask(span >= 40)]
    peaks = _mask((_most_in(ink, 3, 3) == ink) & (ink > 76))
    found = [mask, thin, filled, *levels, peaks]
    for high, wide in ((1, 21), (21, 1), (1, 9), (9, 1)):
        found.append(_most_in(_least_in(thin, high, wide), high, wide))
    for high, wide in ((1, 31), (31, 1)):
        found.append(_least_in(core, high, wide))
    found.append(_least_in(~mask, 9, 9))
    return found


def _mask(chosen: NDArray[np.bool_]) -> Bytes:
    """255 where chosen, else 0."""
    return chosen.astype(np.uint8) * np.uint8(255)


def _hues(planes: Bytes, ink: Bytes) -> list[Bytes]:
    """Chroma, and six masks of vivid hues."""
    red, green, blue = planes
    chroma = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    vivid = (chroma > _SATURATED) & (ink > _INK)
    orders = [
        (red >= green) & (green >= blue),
        (green > red) & (red >= blue),
        (green >= blue) & (blue > red),
        (blue > green) & (green >= red),
        (blue >= red) & (red > green),
        (red > blue) & (blue > green),
    ]
    return [chroma, *(_mask(vivid & order) for order in orders)]


def _rhythm(gray: Bytes) -> Tensor:
    """(len(_LAGS) + 1, rows, columns): how much a strip 3 cells wide changes from a row to some pixels below."""
    height, columns = gray.shape[0], gray.shape[1] // CELL
    means = gray.reshape(height, columns, CELL).sum(2, dtype=np.uint16).astype(np.float32) / (255 * CELL)
    (strips,) = window_means(torch.from_numpy(means)[None], (1, 3))
    maps = []
    for lag in _LAGS:
        change = F.pad((strips[:, lag:] - strips[:, :-lag]).abs(), (0, 0, 0, lag))
        maps.append(F.avg_pool2d(change, (CELL, 1)))
    return torch.cat([*maps, F.avg_pool2d(1 - strips, (CELL, 1))])

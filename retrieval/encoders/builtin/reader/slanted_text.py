"""Text that is slanted, as on crooked scans and in diagonal print: the page is read turned, by any angle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from pagelight.retrieval.encoders.builtin.placement import Gray
from pagelight.retrieval.encoders.builtin.reader.page_words import PageReading
from pagelight.retrieval.slant import (
    SLANT,
    SlantParameters,
    boxes_back,
    points_on_turned,
    slant_of,
    turned_by,
)
from pagelight.retrieval.types import PatchGrid


@dataclass(frozen=True, slots=True)
class SlantedTextParameters:
    """Pages that are read turned by an angle.

    legible: with a smaller share of surely read words a page is looked at for slant (practice pages: straight ones have .3)
    least: degrees of slant from which on that is worth it: up to there words are read as well (geometry)
    gain: times as many words have to be surely read, at least (practice pages)
    least_legible: share of surely read words on the turned page, at least (practice pages)
    slant: how it is told
    """

    legible: float = 0.3
    least: float = 1.5
    gain: float = 1.1
    least_legible: float = 0.1
    slant: SlantParameters = SLANT


SLANTED_TEXT = SlantedTextParameters()


def with_slanted_text(
    gray: Gray,
    reading: PageReading,
    read: Callable[[Gray], PageReading],
    parameters: SlantedTextParameters = SLANTED_TEXT,
) -> PageReading:
    """The reading of a page, or another one with its slant taken out where that is better. read: reads an upright picture"""
    if reading.legible >= parameters.legible:
        return reading
    slant = slant_of(gray, parameters.slant)
    if min(abs(slant), 90 - abs(slant)) < parameters.least:
        return reading
    for angle in (slant, slant + 180):  # it may stand on its head
        turned = turned_by(gray, angle)
        found = read(turned)
        if found.legible >= max(parameters.least_legible, parameters.gain * reading.legible):
            size, turned_size = (gray.shape[1], gray.shape[0]), (turned.shape[1], turned.shape[0])
            return _turned_back(found, angle, size, turned_size, reading.page.grid)
    return reading


def _turned_back(
    reading: PageReading, angle: float, size: tuple[int, int], turned: tuple[int, int], grid: PatchGrid
) -> PageReading:
    """The reading of a page that was turned clockwise, on the page as it lies. size, turned: (width, height) of the two"""
    page, inner = reading.page, reading.page.grid
    rows, cols = np.divmod(np.arange(grid.n_cells), grid.n_cols)
    middles = np.stack([(cols + 0.5) / grid.n_cols, (rows + 0.5) / grid.n_rows], axis=1)
    x, y = points_on_turned(middles, angle, size, turned).T
    there = np.clip((y * inner.n_rows).astype(int), 0, inner.n_rows - 1) * inner.n_cols
    there += np.clip((x * inner.n_cols).astype(int), 0, inner.n_cols - 1)
    read = replace(page.read, boxes=boxes_back(page.read.boxes, angle, size, turned))
    on_page = replace(page, grid=grid, cell_to_vector=page.cell_to_vector[there], read=read)
    return replace(reading, page=on_page, owner=reading.owner[there])

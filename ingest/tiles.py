"""Large pages read piece by piece: long screenshots, receipts, timelines, posters. The page stays one page.

A page is cut where nothing is drawn, each tile is encoded as if it were a page, and their vectors and maps become one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pagelight.ingest.render.limits import PAGE_SIZE
from pagelight.retrieval.types import PRUNED, PageEmbedding, PageWords, PatchGrid


@dataclass(frozen=True, slots=True)
class TileParameters:
    """Limits beyond which a page is cut, and the shape of its pieces.

    whole: a page is cut when a side is longer than what an encoder sees well by this factor: legal paper stays whole
        (geometry)
    shift: share of a tile by which a cut is moved to where least is drawn, at most (geometry)
    drawn: levels of grey between neighbouring pixels that count as something drawn (geometry: over the noise of JPEG)
    most: tiles of one page, beyond which its map would be too large to keep (memory)
    """

    whole: float = 1.25
    shift: float = 0.2
    drawn: int = 24
    most: int = 60


TILES = TileParameters()


@dataclass(frozen=True, slots=True)
class Tile:
    """A rectangle of a page's pixels."""

    left: int
    top: int
    right: int
    bottom: int


def tiles_of(image: Image.Image, dpi: float, parameters: TileParameters = TILES) -> list[Tile]:
    """The page in tiles that an encoder for pages of `dpi` sees well; one tile for all usual pages."""
    side = PAGE_SIZE.longest_inches * dpi
    if max(image.size) <= parameters.whole * side:
        return [Tile(0, 0, *image.size)]
    while -(-image.width // int(side)) * -(-image.height // int(side)) > parameters.most:
        side *= 1.1
    drawn = _drawn(np.asarray(image.convert("L")), parameters.drawn)
    tiles = []
    for top, bottom in pairwise(_cuts(drawn.sum(axis=1), side, parameters.shift)):
        band = drawn[top:bottom]
        across = _cuts(band.sum(axis=0), side, parameters.shift)
        tiles += [Tile(left, top, right, bottom) for left, right in pairwise(across)]
    return tiles


def joined_page(
    tiles: Sequence[Tile], embeddings: Sequence[PageEmbedding], size: tuple[int, int]
) -> PageEmbedding:
    """One page of the tiles' embeddings. size: (width, height) of the page's pixels

    The grid is as fine as the finest tile's; each of its cells shows what the tile shows there.
    """
    if len(tiles) == 1:
        return embeddings[0]
    width, height = size
    cell_width = min((t.right - t.left) / e.grid.n_cols for t, e in zip(tiles, embeddings, strict=True))
    cell_height = min((t.bottom - t.top) / e.grid.n_rows for t, e in zip(tiles, embeddings, strict=True))
    grid = PatchGrid(max(round(height / cell_height), 1), max(round(width / cell_width), 1))
    x = (np.arange(grid.n_cols) + 0.5) * width / grid.n_cols
    y = (np.arange(grid.n_rows) + 0.5) * height / grid.n_rows
    order, new_index = _specials_first(embeddings)
    cells = np.full((grid.n_rows, grid.n_cols), PRUNED, np.int32)
    for tile, embedding, index in zip(tiles, embeddings, new_index, strict=True):
        cols = np.flatnonzero((x >= tile.left) & (x < tile.right))
        rows = np.flatnonzero((y >= tile.top) & (y < tile.bottom))
        own = embedding.cell_to_vector.reshape(embedding.grid.n_rows, embedding.grid.n_cols)
        own_cols = ((x[cols] - tile.left) / (tile.right - tile.left) * own.shape[1]).astype(int)
        own_rows = ((y[rows] - tile.top) / (tile.bottom - tile.top) * own.shape[0]).astype(int)
        seen = own[np.ix_(own_rows, own_cols)]
        cells[np.ix_(rows, cols)] = np.where(seen == PRUNED, PRUNED, index[seen])
    return PageEmbedding(
        np.concatenate([embedding.vectors for embedding in embeddings])[order],
        grid,
        cells.ravel(),
        np.concatenate([embedding.importance for embedding in embeddings])[order],
        np.concatenate([embedding.counts for embedding in embeddings])[order],
        np.concatenate([embedding.kinds for embedding in embeddings])[order],
        sum(embedding.n_special for embedding in embeddings),
        _joined_words(tiles, [embedding.read for embedding in embeddings], size),
        _joined_words(tiles, [embedding.shown for embedding in embeddings], size),
    )


def _joined_words(tiles: Sequence[Tile], words: Sequence[PageWords], size: tuple[int, int]) -> PageWords:
    """Words of the tiles, one tile after the other, with their places on the page."""
    boxes = [
        (own.boxes * np.tile([t.right - t.left, t.bottom - t.top], 2) + np.tile([t.left, t.top], 2))
        / np.tile(size, 2)
        for t, own in zip(tiles, words, strict=True)
    ]
    texts = tuple(text for own in words for text in own.texts)
    return PageWords(texts, np.concatenate(boxes).astype(np.float32))


def _specials_first(embeddings: Sequence[PageEmbedding]) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
    """The order of all vectors with those that have no place in front, and each tile's new indices."""
    special = np.concatenate([np.arange(len(e)) < e.n_special for e in embeddings])
    order = np.argsort(~special, kind="stable")
    index = np.empty(len(order), np.int64)
    index[order] = np.arange(len(order))
    ends = np.cumsum([len(e) for e in embeddings])[:-1]
    return order, np.split(index, ends)


def _drawn(grey: NDArray[np.uint8], levels: int) -> NDArray[np.bool_]:
    """(height, width): pixels that differ by so many levels from the one before them, along the row or down the column."""
    drawn = np.zeros(grey.shape, np.bool_)
    for axis in (0, 1):
        before, after = (np.delete(grey, end, axis) for end in (-1, 0))
        apart = np.maximum(before, after) - np.minimum(before, after) >= levels
        drawn |= np.pad(apart, [(1, 0) if a == axis else (0, 0) for a in (0, 1)])
    return drawn


def _cuts(ink: NDArray[np.integer], side: float, shift: float) -> list[int]:
    """Cuts of a length into equal parts of at most `side`, each cut moved to where least is drawn.

    ink: (length,) pixels drawn in each row or column; shift: share of a part by which a cut is moved at most

    >>> _cuts(np.array([1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]), 7, 0.2)
    [0, 5, 12]
    """
    length = len(ink)
    n_parts = max(-(-length // max(int(side), 1)), 1)
    part = length / n_parts
    reach = int(shift * part)
    cuts = [0]
    for number in range(1, n_parts):
        middle = round(number * part)
        first, last = max(middle - reach, cuts[-1] + 1), min(middle + reach + 1, length)
        near = ink[first:last]
        least = np.flatnonzero(near == near.min())
        cuts.append(first + int(least[np.abs(least + first - middle).argmin()]))
    return [*cuts, length]

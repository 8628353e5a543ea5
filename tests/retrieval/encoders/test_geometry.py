"""Where a vector's cell lies on the page, verified by changing the pixels under it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from pagelight.retrieval.encoders.colvision import ColVisionEncoder

#: no side is a multiple of a patch, none is square
SIZES = [(61, 85), (131, 70)]


@contextmanager
def patch_states(encoder: ColVisionEncoder) -> Iterator[list[torch.Tensor]]:
    """What enters the first layer that reads text and patches together, before tokens mix."""
    states: list[torch.Tensor] = []

    def record(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        states.append(kwargs["hidden_states"] if "hidden_states" in kwargs else args[0])

    handle = encoder._family.attentions()[0].register_forward_pre_hook(record, with_kwargs=True)
    try:
        yield states
    finally:
        handle.remove()


@pytest.mark.parametrize("size", SIZES)
def test_a_cell_is_moved_most_by_the_pixels_under_it(
    encoder: ColVisionEncoder, size: tuple[int, int]
) -> None:
    width, height = size
    # noise, since some models normalize each patch for itself and would see the faintest blur on a blank one
    noise = Image.fromarray(np.random.default_rng(0).integers(160, 256, (height, width, 3), np.uint8))
    with patch_states(encoder) as states:
        grid = encoder.encode_pages([noise])[0].grid
        layout = encoder._family.pages([noise]).layouts[0]
        before = states[-1][0, layout.tokens]
        hits = []
        cells = range(0, grid.n_cells, max(1, grid.n_cells // 30))
        for cell in cells:
            x0, y0, x1, y1 = grid.box(cell)
            x, y = (x1 - x0) / 6, (y1 - y0) / 6  # a margin, since resizing blurs the edges
            box = tuple(
                map(round, ((x0 + x) * width, (y0 + y) * height, (x1 - x) * width, (y1 - y) * height))
            )
            marked = noise.copy()
            marked.paste((0, 0, 0), box)
            encoder.encode_pages([marked])
            moved = (states[-1][0, layout.tokens] - before).norm(dim=-1)
            hits.append(int(moved.argmax()) == cell)
    assert all(hits), f"{sum(hits)} of {len(hits)} cells"

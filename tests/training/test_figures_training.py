"""Training of the looks: practice pages, named pictures, and a net that learns."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from pagelight.retrieval.encoders.builtin.figures.detector import (
    FIGURE_KINDS,
    load_model,
)
from pagelight.retrieval.encoders.builtin.figures.net import FEATURES
from pagelight.retrieval.encoders.builtin.figures.query_words import CELL
from training.figures.batches import Batches, edges_of
from training.figures.pages import make_page
from training.figures.pool import Sample
from training.figures.real import UNKNOWN, boxed_page, listed
from training.figures.train import Trainer, save


def test_the_edges_of_a_thing_are_told_for_each_of_its_cells() -> None:
    numbers = np.zeros((5, 6), np.uint8)
    numbers[1:4, 2:6] = 3
    edges, sizes = edges_of(numbers)
    assert edges[:, 1, 2].tolist() == [0.5, 0.5, 3.5, 2.5]
    assert edges[:, 3, 5].tolist() == [3.5, 2.5, 0.5, 0.5]
    assert (edges[:, 0] == 0).all()
    assert sizes[2, 3] == 12


def samples(count: int) -> list[Sample]:
    """Pages of 24 x 20 cells with a photograph, whose features tell it."""
    rng = np.random.default_rng(1)
    made = []
    for _ in range(count):
        top, left = rng.integers(0, 12, 2)
        cells, numbers = np.zeros((24, 20), np.uint8), np.zeros((24, 20), np.uint8)
        inside = slice(top, top + 10), slice(left, left + 8)
        cells[inside], numbers[inside] = FIGURE_KINDS.index("photo") + 1, 1
        maps = rng.normal(size=(FEATURES, 24, 20)) + 2.0 * (numbers > 0)
        made.append(Sample(torch.from_numpy(maps).half(), cells, numbers))
    return made


@pytest.mark.slow
def test_the_net_learns_and_goes_on_where_it_was(tmp_path: Path) -> None:
    """The training's smoke test."""
    pages = samples(20)
    batches = Batches(pages, [], random.Random(1))
    trainer = Trainer(minutes=1)
    trainer.fit_scale(pages)
    losses = [trainer.step(batch) for batch in islice(batches, 25)]
    shows, boxes, _ = np.mean(losses[-3:], axis=0)
    assert shows < 0.8 * losses[0][0]
    assert boxes < losses[0][1]
    trainer.save(tmp_path / "figures.pt")
    again = Trainer(minutes=1)
    again.load(tmp_path / "figures.pt")
    assert again.steps == 25
    save(again.averaged, tmp_path / "figures.safetensors")
    shipped = load_model(tmp_path / "figures.safetensors")
    maps = pages[0].maps[None].float()
    with torch.inference_mode():
        assert torch.allclose(shipped(maps).shows, trainer.averaged(maps).shows, atol=0.05)


@pytest.mark.skipif(
    not Path("/usr/share/dict/american-english").exists(), reason="needs the word list wamerican"
)
def test_a_practice_page_is_the_same_for_the_same_number() -> None:
    first, again = make_page(11), make_page(11)
    assert np.array_equal(first.image, again.image)
    assert first.cells.shape == (first.image.shape[0] // CELL, first.image.shape[1] // CELL)
    assert 0 < first.cells.max() <= len(FIGURE_KINDS)


def test_each_named_picture_has_a_look_and_lies_on_its_page() -> None:
    for thing in listed():
        x0, y0, x1, y1 = thing.box
        assert thing.look in FIGURE_KINDS
        assert 0 <= x0 < x1 <= 1
        assert 0 <= y0 < y1 <= 1
        assert thing.part in ("train", "check")


def test_no_file_is_both_trained_on_and_measured() -> None:
    parts: dict[str, set[str]] = {}
    for thing in listed():
        where = thing.file.rsplit("/", 1)[0] if thing.page else thing.file  # all files of a document's folder
        parts.setdefault(where, set()).add(thing.part)
    assert all(len(found) == 1 for found in parts.values())


def test_cells_outside_the_named_boxes_are_unknown() -> None:
    page = boxed_page(np.zeros((10 * CELL, 20 * CELL, 3), np.uint8), [((0.5, 0.2, 1.0, 0.6), "map")])
    cells = page.cells
    assert cells.shape == (10, 20)
    assert (cells[2:6, 10:] == FIGURE_KINDS.index("map") + 1).all()
    assert (cells == UNKNOWN).sum() == 200 - 40

"""Filling a pool of crops, and going on where it was stopped."""

from itertools import repeat
from pathlib import Path

from tests.training.test_reader_training import drawn_crop
from training.batches import Pool
from training.data import fill, seed_of, shard


def test_a_pool_is_filled_and_what_exists_is_left_alone(tmp_path: Path) -> None:
    shard(tmp_path, "drawn0", 0).touch()
    fill(tmp_path, "drawn0", repeat(drawn_crop(0)), 2)
    assert shard(tmp_path, "drawn0", 0).stat().st_size == 0
    shard(tmp_path, "drawn0", 0).unlink()
    pool = Pool(tmp_path)
    pool.refresh()
    assert pool.drawn
    assert pool.drawn[0].words == drawn_crop(0).words


def test_a_fill_that_goes_on_does_not_repeat_its_first_crops(tmp_path: Path) -> None:
    assert seed_of(tmp_path, "real7", 7, 3) == 7
    seeds = {7}
    for number in range(3):
        shard(tmp_path, "real7", number).touch()
        seeds.add(seed_of(tmp_path, "real7", 7, 3))
    assert len(seeds) == 4
    assert seed_of(tmp_path, "real8", 8, 3) == 8

"""A short run of the fuzzer: damaged files give pages or one line, never anything else."""

from __future__ import annotations

from random import Random

from bench.fuzz import fuzz, mutated


def test_damaged_files_give_pages_or_one_line() -> None:
    counts = fuzz(25, seed=1, encode=False)
    assert set(counts) <= {"pages", "refused"}
    assert sum(counts.values()) == 25


def test_mutations_change_a_file_and_are_repeatable() -> None:
    data = b"%PDF-1.7 " + bytes(range(200)) * 20
    assert mutated(data, Random(3)) == mutated(data, Random(3))
    assert sum(mutated(data, Random(seed)) != data for seed in range(50)) >= 48

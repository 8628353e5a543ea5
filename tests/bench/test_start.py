"""A server's start, measured."""

from __future__ import annotations

import pytest

from bench import start


def test_the_best_and_the_median_of_each_start_are_told() -> None:
    runs = [{"page": start.Moment(clock, clock / 2)} for clock in (3.0, 5.0, 9.0)]
    assert (
        start.table({"fresh folder": runs}).splitlines()[-1]
        == "| fresh folder | page | 3.0 | 5.0 | 1.5 | 4 |"
    )


@pytest.mark.slow
def test_a_server_starts_over_both_folders(capsys: pytest.CaptureFixture[str]) -> None:
    assert start.main(["--repeats", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[:2] for line in lines[2:]] == [
        [f"| {folder}", until]
        for folder in ("library that is there", "fresh folder")
        for until in ("page", "first search")
    ]

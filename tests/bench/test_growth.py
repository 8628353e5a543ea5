"""Growth of a server's memory, measured."""

from __future__ import annotations

import pytest

from bench import growth


def test_growth_is_counted_from_the_end_of_the_warm_up() -> None:
    line = growth.report("searches", 100, [100.0, 150.0, *[151.0] * 7, 158.0])
    assert line.endswith("158 MB, 8 MB more after the warm-up")


@pytest.mark.slow
def test_a_server_is_searched_filled_and_emptied(capsys: pytest.CaptureFixture[str]) -> None:
    assert growth.main(["--searches", "20", "--uploads", "10", "--most-mb", "1000"]) == 0
    said = capsys.readouterr().out
    assert "20 searches:" in said
    assert "10 uploads:" in said

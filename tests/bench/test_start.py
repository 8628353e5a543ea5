"""A server's start, measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import start
from pagelight.app.service import Service
from pagelight.app.settings import Settings
from tests import samples


def test_the_best_and_the_median_of_each_start_are_told() -> None:
    runs = [{"page": start.Moment(clock, clock / 2)} for clock in (3.0, 5.0, 9.0)]
    assert (
        start.table({"fresh folder": runs}).splitlines()[-1]
        == "| fresh folder | page | 3.0 | 5.0 | 1.5 | 4 |"
    )


@pytest.mark.slow
def test_a_server_starts_over_both_folders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGELIGHT_SAMPLES", "false")
    library = tmp_path / "library"
    with Service(Settings(data=library, samples=False)) as service:
        assert service.add([samples.text_pdf(tmp_path, 1)]).wait().state == "done"
    assert start.main([str(library), "--repeats", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[:2] for line in lines[2:]] == [
        [f"| {folder}", until]
        for folder in ("library that is there", "fresh folder")
        for until in ("page", "first search")
    ]

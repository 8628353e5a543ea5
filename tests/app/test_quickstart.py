"""The documentation's first program, run as it stands there."""

from __future__ import annotations

import re
import shutil
import textwrap
from pathlib import Path

import pytest

import pagelight

QUICKSTART = Path(__file__).parents[2] / "docs" / "quickstart.md"


def test_the_quickstart_runs_as_it_is_printed(
    documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "scans").mkdir()
    shutil.copy(documents / "report.pdf", tmp_path)
    shutil.copy(documents / "photo.png", tmp_path / "scans")
    monkeypatch.chdir(tmp_path)
    block = re.search(r"\n\n((?:    .*\n|\n)+)", QUICKSTART.read_text(encoding="utf-8"))
    assert block
    exec(compile(textwrap.dedent(block[1]), str(QUICKSTART), "exec"), {})
    assert re.match(r"report\.pdf, page 1: \d+%, at \[\(0\.", capsys.readouterr().out)


def test_the_programs_of_the_package_docstring_and_the_quickstart_agree() -> None:
    assert pagelight.__doc__
    for line in ("with Service(Settings(", "service.add([", ".hits:"):
        assert line in pagelight.__doc__
        assert line in QUICKSTART.read_text(encoding="utf-8")


def test_every_name_that_the_package_offers_is_there() -> None:
    for name in pagelight.__all__:
        assert getattr(pagelight, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Sercher'"):
        _ = pagelight.Sercher

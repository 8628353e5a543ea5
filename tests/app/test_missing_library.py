"""A data folder that holds no library: told in one line, and not made by looking."""

from __future__ import annotations

from pathlib import Path

import pytest

from pagelight.app.cli.main import FAILED, OK, main

Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "anything"],
        ["search", "anything", "--json"],
        ["like", "a.pdf", "--page", "1"],
        ["rename", "a.pdf", "b.pdf"],
        ["tag"],
        ["remove", "a.pdf"],
        ["export", "anything", "-o", "hits.pdf"],
        ["judgements", "-o", "mine"],
        ["eval", "--self"],
        ["doctor"],
        ["repair"],
        ["reindex"],
        ["backup", "library.tar"],
    ],
    ids=" ".join,
)
def test_a_mistyped_data_folder_is_told_and_not_made(
    arguments: list[str], tmp_path: Path, capsys: Captured
) -> None:
    assert main([*arguments, "--data", str(tmp_path / "typo")]) == FAILED
    assert f"{tmp_path / 'typo'} holds no library" in capsys.readouterr().err
    assert not (tmp_path / "typo").exists()


def test_the_list_of_a_library_that_is_not_there_is_empty(tmp_path: Path, capsys: Captured) -> None:
    assert main(["list", "--json", "--data", str(tmp_path / "new")]) == OK
    assert capsys.readouterr().out == "[]\n"
    assert not (tmp_path / "new").exists()

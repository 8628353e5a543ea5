"""The one command: which steps it takes, in which order, and with what."""

import sys
from pathlib import Path

import pytest

from training import run
from training.vocabulary import ASSETS

Step = tuple[str, list[str]]


def steps_of(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> list[Step]:
    """The modules that a run would start, each with its arguments."""
    taken: list[Step] = []
    monkeypatch.setattr(run, "step", lambda module, *given: taken.append((module, [*map(str, given)])))
    monkeypatch.setattr(run, "fetch", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["run", *map(str, arguments)])
    run.main()
    return taken


def given(steps: list[Step], module: str, option: str) -> str:
    """An option of the first step that runs this module."""
    arguments = next(arguments for name, arguments in steps if name == f"training.{module}")
    return arguments[arguments.index(option) + 1]


def test_a_first_run_makes_crops_starts_trains_measures_and_exports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = steps_of(monkeypatch, "--work", tmp_path)
    names = [name.removeprefix("training.") for name, _ in steps]
    assert names == ["data", "data", "data", "data", "init_checkpoint", "train", "evaluate", "export"]
    assert given(steps, "train", "--resume") == given(steps, "init_checkpoint", "--out")
    assert given(steps, "export", "--measured") == given(steps, "evaluate", "--out")
    assert given(steps, "export", "--out") == str(ASSETS)
    assert "--fresh" not in steps[4][1]


def test_a_second_run_goes_on_from_its_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = tmp_path / "run" / "checkpoint.pt"
    checkpoint.parent.mkdir()
    checkpoint.touch()
    steps = steps_of(monkeypatch, "--work", tmp_path, "--fresh")
    assert "training.init_checkpoint" not in [name for name, _ in steps]
    assert given(steps, "train", "--resume") == str(checkpoint)


def test_a_trial_leaves_the_shipped_weights_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = steps_of(monkeypatch, "--work", tmp_path, "--fresh", "--out", tmp_path / "out", "--minutes", 2)
    assert given(steps, "export", "--out") == str(tmp_path / "out")
    assert given(steps, "train", "--minutes") == "2.0"
    assert "--fresh" in dict(steps)["training.init_checkpoint"]


def test_crops_to_measure_with_come_from_held_out_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = steps_of(monkeypatch, "--work", tmp_path)
    held_out = [arguments for name, arguments in steps if name == "training.data"][2]
    assert held_out[held_out.index("--root") + 1] == str(tmp_path / "held-out")
    assert (
        held_out[held_out.index("--pool") + 1] == given(steps, "evaluate", "--pool") == str(tmp_path / "test")
    )


def test_without_apt_the_reason_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.run.shutil.which", lambda _: None)
    with pytest.raises(SystemExit, match="Debian"):
        run.fetch(tmp_path / "root", tmp_path / "held")


def test_without_any_package_the_run_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.run.shutil.which", lambda _: "/usr/bin/apt-get")
    monkeypatch.setattr(run, "unpack", lambda packages, _: list(packages))
    with pytest.raises(SystemExit, match="none of the packages"):
        run.fetch(tmp_path / "root", tmp_path / "held")

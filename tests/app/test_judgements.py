"""Judgements survive: later ones replace earlier ones, and damage is set aside."""

from __future__ import annotations

from pathlib import Path

import pytest

from pagelight.app.judgements import Judgement, Judgements


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with 200 judgements, closed."""
    path = tmp_path / "judgements.sqlite"
    judgements = Judgements(path)
    for page in range(1, 201):
        judgements.add(Judgement("query " * 20, "ab" * 32, page, True))
    judgements.close()
    return path


def test_a_judgement_is_replaced_and_taken_back(tmp_path: Path) -> None:
    judgements = Judgements(tmp_path / "judgements.sqlite")
    judgements.add(Judgement("tax", "a", 1, True))
    judgements.add(Judgement(" tax ", "a", 1, False))
    assert judgements.all() == [Judgement("tax", "a", 1, False)]
    assert judgements.of("tax ", "a", 1) is False
    judgements.take_back("tax", "a", 1)
    assert judgements.of("tax", "a", 1) is None
    judgements.take_back("tax", "a", 1)
    assert judgements.all() == []
    judgements.close()


@pytest.mark.parametrize("damage", ["no database", "last pages", "other tables"])
def test_damaged_judgements_are_set_aside_and_the_library_opens(path: Path, damage: str) -> None:
    data = path.read_bytes()
    if damage == "no database":
        path.write_bytes(b"no database " * 1000)
    elif damage == "last pages":
        path.write_bytes(data[:-8192] + b"\xff" * 8192)
    else:
        path.write_bytes(data.replace(b"relevant", b"rolevant"))
    judgements = Judgements(path)
    assert judgements.set_aside
    assert judgements.set_aside.name == "judgements.sqlite.damaged-1"
    assert judgements.set_aside.exists()
    judgements.add(Judgement("new", "a", 1, True))
    judgements.close()
    again = Judgements(path)
    assert again.set_aside is None
    assert again.all()[-1] == Judgement("new", "a", 1, True)
    again.close()


def test_what_can_be_read_of_damaged_judgements_is_kept(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:-8192] + b"\xff" * 8192)
    judgements = Judgements(path)
    assert 10 < len(judgements.all()) < 200
    judgements.close()

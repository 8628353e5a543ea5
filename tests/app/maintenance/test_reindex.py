"""The index is made anew beside the old one, and takes its place when it is whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pagelight.app.cli.main import OK, main
from pagelight.app.folders import finish_swap
from pagelight.app.maintenance.doctor import examine
from pagelight.app.maintenance.reindex import reindex
from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.ingest.library import Document
from pagelight.retrieval.errors import InvalidInput, LibraryDamaged, ModelMismatch


def record(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "index" / "index.json").read_text())
    return found


def test_another_pruning_makes_another_index(indexed_library: Path) -> None:
    other = Settings(data=indexed_library, pruning="ratio:0.5")
    with Service(other) as service, pytest.raises(ModelMismatch):
        service.start()
    assert main(["reindex", "--pruning", "ratio:0.5"]) == OK
    assert record(indexed_library)["pruning"] == "ratio:0.5"
    assert examine(indexed_library, thorough=True).sound
    with Service(Settings(data=indexed_library, samples=False)) as service:
        assert len(service.search("emergency stop").hits) == 1
        assert service.find_document("manual.pdf").kept < 1
    assert {path.name for path in indexed_library.iterdir()}.isdisjoint({"reindex", "index.old"})


def test_what_was_interrupted_goes_on_and_the_old_index_answers_meanwhile(indexed_library: Path) -> None:
    settings = Settings(data=indexed_library, precision="int8", samples=False)
    read: list[str] = []

    def stop_at_the_second(document: Document, done: int, total: int) -> None:
        read.append(document.name)
        if len(set(read)) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reindex(settings, stop_at_the_second)
    with Service(Settings(data=indexed_library, samples=False)) as service:
        assert len(service.search("emergency stop").hits) == 1
    assert record(indexed_library)["precision"] == "fp16"
    again: list[str] = []
    assert reindex(settings, lambda document, done, total: again.append(document.name)) == []
    assert read[0] not in again
    assert record(indexed_library)["precision"] == "int8"
    assert examine(indexed_library, thorough=True).sound


def test_a_draft_of_other_settings_is_thrown_away(indexed_library: Path) -> None:
    def stop(document: Document, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reindex(Settings(data=indexed_library, precision="int8"), stop)
    assert reindex(Settings(data=indexed_library, pruning="ratio:0.5")) == []
    assert (record(indexed_library)["precision"], record(indexed_library)["pruning"]) == ("fp16", "ratio:0.5")


def test_a_crash_between_the_two_renames_is_finished_by_the_next_start(indexed_library: Path) -> None:
    (indexed_library / "reindex").mkdir()
    (indexed_library / "index").rename(indexed_library / "reindex" / "index")
    (indexed_library / "index.old").mkdir()
    finish_swap(indexed_library)
    assert examine(indexed_library).sound
    assert not (indexed_library / "index.old").exists()


def test_a_qdrant_server_is_not_reindexed(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="embedded"):
        reindex(Settings(data=tmp_path, qdrant_url=":memory:"))


def test_pages_whose_file_is_gone_are_not_given_up(indexed_library: Path) -> None:
    """The new index would lack what can be found today."""
    with Service(Settings(data=indexed_library, samples=False)) as service:
        found = service.find_document("manual.pdf").document_id
    (indexed_library / "files" / found[:2] / found).unlink()
    with pytest.raises(LibraryDamaged, match=r"the file of 'manual\.pdf' is gone"):
        reindex(Settings(data=indexed_library, samples=False))
    assert main(["search", "emergency stop"]) == OK

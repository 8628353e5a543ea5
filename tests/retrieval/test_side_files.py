"""Side files on a server are there whole or not at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pagelight.retrieval.store import collection as server_collection
from pagelight.retrieval.store.collection import IN_MEMORY, CollectionFiles, connect


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> CollectionFiles:
    monkeypatch.setattr(server_collection, "_PART_BYTES", 10)
    return CollectionFiles(IN_MEMORY, "kept", connect(IN_MEMORY, None))


def test_files_of_several_parts_are_read_whole(files: CollectionFiles) -> None:
    assert files.names() == []
    assert files.read("a") is None
    contents = {"a": bytes(range(35)), "b": b"", "c": b"ten bytes."}
    for name, content in contents.items():
        files.write(name, content)
    assert sorted(files.names()) == ["a", "b", "c"]
    assert {name: files.read(name) for name in contents} == contents
    files.remove("a")
    files.remove("nothing")
    assert sorted(files.names()) == ["b", "c"]
    assert files.read("a") is None


def test_a_file_that_was_not_written_to_its_end_is_not_there(
    files: CollectionFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    write: Callable[..., None] = files._upsert

    def broken(point: object, written: list[object] = []) -> None:  # noqa: B006
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(point)
        write(point)

    monkeypatch.setattr(files, "_upsert", broken)
    with pytest.raises(KeyboardInterrupt):
        files.write("a", bytes(35))
    assert files.names() == []
    assert files.read("a") is None

"""The way of a query through our own functions stays short enough to be followed."""

from __future__ import annotations

from pathlib import Path

from bench.query_frames import deepest_ways
from pagelight.app.folders import SAMPLES, document_files
from pagelight.app.service import Service
from pagelight.app.settings import Settings


def test_a_query_goes_through_few_own_frames(tmp_path: Path) -> None:
    with Service(Settings(data=tmp_path)) as service:
        service.add(document_files(SAMPLES)[:1]).wait()
        service.search("what happens once a process")
        ways = deepest_ways(service)
    assert ways.deepest.frames[0].endswith("library_search.py:search")
    assert [frame.startswith("retrieval/store/") for frame in ways.to_store.frames][-2:] == [False, True]
    assert len(ways.to_store.frames) <= 12
    assert len(ways.in_store.frames) <= len(ways.deepest.frames) <= 24

"""The way of a query through our own functions stays short enough to be followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.query_frames import ROUTE, deepest_ways


@pytest.mark.slow
def test_a_query_goes_through_few_own_frames(tmp_path: Path) -> None:
    ways = deepest_ways(tmp_path)
    assert {way.frames[0] for way in (ways.deepest, ways.to_store, ways.to_engine)} == {ROUTE}
    assert [frame.startswith("retrieval/store/") for frame in ways.to_store.frames][-2:] == [False, True]
    assert ways.to_engine.frames[-1].startswith("retrieval/store/embedded.py:")
    assert len(ways.to_store.frames) <= 9
    assert len(ways.to_engine.frames) <= 10
    assert len(ways.to_engine.frames) <= len(ways.deepest.frames) <= 20

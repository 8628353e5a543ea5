"""Own Python frames on the way of one query: `python -m bench.query_frames` prints how deep they go, and through what."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import pagelight
from pagelight import Service, Settings
from pagelight.app.folders import SAMPLES, document_files

PACKAGE = Path(pagelight.__file__).parent
STORE = "retrieval/store/"
QUERY = "grind coffee temperature"


@dataclass(frozen=True, slots=True)
class Way:
    """The frames of our own that lead to one call, outermost first, as `module.py:function`."""

    frames: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ways:
    """The deepest ways of a query that is new to the service: of all, up to the store's first frame, and inside the store."""

    deepest: Way
    to_store: Way
    in_store: Way


def deepest_ways(service: Service, query: str = QUERY) -> Ways:
    """The ways of one search; Python's profiler sees each call."""
    deepest, to_store, in_store = Way(()), Way(()), Way(())

    def look(frame: FrameType, event: str, _: object) -> None:
        nonlocal deepest, to_store, in_store
        if event != "call":
            return
        way = _own_frames(frame)
        if len(way) > len(deepest.frames):
            deepest = Way(way)
        if not way or not way[-1].startswith(STORE):
            return
        if len(way) > len(in_store.frames):
            in_store = Way(way)
        if not any(frame.startswith(STORE) for frame in way[:-1]) and len(way) > len(to_store.frames):
            to_store = Way(way)

    sys.setprofile(look)
    try:
        service.search(query)
    finally:
        sys.setprofile(None)
    return Ways(deepest, to_store, in_store)


def _own_frames(frame: FrameType | None) -> tuple[str, ...]:
    found = []
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(PACKAGE):
            found.append(f"{path.relative_to(PACKAGE).as_posix()}:{frame.f_code.co_name}")
        frame = frame.f_back
    return tuple(reversed(found))


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="pagelight-bench-") as scratch,
        Service(Settings(data=Path(scratch))) as service,
    ):
        service.add(document_files(SAMPLES)[:1]).wait()
        service.search("what happens once a process")
        ways = deepest_ways(service)
        for name, way in (
            ("deepest", ways.deepest),
            ("to the store", ways.to_store),
            ("inside the store", ways.in_store),
        ):
            print(f"{name}: {len(way.frames)} frames")
            print("\n".join(f"    {frame}" for frame in way.frames))


if __name__ == "__main__":
    main()

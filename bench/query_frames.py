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
QUERY = "grind coffee temperature"


@dataclass(frozen=True, slots=True)
class Way:
    """The frames of our own that lead to one call, outermost first, as `module.py:function`."""

    frames: tuple[str, ...]


def deepest_ways(service: Service, query: str = QUERY) -> tuple[Way, Way]:
    """The deepest way of a query that is new to the service, and the deepest one to the store."""
    deepest, to_store = Way(()), Way(())

    def look(frame: FrameType, event: str, _: object) -> None:
        nonlocal deepest, to_store
        if event != "call":
            return
        way = _own_frames(frame)
        if len(way) > len(deepest.frames):
            deepest = Way(way)
        if way and way[-1].startswith("retrieval/store/") and len(way) > len(to_store.frames):
            to_store = Way(way)

    sys.setprofile(look)
    try:
        service.search(query)
    finally:
        sys.setprofile(None)
    return deepest, to_store


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
        for name, way in zip(("deepest", "to the store"), deepest_ways(service), strict=True):
            print(f"{name}: {len(way.frames)} frames")
            print("\n".join(f"    {frame}" for frame in way.frames))


if __name__ == "__main__":
    main()

"""Own Python frames on the way of one query: `python -m bench.query_frames` prints how deep they go, and through what."""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from starlette.testclient import TestClient

import pagelight
from pagelight import Service, Settings, create_app
from pagelight.app.folders import SAMPLES

PACKAGE = Path(pagelight.__file__).parent
STORE = "retrieval/store/"
#: where a search comes in
ROUTE = "app/web/api/search_routes.py:search"
#: what calls Qdrant
ENGINE = f"{STORE}embedded.py:"
QUERY = "grind coffee temperature"


@dataclass(frozen=True, slots=True)
class Way:
    """The frames of our own that lead to one call, outermost first, as `module.py:function`."""

    frames: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ways:
    """The deepest ways of a query that is new to the service, from the route of HTTP on.

    deepest: of all; to_store: up to the store's first frame; to_engine: up to the frame that calls Qdrant
    """

    deepest: Way
    to_store: Way
    to_engine: Way


def deepest_ways(folder: Path, query: str = QUERY) -> Ways:
    """The ways of one search of a library with one sample, in the thread that answers it; others went before.

    folder: where the library is made
    """
    settings = Settings(data=folder, samples=False)
    with Service(settings) as service:
        service.add(sorted(SAMPLES.glob("*manual.pdf"))).wait()
    deepest, to_store, to_engine, is_watching = Way(()), Way(()), Way(()), False

    def look(frame: FrameType, event: str, _: object) -> None:
        nonlocal deepest, to_store, to_engine
        if event != "call" or not is_watching:
            return
        way = _own_frames(frame)
        if not way or way[0] != ROUTE:
            return
        if len(way) > len(deepest.frames):
            deepest = Way(way)
        if len(way) > len(to_store.frames) and _is_first(way, STORE):
            to_store = Way(way)
        if len(way) > len(to_engine.frames) and _is_first(way, ENGINE):
            to_engine = Way(way)

    threading.setprofile(look)  # for all threads that begin from here on
    try:
        with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
            for words in ("what happens once a process", query):
                is_watching = words == query
                client.get("/api/v1/search", params={"query": words}).raise_for_status()
    finally:
        threading.setprofile(None)
    return Ways(deepest, to_store, to_engine)


def _is_first(way: tuple[str, ...], room: str) -> bool:
    """Whether the way ends with its first frame in the room."""
    return bool(way) and way[-1].startswith(room) and not any(frame.startswith(room) for frame in way[:-1])


def _own_frames(frame: FrameType | None) -> tuple[str, ...]:
    found = []
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(PACKAGE):
            found.append(f"{path.relative_to(PACKAGE).as_posix()}:{frame.f_code.co_name}")
        frame = frame.f_back
    return tuple(reversed(found))


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="pagelight-bench-") as scratch:
        ways = deepest_ways(Path(scratch))
        for name, way in (
            ("deepest", ways.deepest),
            ("to the store", ways.to_store),
            ("to Qdrant", ways.to_engine),
        ):
            print(f"{name}: {len(way.frames)} frames")
            print("\n".join(f"    {frame}" for frame in way.frames))


if __name__ == "__main__":
    main()

"""Regions that are found when somebody looks: hits are shown first and lit next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import overload

from pagelight.retrieval.results import Region


class LazyRegions(Sequence[Region]):
    """A tuple of regions, computed at its first use. Safe for several threads."""

    def __init__(self, find: Callable[[], tuple[Region, ...]]) -> None:
        self._find: Callable[[], tuple[Region, ...]] | None = find
        self._found: tuple[Region, ...] = ()
        self._lock = Lock()

    def all(self) -> tuple[Region, ...]:
        with self._lock:
            if self._find is not None:
                self._found = self._find()
                self._find = None  # lets go of the page
            return self._found

    @overload
    def __getitem__(self, index: int) -> Region: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Region, ...]: ...
    def __getitem__(self, index: int | slice) -> Region | tuple[Region, ...]:
        return self.all()[index]

    def __len__(self) -> int:
        return len(self.all())

    def __eq__(self, other: object) -> bool:
        return self.all() == tuple(other) if isinstance(other, Sequence) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.all())

    def __repr__(self) -> str:
        return repr(self.all())

"""Turns of searches, heat maps and drawing: a few at once, fairly between clients, an error for those who would wait too long."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pagelight.retrieval.errors import Busy

#: a search is one thread of numpy and Qdrant, which use the cores themselves: two overlap encoding with scanning, more
#: only take the interpreter from one another and from indexing
AT_ONCE = 2
#: requests that may wait; at 5 searches a second on two cores the last one has its turn after some 13 seconds
WAITING = 64
#: waiting time after which nobody is there any more to read the answer
_PATIENCE_SECONDS = 30.0

#: the sender of the request at hand, such as an address; the guard of the web sets it
asking: ContextVar[str] = ContextVar("asking", default="")


class Turns:
    """`with turns.taken(client):` around the work. Raises Busy instead of letting too many wait.

    Among those who wait, the client that was called longest ago comes first, so that one with a hundred requests delays
    the others by one request each.
    """

    def __init__(
        self, at_once: int = AT_ONCE, waiting: int = WAITING, *, is_newest_first: bool = False
    ) -> None:
        """is_newest_first: of one client's requests the last comes first: it is what somebody looks at by now"""
        self._is_newest_first = is_newest_first
        self._lock = threading.Lock()
        self._at_once = self._free = at_once
        self._most_waiting = waiting
        self._waiting: dict[
            str, deque[threading.Event]
        ] = {}  # by client, in the order in which they are called

    @property
    def n_waiting(self) -> int:
        with self._lock:
            return self._count()

    @property
    def is_busy(self) -> bool:
        """Whether somebody has a turn."""
        with self._lock:
            return self._free < self._at_once

    @contextmanager
    def taken(self, client: str = "") -> Iterator[None]:
        """client: the caller, such as an address, else the sender of the request; those without a name are one client."""
        self._take(client or asking.get())
        try:
            yield
        finally:
            self._pass_on()

    def _take(self, client: str) -> None:
        with self._lock:
            if self._free and not self._waiting:
                self._free -= 1
                return
            if self._count() >= self._most_waiting:
                raise Busy("Pagelight is busy with other searches; try again in a moment")
            called = threading.Event()
            self._waiting.setdefault(client, deque()).append(called)
        if called.wait(_PATIENCE_SECONDS):
            return
        with self._lock:
            if called.is_set():  # just now
                return
            queue = self._waiting[client]
            queue.remove(called)
            if not queue:
                del self._waiting[client]
        raise Busy("Pagelight is busy with other searches; try again in a moment")

    def _pass_on(self) -> None:
        """The turn goes to the next client's oldest request; that client then stands at the end."""
        with self._lock:
            if not self._waiting:
                self._free += 1
                return
            client = next(iter(self._waiting))
            queue = self._waiting.pop(client)
            called = queue.pop() if self._is_newest_first else queue.popleft()
            if queue:
                self._waiting[client] = queue
            called.set()

    def _count(self) -> int:
        return sum(map(len, self._waiting.values()))

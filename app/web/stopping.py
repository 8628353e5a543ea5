"""Ctrl-C and SIGTERM during `pagelight serve`."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import Protocol


class Server(Protocol):
    should_exit: bool


class Stopping:
    """Ends a server that is up in order, and the process at once while it starts or closes.

    No exception is raised: wherever the program is at that moment, in an import or with a lock, an exception may be lost
    or leave that half done. A process that ends at once harms nothing: the library and the index withstand a kill.
    """

    def __init__(self) -> None:
        self.server: Server | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.server is None:
            sys.stdout.flush()
            os.write(2, b"pagelight: stopped\n")
            os._exit(1)
        self.server.should_exit = True

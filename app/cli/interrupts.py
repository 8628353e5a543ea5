"""Ctrl-C in commands that take long.

Python drops an exception that comes while it cleans up (`__del__`, the callbacks of weak references), so that a press may be lost.
It is noted here as well as raised, and raised again at the next look.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Self


class Interrupts:
    """Notes every Ctrl-C while it is entered, beside the KeyboardInterrupt that it raises.

    Changes nothing where somebody else handles Ctrl-C, or where it is ignored, as in a shell's background.
    """

    def __init__(self) -> None:
        self._is_pressed = False
        self._is_ours = False

    def __enter__(self) -> Self:
        self._is_ours = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if self._is_ours:
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def check(self) -> None:
        """Raises KeyboardInterrupt where Ctrl-C was pressed and nobody heard it."""
        if self._is_pressed:
            raise KeyboardInterrupt

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._is_pressed = True
        signal.default_int_handler(number, frame)

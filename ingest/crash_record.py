"""Crash record of a data folder: whether the process before this one crashed by itself, or was killed from outside.

Only a crash speaks against the document at hand. A fatal signal leaves its trace in a file; SIGKILL leaves none, and
where the kernel sent it for want of memory, the kernel has counted it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import re
from pathlib import Path
from typing import TextIO

#: the kernel's count of processes that it killed for want of memory; there is none outside of Linux
_COUNTS = Path("/proc/vmstat")


class CrashRecord:
    """One for each data folder. In a process that looks for crashes itself (`faulthandler`) nothing is known."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "last-death"
        self._trace: TextIO | None = None

    @property
    def was_from_outside(self) -> bool:
        """Whether the last process that worked on the folder was killed, and not for want of memory."""
        try:
            head, _, trace = self._path.read_text("utf-8", "replace").partition("\n")
        except OSError:
            return False
        return head == _watching() and not trace.strip()

    def watch(self) -> None:
        """From now on a crash of this process leaves its trace."""
        if self._trace:
            return
        with contextlib.suppress(OSError):
            if faulthandler.is_enabled():
                self._path.unlink(missing_ok=True)
                return
            self._trace = self._path.open("w", encoding="utf-8")
            self._trace.write(f"{_watching()}\n")
            self._trace.flush()
            faulthandler.enable(self._trace)

    def end(self) -> None:
        if self._trace:
            faulthandler.disable()
            self._trace.close()
            self._trace = None


def _watching() -> str:
    try:
        found = re.search(r"^oom_kill (\d+)$", _COUNTS.read_text(), re.MULTILINE)
    except OSError:
        found = None
    return f"killed for want of memory so far: {found[1] if found else 0}"

"""Starting the rendering process, and reading its frames without ever waiting for longer than allowed."""

from __future__ import annotations

import contextlib
import json
import os
import select
import struct
import subprocess
import sys
import tempfile
import time
from typing import IO, Any, cast

from pagelight.ingest.render.limited_process import own_python

#: characters of the process's last words that are logged (limit)
_STDERR_TAIL = 2000
#: bytes of the pipe between the two processes (block)
_PIPE_BYTES = 1 << 20
#: Linux's fcntl command; the fcntl module names it from Python 3.10 on, on Linux alone (form)
_F_SETPIPE_SZ = 1031


class ChildHung(Exception):
    """No frame within the time allowed."""


class ChildStopped(Exception):
    """The process ended in the middle of an answer; status: as subprocess counts, negative for a signal."""

    def __init__(self, status: int, stderr: str) -> None:
        super().__init__(f"exit status {status}; {stderr}" if stderr else f"exit status {status}")
        self.status = status


class Child:
    """One running `python -m pagelight.ingest.render.child`."""

    def __init__(self, memory_mb: int) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  # closed by kill()
        command, environment = own_python("pagelight.ingest.render.child", str(memory_mb))
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=environment,
            process_group=0,  # Ctrl-C in a terminal is for the program, which says what becomes of its pages
        )
        self._in, self._out = (
            cast(IO[bytes], self._process.stdin),
            cast(IO[bytes], self._process.stdout).fileno(),
        )
        _widen(self._out)
        self._poll = select.poll()
        self._poll.register(self._out, select.POLLIN | select.POLLHUP)

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, request: dict[str, Any]) -> None:
        """Give the process a request. Raises ChildStopped."""
        try:
            self._in.write(json.dumps(request).encode() + b"\n")
            self._in.flush()
        except OSError as error:
            raise self._stopped() from error

    def read(self, seconds: float) -> tuple[dict[str, Any], bytearray]:
        """The next frame: header and payload. Raises ChildHung, ChildStopped."""
        deadline = time.monotonic() + seconds
        (length,) = struct.unpack(">I", self._exactly(4, deadline))
        header: dict[str, Any] = json.loads(self._exactly(length, deadline))
        return header, self._exactly(header["bytes"], deadline)

    def _exactly(self, n_bytes: int, deadline: float) -> bytearray:
        data = bytearray(n_bytes)
        view, filled = memoryview(data), 0
        while filled < n_bytes:
            left = deadline - time.monotonic()
            if left <= 0 or not self._poll.poll(left * 1000):
                raise ChildHung
            got = os.readv(self._out, [view[filled:]])
            if not got:
                raise self._stopped()
            filled += got
        return data

    def _stopped(self) -> ChildStopped:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        status = self._process.poll()
        self._stderr.seek(max(self._stderr.seek(0, os.SEEK_END) - _STDERR_TAIL, 0))
        tail = self._stderr.read(_STDERR_TAIL).decode(errors="replace").strip()
        return ChildStopped(-9 if status is None else status, tail)

    def interrupt(self) -> None:
        """End the process but leave its pipes to the thread that reads them."""
        self._process.kill()

    def kill(self) -> None:
        """End it now; poppler, if it is drawing, ends with its pipe."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._stderr):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()


def _widen(pipe: int) -> None:
    """A larger pipe where the system offers it: a page fits in three gulps instead of fifty."""
    if sys.platform == "linux":
        import fcntl  # not everywhere

        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, _F_SETPIPE_SZ, _PIPE_BYTES)

"""A server that is told to end, as a container or a service manager does it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pagelight.app.settings import Settings
from pagelight.app.web.serve import _listen

PATIENCE = 120.0
"""Seconds: two slow cores may be busy with something else."""


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [
        sys.executable,
        "-c",
        "import sys; from pagelight.app.cli.main import main; print('up'); sys.exit(main())",
    ]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    process = subprocess.Popen(
        [*command, "serve", "--port", port, "--data", str(tmp_path / "library")],
        env=os.environ | {"PAGELIGHT_SAMPLES": "0", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


async def _first_connection(listener: socket.socket) -> socket.socket:
    """The socket of a connection to a server that listens there."""
    found: asyncio.Future[socket.socket] = asyncio.get_running_loop().create_future()
    async with await asyncio.start_server(
        lambda _, writer: found.set_result(writer.get_extra_info("socket")), sock=listener
    ):
        _, writer = await asyncio.open_connection(*listener.getsockname()[:2])
        try:
            return await found
        finally:
            writer.close()


def test_no_answer_waits_for_the_receipt_of_its_head(tmp_path: Path) -> None:
    """Nagle's algorithm held the body of every answer back for 40 ms."""

    async def is_sent_at_once() -> bool:
        connection = await _first_connection(_listen(Settings(data=tmp_path, host="127.0.0.1", port=0)))
        return bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    assert asyncio.run(is_sent_at_once())


def end(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=PATIENCE)[1]


def test_a_server_that_is_up_says_that_it_has_stopped(serving: subprocess.Popen[str]) -> None:
    assert serving.stdout is not None
    assert any("Pagelight is at" in line for line in iter(serving.stdout.readline, ""))
    said = end(serving)
    assert said.splitlines()[-1] == "stopped; documents that were being indexed go on at the next start"
    assert serving.returncode == 0


@pytest.mark.parametrize("seconds", [0.0, 0.5, 1.5, 3.0])
def test_a_server_that_is_starting_ends_at_once(serving: subprocess.Popen[str], seconds: float) -> None:
    assert serving.stdout is not None
    assert serving.stdout.readline() == "up\n"
    time.sleep(seconds)  # it imports, or loads the model
    said = end(serving)
    assert "Traceback" not in said
    # by the system, where it had not begun to listen for signals
    assert "stopped" in said or serving.returncode == -signal.SIGTERM
    assert serving.returncode in (0, 1, -signal.SIGTERM)

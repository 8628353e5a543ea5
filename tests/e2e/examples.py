"""The programs of `examples/` and one behind a proxy, all started at once: a start is mostly imports, and so is the next one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from tests.copies import copy_library
from tests.waiting import until

ROOT = Path(__file__).parents[2]
#: what is started, by its name in `examples/`; and where the one behind a proxy is
EXAMPLES = ("mounted", "iframe", "web_component")
BEHIND_PROXY = "/tools/pagelight"

#: Pagelight behind a proxy that takes the prefix off the path, as nginx's `proxy_pass http://host/;` does
PROXY = """
import os, sys
import uvicorn
from pagelight import Settings, create_app
prefix, port = sys.argv[1], int(os.environ["PORT"])
pagelight = create_app(Settings.from_environment(root_path=prefix, proxies='127.0.0.1'))
async def proxy(scope, receive, send):
    if scope["type"] == "http":
        path = scope["path"]
        headers = [*scope["headers"], (b"x-forwarded-host", f"127.0.0.1:{port}".encode())]
        path = path.removeprefix(prefix) if path.startswith(prefix + "/") else "/not-ours"
        scope = {**scope, "path": path, "raw_path": path.encode(), "headers": headers}
    await pagelight(scope, receive, send)
uvicorn.run(proxy, host="127.0.0.1", port=port)
"""


class Examples:
    """Running examples, each with a copy of the library. folder: for the copies and what the examples print"""

    def __init__(self, library: Path, folder: Path) -> None:
        self._folder = folder
        self._running = {example: self._start(example, library) for example in (*EXAMPLES, BEHIND_PROXY)}

    def address(self, example: str) -> str:
        """Where it is, once it answers."""
        address, process = self._running[example]
        until(lambda: process.poll() is not None or _answers(address))
        assert process.poll() is None, self._log(example).read_text()[-2000:]
        return address

    def stop(self) -> None:
        for _, process in self._running.values():
            process.terminate()
        for _, process in self._running.values():
            process.wait(30)

    def _start(self, example: str, library: Path) -> tuple[str, subprocess.Popen[bytes]]:
        port = _free_port()
        environment = {
            **os.environ,
            "PAGELIGHT_DATA": str(copy_library(library, self._log(example).with_suffix(""))),
            "PAGELIGHT_SAMPLES": "false",
            "PORT": str(port),
        }
        below = BEHIND_PROXY if example == BEHIND_PROXY else ""
        command = [sys.executable, *(["-c", PROXY, below] if below else [f"examples/{example}.py"])]
        with self._log(example).open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        return f"http://127.0.0.1:{port}{below}", process

    def _log(self, example: str) -> Path:
        return self._folder / f"{example.strip('/').replace('/', '-')}.log"


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(f"{address}/", timeout=1).close()
    except (urllib.error.URLError, OSError):
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

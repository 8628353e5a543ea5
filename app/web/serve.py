"""`pagelight serve`: the server until Ctrl-C."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

from pagelight.app.settings import Settings
from pagelight.retrieval.errors import PagelightError


def run_server(settings: Settings, stopping: Stopping) -> int:
    """Serve until stopped. Raises PagelightError where the address is taken."""
    listener = _listen(settings)
    with _without_collection():
        # Here, since all of them take long to import, and `Stopping` and the address are wanted before.
        import uvicorn

        from pagelight.app.service import Service
        from pagelight.app.web.ui.lean_gradio import lean_gradio

        service = Service(settings)
    failures: list[PagelightError] = []

    def stop(error: PagelightError) -> None:
        failures.append(error)
        if stopping.server is not None:
            stopping.server.should_exit = True

    try:
        with _without_collection(), lean_gradio():
            from pagelight.app.web.app import create_app

            app = create_app(settings, service=service)
        # Now, since both hold the interpreter: the page comes first, and the model loads while it is looked at.
        service.start_in_background(failed=stop)
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else "127.0.0.1" if host == "0.0.0.0" else host
        config = uvicorn.Config(
            app,
            log_level=None,
            access_log=settings.access_log,
            log_config=None,
            proxy_headers=bool(settings.proxy_addresses),
            forwarded_allow_ips=settings.proxy_addresses,
            timeout_graceful_shutdown=3,
        )
        stopping.server = server = uvicorn.Server(config)
        if failures:
            raise failures[0]
        print(f"Pagelight is at http://{shown}:{port}{settings.root_path}/  (Ctrl-C stops it)", flush=True)
        server.run(sockets=[listener])
        if failures:
            raise failures[0]
    finally:
        stopping.server = None
        service.close()
        listener.close()
    print("stopped; documents that were being indexed go on at the next start", file=sys.stderr)
    return 0


@contextmanager
def _without_collection() -> Iterator[None]:
    """Import without looking for garbage, of which imports make none: a tenth of their time; nor is it ever looked for in them."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _listen(settings: Settings) -> socket.socket:
    """The socket, bound before the model loads, so that a taken port is told at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Named as TCP, or asyncio leaves Nagle's algorithm on: an answer's body then waits 40 ms for its head's receipt.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise PagelightError(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror or error}; choose another --port"
        ) from error
    return listener


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

"""/mcp: the protocol's SDK is imported once the server is up, so that no page waits for it."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import anyio.to_thread
from starlette.types import ASGIApp, Receive, Scope, Send

from pagelight.app.service import Service
from pagelight.app.web.access import Access, access_of
from pagelight.retrieval.errors import NotFound

_MODULE = "pagelight.app.web.mcp"


class McpRoute:
    """An ASGI app for /mcp. Each request is whole and guarded by itself; one that comes early waits."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._apps: dict[Access, ASGIApp] = {}
        self._ready: anyio.Event | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._ready = ready = anyio.Event()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._run, ready)
            try:
                yield
            finally:
                self._ready = None
                tasks.cancel_scope.cancel()

    async def _run(self, ready: anyio.Event) -> None:
        module = await anyio.to_thread.run_sync(importlib.import_module, _MODULE)
        async with module.running_apps(self._service) as self._apps:
            ready.set()
            await anyio.sleep_forever()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._ready is None:
            raise NotFound("the server is not running")
        await self._ready.wait()
        await self._apps[access_of(scope)](scope, receive, send)

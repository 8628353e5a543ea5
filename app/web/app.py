"""Pagelight as an ASGI app of its own, or as a part of someone else's."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

# Read by Gradio when it is imported: no page and no start-up may call home.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import anyio.to_thread
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.app.web.api import build_api
from pagelight.app.web.api.answers import map_errors
from pagelight.app.web.api.reference import add_reference
from pagelight.app.web.guard import Authorize, Guard
from pagelight.app.web.hosts import Hosts
from pagelight.app.web.routes import McpRoute, build_routes
from pagelight.app.web.ui.endpoints import ARGUMENTS
from pagelight.app.web.ui.middleware import FileReferences, FrontPage
from pagelight.app.web.ui.page import build_static_routes, mount_ui, scripts_ahead

#: /api/openapi.json takes their place, which names our own routes alone and asks no other server for scripts
_NO_SCHEMA: dict[str, Any] = {"openapi_url": None, "docs_url": None, "redoc_url": None}


def create_app(
    settings: Settings | None = None, authorize: Authorize | None = None, service: Service | None = None
) -> FastAPI:
    """The whole application: the browser's pages, the API and the plain routes.

    authorize: called with every request, False answers 403, "read" lets somebody search only; None lets everybody in
    service: to share one that is open already; it is closed at shutdown either way
    """
    settings = settings or Settings.from_environment()
    service = service or Service(settings)
    return _application(service, authorize, settings.root_path)


def mount(
    app: FastAPI, path: str, settings: Settings | None = None, authorize: Authorize | None = None
) -> Service:
    """Serve Pagelight below `path` of an existing FastAPI app; returns its service.

    The app's own lifespan stays in charge: Pagelight starts and stops inside it.
    """
    settings = settings or Settings.from_environment()
    path = "/" + path.strip("/")
    service = Service(settings)
    # Where people see it, for the addresses that Gradio makes: the host's own prefix comes first.
    public = (settings.root_path or app.root_path.rstrip("/")) + path
    part = _application(service, authorize, public, is_mounted=True)
    outer = app.router.lifespan_context

    # Starlette does not run the lifespan of mounted apps.
    @asynccontextmanager
    async def lifespan(host: FastAPI) -> AsyncIterator[Any]:
        async with outer(host) as state, part.router.lifespan_context(part):
            yield state

    app.router.lifespan_context = lifespan
    app.mount(path, part)
    return service


def _application(
    service: Service, authorize: Authorize | None, public_path: str, is_mounted: bool = False
) -> FastAPI:
    settings = service.settings
    mcp = McpRoute(service)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # In the background, so that the first page shows while the model loads.
        service.start_in_background()
        try:
            async with mcp.running():
                yield
        finally:
            await anyio.to_thread.run_sync(service.close)

    app = FastAPI(title=settings.title, lifespan=lifespan, **_NO_SCHEMA)
    map_errors(app)
    app.include_router(build_routes(service))
    app.include_router(build_api(service))
    add_reference(app, settings.title)
    app.router.routes.append(Route("/mcp", mcp))
    app.include_router(build_static_routes())
    functions = mount_ui(app, service, public_path, _NO_SCHEMA)
    app.add_middleware(FrontPage, scripts=scripts_ahead())
    app.add_middleware(FileReferences, uploads=service.uploads, arguments=ARGUMENTS, functions=functions)
    app.add_middleware(
        Guard,
        authorize=authorize,
        origins=settings.origins,
        frame_ancestors=settings.frame_ancestors,
        hosts=Hosts(settings.host, settings.host_names, settings.proxy_addresses, is_open=is_mounted),
        root_path="" if is_mounted else public_path,
        search_only=settings.search_only,
    )
    # Outermost, since preflight requests carry no cookies; its presence also switches off Gradio's own
    # policy, which lets every origin in.
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.origins,
        allow_credentials=bool(settings.origins),
        allow_methods=["GET", "HEAD", "POST", "PATCH", "DELETE"],
        allow_headers=["*"],
    )
    return app

"""Plain routes beside Gradio's: health, metrics, page images, documents, and the way to MCP."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import anyio
import anyio.to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.types import ASGIApp, Receive, Scope, Send

from pagelight.app.filters import parse_box
from pagelight.app.service import Service
from pagelight.app.web.access import Access, access_of
from pagelight.app.web.api.answers import failure
from pagelight.retrieval.errors import NotFound

#: private: one person's pages are for no shared cache; no-cache: ask again, so that a deleted page is gone
CACHE_CONTROL = "private, no-cache"
METHODS = ["GET", "HEAD"]
_UNKEPT = {"Cache-Control": "no-store"}
_MODULE = "pagelight.app.web.mcp"


def build_routes(service: Service) -> APIRouter:
    """/healthz, /readyz, /metrics, /pages/{document_id}/{page}.webp?w=&box=, /documents/{document_id}.pdf, and the way in for files."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/healthz", methods=METHODS)
    async def healthz() -> Response:
        return PlainTextResponse("ok", headers=_UNKEPT)

    @router.api_route("/readyz", methods=METHODS)
    async def readyz() -> Response:
        if service.state == "ready":
            service.check_folder()
            return PlainTextResponse("ready", headers=_UNKEPT)
        return failure(service.state, 503, _UNKEPT)

    @router.get("/metrics")
    def metrics() -> Response:
        return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST, headers=_UNKEPT)

    @router.api_route("/pages/{document_id}/{page}.webp", methods=METHODS)
    def page_image(
        request: Request,
        document_id: str,
        page: int,
        w: Annotated[int, Query(ge=1, le=10_000)] = 1200,
        box: Annotated[str, Query(description="x0,y0,x1,y1: this piece of the page")] = "",
    ) -> Response:
        service.check_page(document_id, page)
        place = parse_box(box) if box else None
        # The id is the file's hash, so a page's image never changes.
        headers = _headers(f'"{document_id[:32]}-{page}-{w}-{box}"')
        if _is_known(request, headers):
            return Response(status_code=304, headers=headers)
        image = service.page_image(document_id, page, w, place)
        return Response(image, media_type="image/webp", headers=headers)

    @router.api_route("/logo", methods=METHODS)
    def logo() -> Response:
        if not service.settings.logo:
            return failure("no logo was set", 404)
        return FileResponse(service.settings.logo, headers={"Cache-Control": CACHE_CONTROL})

    # The second form ends in the document's own name, which a browser shows and saves it under.
    @router.api_route("/documents/{document_id}.pdf", methods=METHODS)
    @router.api_route("/documents/{document_id}/{name}", methods=METHODS)
    def document(request: Request, document_id: str, name: str = "") -> Response:
        path = service.document_pdf(document_id)
        headers = _headers(f'"{document_id[:32]}"')
        if _is_known(request, headers):
            return Response(status_code=304, headers=headers)
        own_name = Path(service.find_document(document_id).name).with_suffix(".pdf").name
        return FileResponse(
            path,
            media_type="application/pdf",
            headers=headers,
            filename=own_name,
            content_disposition_type="inline",
        )

    # In place of Gradio's own route: its folder is shared by all that runs in the process, and is never emptied.
    @router.post("/gradio_api/upload")
    async def upload(request: Request) -> list[str]:
        return await service.uploads.receive(request.headers.get("content-type", ""), request.stream())

    # Gradio serves what is in its folder to whoever names it; nothing of ours is there.
    @router.api_route("/gradio_api/file{path:path}", methods=[*METHODS, "POST"])
    @router.api_route("/gradio_api/stream/{path:path}", methods=[*METHODS, "POST"])
    @router.api_route("/gradio_api/proxy{path:path}", methods=[*METHODS, "POST"])
    def no_file(path: str) -> Response:
        return failure("no such file", 404)

    return router


def _headers(tag: str) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": CACHE_CONTROL}


def _is_known(request: Request, headers: dict[str, str]) -> bool:
    """Whether the client has this version already (RFC 9110, section 13.1.2)."""
    tags = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return headers["ETag"] in tags or "*" in tags


class McpRoute:
    """An ASGI app for /mcp, imported at the first request, since it takes long and most servers are never asked.

    Each request is whole and guarded by itself.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._apps: dict[Access, ASGIApp] = {}
        self._wanted = self._ready = anyio.Event()
        self._is_running = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._wanted, self._ready = anyio.Event(), anyio.Event()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._run)
            self._is_running = True
            try:
                yield
            finally:
                self._is_running = False
                tasks.cancel_scope.cancel()

    async def _run(self) -> None:
        await self._wanted.wait()
        module = await anyio.to_thread.run_sync(importlib.import_module, _MODULE)
        async with module.running_apps(self._service) as self._apps:
            self._ready.set()
            await anyio.sleep_forever()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._is_running:
            raise NotFound("the server is not running")
        self._wanted.set()
        await self._ready.wait()
        await self._apps[access_of(scope)](scope, receive, send)

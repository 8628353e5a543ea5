"""The scripts of the browser's side: ES modules below an address that changes with them, so that they can be kept."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, PlainTextResponse, Response

STATIC = Path(__file__).parent / "static"
#: a year, private since the guard may let only some people in
_KEPT = "private, max-age=31536000, immutable"
_ASKED_AGAIN = "private, no-cache"


def modules() -> dict[str, Path]:
    """The modules by their path below static/."""
    return {str(path.relative_to(STATIC).as_posix()): path for path in sorted(STATIC.rglob("*.js"))}


@cache
def version() -> str:
    """12 hexadecimal digits that stand for the modules' contents."""
    digest = hashlib.sha256()
    for name, path in modules().items():
        digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def build_static_routes() -> APIRouter:
    """/static/pagelight/{version}/{module}; import statements inside the modules are relative to it."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/static/pagelight/{asked}/{name:path}", methods=["GET", "HEAD"])
    def module(asked: str, name: str) -> Response:
        path = modules().get(name)
        if path is None:
            return PlainTextResponse("no such module", 404)
        # A page that was opened before an update goes on with the present modules, which are then not kept.
        kept = _KEPT if asked == version() else _ASKED_AGAIN
        return FileResponse(path, media_type="text/javascript", headers={"Cache-Control": kept})

    return router

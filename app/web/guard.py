"""The guard before every request: known host names, the host's `authorize`, foreign origins, security headers."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import cast
from urllib.parse import urlsplit

import anyio.to_thread
from fastapi import HTTPException, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pagelight.app.web.access import SEARCH_ONLY, Access, Caller, changes_library, with_caller
from pagelight.app.web.api.answers import failure
from pagelight.app.web.hosts import Hosts
from pagelight.app.web.refusals import NOT_ALLOWED, WRONG_ADDRESS, refusal
from pagelight.ingest.collections import Collections
from pagelight.retrieval.errors import NotAuthorized

#: the host application's word on a request: whether it is let in, "read" for searching only, "write" for everything,
#: or the collections that its sender may see; may be async, may raise HTTPException with its own status
Answer = bool | Access | Collections
Authorize = Callable[[Request], Answer | Awaitable[Answer]]

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
#: load balancers ask for these without a user, and the answers tell nothing
_HEALTH = ("/healthz", "/readyz")


class Guard:
    """ASGI middleware around the whole application, Gradio's routes included.

    hosts: the names that the server answers to
    root_path: the public prefix that a proxy serves the application below
    search_only: nobody may change the library, whatever `authorize` says
    """

    def __init__(
        self,
        app: ASGIApp,
        authorize: Authorize | None,
        origins: list[str],
        frame_ancestors: str,
        hosts: Hosts,
        root_path: str = "",
        search_only: bool = False,
    ) -> None:
        self._app = app
        self._authorize = authorize
        self._origins = origins
        self._frame_ancestors = frame_ancestors
        self._hosts = hosts
        self._root_path = root_path
        self._most: Access = "read" if search_only else "write"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._harden(MutableHeaders(scope=message))
            await send(message)

        scope = self._hosts.without_forged_headers(scope)
        if self._root_path:
            # Routing then takes paths with the prefix and without it: proxies strip it or keep it.
            scope = {**scope, "root_path": self._root_path}
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        is_health = path in _HEALTH
        refused, answer = self._foreign(scope, is_health), cast(Answer, True)
        if not refused and not is_health:
            refused, answer = await self._known(scope, receive)
        caller = self._caller(answer, self._hosts.sender(scope))
        if not refused and caller.access == "read" and changes_library(scope["method"], path):
            refused = refusal(scope, SEARCH_ONLY, 403)
        with caller.at_work():
            await (refused or self._app)(with_caller(scope, caller), receive, send_with_headers)

    def _caller(self, answer: Answer, sender: str) -> Caller:
        """The caller who was let in, within the rights that everybody has."""
        if not isinstance(answer, Collections):
            return Caller("read" if answer == "read" else self._most, sender)
        if self._most == "read":
            answer = answer.without_writing()
        return Caller("write" if answer.writable else "read", sender, answer)

    def _foreign(self, scope: Scope, is_health: bool) -> Response | None:
        """The answer to what comes from another site, or under another site's name."""
        # A websocket handshake is a GET that any site may start, and Gradio needs none.
        if scope["type"] == "websocket":
            return failure("no websockets here", 403)
        if not is_health and not self._hosts.knows(scope):
            return refusal(scope, WRONG_ADDRESS, 421)
        if scope["method"] not in _SAFE_METHODS and not same_origin(Headers(scope=scope), self._origins):
            return failure("requests from other sites are not allowed", 403)
        return None

    async def _known(self, scope: Scope, receive: Receive) -> tuple[Response | None, Answer]:
        """The answer to whom the host application does not let in, and its word on others; it is asked once a request."""
        if self._authorize is None:
            return None, True
        try:
            answer = await _answer(self._authorize, Request(scope, receive))
        except HTTPException as error:
            return refusal(scope, str(error.detail), error.status_code, dict(error.headers or {})), False
        except NotAuthorized as error:
            return refusal(scope, str(error) or NOT_ALLOWED, error.status), False
        if not answer or (isinstance(answer, str) and answer not in ("read", "write")):
            return refusal(scope, NOT_ALLOWED, 403), False
        return None, answer

    def _harden(self, headers: MutableHeaders) -> None:
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers.setdefault("Cache-Control", "private")
        headers["Content-Security-Policy"] = content_security_policy(
            headers.get("content-type", ""), self._frame_ancestors
        )


async def _answer(authorize: Authorize, request: Request) -> Answer:
    """The answer; in a thread unless it is a coroutine function, since a slow look-up must not stop the host's other requests."""
    if inspect.iscoroutinefunction(authorize) or inspect.iscoroutinefunction(type(authorize).__call__):
        allowed = authorize(request)
    else:
        allowed = await anyio.to_thread.run_sync(authorize, request)
    return await allowed if inspect.isawaitable(allowed) else allowed


def same_origin(headers: Headers, origins: list[str]) -> bool:
    """Whether a request comes from our own pages, from an allowed site, or from no page at all.

    Browsers send Origin with every request that is neither GET nor HEAD, and no page can forge
    Sec-Fetch-Site; behind a named proxy the Host that people see is in X-Forwarded-Host.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is None:
        return site not in ("cross-site", "same-site")
    if origin in origins or site == "same-origin":
        return True
    seen = [headers.get("host"), *headers.get("x-forwarded-host", "").split(",")]
    return urlsplit(origin).netloc in {host.strip() for host in seen if host}


def content_security_policy(content_type: str, frame_ancestors: str) -> str:
    """Everything from this origin only; Gradio's templates need inline scripts and 'unsafe-eval'."""
    framing = f"frame-ancestors {frame_ancestors}"
    # The browser's PDF viewer is a page of its own, which a strict policy would break.
    if content_type.startswith("application/pdf"):
        return framing
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            framing,
        )
    )

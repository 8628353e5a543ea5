"""ASGI middleware before Gradio: file references in its calls, and deep links to its front page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pagelight.app.uploads import Uploads, printable_name
from pagelight.app.web.api.answers import failure

#: greatest size of a call's JSON; the longest legitimate one names a thousand uploads
MAX_BODY_BYTES = 1 << 20
API = "/gradio_api/"
#: arguments that have defaults
OPTIONAL = ("top_k", "documents", "filters")
#: an argument that older callers do not send, and what it is then
ADDED_LATER = {"filters": dict[str, Any]()}
UPLOAD_ROUTE = "/gradio_api/upload"
QUEUE_ROUTE = "/gradio_api/queue/join"


class FileReferences:
    """ASGI middleware before Gradio, which opens any path, or address, that a call names as a file.

    A file is referred to as {"path", "meta": {"_type": "gradio.FileData"}}. A reference to one of our uploads becomes
    a plain object, which Gradio leaves alone; any other is refused, whatever the endpoint.
    """

    def __init__(
        self,
        app: ASGIApp,
        uploads: Uploads,
        arguments: Mapping[str, Sequence[str]],
        functions: Mapping[int, str],
    ) -> None:
        """arguments: of each endpoint; Gradio answers a call that lacks some with a bare null
        functions: the endpoints by the numbers that Gradio's queue knows them by
        """
        self._app = app
        self._uploads = uploads
        self._arguments = arguments
        self._functions = functions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or scope["method"] in ("GET", "HEAD", "OPTIONS")
            or API not in scope["path"]
        ):
            await self._app(scope, receive, send)
            return
        # The name of the route behind that of a call makes no upload of it.
        if scope["path"].endswith(UPLOAD_ROUTE) and scope["path"].count(API) == 1:
            await self._app(scope, receive, send)
            return
        try:
            body = self._checked(Headers(scope=scope), await _body(receive), scope["path"])
        except _Refused as refused:
            await failure(str(refused), refused.status)(scope, receive, send)
        except ClientDisconnect:
            return
        else:
            headers = [(k, v) for k, v in scope["headers"] if k != b"content-length"]
            headers.append((b"content-length", str(len(body)).encode()))
            await self._app({**scope, "headers": headers}, _replay(body, receive), send)

    def _checked(self, headers: Headers, body: bytes, path: str) -> bytes:
        """The body as Gradio may see it."""
        called = path.partition(f"{API}call/")[2].rstrip("/")
        name = called.removeprefix("v2/")
        if not body and name not in self._arguments:
            return body
        if not headers.get("content-type", "application/json").startswith("application/json"):
            raise _Refused("expected application/json", 415)
        try:
            value = self._plain(json.loads(body))
            if name in self._arguments:
                check = _check_arguments if called == name else _check_named
                check(value, self._arguments[name])
            elif path.endswith(QUEUE_ROUTE) and (queued := self._queued(value)):
                _check_arguments(value, self._arguments[queued])
            return json.dumps(value).encode()
        except (ValueError, RecursionError) as error:
            raise _Refused("expected a JSON object", 422) from error

    def _queued(self, value: Any) -> str | None:
        """The endpoint that a call in the queue's own form means, if it is one of ours."""
        number = value.get("fn_index") if isinstance(value, dict) else None
        return self._functions.get(number) if isinstance(number, int) else None

    def _plain(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._plain(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "path" in value and "meta" in value:
            if not isinstance(value["path"], str) or value["path"] not in self._uploads:
                name = printable_name(value.get("orig_name") or value["path"])
                raise _Refused(f"{name}: not an uploaded file; send it first", 400)
            value = {key: value[key] for key in ("path", "orig_name") if key in value}
        return {key: self._plain(item) for key, item in value.items()}


def _check_arguments(value: object, names: Sequence[str]) -> None:
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(data, list):
        raise _Refused('expected {"data": [...]}, the arguments in a list', 422)
    if len(data) == len(names) - 1 and names[-1] in ADDED_LATER:
        data.append(ADDED_LATER[names[-1]])
    if len(data) != len(names):
        wanted = ", ".join(names) or "none"
        raise _Refused(f"data: expected {len(names)} arguments ({wanted}), got {len(data)}", 422)


def _check_named(value: object, names: Sequence[str]) -> None:
    if not isinstance(value, dict):
        raise _Refused("expected an object with an entry for each argument", 422)
    missing = [name for name in names if name not in value and name not in OPTIONAL]
    unknown = [str(name)[:40] for name in value if name not in names]
    if missing or unknown:
        raise _Refused(f"{missing[0]} is missing" if missing else f"{unknown[0]} is not known here", 422)


class _Refused(Exception):
    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


async def _body(receive: Receive) -> bytes:
    """Raises _Refused over the limit, ClientDisconnect."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise _Refused(f"larger than {MAX_BODY_BYTES:,} bytes", 413)
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    is_sent = False

    async def replayed() -> Message:
        nonlocal is_sent
        if is_sent:
            return await receive()
        is_sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


class FrontPage:
    """ASGI middleware that hides `page` from Gradio's front page, and has our scripts fetched beside Gradio's.

    Gradio takes ?page=2 for the name of one of an app's own pages and fails; our scripts read the parameter
    in the browser, so the server need not see it.
    """

    def __init__(self, app: ASGIApp, scripts: Sequence[str]) -> None:
        """scripts: addresses of modules, relative to the page"""
        self._app = app
        links = ", ".join(f"<{script}>; rel=modulepreload; fetchpriority=low" for script in scripts)
        self._header = (b"link", links.encode("latin-1"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_front_page(scope):
            await self._app(scope, receive, send)
            return

        async def with_links(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                message = {**message, "headers": [*message.get("headers", ()), self._header]}
            await send(message)

        await self._app({**scope, "query_string": _without_page(scope["query_string"])}, receive, with_links)


def _is_front_page(scope: Scope) -> bool:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")) in ("", "/")


def _without_page(query: bytes) -> bytes:
    """
    >>> _without_page(b"q=caf%C3%A9+au+lait&document=a.pdf&page=2")
    b'q=caf%C3%A9+au+lait&document=a.pdf'
    """
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return urlencode([pair for pair in pairs if pair[0] != "page"]).encode("latin-1")

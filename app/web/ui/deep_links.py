"""Deep links of the form /?q=…&document=…&page=…, in spite of Gradio's own `page` parameter."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from starlette.types import ASGIApp, Receive, Scope, Send


class DeepLinks:
    """ASGI middleware that hides `page` from Gradio's front page.

    Gradio takes ?page=2 for the name of one of an app's own pages and fails; our scripts read the parameter
    in the browser, so the server need not see it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _is_front_page(scope):
            scope = {**scope, "query_string": _without_page(scope["query_string"])}
        await self._app(scope, receive, send)


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

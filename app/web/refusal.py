"""The answer to a request that is refused: a page for people, the one error form for programs."""

from __future__ import annotations

import html

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from pagelight.app.web.api.errors import failure

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<style>body {{ display: grid; place-content: center; min-height: 90vh; margin: 0 24px; text-align: center;
font: 17px/1.5 ui-sans-serif, system-ui, sans-serif }} h1 {{ font: 600 26px/1.3 ui-serif, Georgia, serif }}
p {{ opacity: 0.8 }}</style></head><body><main><h1>{title}</h1><p>{reason}</p></main></body></html>"""
_TITLES = {401: "Please sign in", 403: "This library is not open to you", 421: "Wrong address"}


def refusal(scope: Scope, reason: str, status: int, headers: dict[str, str] | None = None) -> Response:
    """A page where a browser asks for one by an address; a line of JSON otherwise."""
    wants_page = scope.get("method") == "GET" and "text/html" in Headers(scope=scope).get("accept", "")
    if scope["type"] != "http" or not wants_page:
        return failure(reason, status, headers)
    text = html.escape(reason[:1].upper() + reason[1:] + ("" if reason.endswith(".") else "."))
    page = _PAGE.format(title=_TITLES.get(status, "That did not work"), reason=text)
    return HTMLResponse(page, status, headers)

"""/api/openapi.json and a page that says the same to people, without a script and without a foreign request."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse, Response

import pagelight

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#241f18;background:#faf7f2}
code,pre{font:14px ui-monospace,monospace;overflow-wrap:anywhere}section{border-top:1px solid #d8cebf;padding:.5rem 0}
table{border-collapse:collapse}td{padding:.1rem 1rem .1rem 0;vertical-align:top}h3 code{font-size:1rem}
@media(prefers-color-scheme:dark){body{color:#f1eadf;background:#191714}a{color:#ffb84d}}
"""


def add_reference(app: FastAPI, title: str) -> None:
    """Serve /api/openapi.json and /api/docs, behind the guard as everything else."""
    router = APIRouter(include_in_schema=False)
    described: dict[str, Any] = {}

    def schema() -> dict[str, Any]:
        if not described:
            routes = [route for route in app.routes if str(getattr(route, "path", "")).startswith("/api/v1")]
            described.update(
                get_openapi(
                    title=title,
                    version=pagelight.__version__,
                    description="Find the pages of documents that answer a question, and the places on them.",
                    routes=routes or app.routes,
                )
            )
        return described

    @router.get("/api/openapi.json")
    def openapi(request: Request) -> Response:
        root = str(request.scope.get("root_path", ""))
        return JSONResponse({**schema(), **({"servers": [{"url": root}]} if root else {})})

    @router.get("/api/docs")
    def page() -> Response:
        return HTMLResponse(reference_page(schema()))

    app.include_router(router)


def reference_page(schema: dict[str, Any]) -> str:
    """An OpenAPI document as one page of HTML."""
    info = schema["info"]
    parts = [
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(info['title'])}: API</title><style>{_STYLE}</style><h1>{escape(info['title'])}: API</h1>"
        f"<p>{escape(info['description'])} Version {escape(info['version'])}, described for programs by "
        '<a href="openapi.json">openapi.json</a>. Everything that goes wrong is <code>{"error": one sentence, '
        '"status": n}</code>.</p>'
    ]
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            parts.append(_operation(path, method, operation))
    parts.append("<h2>Forms</h2>")
    for name, form in schema.get("components", {}).get("schemas", {}).items():
        if "properties" in form and "ValidationError" not in name:
            parts.append(f'<section id="{escape(name)}"><h3>{escape(name)}</h3>{_fields(form)}</section>')
    return "".join(parts)


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code><td>{escape(_kind(one['schema']))}"
        f"<td>{escape(one.get('description', ''))}</tr>"
        for one in operation.get("parameters", [])
    )
    body = "".join(
        f"<p>Body, <code>{escape(kind)}</code>: {_link(content.get('schema', {}))}</p>"
        for kind, content in operation.get("requestBody", {}).get("content", {}).items()
    )
    answer: dict[str, Any] = next(
        (found for status, found in operation["responses"].items() if status.startswith("2")), {}
    )
    given = ", ".join(
        f"<code>{escape(kind)}</code> {_link(content.get('schema', {}))}"
        for kind, content in answer.get("content", {}).items()
    )
    return (
        f"<section><h3><code>{method.upper()} {escape(path)}</code></h3><p>{escape(operation.get('summary', ''))}.</p>"
        f"<table>{rows}</table>{body}<p>Answers {given or 'nothing'}.</p></section>"
    )


def _fields(form: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code><td>{_link(field)}<td>{escape(field.get('description', ''))}</tr>"
        for name, field in form["properties"].items()
    )
    return f"<p>{escape(form.get('description', ''))}</p><table>{rows}</table>"


def _link(schema: dict[str, Any]) -> str:
    """A link to a form, or the kind of value in words."""
    if "items" in schema and "$ref" in schema["items"]:
        return f"list of {_link(schema['items'])}"
    if "$ref" not in schema:
        return escape(_kind(schema))
    name = escape(schema["$ref"].rsplit("/", 1)[-1])
    return f'<a href="#{name}">{name}</a>'


def _kind(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array" and isinstance(schema.get("items"), dict):
        return f"list of {_kind(schema['items'])}"
    return str(schema.get("type", ""))

"""The page: a Gradio app of one panel, its theme, its scripts, and its place in our own application."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse, PlainTextResponse, Response

from pagelight.app.service import Service
from pagelight.app.web.ui.endpoints import ARGUMENTS, add_endpoints
from pagelight.app.web.ui.handlers import ServerFunction, guarded
from pagelight.app.web.ui.library_calls import library_calls
from pagelight.app.web.ui.page_calls import page_calls
from pagelight.app.web.ui.search_calls import search_calls

#: kept out of the list that is fetched ahead: the loader itself, and languages, of which a page needs one
_NOT_AHEAD = ("loader.js", "texts/")
SANS = ["ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "monospace"]
STATIC = Path(__file__).parent / "static"
#: a year, private since the guard may let only some people in
_KEPT = "private, max-age=31536000, immutable"
_ASKED_AGAIN = "private, no-cache"


def build_ui(service: Service) -> gr.Blocks:
    """The Gradio app, to be mounted with `mount_options()` behind the guard, which asks `authorize`.

    One panel holds the whole page: Gradio puts a tab's content into the page at its first visit only, and dropping
    files, progress and hints belong to all of it.
    """
    blocks: gr.Blocks
    with gr.Blocks(title=service.settings.title, fill_width=True, analytics_enabled=False) as blocks:
        panel(
            [guarded(call) for calls in (search_calls, page_calls, library_calls) for call in calls(service)],
            service.settings.title,
            bool(service.settings.logo),
        )
        add_endpoints(service)
    return blocks


def mount_options() -> dict[str, Any]:
    """Arguments of `gr.mount_gradio_app` besides the Blocks."""
    return {
        "theme": pagelight_theme(),
        "css_paths": [
            STATIC / name for name in ("base.css", "search.css", "viewer.css", "library.css", "print.css")
        ],
        "head_paths": [STATIC / "head.html"],
    }


def mount_ui(app: FastAPI, service: Service, public_path: str, app_options: dict[str, Any]) -> dict[int, str]:
    """Serve the pages and the API from `app`'s root, after the routes that `app` has already.

    Returns the public endpoints by the numbers that Gradio's queue knows them by.

    public_path: where people see it, for the addresses that Gradio makes
    app_options: for Gradio's own FastAPI app
    """
    settings = service.settings
    # A closed queue shuts /gradio_api/run/*, which would pass by every limit on concurrent calls.
    blocks = build_ui(service).queue(api_open=False, max_size=64, default_concurrency_limit=4)
    # Gradio checks which files a call may name only in an app that was launched, which mounting never says.
    blocks.has_launched = True
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        app_kwargs=dict(app_options),  # Gradio adds to it
        root_path=public_path or None,
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        max_file_size=settings.max_mb * 1024 * 1024,  # a little over our own limit, whose message says more
        **mount_options(),
    )
    return {
        number: str(function.api_name)
        for number, function in blocks.fns.items()
        if function.api_name in ARGUMENTS
    }


def panel(functions: Sequence[ServerFunction], title: str, has_logo: bool) -> gr.HTML:
    """Add the panel, which calls the functions by their names. title: of the page; has_logo: whether it has one of its own

    It is never given a value. Gradio evaluates the templates of `gr.HTML`, values included, as Handlebars and
    then as a JavaScript template literal, so a file called `${...}.pdf` would run. The template here is
    constant; the scripts fetch what they show with the server functions and write it with `textContent`.
    """
    return gr.HTML(
        html_template='<div class="pl"></div>',
        js_on_load=_loader(title, has_logo),
        apply_default_css=False,
        server_functions=list(functions),
        elem_id="pagelight",
    )


def _loader(title: str, has_logo: bool) -> str:
    text = (STATIC / "loader.js").read_text(encoding="utf-8")
    filled = text.replace("{{version}}", version()).replace("{{modules}}", json.dumps(_ahead()))
    return filled.replace("{{brand}}", json.dumps({"title": title, "hasLogo": has_logo}))


def _ahead() -> list[str]:
    """The modules that every page needs."""
    return [*(name for name in modules() if not name.startswith(_NOT_AHEAD)), "texts/en.js"]


def scripts_ahead() -> list[str]:
    """Their addresses, relative to the front page: they can be fetched before Gradio asks for them."""
    return [f"static/pagelight/{version()}/{name}" for name in _ahead()]


def pagelight_theme() -> gr.themes.Base:
    """Warm paper by day, warm charcoal by night; system fonts, so that no font is fetched."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.amber, neutral_hue=gr.themes.colors.stone, font=SANS, font_mono=MONO
    ).set(
        body_background_fill="#faf7f2",
        body_background_fill_dark="#191714",
        body_text_color="#241f18",
        body_text_color_dark="#f1eadf",
        background_fill_primary="#faf7f2",
        background_fill_primary_dark="#191714",
        border_color_primary="#e7dfd3",
        border_color_primary_dark="#37322b",
    )


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

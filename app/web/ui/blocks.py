"""The page, and the public endpoints."""

from __future__ import annotations

from typing import Any

import gradio as gr

from pagelight.app.service import Service
from pagelight.app.web.ui.access import guarded
from pagelight.app.web.ui.endpoints import add_endpoints
from pagelight.app.web.ui.library_calls import library_calls
from pagelight.app.web.ui.panel import panel
from pagelight.app.web.ui.search_calls import search_calls
from pagelight.app.web.ui.static_files import STATIC
from pagelight.app.web.ui.theme import pagelight_theme


def build_ui(service: Service) -> gr.Blocks:
    """The Gradio app, to be mounted with `mount_options()` behind the guard, which asks `authorize`.

    One panel holds the whole page: Gradio puts a tab's content into the page at its first visit only, and dropping
    files, progress and hints belong to all of it.
    """
    blocks: gr.Blocks
    with gr.Blocks(title=service.settings.title, fill_width=True, analytics_enabled=False) as blocks:
        panel(
            [guarded(call) for call in (*search_calls(service), *library_calls(service))],
            service.settings.title,
            bool(service.settings.logo),
        )
        add_endpoints(service)
    return blocks


def mount_options() -> dict[str, Any]:
    """What `gr.mount_gradio_app` needs besides the Blocks."""
    return {
        "theme": pagelight_theme(),
        "css_paths": [STATIC / name for name in ("base.css", "search.css", "viewer.css", "library.css")],
        "head_paths": [STATIC / "head.html"],
    }

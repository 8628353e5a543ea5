"""The page: a header, the two tabs, and the public endpoints."""

from __future__ import annotations

from typing import Any

import gradio as gr

from pagelight.app.service import Service
from pagelight.app.web.ui.endpoints import add_endpoints
from pagelight.app.web.ui.library_tab import library_tab
from pagelight.app.web.ui.panel import STATIC, panel
from pagelight.app.web.ui.search_tab import search_tab
from pagelight.app.web.ui.theme import pagelight_theme


def build_ui(service: Service) -> gr.Blocks:
    """The Gradio app, to be mounted with `mount_options()` behind the guard, which asks `authorize`."""
    blocks: gr.Blocks
    with gr.Blocks(title=service.settings.title, fill_width=True, analytics_enabled=False) as blocks:
        panel("header", ["dom", "header"], elem_id="pl-header")
        with gr.Tabs(elem_id="pl-tabs"):
            with gr.Tab("Search", id="search", elem_id="pl-search"):
                search_tab(service)
            # Rendered although hidden: files dropped on the search tab go to this one.
            with gr.Tab("Library", id="library", elem_id="pl-library", render_children=True):
                library_tab(service)
        add_endpoints(service)
    return blocks


def mount_options() -> dict[str, Any]:
    """What `gr.mount_gradio_app` needs besides the Blocks."""
    return {
        "theme": pagelight_theme(),
        "css_paths": [STATIC / name for name in ("base.css", "search.css", "viewer.css", "library.css")],
        "head_paths": [STATIC / "head.html"],
    }

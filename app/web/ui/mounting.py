"""Gradio as a part of our own application."""

from __future__ import annotations

from typing import Any

import gradio as gr
from fastapi import FastAPI

from pagelight.app.service import Service
from pagelight.app.web.ui.blocks import build_ui, mount_options
from pagelight.app.web.ui.endpoints import ARGUMENTS


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

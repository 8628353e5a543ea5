"""Addresses that the browser is given."""

from __future__ import annotations

import gradio as gr
from fastapi import Request
from gradio.route_utils import API_PREFIX, get_root_url


def root_url(request: gr.Request | Request) -> str:
    """Where this Pagelight is mounted, as the browser sees it, without a trailing slash.

    Right behind a prefix, a proxy that sends X-Forwarded-Host, and a `root_path`.
    """
    plain: Request = request.request if isinstance(request, gr.Request) else request  # type: ignore[assignment]
    before_api = plain.url.path.find(API_PREFIX)
    route_path = plain.url.path[before_api:] if before_api >= 0 else ""
    root_path = plain.scope.get("app_root_path") or plain.scope.get("root_path") or None
    return get_root_url(request=plain, route_path=route_path, root_path=root_path)

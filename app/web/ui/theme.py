"""Colours and type for Gradio's own parts; ours are in static/*.css."""

from __future__ import annotations

import gradio as gr

SANS = ["ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "monospace"]


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

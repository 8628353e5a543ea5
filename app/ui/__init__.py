"""The browser's side: a Gradio app of two tabs, whose scripts and styles lie in static/."""

from app.ui.blocks import build_ui, mount_options

__all__ = ["build_ui", "mount_options"]

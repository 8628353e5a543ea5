"""The browser's side: a Gradio app of two tabs, whose scripts and styles lie in static/."""

from app.ui.blocks import build_ui, mount_options
from app.ui.deep_links import DeepLinks

__all__ = ["DeepLinks", "build_ui", "mount_options"]

"""The browser's side: a Gradio app of two tabs, whose scripts and styles lie in static/."""

from pagelight.app.web.ui.blocks import build_ui, mount_options
from pagelight.app.web.ui.deep_links import DeepLinks

__all__ = ["DeepLinks", "build_ui", "mount_options"]

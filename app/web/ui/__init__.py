"""The browser's side: a Gradio app of two tabs, whose scripts and styles lie in static/."""

from pagelight.app.web.ui.middleware import DeepLinks
from pagelight.app.web.ui.page import build_ui, mount_options

__all__ = ["DeepLinks", "build_ui", "mount_options"]

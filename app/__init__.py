"""People: the settings, the service, and the browser, HTTP and command-line faces of it.

from app import Settings, create_app, mount
"""

from importlib import import_module
from typing import TYPE_CHECKING

from app.settings import Settings

if TYPE_CHECKING:
    from app.server import create_app, mount

__all__ = ["Settings", "create_app", "mount"]


def __getattr__(name: str) -> object:
    # The server brings Gradio, which takes seconds to import; `pagelight search` does without it.
    if name in ("create_app", "mount"):
        return getattr(import_module("app.server"), name)
    raise AttributeError(f"module 'app' has no attribute {name!r}")

"""Files as rendered pages, and the renderers that every such test runs with."""

from __future__ import annotations

import atexit
import shutil
from functools import cache
from pathlib import Path

import pytest

from pagelight.ingest.render.renderer import RenderedPage, Renderer, RendererName

HAS_POPPLER = bool(shutil.which("pdftoppm") and shutil.which("pdfinfo"))
RENDERERS = [
    "pdfium",
    pytest.param("poppler", marks=pytest.mark.skipif(not HAS_POPPLER, reason="no poppler")),
]


def pages_of(
    path: Path, dpi: float = 72, renderer: RendererName = "pdfium", **options: object
) -> list[RenderedPage]:
    """The file's pages. One process draws for all tests; with limits of its own, a file has a process of its own."""
    if "limits" in options:
        with Renderer(options.pop("limits"), renderer) as own:  # type: ignore[arg-type]
            return list(own.pages(path, dpi, **options))  # type: ignore[arg-type]
    return list(_shared(renderer).pages(path, dpi, **options))  # type: ignore[arg-type]


def count_of(path: Path) -> int:
    """Pages of the file."""
    return _shared("pdfium").count(path)


@cache
def _shared(renderer: RendererName) -> Renderer:
    made = Renderer(renderer=renderer)
    atexit.register(made.close)
    return made

"""Files as rendered pages, and the renderers that every such test runs with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pagelight.ingest.render.renderer import RenderedPage, render_document

HAS_POPPLER = bool(shutil.which("pdftoppm") and shutil.which("pdfinfo"))
RENDERERS = [
    "pdfium",
    pytest.param("poppler", marks=pytest.mark.skipif(not HAS_POPPLER, reason="no poppler")),
]


def pages_of(path: Path, dpi: float = 72, **options: object) -> list[RenderedPage]:
    return list(render_document(path, dpi, **options))  # type: ignore[arg-type]

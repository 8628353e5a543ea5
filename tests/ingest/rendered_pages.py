"""Files as rendered pages, and the renderers that every such test runs with."""

from __future__ import annotations

from pathlib import Path

import pytest

from pagelight.ingest.render.pdf import has_poppler
from pagelight.ingest.render.renderer import RenderedPage, render_document

RENDERERS = [
    "pdfium",
    pytest.param("poppler", marks=pytest.mark.skipif(not has_poppler(), reason="no poppler")),
]


def pages_of(path: Path, dpi: float = 72, **options: object) -> list[RenderedPage]:
    return list(render_document(path, dpi, **options))  # type: ignore[arg-type]

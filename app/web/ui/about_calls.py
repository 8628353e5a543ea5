"""Server function of what is told of a library as a whole: its model, what is kept of a page, where it lies, what reads it."""

from __future__ import annotations

from typing import Any

import gradio as gr

import pagelight
from pagelight.app.folders import INDEX
from pagelight.app.service import Service
from pagelight.app.web.access import access_of
from pagelight.app.web.ui.handlers import ServerFunction, scope_of
from pagelight.ingest.collections import seen_collections
from pagelight.ingest.office.converter import soffice
from pagelight.ingest.tesseract import installed_languages
from pagelight.retrieval.disk import used_bytes

_BUILTIN = "builtin"


def about_calls(service: Service) -> list[ServerFunction]:
    """The server function, by the name that the scripts use."""

    def about_library(_: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        """What is known of the library; sizes for callers who see all of it, and its folder for those who may change it."""
        settings = service.settings
        documents = service.documents()
        config = service.index_config
        sees_all = seen_collections() is None
        has_vectors = sees_all and not settings.qdrant_url
        may_write = access_of(scope_of(request)) == "write"
        used = {
            part: used_bytes(settings.data / part) if sees_all else None for part in (INDEX, "files", "cache")
        }
        n_pages = sum(document.pages_indexed for document in documents)
        return {
            "version": pagelight.__version__,
            "documents": len(documents),
            "pages": n_pages,
            "model": "" if config.model.startswith(_BUILTIN) else config.model,
            "form": f"{config.precision}, {config.pruning}",
            "page_bytes": round((used[INDEX] or 0) / n_pages) if has_vectors and n_pages else None,
            "used": used,
            "has_server": bool(settings.qdrant_url),
            "folder": str(settings.data.resolve()) if sees_all and may_write else "",
            "reads_scans": settings.read_scans,
            "tesseract": list(installed_languages()),
            "has_office": soffice() is not None,
            "indexing": service.indexing(),
            "deepening": service.deepening(),
        }

    return [about_library]

"""The search tab: one box, the found pages, and the page viewer."""

from __future__ import annotations

from typing import Any

import gradio as gr

from pagelight.app.payload import documents_payload, heatmap_payload, search_payload
from pagelight.app.service import Service
from pagelight.app.web.ui.access import guarded
from pagelight.app.web.ui.indexing_progress import indexing_progress
from pagelight.app.web.ui.links import root_url
from pagelight.app.web.ui.panel import panel
from pagelight.retrieval.errors import InvalidQuery, NotFound

#: pages that one search shows
TOP_K = 12

_SCRIPTS = [
    "dom",
    "icons",
    "links",
    "heatmap",
    "zoom",
    "viewer",
    "page_export",
    "cards",
    "facet",
    "welcome",
    "search",
    "shortcuts",
]


def search_tab(service: Service) -> None:
    """Add the tab's panel to the Blocks that is being built."""

    def overview(_: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        """What the library holds, before anything is asked."""
        return {
            "root": root_url(request),
            "documents": documents_payload(service.documents()),
            "examples": service.examples(),
            "indexing": indexing_progress(service),
            "limit": service.settings.max_query_chars,
        }

    def find_pages(payload: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        """{"query", "documents"} -> the contract's search result, with the state of the index beside it."""
        documents = [str(document) for document in payload.get("documents") or ()]
        result = search_payload(service.search(str(payload["query"]), TOP_K, documents))
        return {**result, "root": root_url(request), "indexing": indexing_progress(service)}

    def open_page(payload: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        """{"document" (id or name), "page", "query"} -> the page and, with a query, where it matches."""
        document = service.find_document(str(payload["document"]))
        page, query = int(payload["page"]), " ".join(str(payload.get("query") or "").split())
        if not 1 <= page <= max(document.pages, 1):
            raise NotFound(f"{document.name} has {document.pages} pages, no page {page}")
        heatmap, note = None, ""
        if query:
            try:
                heatmap = heatmap_payload(service.heatmap(document.document_id, page, query))
            except (NotFound, InvalidQuery) as error:
                # The page itself can be read all the same.
                note = "This page is not indexed yet." if isinstance(error, NotFound) else str(error)
        return {
            "root": root_url(request),
            "document": document.name,
            "document_id": document.document_id,
            "page": page,
            "pages": document.pages,
            "query": query,
            "heatmap": heatmap,
            "note": note,
            "relevant": _judgement(service, query, document.document_id, page),
        }

    def judge_page(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"query", "document_id", "page", "relevant"}: keep a person's word on a found page."""
        query, document_id = str(payload["query"]), str(payload["document_id"])
        service.judge(query, document_id, int(payload["page"]), bool(payload["relevant"]))
        return {"relevant": bool(payload["relevant"])}

    handlers = [guarded(f) for f in (overview, find_pages, open_page, judge_page)]
    panel("search", _SCRIPTS, handlers, elem_id="pl-search-panel")


def _judgement(service: Service, query: str, document_id: str, page: int) -> bool | None:
    for judgement in service.judgements():
        if (judgement.query, judgement.document_id, judgement.page) == (query, document_id, page):
            return judgement.relevant
    return None

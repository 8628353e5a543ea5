"""The public API names. Each takes and returns plain JSON, for Gradio's clients and over HTTP."""

# No `from __future__ import annotations` here: gr.api makes the endpoints' schemas from real annotations.

from typing import Any

import gradio as gr
from gradio.events import api

from app.service import Service
from app.ui.access import Access
from app.ui.uploads import uploaded_files

#: calls that use the encoder share this queue, so that a burst of searches leaves a core for ingest
MODEL = "model"


def add_endpoints(service: Service, access: Access) -> None:
    """Register the endpoints in the Blocks that is being built."""

    def search(
        query: str, request: gr.Request, top_k: int = 10, documents: list[str] | None = None
    ) -> dict[str, Any]:
        """Find the pages that answer a query; `documents` are names or ids."""
        return access.endpoint(request, service.search_json, query, int(top_k), tuple(documents or ()))

    def page_heatmap(document_id: str, page: int, query: str, request: gr.Request) -> dict[str, Any]:
        """Where on a page each word of a query matches."""
        return access.endpoint(request, service.heatmap_json, document_id, int(page), query)

    def ingest(files: list[Any], request: gr.Request) -> dict[str, Any]:
        """Add uploaded files to the library, in the background."""
        return {"job_id": access.endpoint(request, lambda: service.ingest(uploaded_files(files)))}

    def job_status(job_id: str, request: gr.Request) -> dict[str, Any]:
        """How far an ingest is."""
        return access.endpoint(request, service.job_status, job_id)

    def cancel_job(job_id: str, request: gr.Request) -> dict[str, Any]:
        """Stop an ingest after its current page."""
        access.endpoint(request, service.cancel_job, job_id)
        return access.endpoint(request, service.job_status, job_id)

    def list_documents(request: gr.Request) -> list[dict[str, Any]]:
        """The library's documents and their states."""
        return access.endpoint(request, service.list_documents)

    def delete_document(document_id: str, request: gr.Request) -> dict[str, Any]:
        """Remove a document, its pages and its file."""
        access.endpoint(request, service.delete_document, document_id)
        return {"deleted": document_id}

    api(search, api_name="search", concurrency_id=MODEL, concurrency_limit=2)
    api(page_heatmap, api_name="page_heatmap", concurrency_id=MODEL, concurrency_limit=2)
    api(ingest, api_name="ingest")
    api(job_status, api_name="job_status", concurrency_limit=8)
    api(cancel_job, api_name="cancel_job")
    api(list_documents, api_name="list_documents")
    api(delete_document, api_name="delete_document")

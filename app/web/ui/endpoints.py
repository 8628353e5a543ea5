"""The public API names. Each takes and returns plain JSON, for Gradio's clients and over HTTP."""

# No `from __future__ import annotations` here: gr.api makes the endpoints' schemas from real annotations.

from typing import Any

from gradio.events import api

from pagelight.app.payload import documents_payload, heatmap_payload, job_payload, search_payload
from pagelight.app.service import Service
from pagelight.app.web.ui.access import endpoint
from pagelight.app.web.ui.library_tab import references

#: calls that use the encoder share this queue, so that a burst of searches leaves a core for ingest
MODEL = "model"


def add_endpoints(service: Service) -> None:
    """Register the endpoints in the Blocks that is being built."""

    def search(query: str, top_k: int = 10, documents: list[str] | None = None) -> dict[str, Any]:
        """Find the pages that answer a query; `documents` are names or ids."""
        return endpoint(lambda: search_payload(service.search(query, int(top_k), tuple(documents or ()))))

    def page_heatmap(document_id: str, page: int, query: str) -> dict[str, Any]:
        """Where on a page each word of a query matches."""
        return endpoint(lambda: heatmap_payload(service.heatmap(document_id, int(page), query)))

    def ingest(files: list[Any]) -> dict[str, Any]:
        """Add uploaded files to the library, in the background."""
        return {"job_id": endpoint(lambda: service.add_uploads(references(files)).job_id)}

    def job_status(job_id: str) -> dict[str, Any]:
        """How far an ingest is."""
        return endpoint(lambda: job_payload(service.job(job_id).status))

    def cancel_job(job_id: str) -> dict[str, Any]:
        """Stop an ingest after its current page."""
        endpoint(lambda: service.job(job_id).cancel())
        return endpoint(lambda: job_payload(service.job(job_id).status))

    def list_documents() -> list[dict[str, Any]]:
        """The library's documents and their states."""
        return endpoint(lambda: documents_payload(service.documents()))

    def delete_document(document_id: str) -> dict[str, Any]:
        """Remove a document, its pages and its file."""
        endpoint(service.delete_document, document_id)
        return {"deleted": document_id}

    api(search, api_name="search", concurrency_id=MODEL, concurrency_limit=2)
    api(page_heatmap, api_name="page_heatmap", concurrency_id=MODEL, concurrency_limit=2)
    api(ingest, api_name="ingest")
    api(job_status, api_name="job_status", concurrency_limit=8)
    api(cancel_job, api_name="cancel_job")
    api(list_documents, api_name="list_documents")
    api(delete_document, api_name="delete_document")

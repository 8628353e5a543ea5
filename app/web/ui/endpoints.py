"""The public API names. Each takes and returns plain JSON, for Gradio's clients and over HTTP."""

# No `from __future__ import annotations` here: gr.api makes the endpoints' schemas from real annotations.

from typing import Any

import gradio as gr
from gradio.events import api

from pagelight.app.payload import documents_payload, heatmap_payload, job_payload, search_payload
from pagelight.app.service import Service
from pagelight.app.web.access import require_write
from pagelight.app.web.api.requests import DocumentRequest, HeatmapRequest, JobRequest, SearchRequest, parsed
from pagelight.app.web.ui.handlers import endpoint, scope_of
from pagelight.app.web.ui.library_calls import references
from pagelight.retrieval.errors import InvalidInput

#: calls that use the encoder share this queue, so that a burst of searches leaves a core for ingest
MODEL = "model"
#: the arguments of each name; Gradio's clients fill in defaults, other callers must send them all
ARGUMENTS = {
    "search": ("query", "top_k", "documents", "filters"),
    "page_heatmap": ("document_id", "page", "query"),
    "ingest": ("files",),
    "job_status": ("job_id",),
    "cancel_job": ("job_id",),
    "list_documents": (),
    "delete_document": ("document_id",),
}


def add_endpoints(service: Service) -> None:
    """Register the endpoints in the Blocks that is being built."""

    @endpoint
    def search(
        request: gr.Request,
        query: str,
        top_k: int = 10,
        documents: list[str] = [],  # noqa: B006
        filters: dict[str, Any] = {},  # noqa: B006
    ) -> dict[str, Any]:
        """Find the pages that answer a query; `documents` are names or ids, `filters` those of POST /api/v1/search."""
        # Gradio's own pages send null for an empty list.
        if not isinstance(filters or {}, dict):
            raise InvalidInput("filters: expected an object, such as {'types': ['pdf']}")
        given = {"query": query, "top_k": top_k, "documents": documents or []}
        extent = parsed(SearchRequest, **{**(filters or {}), **given}).extent
        return search_payload(service.search(query, extent.top_k, extent.documents, only=extent.only))

    @endpoint
    def page_heatmap(request: gr.Request, document_id: str, page: int, query: str) -> dict[str, Any]:
        """Places on a page where each word of a query matches."""
        wanted = parsed(HeatmapRequest, document_id=document_id, page=page, query=query)
        return heatmap_payload(service.heatmap(wanted.document_id, wanted.page, wanted.query))

    @endpoint
    def ingest(files: list[Any], request: gr.Request) -> dict[str, Any]:
        """Add uploaded files to the library, in the background."""
        require_write(scope_of(request))
        return {"job_id": service.add_uploads(references(files)).job_id}

    @endpoint
    def job_status(request: gr.Request, job_id: str) -> dict[str, Any]:
        """Progress of an ingest."""
        return job_payload(service.job(parsed(JobRequest, job_id=job_id).job_id).status)

    @endpoint
    def cancel_job(job_id: str, request: gr.Request) -> dict[str, Any]:
        """Stop an ingest after its current page."""
        require_write(scope_of(request))
        job = service.job(parsed(JobRequest, job_id=job_id).job_id)
        job.cancel()
        return job_payload(job.status)

    @endpoint
    def list_documents(request: gr.Request) -> list[dict[str, Any]]:
        """The library's documents and their states."""
        return documents_payload(service.documents())

    @endpoint
    def delete_document(document_id: str, request: gr.Request) -> dict[str, Any]:
        """Remove a document, its pages and its file."""
        require_write(scope_of(request))
        wanted = parsed(DocumentRequest, document_id=document_id).document_id
        service.delete_document(wanted)
        return {"deleted": wanted}

    api(search, api_name="search", concurrency_id=MODEL, concurrency_limit=2)
    api(page_heatmap, api_name="page_heatmap", concurrency_id=MODEL, concurrency_limit=2)
    api(ingest, api_name="ingest")
    api(job_status, api_name="job_status", concurrency_limit=8)
    api(cancel_job, api_name="cancel_job")
    api(list_documents, api_name="list_documents")
    api(delete_document, api_name="delete_document")

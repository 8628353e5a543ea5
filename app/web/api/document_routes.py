"""Routes of the library: documents, their pages, uploads and the jobs that index them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Body, Request
from fastapi.responses import Response, StreamingResponse

from pagelight.app.job import Job
from pagelight.app.payload import (
    JSON,
    document_payload,
    documents_payload,
    heatmap_payload,
    job_payload,
    receipt_payload,
    words_payload,
)
from pagelight.app.service import Service
from pagelight.app.web.api import answers, requests
from pagelight.app.web.api.requests import Names, Only, Tags, Words
from pagelight.ingest.job_progress import JobStatus
from pagelight.ingest.render.file_type import KINDS
from pagelight.retrieval.errors import InvalidInput

_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "files": {"type": "array", "items": {"type": "string", "format": "binary"}}
                    },
                }
            }
        },
    }
}
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "server-sent events; each `data` is a job, the last one has ended",
        "content": {"text/event-stream": {}},
    }
}
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def add_page_routes(api: APIRouter, service: Service) -> None:
    """One page: its words, where a query is on it, and why it was found."""
    place = "/documents/{document_id}/pages/{page}"

    @api.get(place, tags=["pages"], summary="One page and its words", response_model=answers.Page)
    def page(document_id: str, page: int) -> JSON:
        service.check_page(document_id, page)
        document = service.find_document(document_id)
        return {
            "document": document.name,
            "document_id": document.document_id,
            "page": page,
            "pages": document.pages,
            "image": f"/pages/{document.document_id}/{page}.webp",
            "words": words_payload(service.page_words(document_id, page)),
        }

    @api.get(
        f"{place}/heatmap",
        tags=["pages"],
        summary="Where each word of a query is",
        response_model=answers.HeatmapAnswer,
    )
    def heatmap(document_id: str, page: int, query: Words) -> JSON:
        return heatmap_payload(service.heatmap(document_id, page, query))

    @api.get(
        f"{place}/regions",
        tags=["pages"],
        summary="The places that answer, best first",
        response_model=answers.RegionsAnswer,
    )
    def regions(document_id: str, page: int, query: Words) -> JSON:
        return {"regions": heatmap_payload(service.heatmap(document_id, page, query))["regions"]}

    @api.get(
        f"{place}/export",
        tags=["pages"],
        summary="The page as a PDF, the places that answer highlighted",
        responses=answers.PDF,
    )
    def export(document_id: str, page: int, query: Words) -> Response:
        return answers.pdf_download(
            lambda out: service.export_page(query, document_id, page, out), "page.pdf", query
        )

    @api.get(
        f"{place}/why",
        tags=["pages"],
        summary="Why a page was found: each word, what it matched, where, and its share of the score",
        response_model=answers.ReceiptAnswer,
    )
    def why(
        document_id: str,
        page: int,
        query: Words,
        only: Only,
        document: Names = [],  # noqa: B006
    ) -> JSON:
        return receipt_payload(service.why(document_id, page, query, document, only=only))

    @api.post(
        f"{place}/why",
        tags=["pages"],
        summary="Why a page was found by an example: its words, and what is alike",
        response_model=answers.ReceiptAnswer,
    )
    def why_like(document_id: str, page: int, like: Annotated[requests.LikeRequest, Body()]) -> JSON:
        example, extent = (service.find_document(like.document).document_id, like.page, like.box), like.extent
        return receipt_payload(
            service.why_like(document_id, page, example, extent.documents, only=extent.only)
        )


def add_document_routes(api: APIRouter, service: Service) -> None:
    """The list of documents, changes to them, and uploads."""

    @api.get(
        "/documents",
        tags=["documents"],
        summary="What the library holds",
        response_model=list[answers.Document],
    )
    def documents(only: Only) -> list[JSON]:
        return documents_payload(service.documents(only))

    @api.get("/tags", tags=["documents"], summary="Every tag and how many documents have it")
    def tags() -> dict[str, int]:
        return service.tags()

    @api.patch(
        "/documents/{document_id}",
        tags=["documents"],
        summary="Rename a document, or set its tags",
        response_model=answers.Document,
    )
    def change(document_id: str, wanted: Annotated[requests.ChangeRequest, Body()]) -> JSON:
        if wanted.name is not None:
            service.rename(document_id, wanted.name)
        if wanted.tags is not None:
            service.set_tags(document_id, wanted.tags)
        return document_payload(service.find_document(document_id))

    @api.get(
        "/documents/{document_id}",
        tags=["documents"],
        summary="One document, by id or name",
        response_model=answers.Document,
    )
    def document(document_id: str) -> JSON:
        return document_payload(service.find_document(document_id))

    @api.delete(
        "/documents/{document_id}",
        tags=["documents"],
        summary="Remove a document, its pages and its file",
        response_model=answers.Deleted,
    )
    def delete(document_id: str) -> JSON:
        service.delete_document(document_id)
        return {"deleted": document_id}

    @api.post(
        "/documents",
        tags=["documents"],
        status_code=202,
        summary="Send files and index them",
        response_model=answers.Job,
        openapi_extra=_FORM,
    )
    async def add(request: Request, tag: Tags = []) -> JSON:  # noqa: B006
        tokens = await service.uploads.receive(request.headers.get("content-type", ""), request.stream())
        return await anyio.to_thread.run_sync(_indexed, service, tokens, tag)

    @api.post(
        "/uploads",
        tags=["documents"],
        summary="Send files, to be indexed by a later call",
        response_model=answers.Uploaded,
        openapi_extra=_FORM,
    )
    async def upload(request: Request) -> JSON:
        tokens = await service.uploads.receive(request.headers.get("content-type", ""), request.stream())
        if not tokens:
            raise InvalidInput(f"no files: choose {KINDS} files")
        return {"uploads": tokens}


def add_job_routes(api: APIRouter, service: Service) -> None:
    """Jobs that index uploads."""

    @api.post("/jobs", tags=["jobs"], status_code=202, summary="Index uploads", response_model=answers.Job)
    def start(wanted: Annotated[requests.UploadedRequest, Body()]) -> JSON:
        return _indexed(service, wanted.uploads, wanted.tags)

    @api.get("/jobs", tags=["jobs"], summary="What is being indexed", response_model=list[answers.Job])
    def active() -> list[JSON]:
        return [job_with_id(job.status) for job in service.active_jobs()]

    @api.get("/jobs/{job_id}", tags=["jobs"], summary="How far a job is", response_model=answers.Job)
    def status(job_id: str) -> JSON:
        return job_with_id(service.job(job_id).status)

    @api.get("/jobs/{job_id}/events", tags=["jobs"], summary="A job as it goes on", responses=_EVENTS)
    def events(job_id: str) -> Response:
        return job_events(service.job(job_id))

    @api.delete(
        "/jobs/{job_id}", tags=["jobs"], summary="Stop after the current page", response_model=answers.Job
    )
    def cancel(job_id: str) -> JSON:
        job = service.job(job_id)
        job.cancel()
        return job_with_id(job.status)


def job_with_id(status: JobStatus) -> JSON:
    return {"job_id": status.job_id, **job_payload(status)}


def _indexed(service: Service, tokens: list[str], tags: list[str]) -> JSON:
    return job_with_id(service.add_uploads([(token, None) for token in tokens], tags).status)


def job_events(job: Job) -> StreamingResponse:
    """An event at every change; the stream ends with the job."""
    return StreamingResponse(_events(job), media_type="text/event-stream", headers=_HEADERS)


def _events(job: Job) -> Iterator[str]:
    for status in job:
        data = json.dumps(job_with_id(status), ensure_ascii=False)
        yield f"event: {status.state}\ndata: {data}\n\n"

"""The routes of /api/v1: a call of the service each, its result in the form of `app.payload`."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

import anyio.to_thread
from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from pagelight.app.filters import document_filter
from pagelight.app.granularity import Granularity
from pagelight.app.job import JobStatus
from pagelight.app.payload import (
    JSON,
    document_payload,
    documents_payload,
    heatmap_payload,
    job_payload,
    judgement_payload,
    receipt_payload,
    search_payload,
    words_payload,
)
from pagelight.app.service import Service
from pagelight.app.web.api import answers, requests
from pagelight.app.web.api.errors import failure
from pagelight.app.web.api.events import job_events
from pagelight.ingest.library import DocumentFilter
from pagelight.retrieval.errors import InvalidInput
from pagelight.retrieval.results import SearchResult

_FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": answers.Failure} for status in (404, 409, 422, 503)
}
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
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
_PICTURE = {
    "requestBody": {
        "required": True,
        "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "server-sent events; each `data` is a job, the last one has ended",
        "content": {"text/event-stream": {}},
    }
}
_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {}, "text/csv": {}, "application/json": {}}}
}

TopK = Annotated[int, Query(description="pages to return")]
Names = Annotated[list[str], Query(description="names or ids to search in; may be repeated")]
Words = Annotated[
    str,
    Query(
        alias="query",
        description="a question, or words, or a description of a look; quotes mean the phrase, `-word` excludes",
    ),
]


def _only(
    tag: Annotated[list[str], Query(description="tag that the documents have; may be repeated")] = [],  # noqa: B006
    type: Annotated[list[str], Query(description="kind of file: pdf, png …; may be repeated")] = [],  # noqa: B006
    added_from: Annotated[str, Query(description="date from which on they were added, UTC")] = "",
    added_to: Annotated[str, Query(description="date up to which they were added, itself included")] = "",
) -> DocumentFilter:
    return document_filter(tag, type, added_from, added_to)


Listed = Annotated[Granularity, Query(description="what is listed beside the pages: documents or places")]
Only = Annotated[DocumentFilter, Depends(_only)]


def build_api(service: Service) -> APIRouter:
    """Everything that people can do in the browser, for programs."""
    api = APIRouter(prefix="/api/v1", responses=_FAILURES)
    _add_search(api, service)
    _add_pages(api, service)
    _add_documents(api, service)
    _add_jobs(api, service)
    _add_judgements(api, service)

    @api.api_route("/{unknown:path}", methods=_METHODS, include_in_schema=False)
    def nothing(request: Request, unknown: str) -> Response:
        return failure(f"there is no {request.method} /api/v1/{unknown[:80]}; see /api/docs", 404)

    return api


def _add_search(api: APIRouter, service: Service) -> None:
    @api.get("/search", tags=["search"], summary="The pages that answer", response_model=answers.SearchAnswer)
    def search(
        query: Words,
        only: Only,
        top_k: TopK = 10,
        document: Names = [],  # noqa: B006
        granularity: Listed = "pages",
    ) -> JSON:
        return search_payload(service.search(query, top_k, document, only=only), granularity)

    @api.post(
        "/search", tags=["search"], summary="The pages that answer", response_model=answers.SearchAnswer
    )
    def search_posted(wanted: Annotated[requests.SearchRequest, Body()]) -> JSON:
        result = service.search(wanted.query, wanted.top_k, wanted.documents, only=wanted.only)
        return search_payload(result, wanted.granularity)

    @api.post(
        "/search/like",
        tags=["search"],
        summary="The pages that are like a page, or like a piece of it",
        response_model=answers.SearchAnswer,
    )
    def search_like(wanted: Annotated[requests.LikeRequest, Body()]) -> JSON:
        document_id = service.find_document(wanted.document).document_id
        result = service.search_like(
            document_id, wanted.page, wanted.box, wanted.top_k, wanted.documents, only=wanted.only
        )
        return search_payload(result, wanted.granularity)

    @api.post(
        "/search/picture",
        tags=["search"],
        summary="The pages that are like a picture, which is the body",
        response_model=answers.SearchAnswer,
        openapi_extra=_PICTURE,
    )
    async def search_picture(
        request: Request,
        only: Only,
        top_k: TopK = 10,
        document: Names = [],  # noqa: B006
        granularity: Listed = "pages",
    ) -> JSON:
        content = await _body(request, service.settings.limits.max_bytes)
        return await anyio.to_thread.run_sync(
            lambda: search_payload(service.search_picture(content, top_k, document, only=only), granularity)
        )

    @api.get("/export", tags=["search"], summary="The found pages as a file", responses=_FILES)
    def export(
        query: Words,
        only: Only,
        top_k: TopK = 10,
        document: Names = [],  # noqa: B006
        format: Annotated[
            Literal["pdf", "csv", "json"], Query(description="pdf: the pages themselves, highlighted")
        ] = "pdf",
    ) -> Response:
        if format == "pdf":
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "pages.pdf"
                service.export(query, out, top_k, document, only=only)
                return _file(out.read_bytes(), "application/pdf", "pages.pdf")
        result = service.search(query, top_k, document, only=only)
        if format == "csv":
            return _file(_as_csv(result).encode(), "text/csv; charset=utf-8", "pages.csv")
        return JSONResponse(search_payload(result), headers=_attached("pages.json"))


def _add_pages(api: APIRouter, service: Service) -> None:
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


def _add_documents(api: APIRouter, service: Service) -> None:
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
    async def add(request: Request) -> JSON:
        tokens = await service.uploads.receive(request.headers.get("content-type", ""), request.stream())
        return await anyio.to_thread.run_sync(_indexed, service, tokens)

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
            raise InvalidInput("no files: choose PDF, PNG, JPEG, TIFF or WebP files")
        return {"uploads": tokens}


def _add_jobs(api: APIRouter, service: Service) -> None:
    @api.post("/jobs", tags=["jobs"], status_code=202, summary="Index uploads", response_model=answers.Job)
    def start(wanted: Annotated[requests.UploadedRequest, Body()]) -> JSON:
        return _indexed(service, wanted.uploads)

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


def _add_judgements(api: APIRouter, service: Service) -> None:
    @api.get(
        "/judgements",
        tags=["judgements"],
        summary="What people said of found pages",
        response_model=list[answers.Judgement],
    )
    def judgements() -> list[JSON]:
        return [judgement_payload(judgement) for judgement in service.judgements()]

    @api.post(
        "/judgements",
        tags=["judgements"],
        summary="Say whether a page answers a query",
        response_model=answers.Judgement,
    )
    def judge(said: Annotated[requests.JudgementRequest, Body()]) -> JSON:
        service.judge(said.query, said.document_id, said.page, said.relevant)
        return said.model_dump()


async def _body(request: Request, limit: int) -> bytes:
    """Raises InvalidInput over the limit."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > limit:
            raise InvalidInput(f"larger than the limit of {limit // 1_000_000:,} MB")
    return bytes(received)


def job_with_id(status: JobStatus) -> JSON:
    return {"job_id": status.job_id, **job_payload(status)}


def _indexed(service: Service, tokens: list[str]) -> JSON:
    return job_with_id(service.add_uploads([(token, None) for token in tokens]).status)


def _as_csv(result: SearchResult) -> str:
    """A row for each region, or for the page where it has none."""
    buffer = io.StringIO()
    rows = csv.writer(buffer)
    rows.writerow(["document", "document_id", "page", "strength", "region", "x0", "y0", "x1", "y1"])
    for hit in result.hits:
        page = [_inert(hit.document), hit.document_id, hit.page, f"{hit.strength:.4f}"]
        for number, region in enumerate(hit.regions, start=1):
            rows.writerow([*page, number, *(f"{edge:.4f}" for edge in region.box)])
        if not hit.regions:
            rows.writerow([*page, *[""] * 5])
    return buffer.getvalue()


def _inert(name: str) -> str:
    """A file's name that no spreadsheet takes for a formula.

    >>> _inert("=1+1.pdf")
    "'=1+1.pdf"
    """
    return f"'{name}" if name[:1] in "=+-@\t\r" else name


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers=_attached(name))


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}

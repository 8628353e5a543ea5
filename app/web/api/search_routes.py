"""Routes that search: by a query, by a page or a picture; the found pages as a file; what people said of them."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Any, Literal

import anyio.to_thread
from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import JSONResponse, Response

from pagelight.app.library_search import Like
from pagelight.app.payload import JSON, judgement_payload, search_payload
from pagelight.app.service import Service
from pagelight.app.web.api import answers, requests
from pagelight.app.web.api.requests import Extent, Listed, Lit, Wanted, Words
from pagelight.retrieval.errors import InvalidInput
from pagelight.retrieval.results import SearchResult

_PICTURE = {
    "requestBody": {
        "required": True,
        "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {}, "text/csv": {}, "application/json": {}}}
}


def add_search_routes(api: APIRouter, service: Service) -> None:
    """Searching, and the found pages as a file."""

    @api.get("/search", tags=["search"], summary="The pages that answer", response_model=answers.SearchAnswer)
    def search(query: Words, wanted: Wanted, granularity: Listed = "pages", lit: Lit = None) -> JSON:
        found = service.search(query, wanted.top_k, wanted.documents, only=wanted.only)
        return search_payload(found, granularity, lit)

    @api.post(
        "/search", tags=["search"], summary="The pages that answer", response_model=answers.SearchAnswer
    )
    def search_posted(wanted: Annotated[requests.SearchRequest, Body()]) -> JSON:
        return search(wanted.query, wanted.extent, wanted.granularity, wanted.lit)

    @api.post(
        "/search/like",
        tags=["search"],
        summary="The pages that are like a page, or like a piece of it",
        response_model=answers.SearchAnswer,
    )
    def search_like(wanted: Annotated[requests.LikeRequest, Body()]) -> JSON:
        document_id = service.find_document(wanted.document).document_id
        extent = wanted.extent
        result = service.search_like(
            document_id, wanted.page, wanted.box, extent.top_k, extent.documents, only=extent.only
        )
        return search_payload(result, wanted.granularity)

    @api.post(
        "/search/picture",
        tags=["search"],
        summary="The pages that are like a picture, which is the body",
        response_model=answers.SearchAnswer,
        openapi_extra=_PICTURE,
    )
    async def search_picture(request: Request, wanted: Wanted, granularity: Listed = "pages") -> JSON:
        content = await _body(request, service.settings.limits.max_bytes)
        return await anyio.to_thread.run_sync(
            lambda: search_payload(
                service.search_picture(content, wanted.top_k, wanted.documents, only=wanted.only), granularity
            )
        )

    @api.get("/export", tags=["search"], summary="The found pages as a file", responses=_FILES)
    def export(
        query: Words,
        wanted: Wanted,
        format: Annotated[
            Literal["pdf", "csv", "json"], Query(description="pdf: the pages themselves, highlighted")
        ] = "pdf",
    ) -> Response:
        if format == "pdf":
            return answers.pdf_download(
                lambda out: service.export(query, out, wanted.top_k, wanted.documents, only=wanted.only),
                "pages.pdf",
                query,
            )
        result = service.search(query, wanted.top_k, wanted.documents, only=wanted.only)
        if format == "csv":
            return answers.download(_as_csv(result).encode(), "text/csv; charset=utf-8", "pages.csv", query)
        return JSONResponse(search_payload(result), headers=answers.attached("pages.json", query))

    def exported(like: Like, extent: Extent) -> Response:
        return answers.pdf_download(
            lambda out: service.export_like(like, out, extent.top_k, extent.documents, only=extent.only),
            "pages.pdf",
        )

    @api.post(
        "/export/like",
        tags=["search"],
        summary="The pages that are like a page, or like a piece of it, as a PDF",
        responses=answers.PDF,
    )
    def export_like(wanted: Annotated[requests.LikeRequest, Body()]) -> Response:
        document_id = service.find_document(wanted.document).document_id
        return exported((document_id, wanted.page, wanted.box), wanted.extent)

    @api.post(
        "/export/picture",
        tags=["search"],
        summary="The pages that are like a picture, which is the body, as a PDF",
        responses=answers.PDF,
        openapi_extra=_PICTURE,
    )
    async def export_picture(request: Request, wanted: Wanted) -> Response:
        content = await _body(request, service.settings.limits.max_bytes)
        return await anyio.to_thread.run_sync(exported, content, wanted)


def add_judgement_routes(api: APIRouter, service: Service) -> None:
    """Judgements of found pages by people."""

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

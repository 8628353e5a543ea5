"""Answers of the HTTP API: the models of OpenAPI, and one form for everything that goes wrong.

The values themselves are made in `app.payload`.
"""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from pagelight.app.web.api.requests import sentence
from pagelight.retrieval.errors import Busy, PagelightError

Box = Annotated[
    tuple[float, float, float, float],
    Field(description="x0, y0, x1, y1, relative to the page, from its top left"),
]
#: the answer of a route that gives a PDF, for OpenAPI
PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}
UNEXPECTED = "something went wrong; the server's log says what"

#: characters that some system allows in no file's name, and the length of a query that becomes a name (limit)
_NO_NAME = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
_NAME_LENGTH = 60
_log = logging.getLogger("pagelight.web")


class Failure(BaseModel):
    """The one form of everything that goes wrong."""

    error: Annotated[str, Field(description="one sentence that says what happened and what to do")]
    status: int


class Region(BaseModel):
    box: Box
    score: Annotated[float, Field(description="0 to 1, best first")]


class Hit(BaseModel):
    document: str
    document_id: str
    page: Annotated[int, Field(description="counts from 1")]
    score: Annotated[float, Field(description="comparable within one result only")]
    strength: Annotated[float, Field(description="0 to 1, comparable between queries")]
    sources: Annotated[list[str], Field(description="`visual`, `text` or both")]
    regions: Annotated[list[Region] | None, Field(description="best first; null where `lit` left them out")]


class FoundDocument(BaseModel):
    document: str
    document_id: str
    strength: Annotated[float, Field(description="of its best page")]
    pages: Annotated[list[int], Field(description="those that were found, best first")]


class FoundPlace(BaseModel):
    document: str
    document_id: str
    page: int
    box: Box
    score: Annotated[float, Field(description="0 to 1, 1 for the best of this result")]
    strength: Annotated[float, Field(description="of its page")]
    image: Annotated[
        str, Field(description="address of its picture as WebP, below this server's root; takes &w=")
    ]


class SearchAnswer(BaseModel):
    query: str
    matched: Annotated[bool, Field(description="false where nothing in the library answers")]
    exact: Annotated[
        bool,
        Field(
            description="true where every page was compared, false where a first stage chose some hundred of them"
        ),
    ]
    seconds: float
    hits: list[Hit]
    read_as: Annotated[
        dict[str, str], Field(description="words with a slip, and the library's words that they were read as")
    ] = {}
    documents: Annotated[
        list[FoundDocument] | None, Field(description="where `granularity` is documents")
    ] = None
    places: Annotated[
        list[FoundPlace] | None, Field(description="where `granularity` is places: ranked across the pages")
    ] = None


class HeatmapAnswer(BaseModel):
    grid: Annotated[tuple[int, int], Field(description="rows, columns")]
    words: list[str]
    weights: Annotated[list[float], Field(description="0 to 1, what each word weighs in the library")]
    maps: Annotated[list[str], Field(description="base64 of row-major uint8, one a word, 255 = strongest")]
    indexed: Annotated[str, Field(description="base64 of row-major uint8, 0 where the cell was pruned")]
    regions: list[Region]


class RegionsAnswer(BaseModel):
    regions: list[Region]


class ReceiptEntry(BaseModel):
    kind: Annotated[
        str,
        Field(
            description="word: of the query; text: the document's own words, where ranks are added up; prompt: tokens of "
            "no word; document: the best page of the same document; meaning: the passage that is closest"
        ),
    ]
    word: Annotated[str, Field(description="of the query")]
    matched: Annotated[str, Field(description="what stands there, empty where that is not known")]
    box: Box | None
    score: float
    share: Annotated[float, Field(description="of the page's score; all of them add up to 1")]


class ReceiptAnswer(BaseModel):
    score: Annotated[float, Field(description="of the page, as in the search")]
    exact: Annotated[bool, Field(description="whether that search compares all pages")]
    entries: list[ReceiptEntry]


class Document(BaseModel):
    document: Annotated[str, Field(description="its name, and what tells it from its namesakes")]
    name: str
    document_id: str
    pages: Annotated[int, Field(description="0 until the file has been opened")]
    pages_indexed: int
    pages_shallow: Annotated[int, Field(description="of these, pages whose meaning is still to come")]
    state: Annotated[str, Field(description="queued, running, indexed, failed or cancelled")]
    reason: str
    type: str
    bytes: Annotated[int, Field(description="size of the file")]
    added: Annotated[str, Field(description="UTC, ISO 8601")]
    language: Annotated[str, Field(description="ISO 639-1 code, empty where it cannot be told")]
    dated: Annotated[str, Field(description="its own date, by its metadata; empty where it has none")]
    place: Annotated[str, Field(description="the file that it was read from last; empty for uploads")]
    older: Annotated[bool, Field(description="a newer version is in the library")]
    other_names: list[str]
    tags: list[str]


class Word(BaseModel):
    text: str
    box: Box


class Page(BaseModel):
    document: str
    document_id: str
    page: int
    pages: int
    image: Annotated[
        str, Field(description="address of the page as WebP, below this server's root; takes ?w=")
    ]
    words: Annotated[
        list[Word],
        Field(description="the document's own words, and what was read where it has none, in reading order"),
    ]


class JobFile(BaseModel):
    name: str
    document_id: str
    document: Annotated[str, Field(description="what its content is called in the library")]
    older: Annotated[list[str], Field(description="ids of older versions of it")]
    state: str
    reason: str


class Job(BaseModel):
    job_id: str
    state: Annotated[str, Field(description="running, done, failed or cancelled")]
    pages_done: int
    pages_total: int
    pages_shallow: Annotated[
        int, Field(description="of those that are done, pages whose meaning is still to come")
    ]
    seconds_left: float | None
    files: list[JobFile]


class Uploaded(BaseModel):
    uploads: Annotated[list[str], Field(description="one token a file, in order")]


class Judgement(BaseModel):
    query: str
    document_id: str
    page: int
    relevant: bool


class Deleted(BaseModel):
    deleted: str


def failure(error: str, status: int, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": error, "status": status}, status, headers)


def map_errors(app: FastAPI) -> None:
    """Every route answers with the line that the command line prints."""

    @app.exception_handler(PagelightError)
    def known(_: Request, error: PagelightError) -> Response:
        headers = {"Retry-After": str(error.retry_after)} if isinstance(error, Busy) else None
        return failure(str(error), error.status, headers)

    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, error: RequestValidationError) -> Response:
        return failure(sentence(error.errors()[0]), 422)

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        if error.status_code == 400 and request.headers.get("content-type", "").startswith(
            "application/json"
        ):
            return failure("the body is not valid JSON", 422)  # FastAPI's own, for what is no UTF-8
        return failure(str(error.detail), error.status_code, dict(error.headers or {}))

    @app.exception_handler(Exception)
    def unexpected(_: Request, error: Exception) -> Response:
        _log.exception("unexpected error", exc_info=error)
        return failure(UNEXPECTED, 500)


def download(content: bytes, media_type: str, name: str, query: str = "") -> Response:
    """A file that a browser saves under that name, or under the query's."""
    return Response(content, media_type=media_type, headers=attached(name, query))


def pdf_download(write: Callable[[Path], object], name: str, query: str = "") -> Response:
    """A PDF that a browser saves under that name, or under the query's. write: makes it where it is told to"""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / name
        write(out)
        return download(out.read_bytes(), "application/pdf", name, query)


def attached(name: str, query: str = "") -> dict[str, str]:
    r"""The header that makes an answer a file to save.

    query: what to call it where a client can (RFC 6266, section 4.3)

    >>> attached("pages.pdf", 'what is "net" / gross?')["Content-Disposition"]
    'attachment; filename="pages.pdf"; filename*=UTF-8\'\'what%20is%20net%20gross.pdf'
    """
    own = " ".join(_NO_NAME.sub(" ", query)[:_NAME_LENGTH].split()).strip(". ")
    named = f"; filename*=UTF-8''{quote(own + Path(name).suffix, safe='')}" if own else ""
    return {"Content-Disposition": f'attachment; filename="{name}"{named}', "Cache-Control": "no-store"}

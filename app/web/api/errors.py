"""One form for everything that goes wrong: {"error": one sentence, "status": n}."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from pagelight.app.web.api.requests import sentence
from pagelight.retrieval.errors import Busy, PagelightError

UNEXPECTED = "something went wrong; the server's log says what"

_log = logging.getLogger("pagelight.web")


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

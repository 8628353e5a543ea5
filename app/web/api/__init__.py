"""HTTP for programs: /api/v1, typed, with OpenAPI, and one form for everything that goes wrong.

Each route is a call of the service, its result in the form of `app.payload`.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from pagelight.app.service import Service
from pagelight.app.web.api.answers import Failure, failure
from pagelight.app.web.api.document_routes import add_document_routes, add_job_routes, add_page_routes
from pagelight.app.web.api.search_routes import add_judgement_routes, add_search_routes

_FAILURES: dict[int | str, dict[str, Any]] = {status: {"model": Failure} for status in (404, 409, 422, 503)}
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def build_api(service: Service) -> APIRouter:
    """Everything that people can do in the browser, for programs."""
    api = APIRouter(prefix="/api/v1", responses=_FAILURES)
    add_search_routes(api, service)
    add_page_routes(api, service)
    add_document_routes(api, service)
    add_job_routes(api, service)
    add_judgement_routes(api, service)

    @api.api_route("/{unknown:path}", methods=_METHODS, include_in_schema=False)
    def nothing(request: Request, unknown: str) -> Response:
        return failure(f"there is no {request.method} /api/v1/{unknown[:80]}; see /api/docs", 404)

    return api

"""HTTP for programs: /api/v1, typed, with OpenAPI, and one form for everything that goes wrong."""

from pagelight.app.web.api.router import build_api

__all__ = ["build_api"]

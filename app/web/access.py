"""Access: who may only search, and who may change the library, too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, cast

from pagelight.retrieval.errors import NotAuthorized

#: read: search and look; write: add, change and delete as well
Access = Literal["read", "write"]

SEARCH_ONLY = "this library is open for searching only"
#: where the guard leaves its answer for whoever handles the request
_KEY = "pagelight.access"
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
#: questions that are too long for an address; every other unsafe method of the API changes something
_QUESTIONS = re.compile(r"/api/v1/search(/[a-z]+)?")
_UPLOAD = "/gradio_api/upload"


def with_access(scope: Mapping[str, Any], access: Access) -> dict[str, Any]:
    """The scope of a request of somebody who has this access."""
    return {**scope, _KEY: access}


def access_of(scope: Mapping[str, Any]) -> Access:
    """Access that the guard gave; it stands before every request."""
    return cast(Access, scope.get(_KEY, "read"))


def changes_library(method: str, path: str) -> bool:
    """Whether a request is a change by its address alone. Gradio's calls and MCP's tools are told by their handlers.

    >>> changes_library("DELETE", "/api/v1/documents/abc"), changes_library("POST", "/api/v1/search/like")
    (True, False)
    """
    if method in _SAFE_METHODS:
        return False
    if path.startswith("/api/"):
        return not _QUESTIONS.fullmatch(path.rstrip("/"))
    return path.startswith(_UPLOAD)


def require_write(scope: Mapping[str, Any]) -> None:
    """Raises NotAuthorized for whoever may only search."""
    if access_of(scope) != "write":
        raise NotAuthorized(SEARCH_ONLY)

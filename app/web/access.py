"""Access: who may only search, and who may change the library, too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, cast

from pagelight.app.turns import asking
from pagelight.ingest.collections import Collections, seeing
from pagelight.retrieval.errors import NotAuthorized

#: read: search and look; write: add, change and delete as well
Access = Literal["read", "write"]

SEARCH_ONLY = "this library is open for searching only"
#: the key of the guard's answer in a request's scope
_KEY = "pagelight.caller"
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
#: questions that are too long for an address; every other unsafe method of the API changes something
_QUESTIONS = re.compile(r"/api/v1/(search(/[a-z]+)?|export/(like|picture)|documents/[^/]+/pages/\d+/why)")
_UPLOAD = "/gradio_api/upload"


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of a request. sender: their address; collections: those that they see, None for all"""

    access: Access
    sender: str
    collections: Collections | None = None

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Let what is done inside be done for them: in their turn, with what they may see."""
        token = asking.set(self.sender)
        try:
            with seeing(self.collections):
                yield
        finally:
            asking.reset(token)


#: the access of a request that the guard did not see
_NOBODY = Caller("read", "", Collections())


def with_caller(scope: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    """The scope of a request that they sent."""
    return {**scope, _KEY: caller}


def caller_of(scope: Mapping[str, Any]) -> Caller:
    """The caller that the guard found; it stands before every request."""
    return cast(Caller, scope.get(_KEY, _NOBODY))


def access_of(scope: Mapping[str, Any]) -> Access:
    """Whether they may only search."""
    return caller_of(scope).access


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
    """Raises NotAuthorized for a caller who may only search."""
    if access_of(scope) != "write":
        raise NotAuthorized(SEARCH_ONLY)

"""The browser's request for a search."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from pagelight.app.filters import document_filter
from pagelight.app.library_search import Like
from pagelight.ingest.library import DocumentFilter
from pagelight.retrieval.errors import InvalidInput

#: pages that one search shows before somebody asks for more
FIRST_PAGES = 12


@dataclass(frozen=True, slots=True)
class BrowserSearch:
    """A request: how many pages, of which documents, which page is to be opened, and whether all regions are wanted at once."""

    count: int
    documents: list[str]
    only: DocumentFilter
    opened: dict[str, Any]
    is_complete: bool

    @classmethod
    def of(cls, payload: dict[str, Any], most: int) -> BrowserSearch:
        return cls(
            min(max(int(payload.get("count") or FIRST_PAGES), 1), most),
            [str(document) for document in payload.get("documents") or ()],
            document_filter(**payload.get("only") or {}),
            payload.get("open") or {},
            bool(payload.get("complete")),
        )


def example_of(given: dict[str, Any]) -> Like:
    """{"document_id", "page", "box" or null} or {"picture": base64}. Raises InvalidInput."""
    if "picture" in given:
        try:
            return base64.b64decode(str(given["picture"]), validate=True)
        except ValueError:
            raise InvalidInput("picture: expected base64") from None
    box = given.get("box")
    place = None if box is None else (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
    return str(given["document_id"]), int(given["page"]), place

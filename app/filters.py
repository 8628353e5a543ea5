"""Filters and places as people write them, checked in one place for the browser, HTTP, MCP and the command line."""

from __future__ import annotations

from collections.abc import Sequence

from pagelight.ingest.library import DocumentFilter
from pagelight.retrieval.errors import InvalidInput
from pagelight.retrieval.types import Box


def document_filter(
    tags: Sequence[str] = (),
    types: Sequence[str] = (),
    added_from: str = "",
    added_to: str = "",
    languages: Sequence[str] = (),
    dated_from: str = "",
    dated_to: str = "",
) -> DocumentFilter:
    """The documents that have all tags, one of the types and languages, and came, or are, of the time. Raises InvalidInput.

    >>> document_filter(added_from="last week")
    Traceback (most recent call last):
    pagelight.retrieval.errors.InvalidInput: added_from: expected a date such as 2026-11-29, got 'last week'
    """
    return DocumentFilter(
        tags=tuple(tag for tag in tags if tag.strip()),
        types=tuple(types),
        languages=tuple(languages),
        added_from=added_from,
        added_to=added_to,
        dated_from=dated_from,
        dated_to=dated_to,
    )


def parse_box(text: str) -> Box:
    """A box that is written as x0,y0,x1,y1. Raises InvalidInput.

    >>> parse_box("0.1,0.2,0.5,0.4")
    (0.1, 0.2, 0.5, 0.4)
    """
    try:
        x0, y0, x1, y1 = (float(edge) for edge in text.split(","))
    except ValueError:
        raise InvalidInput(f"box: expected x0,y0,x1,y1 such as 0.1,0.2,0.5,0.4, got {text!r}") from None
    return x0, y0, x1, y1

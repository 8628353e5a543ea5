"""Results as documents or as places: the pages of a result, gathered or taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pagelight.retrieval.results import PageHit, SearchResult
from pagelight.retrieval.types import Box

Granularity = Literal["documents", "pages", "places"]


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """A document with its found pages, best first; strength: of the best one."""

    document: str
    document_id: str
    strength: float
    pages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place that answers.

    score: 0..1, 1 for the best; comparable within one result only; strength: of its page
    """

    document: str
    document_id: str
    page: int
    box: Box
    score: float
    strength: float


def documents_of(result: SearchResult) -> tuple[FoundDocument, ...]:
    """The documents of a result, in the order of their best pages."""
    pages: dict[str, list[PageHit]] = {}
    for hit in result.hits:
        pages.setdefault(hit.document_id, []).append(hit)
    return tuple(
        FoundDocument(
            hits[0].document, document_id, max(hit.strength for hit in hits), tuple(hit.page for hit in hits)
        )
        for document_id, hits in pages.items()
    )


def places_of(result: SearchResult) -> tuple[FoundPlace, ...]:
    """Ranked across the pages: a page's best place counts as the page, its others for their share of that."""
    best = max((hit.score for hit in result.hits), default=0.0)
    found = [place for hit in result.hits for place in _places(hit, hit.score / best if best > 0 else 0.0)]
    return tuple(sorted(found, key=lambda place: -place.score))


def _places(hit: PageHit, worth: float) -> Sequence[FoundPlace]:
    regions = tuple(hit.regions)
    top = max((region.score for region in regions), default=1.0)
    return [
        FoundPlace(
            hit.document,
            hit.document_id,
            hit.page,
            region.box,
            round(worth * region.score / max(top, 1e-6), 4),
            hit.strength,
        )
        for region in regions
    ]

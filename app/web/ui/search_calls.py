"""Server functions of the search's part of the page: find pages, open one, read its words, find in a document."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from pagelight.app.excerpts import excerpt
from pagelight.app.filters import document_filter
from pagelight.app.library_search import Like
from pagelight.app.payload import JSON, documents_payload, heatmap_payload, receipt_payload, search_payload
from pagelight.app.places import find_text
from pagelight.app.service import Service
from pagelight.app.web.access import access_of
from pagelight.app.web.ui.handlers import ServerFunction, scope_of, writing
from pagelight.ingest.library import DocumentFilter
from pagelight.retrieval.errors import InvalidInput, InvalidQuery, NotFound
from pagelight.retrieval.results import SearchResult
from pagelight.retrieval.search.calibration import is_match, level_of
from pagelight.retrieval.text.analyzer import terms
from pagelight.retrieval.text.query_syntax import parse_query
from pagelight.retrieval.text.stems import STOP_STEMS
from pagelight.retrieval.types import Box, PageWords

#: words of an example that can be lit alone, the most telling
MOST_CHIPS = 8
#: pages that one search shows before somebody asks for more
FIRST_PAGES = 12
#: pages that are lit in one call: whoever clicks meanwhile waits for one call at most
MOST_LIT = 4


def search_calls(service: Service) -> list[ServerFunction]:
    """The server functions, by the names that the scripts use."""

    def overview(_: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        """What the library holds, before anything is asked."""
        return {
            "documents": documents_payload(service.documents()),
            "indexing": _indexing(service),
            "limit": service.settings.max_query_chars,
            "access": access_of(scope_of(request)),
        }

    def examples(_: dict[str, Any], __: gr.Request) -> dict[str, Any]:
        """Queries to start with."""
        return {"examples": service.examples()}

    def find_pages(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"query", "documents", "only", "count", "open", "complete"} -> the contract's search result and what a first look needs.

        Beside it: "shown", its "level" in a word and "excerpt" of each hit, "more", the state of the index, and "page", the wanted page
        ("open": {"document", "page"}) or else the best one, as `open_page` gives it. Unless all is asked for ("complete"), the
        "regions" of the hits behind the first are null: they take longer than the search, and `light_pages` has them.
        """
        wanted = _Wanted.of(payload, service.settings.max_hits)
        query = str(payload["query"])
        result = service.search(query, wanted.count, wanted.documents, only=wanted.only)
        return _found(service, result, wanted, None)

    def find_like(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"like", …} -> as `find_pages`; like: {"document_id", "page", "box" or null} or {"picture": base64}."""
        wanted = _Wanted.of(payload, service.settings.max_hits)
        like = _like(payload["like"])
        if isinstance(like, bytes):
            result = service.search_picture(like, wanted.count, wanted.documents, only=wanted.only)
        else:
            result = service.search_like(*like, wanted.count, wanted.documents, only=wanted.only)
        return _found(service, result, wanted, like)

    def open_page(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"document" (id or name), "page", "query" or "like"} -> the page and, with one of them, where it matches."""
        query = " ".join(str(payload.get("query") or "").split())
        like = _like(payload["like"]) if payload.get("like") else None
        return _page(service, str(payload["document"]), int(payload["page"]), query, like)

    def light_pages(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"query" or "like", "pages": [[document_id, page]]} -> {"pages"}: each as `open_page` gives it, and its "excerpt".

        A few at once; those that are gone are left out.
        """
        query = " ".join(str(payload.get("query") or "").split())
        like = _like(payload["like"]) if payload.get("like") else None
        found = []
        for document_id, page in payload["pages"][:MOST_LIT]:
            try:
                found.append(_lit(service, str(document_id), int(page), query, like))
            except NotFound:
                continue
        return {"pages": found}

    def why_page(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"document_id", "page", "query" or "like", "documents", "only"} -> the parts of its score, as HTTP gives them."""
        wanted = _Wanted.of(payload, service.settings.max_hits)
        place = str(payload["document_id"]), int(payload["page"])
        if payload.get("like"):
            found = service.why_like(*place, _like(payload["like"]), wanted.documents, only=wanted.only)
        else:
            found = service.why(*place, str(payload["query"]), wanted.documents, only=wanted.only)
        return receipt_payload(found)

    def matching_pages(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"query", "document_id"} -> {"pages": [[page, strength, level]]}, the document's pages that match."""
        document = service.find_document(str(payload["document_id"]))
        count = min(max(document.pages, 1), service.settings.max_hits)
        hits = service.search(str(payload["query"]), count, (document.document_id,)).hits
        pages = [
            (hit.page, round(hit.strength, 4), level_of(hit.strength))
            for hit in hits
            if is_match([hit.strength])
        ]
        return {"pages": sorted(pages)}

    def page_text(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"document_id", "page"} -> {"words": [[text, x0, y0, x1, y1]]}, none where the page has no words."""
        words = _words(service, str(payload["document_id"]), int(payload["page"]))
        return {"words": [[text, *_rounded(box)] for text, box in zip(words.texts, words.boxes, strict=True)]}

    def find_in_document(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"document_id", "text"} -> {"places": [{"page", "boxes"}]}, in reading order."""
        found = find_text(service.document_words(str(payload["document_id"])), str(payload["text"]))
        return {
            "places": [{"page": page, "boxes": [_rounded(box) for box in boxes]} for page, boxes in found]
        }

    def judge_page(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"query", "document_id", "page", "relevant"}: keep a person's word on a found page; null takes it back."""
        query, document_id, page = str(payload["query"]), str(payload["document_id"]), int(payload["page"])
        if payload["relevant"] is None:
            service.take_back(query, document_id, page)
            return {"relevant": None}
        service.judge(query, document_id, page, bool(payload["relevant"]))
        return {"relevant": bool(payload["relevant"])}

    find_in_document.__name__ = "find_text"
    return [
        overview,
        examples,
        find_pages,
        find_like,
        open_page,
        light_pages,
        why_page,
        matching_pages,
        page_text,
        find_in_document,
        writing(judge_page),
    ]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A request: how many pages, of which documents, which page is to be opened, and whether all regions are wanted at once."""

    count: int
    documents: list[str]
    only: DocumentFilter
    opened: dict[str, Any]
    is_complete: bool

    @classmethod
    def of(cls, payload: dict[str, Any], most: int) -> _Wanted:
        return cls(
            min(max(int(payload.get("count") or FIRST_PAGES), 1), most),
            [str(document) for document in payload.get("documents") or ()],
            document_filter(**payload.get("only") or {}),
            payload.get("open") or {},
            bool(payload.get("complete")),
        )


def _like(given: dict[str, Any]) -> Like:
    """Raises InvalidInput."""
    if "picture" in given:
        try:
            return base64.b64decode(str(given["picture"]), validate=True)
        except ValueError:
            raise InvalidInput("picture: expected base64") from None
    box = given.get("box")
    place = None if box is None else (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
    return str(given["document_id"]), int(given["page"]), place


def _found(service: Service, result: SearchResult, wanted: _Wanted, like: Like | None) -> dict[str, Any]:
    """The result, what its cards show, and the wanted page or else the best one."""
    # What an example finds has few words in common with it: its sentences are told by the regions.
    n_lit = len(result.hits) if wanted.is_complete or like is not None else 1
    unlit = tuple(replace(hit, regions=()) for hit in result.hits[n_lit:])
    found = search_payload(replace(result, hits=(*result.hits[:n_lit], *unlit)))
    shown = falling([hit.strength for hit in result.hits])
    for i, (hit, entry, strength) in enumerate(zip(result.hits, found["hits"], shown, strict=True)):
        entry["shown"], entry["level"] = round(strength, 4), level_of(strength)
        region = hit.regions[0].box if i < n_lit and hit.regions else None
        entry["excerpt"] = _excerpt(service, hit.document_id, hit.page, result.query, region)
        if i >= n_lit:
            entry["regions"] = None
    found["more"] = len(result.hits) == wanted.count < service.settings.max_hits
    best = {"document": result.hits[0].document_id, "page": result.hits[0].page} if result.matched else {}
    place: dict[str, Any] = wanted.opened if wanted.opened.get("document") else best
    page, missing = None, ""
    if place:
        try:
            page = _page(service, str(place["document"]), int(place["page"]), result.query, like)
        except (NotFound, InvalidInput) as error:
            missing = str(error)
    return {**found, "page": page, "missing": missing, "indexing": _indexing(service)}


def telling_words(words: tuple[str, ...]) -> list[int]:
    """The numbers of a query's words that say something about a page; all where none does.

    >>> telling_words(("when", "is", "the", "lantern", "lit"))
    [3, 4]
    """
    telling = [i for i, word in enumerate(words) if any(term not in STOP_STEMS for term in terms(word))]
    return telling or list(range(len(words)))


def _page(service: Service, name_or_id: str, page: int, query: str, like: Like | None = None) -> JSON:
    document = service.find_document(name_or_id)
    if not 1 <= page <= max(document.pages, 1):
        raise NotFound(f"{document.name} has {document.pages} pages, no page {page}")
    heatmap, note = None, ""
    if query or like:
        try:
            if like is None:
                found = service.heatmap(document.document_id, page, query)
            else:
                found = service.heatmap_like(document.document_id, page, like)
            telling = telling_words(tuple(map(str, found.words)))
            heatmap = {**heatmap_payload(found), "telling": telling[:MOST_CHIPS] if like else telling}
        except (NotFound, InvalidQuery) as error:
            # The page itself can be read all the same.
            note = "This page is not indexed yet." if isinstance(error, NotFound) else str(error)
    return {
        "document": document.name,
        "document_id": document.document_id,
        "page": page,
        "pages": document.pages,
        "query": query,
        "heatmap": heatmap,
        "note": note,
        "relevant": None if like else _judgement(service, query, document.document_id, page),
    }


def _lit(service: Service, document_id: str, page: int, query: str, like: Like | None) -> JSON:
    """A page as `open_page` gives it; for a question with the sentence that matches."""
    lit = _page(service, document_id, page, query, like)
    if like is not None:
        return lit
    regions = lit["heatmap"]["regions"] if lit["heatmap"] else ()
    best = tuple(regions[0]["box"]) if regions else None
    return {**lit, "excerpt": _excerpt(service, document_id, page, query, best)}


def _excerpt(
    service: Service, document_id: str, page: int, query: str, best: Box | None
) -> list[tuple[str, bool]]:
    """best: the page's best region, where it is known"""
    return excerpt(_words(service, document_id, page), parse_query(query).text, best)


def _words(service: Service, document_id: str, page: int) -> PageWords:
    try:
        return service.page_words(document_id, page)
    except NotFound:  # a page that is not indexed yet
        return PageWords()


def _rounded(box: Any) -> list[float]:
    return [round(float(edge), 5) for edge in box]


def _judgement(service: Service, query: str, document_id: str, page: int) -> bool | None:
    for judgement in service.judgements():
        if (judgement.query, judgement.document_id, judgement.page) == (query, document_id, page):
            return judgement.relevant
    return None


def _indexing(service: Service) -> dict[str, int] | None:
    """{"documents", "pages_done", "pages_total"} over the active jobs; None when nothing is being indexed."""
    found = service.indexing()
    names = ("documents", "pages_done", "pages_total")
    return None if found is None else dict(zip(names, found, strict=True))


def falling(strengths: Sequence[float]) -> list[float]:
    """The nearest strengths that never rise from one hit to the next: isotonic regression by pooling (Barlow 1972).

    The ranking weighs more than one page's strength can tell: sorting by strength instead loses 3 to 4 points of
    nDCG@5. So the order stays, and neighbours that contradict it share their mean.

    >>> falling([0.9, 0.2, 0.6, 0.1])
    [0.9, 0.4, 0.4, 0.1]
    """
    pools: list[tuple[float, int]] = []  # (mean, how many)
    for strength in strengths:
        mean, size = float(strength), 1
        while pools and pools[-1][0] < mean:
            before, count = pools.pop()
            mean, size = (before * count + mean * size) / (count + size), count + size
        pools.append((mean, size))
    return [mean for mean, size in pools for _ in range(size)]

"""Server functions of searching: what the library holds and how, examples, and what a question or an example finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

import pagelight
from pagelight.app.excerpts import excerpt
from pagelight.app.folders import INDEX
from pagelight.app.library_search import Like
from pagelight.app.payload import documents_payload, search_payload
from pagelight.app.service import Service
from pagelight.app.web.access import access_of
from pagelight.app.web.ui.browser_search import BrowserSearch, example_of
from pagelight.app.web.ui.handlers import ServerFunction, as_sentence, scope_of
from pagelight.app.web.ui.lit_page import opened_page
from pagelight.ingest.collections import seen_collections
from pagelight.ingest.office.converter import soffice
from pagelight.ingest.tesseract import installed_languages
from pagelight.retrieval.disk import used_bytes
from pagelight.retrieval.errors import InvalidInput, NotFound
from pagelight.retrieval.results import SearchResult
from pagelight.retrieval.search.calibration import STRENGTH, level_of
from pagelight.retrieval.text.query_syntax import parse_query

#: what the names of our own model begin with
_BUILTIN = "builtin"


def search_calls(service: Service) -> list[ServerFunction]:
    """The server functions, by the names that the scripts use."""

    def overview(_: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        """The state of the library, shown before anything is asked."""
        return {
            "documents": documents_payload(service.documents()),
            "indexing": _indexing(service),
            "limit": service.settings.max_query_chars,
            "access": access_of(scope_of(request)),
        }

    def about_library(_: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        """What is known of the library; sizes for callers who see all of it, and its folder for those who may change it."""
        settings = service.settings
        documents = service.documents()
        config = service.index_config
        sees_all = seen_collections() is None
        has_vectors = sees_all and not settings.qdrant_url
        may_write = access_of(scope_of(request)) == "write"
        used = {
            part: used_bytes(settings.data / part) if sees_all else None for part in (INDEX, "files", "cache")
        }
        n_pages = sum(document.pages_indexed for document in documents)
        return {
            "version": pagelight.__version__,
            "documents": len(documents),
            "pages": n_pages,
            "model": "" if config.model.startswith(_BUILTIN) else config.model,
            "form": f"{config.precision}, {config.pruning}",
            "page_bytes": round((used[INDEX] or 0) / n_pages) if has_vectors and n_pages else None,
            "used": used,
            "has_server": bool(settings.qdrant_url),
            "folder": str(settings.data.resolve()) if sees_all and may_write else "",
            "reads_scans": settings.read_scans,
            "tesseract": list(installed_languages()),
            "has_office": soffice() is not None,
            "indexing": service.indexing(),
            "deepening": service.deepening(),
        }

    def examples(_: dict[str, Any], __: gr.Request) -> dict[str, Any]:
        """Queries to start with."""
        return {"examples": service.examples()}

    def find_pages(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"query", "documents", "only", "count", "open", "complete"} -> the contract's search result and what a first look needs.

        Beside it: "shown", its "level" in a word and "excerpt" of each hit, "more", the state of the index, and "page", the wanted page
        ("open": {"document", "page"}) or else the best one, as `open_page` gives it; "levels": the strengths from which on a word
        holds, for places. Unless all is asked for ("complete"), the
        "regions" of the hits behind the first are null: they take longer than the search, and `light_pages` has them.
        """
        wanted = BrowserSearch.of(payload, service.settings.max_hits)
        query = str(payload["query"])
        result = service.search(query, wanted.count, wanted.documents, only=wanted.only)
        return _found(service, result, wanted, None)

    def find_like(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"like", …} -> as `find_pages`; like: {"document_id", "page", "box" or null} or {"picture": base64}."""
        wanted = BrowserSearch.of(payload, service.settings.max_hits)
        like = example_of(payload["like"])
        if isinstance(like, bytes):
            result = service.search_picture(like, wanted.count, wanted.documents, only=wanted.only)
        else:
            result = service.search_like(*like, wanted.count, wanted.documents, only=wanted.only)
        return _found(service, result, wanted, like)

    return [overview, about_library, examples, find_pages, find_like]


def _found(
    service: Service, result: SearchResult, wanted: BrowserSearch, like: Like | None
) -> dict[str, Any]:
    """The result, what its cards show, and the wanted page or else the best one."""
    # What an example finds has few words in common with it: its sentences are told by the regions.
    n_lit = len(result.hits) if wanted.is_complete or like is not None else 1
    found = search_payload(result, lit=n_lit)
    shown = non_increasing([hit.strength for hit in result.hits])
    asked, words = (
        parse_query(result.query).text,
        service.own_words([(hit.document_id, hit.page) for hit in result.hits]),
    )
    for i, (hit, entry, strength) in enumerate(zip(result.hits, found["hits"], shown, strict=True)):
        entry["shown"], entry["level"] = round(strength, 4), level_of(strength)
        region = hit.regions[0].box if i < n_lit and hit.regions else None
        entry["excerpt"] = excerpt(words[i], asked, region)
    found["levels"] = {"strong": STRENGTH.strong, "fair": STRENGTH.fair, "weak": STRENGTH.matched}
    found["more"] = len(result.hits) == wanted.count < service.settings.max_hits
    best = {"document": result.hits[0].document_id, "page": result.hits[0].page} if result.matched else {}
    place: dict[str, Any] = wanted.opened if wanted.opened.get("document") else best
    page, missing = None, ""
    if place:
        try:
            page = opened_page(service, str(place["document"]), int(place["page"]), result.query, like)
        except (NotFound, InvalidInput) as error:
            missing = as_sentence(str(error))
    return {**found, "page": page, "missing": missing, "indexing": _indexing(service)}


def _indexing(service: Service) -> dict[str, int] | None:
    """{"documents", "pages_done", "pages_total"} over the active jobs; None when nothing is being indexed."""
    found = service.indexing()
    names = ("documents", "pages_done", "pages_total")
    return None if found is None else dict(zip(names, found, strict=True))


def non_increasing(strengths: Sequence[float]) -> list[float]:
    """The nearest strengths that never rise from one hit to the next: isotonic regression by pooling (Barlow 1972).

    The ranking weighs more than one page's strength can tell: sorting by strength instead loses 3 to 4 points of
    nDCG@5. So the order stays, and neighbours that contradict it share their mean.

    >>> non_increasing([0.9, 0.2, 0.6, 0.1])
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

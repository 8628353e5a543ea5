"""Server functions of the opened document: a page with its light and words, other matches, why it was found, and judgements."""

from __future__ import annotations

from typing import Any

import gradio as gr

from pagelight.app.payload import receipt_payload
from pagelight.app.places import find_text
from pagelight.app.service import Service
from pagelight.app.web.ui.browser_search import BrowserSearch, example_of
from pagelight.app.web.ui.handlers import ServerFunction, writing
from pagelight.app.web.ui.lit_page import lit_page, opened_page, words_of
from pagelight.retrieval.errors import NotFound
from pagelight.retrieval.search.calibration import is_match, level_of

#: pages that are lit in one call: whoever clicks meanwhile waits for one call at most
MOST_LIT = 4


def page_calls(service: Service) -> list[ServerFunction]:
    """The server functions, by the names that the scripts use."""

    def open_page(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"document" (id or name), "page", "query" or "like"} -> the page and, with one of them, where it matches."""
        query = " ".join(str(payload.get("query") or "").split())
        like = example_of(payload["like"]) if payload.get("like") else None
        return opened_page(service, str(payload["document"]), int(payload["page"]), query, like)

    def light_pages(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"query" or "like", "pages": [[document_id, page]]} -> {"pages"}: each as `open_page` gives it, and its "excerpt".

        A few at once; those that are gone are left out.
        """
        query = " ".join(str(payload.get("query") or "").split())
        like = example_of(payload["like"]) if payload.get("like") else None
        found = []
        for document_id, page in payload["pages"][:MOST_LIT]:
            try:
                found.append(lit_page(service, str(document_id), int(page), query, like))
            except NotFound:
                continue
        return {"pages": found}

    def why_page(payload: dict[str, Any], _: gr.Request) -> dict[str, Any]:
        """{"document_id", "page", "query" or "like", "documents", "only"} -> the parts of its score, as HTTP gives them."""
        wanted = BrowserSearch.of(payload, service.settings.max_hits)
        place = str(payload["document_id"]), int(payload["page"])
        if payload.get("like"):
            found = service.why_like(*place, example_of(payload["like"]), wanted.documents, only=wanted.only)
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
        words = words_of(service, str(payload["document_id"]), int(payload["page"]))
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
        open_page,
        light_pages,
        why_page,
        matching_pages,
        page_text,
        find_in_document,
        writing(judge_page),
    ]


def _rounded(box: Any) -> list[float]:
    return [round(float(edge), 5) for edge in box]

"""Results as the plain JSON that the command line, HTTP and the browser share."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from pagelight.app.granularity import FoundPlace, Granularity, documents_of, places_of
from pagelight.app.judgements import Judgement
from pagelight.ingest.library import Document
from pagelight.retrieval.results import Heatmap, PageHit, Region, SearchResult
from pagelight.retrieval.search.receipt import Receipt
from pagelight.retrieval.types import PageWords

if TYPE_CHECKING:
    from pagelight.ingest.job_progress import JobStatus

JSON = dict[str, Any]


def search_payload(result: SearchResult, granularity: Granularity = "pages", lit: int | None = None) -> JSON:
    """{"query", "matched", "exact", "seconds", "hits"}; pages count from 1, boxes are relative to the page.

    "documents" or "places" besides, where that is the granularity.
    "read_as" too where words of the query were read as others: {"typed": "read as"}
    lit: hits whose "regions" are found, the best ones; those of the others are null. None: all
    """
    n_lit = len(result.hits) if lit is None else lit
    read_as = {"read_as": dict(result.read_as)} if result.read_as else {}
    return {
        "query": result.query,
        "matched": result.matched,
        "exact": result.exact,
        "seconds": round(result.seconds, 4),
        "hits": [_hit(hit, i < n_lit) for i, hit in enumerate(result.hits)],
        **read_as,
        **_gathered(result, granularity),
    }


def heatmap_payload(heatmap: Heatmap) -> JSON:
    """{"grid", "words", "weights", "maps", "indexed", "regions"}; maps and indexed are base64 of row-major uint8.

    weights: 0..1, what each word weighs in the library; the map of the whole query leaves light words faint
    """
    maps = np.clip(np.nan_to_num(heatmap.maps, nan=0.0), 0.0, 1.0)  # (n_words, n_rows, n_cols)
    return {
        "grid": [heatmap.grid.n_rows, heatmap.grid.n_cols],
        "words": [str(word) for word in heatmap.words],
        "weights": [round(float(weight), 4) for weight in heatmap.weights],
        "maps": [_bytes(np.rint(one * 255)) for one in maps],
        "indexed": _bytes(heatmap.indexed.astype(np.uint8) * 255),
        "regions": [_region(region) for region in heatmap.regions],
    }


def receipt_payload(receipt: Receipt) -> JSON:
    """{"score", "exact", "entries": [{"kind", "word", "matched", "box", "score", "share"}]}; the shares add up to 1."""
    total = receipt.score
    return {
        "score": round(total, 4),
        "exact": receipt.exact,
        "entries": [
            {
                "kind": entry.kind,
                "word": entry.word,
                "matched": entry.matched,
                "box": None if entry.box is None else [round(float(edge), 4) for edge in entry.box],
                "score": round(entry.score, 6),
                "share": round(entry.score / total, 4) if total else 0.0,
            }
            for entry in receipt.entries
        ],
    }


def document_payload(document: Document) -> JSON:
    """{"document", "document_id", "pages", "pages_indexed", "state", "reason", …}

    document: the name, and what tells it from its namesakes; added: UTC; older: a newer version is in the library
    pages_shallow: of the indexed ones, those whose meaning is still to come
    parent: the id of the document that it is attached to, or empty
    """
    return {
        "document": document.label or document.name,
        "name": document.name,
        "document_id": document.document_id,
        "pages": document.pages,
        "pages_indexed": document.pages_indexed,
        "pages_shallow": document.pages_shallow,
        "state": document.state,
        "reason": document.reason,
        "type": document.type.value,
        "bytes": document.bytes,
        "added": document.added,
        "language": document.language,
        "dated": document.dated,
        "place": document.place,
        "older": document.older,
        "other_names": list(document.other_names),
        "tags": list(document.tags),
        "parent": document.parent,
    }


def documents_payload(documents: Iterable[Document]) -> list[JSON]:
    """One object a document, as `/list_documents` and `list --json` give them."""
    return [document_payload(document) for document in documents]


def job_payload(status: JobStatus) -> JSON:
    """{"state", "pages_done", "pages_total", "pages_shallow", "seconds_left", "files"}

    seconds_left is null until it can be told; pages_shallow can be found, but what they mean is still to come.
    """
    return {
        "state": status.state,
        "pages_done": status.pages_done,
        "pages_total": status.pages_total,
        "pages_shallow": status.pages_shallow,
        "seconds_left": status.seconds_left,
        "files": [{**asdict(file), "older": list(file.older)} for file in status.files],
    }


def judgement_payload(judgement: Judgement) -> JSON:
    """{"query", "document_id", "page", "relevant"}"""
    return {
        "query": judgement.query,
        "document_id": judgement.document_id,
        "page": judgement.page,
        "relevant": judgement.relevant,
    }


def words_payload(words: PageWords) -> list[JSON]:
    """[{"text", "box"}] in reading order."""
    return [
        {"text": text, "box": [round(float(edge), 4) for edge in box]}
        for text, box in zip(words.texts, words.boxes, strict=True)
    ]


def _hit(hit: PageHit, is_lit: bool) -> JSON:
    return {
        "document": hit.document,
        "document_id": hit.document_id,
        "page": hit.page,
        "score": round(float(hit.score), 4),
        "strength": round(float(hit.strength), 4),
        "sources": list(hit.sources),
        "regions": [_region(region) for region in hit.regions] if is_lit else None,
    }


def _gathered(result: SearchResult, granularity: Granularity) -> JSON:
    if granularity == "documents":
        return {
            "documents": [
                {**asdict(one), "pages": list(one.pages), "strength": round(one.strength, 4)}
                for one in documents_of(result)
            ]
        }
    if granularity == "places":
        return {"places": [_place(place) for place in places_of(result)]}
    return {}


def _place(place: FoundPlace) -> JSON:
    box = [round(float(edge), 4) for edge in place.box]
    written = ",".join(f"{edge:.4f}" for edge in box)
    image = f"/pages/{place.document_id}/{place.page}.webp?box={written}"
    return {**asdict(place), "box": box, "strength": round(place.strength, 4), "image": image}


def _region(region: Region) -> JSON:
    return {"box": [round(float(edge), 4) for edge in region.box], "score": round(float(region.score), 4)}


def _bytes(cells: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(cells, np.uint8).tobytes()).decode("ascii")

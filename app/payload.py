"""Results as the plain JSON that the command line, HTTP and the browser share."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from pagelight.retrieval.types import Heatmap, PageHit, Region, SearchResult

JSON = dict[str, Any]


def search_payload(result: SearchResult) -> JSON:
    """{"query", "matched", "seconds", "hits"}; pages count from 1, boxes are relative to the page."""
    return {
        "query": result.query,
        "matched": result.matched,
        "seconds": round(result.seconds, 4),
        "hits": [_hit(hit) for hit in result.hits],
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


def _hit(hit: PageHit) -> JSON:
    return {
        "document": hit.document,
        "document_id": hit.document_id,
        "page": hit.page,
        "score": round(float(hit.score), 4),
        "strength": round(float(hit.strength), 4),
        "sources": list(hit.sources),
        "regions": [_region(region) for region in hit.regions],
    }


def _region(region: Region) -> JSON:
    return {"box": [round(float(edge), 4) for edge in region.box], "score": round(float(region.score), 4)}


def _bytes(cells: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(cells, np.uint8).tobytes()).decode("ascii")

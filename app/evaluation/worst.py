"""The queries that score worst, each with the page that should have been found and what lights up on it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from io import BytesIO

import numpy as np
from PIL import Image

from pagelight.app.evaluation.dataset import Place
from pagelight.app.evaluation.measure import Measurement
from pagelight.app.evaluation.run_queries import PageView, QueryOutcome
from pagelight.retrieval.types import Box

#: weaker matches are not drawn, as in the viewer
FAINT = 0.25
HEAT = (238, 120, 12)
VEIL = (128, 132, 145)


def cards(measurement: Measurement, pictures: Mapping[Place, bytes]) -> str:
    """One `<figure>` for each query that has a view, worst first. pictures: WebP of the pages"""
    shown = [
        o for o in measurement.outcomes if o.query.query_id in measurement.page_views and o.score.ndcg5 < 1
    ]
    shown.sort(key=lambda outcome: outcome.score.ndcg5)
    return "".join(_card(o, measurement.page_views[o.query.query_id], pictures) for o in shown)


def _card(outcome: QueryOutcome, view: PageView, pictures: Mapping[Place, bytes]) -> str:
    query = outcome.query
    boxes = [box.box for box in query.boxes if box.place == view.place]
    ranks = [rank for rank, place in enumerate(outcome.found, start=1) if place in query.relevant]
    verdict = f"found at rank {ranks[0]}" if ranks else f"not among the first {max(len(outcome.found), 1)}"
    above = list(outcome.found[: ranks[0] - 1] if ranks else outcome.found)[:4]
    before = f"<p class=facts>above it {escape(_cite(above))}</p>" if above else ""
    return (
        f'<figure class="card"><div class="page">'
        f'<img alt="" src="{_uri(pictures.get(view.place, b""), "image/webp")}">'
        f'<img class="heat" alt="" src="{_heat_uri(view)}">'
        f"{_boxes(boxes, view)}</div>"
        f"<figcaption><p class=query>{escape(query.text)}</p>"
        f"<p class=facts><b>{verdict}</b> · nDCG@5 {outcome.score.ndcg5:.2f} · {escape(query.type)}</p>"
        f"<p class=facts>wanted {escape(_cite([view.place]))}</p>{before}</figcaption></figure>"
    )


def _cite(places: Sequence[Place]) -> str:
    """Pages by document, in the order in which the documents appear.

    >>> _cite([("a.pdf", 4), ("b.pdf", 1), ("a.pdf", 7)])
    'a.pdf p. 4, 7; b.pdf p. 1'
    """
    pages: dict[str, list[str]] = {}
    for document, page in places:
        pages.setdefault(document, []).append(str(page))
    return "; ".join(f"{document} p. {', '.join(numbers)}" for document, numbers in pages.items())


def _boxes(labelled: list[Box], view: PageView) -> str:
    """Labelled boxes dashed, our best region solid, the others thin; in percent of the page."""
    parts = [_rectangle(box, "labelled") for box in labelled]
    parts += [
        _rectangle(region.box, "best" if rank == 0 else "region") for rank, region in enumerate(view.regions)
    ]
    inside = "".join(parts)
    return f'<svg class="boxes" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">{inside}</svg>'


def _rectangle(box: Box, kind: str) -> str:
    x0, y0, x1, y1 = (100 * value for value in box)
    return f'<rect class="{kind}" x="{x0:.2f}" y="{y0:.2f}" width="{x1 - x0:.2f}" height="{y1 - y0:.2f}"/>'


def _heat_uri(view: PageView) -> str:
    """Heat where words match, a faint veil where cells were pruned."""
    strength = view.strength.astype(np.float32) / 255
    pixels = np.zeros((*strength.shape, 4), np.uint8)  # (n_rows, n_cols, RGBA)
    pixels[..., :3] = VEIL
    pixels[..., 3] = np.where(view.indexed, 0, 16)
    hot = strength >= FAINT
    pixels[hot, :3] = HEAT
    pixels[hot, 3] = (60 + 150 * strength[hot]).astype(np.uint8)
    picture = BytesIO()
    Image.fromarray(pixels, "RGBA").save(picture, "PNG", optimize=True)
    return _uri(picture.getvalue(), "image/png")


def _uri(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"

"""The least score that counts: as Qdrant's threshold, and held against what Qdrant finds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from pagelight.retrieval.store.page_store import ScoredPage


def threshold(floor: float | None) -> float | None:
    """A little below `floor`: Qdrant wants more than its threshold, the protocol at least the floor."""
    return None if floor is None else math.nextafter(floor - 1e-6, -math.inf)


def scored_pages(points: Iterable[Any], floor: float | None) -> list[ScoredPage]:
    """Qdrant's points, embedded or from a server, whose score is at least `floor`."""
    pages = [ScoredPage(str(point.id), float(point.score)) for point in points]
    return pages if floor is None else [page for page in pages if page.score >= floor]

"""What a ranking hands on."""

from __future__ import annotations

from dataclasses import dataclass

from pagelight.retrieval.types import StoredPage

#: pages that are scored from their stored vectors
CANDIDATES = 64


@dataclass(frozen=True, slots=True)
class Ranked:
    """A page with its final score, strength 0..1 and what found it ("visual", "text", "meaning")."""

    page: StoredPage
    score: float
    strength: float
    sources: tuple[str, ...]

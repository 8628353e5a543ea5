"""A ranked page, as rankings hand it on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

#: pages that are scored from their stored vectors
CANDIDATES = 64


class PageName(NamedTuple):
    """A stored page, without what is on it: a tuple, since a search makes some hundreds."""

    page_id: str
    document_id: str
    document: str
    page: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """A page with its final score, strength 0..1 and what found it ("visual", "text", "meaning")."""

    page: PageName
    score: float
    strength: float
    sources: tuple[str, ...]

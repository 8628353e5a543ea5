"""A query, made ready once: its vectors, the weights of its words in this library, and the pages that may answer.

A browser asks twice for the same: it searches, then opens a page of what was found. Both are served by one entry, as
long as nothing was written to the index in between.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

from pagelight.retrieval.search.calibration import NullScores
from pagelight.retrieval.search.page_evidence import PageEvidence
from pagelight.retrieval.store.page_store import ScoredPage
from pagelight.retrieval.types import Floats, QueryEmbedding

#: queries that are kept: those of some people who are searching at the same time (limit)
REMEMBERED = 32

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True, eq=False)
class PreparedQuery:
    """A query as ranking and heat maps both need it.

    weights: (n_words,) of each word in the library that is searched
    seen, written, meant: pages by what is seen on them, what their documents spell, and what their text means, best first
    nulls: how close in meaning the library comes to queries that mean nothing in it; None where meaning takes no part
    read_as: words of the query that the library does not have, and what they were read as
    limit: how many of each were asked for at least
    evidence: what all of these pages hold of the query, where words are counted
    exact: all pages were compared, no first stage chose among them
    """

    embedding: QueryEmbedding
    weights: Floats
    seen: tuple[ScoredPage, ...]
    written: tuple[ScoredPage, ...]
    limit: int
    evidence: PageEvidence | None = None
    exact: bool = True
    meant: tuple[ScoredPage, ...] = ()
    nulls: NullScores | None = None
    read_as: Mapping[str, str] = field(default_factory=dict)


class Recent(Generic[Entry]):
    """The entries that were used last, by key. Safe for several threads."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._entries: OrderedDict[Hashable, Entry] = OrderedDict()
        self._lock = Lock()

    def get(
        self, key: Hashable, make: Callable[[], Entry], fits: Callable[[Entry], bool] = lambda _: True
    ) -> Entry:
        """The entry of that key if it `fits`, else a new one. Two threads may both make it."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None and fits(entry):
                self._entries.move_to_end(key)
                return entry
        entry = make()
        with self._lock:
            self._entries[key] = entry
            self._entries.move_to_end(key)
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)
        return entry

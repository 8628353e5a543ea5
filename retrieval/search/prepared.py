"""A query, made ready once: its vectors, the weights of its words in this library, and the pages that may answer.

A browser asks twice for the same: it searches, then opens a page of what was found. Both are served by one entry, as
long as nothing was written to the index in between.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Scope:
    """The extent of a search.

    document_ids: of these documents alone; None for all
    image_only: the documents' own words stay unused
    mends: words with a slip are read as words of the library
    exact: all pages are compared, where otherwise a first stage chooses those that are
    """

    document_ids: tuple[str, ...] | None = None
    image_only: bool = False
    mends: bool = True
    exact: bool = False

    @classmethod
    def of(
        cls, document_ids: Sequence[str] | None, image_only: bool, mends: bool = True, exact: bool = False
    ) -> Scope:
        """The documents in any sequence."""
        return cls(None if document_ids is None else tuple(document_ids), image_only, mends, exact)


@dataclass(frozen=True, slots=True, eq=False)
class PreparedQuery:
    """A query as ranking and heat maps both need it.

    weights: (n_words,) of each word in the library that is searched
    seen, written, meant: pages by what is seen on them, what their documents spell, and what their text means, best first
    nulls: how close in meaning the library comes by chance; None where meaning takes no part
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

    def find(self, key: Hashable, fits: Callable[[Entry], bool] = lambda _: True) -> Entry | None:
        """The entry of that key, where there is one that fits."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or not fits(entry):
                return None
            self._entries.move_to_end(key)
            return entry

    def keep(self, key: Hashable, entry: Entry) -> Entry:
        """Remember the entry, and give it back; the one that was used least recently may go for it."""
        with self._lock:
            self._entries[key] = entry
            self._entries.move_to_end(key)
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)
        return entry

"""The interface that `QdrantStore` needs of Qdrant, in this process or on a server."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from pagelight.retrieval.errors import LibraryDamaged
from pagelight.retrieval.store import fields
from pagelight.retrieval.store.page_store import ScoredPage
from pagelight.retrieval.store.record import Totals
from pagelight.retrieval.text.bm25 import SparseTerms
from pagelight.retrieval.types import Floats

#: ids that are known as texts, of some 250 bytes each (limit)
_TEXTS = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """A page as Qdrant keeps it. vectors: by name, one, several (n, dim) or a sparse one"""

    page_id: str
    vectors: dict[str, Floats | SparseTerms]
    payload: dict[str, Any]

    @property
    def n_numbers(self) -> int:
        """Numbers of all of its vectors."""
        return sum(len(v.indices) if isinstance(v, SparseTerms) else v.size for v in self.vectors.values())


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """One search.

    using: the name of the vectors; vector: (dim,), (n_tokens, dim), or sparse
    limit: pages that are wanted, instead of the request's own limit
    all_documents: in all of them, whatever the request says
    page_ids: these pages only
    prefetch: searches that choose the pages which are compared
    scores_only: no ids are asked for; making a page's id a text takes as long as finding it
    """

    using: str
    vector: Floats | SparseTerms
    limit: int | None = None
    all_documents: bool = False
    page_ids: Sequence[str] | None = None
    prefetch: Sequence[Nearest] = ()
    scores_only: bool = False

    @property
    def is_filtered(self) -> bool:
        """Whether the request's documents limit it.

        Searches of `prefetch` hand on what is asked for only, and a long list of documents takes its time.
        """
        return not (self.all_documents or self.prefetch)


@dataclass(frozen=True, slots=True)
class Scan:
    """Precision of a multivector search's first scan.

    oversampling: None compares all kept vectors; else the coarse copy does, and hands on so many times the limit
    """

    oversampling: float | None


class QdrantEngine(Protocol):
    """One shard or collection. Safe for several reading threads beside one writing thread."""

    def upsert(self, points: Sequence[Point]) -> None:
        """Insert or replace; durable when it returns."""

    def deepen(self, points: Sequence[Point]) -> None:
        """Add vectors and payload to points, and take fields.SHALLOW from them; durable when it returns.

        Nothing else of them is written, so that a crash leaves them as they were, or as they will be. Points that
        are not there are ignored.
        """

    def update_vectors(self, points: Sequence[Point]) -> None:
        """Replace vectors of points and nothing else of them; durable when it returns. Points that are not there are ignored."""

    def delete_document(self, document_id: str) -> None: ...

    @property
    def side_files(self) -> SideFiles:
        """Files beside the pages."""

    @property
    def notice_seconds(self) -> float:
        """Time after which everybody who has the index open knows its side files."""

    def query(
        self,
        searches: Sequence[Nearest],
        limit: int,
        document_ids: Sequence[str] | None,
        scan: Scan | None,
        floor: float | None,
    ) -> list[list[ScoredPage]]:
        """One list of pages for each search, best first; Qdrant answers all of them in one request."""

    def retrieve(self, page_ids: Sequence[str], fields: bool | list[str], vectors: list[str]) -> list[Any]:
        """Qdrant's records, in any order. fields: of the payload, all of them or these"""

    def damaged(self) -> LibraryDamaged:
        """The error to raise where the records do not fit together."""

    def payloads(self, document_id: str | None, fields: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """(page id, payload) of a document's pages, or of all."""

    def totals(self) -> Totals: ...

    def n_without_meaning(self) -> int:
        """Pages that have lost what their text means, by counts."""

    def bytes_on_disk(self) -> int: ...

    def close(self) -> None: ...


def document_filter(models: Any, document_ids: Sequence[str]) -> Any:
    """Pages of these documents. models: Qdrant's, of the embedded engine or of the client, which have the same names"""
    match = models.MatchAny(any=list(document_ids))
    return models.Filter(must=[models.FieldCondition(key=fields.DOCUMENT_ID, match=match)])


def search_params(models: Any, scan: Scan | None) -> Any:
    """Precision of a first scan. models: as in `document_filter`"""
    if scan is None:
        return None
    if scan.oversampling is None:
        return models.SearchParams(exact=True)
    return models.SearchParams(
        quantization=models.QuantizationSearchParams(rescore=True, oversampling=scan.oversampling)
    )


def threshold(floor: float | None) -> float | None:
    """A little below `floor`: Qdrant wants more than its threshold, the protocol at least the floor."""
    return None if floor is None else math.nextafter(floor - 1e-6, -math.inf)


def scored_pages(points: Iterable[Any], floor: float | None, search: Nearest) -> list[ScoredPage]:
    """Qdrant's points, embedded or from a server, whose score is at least `floor`; those of `scores_only` without ids."""
    if search.scores_only:
        return [ScoredPage("", point.score) for point in points]
    found = [(point.id, point.score) for point in points]
    pages = [ScoredPage(i if isinstance(i, str) else _text_of(i.int), score) for i, score in found]
    return pages if floor is None else [page for page in pages if page.score >= floor]


@lru_cache(maxsize=_TEXTS)
def _text_of(number: int) -> str:
    """A UUID, as an embedded engine's ids are, as a text: looking it up is faster than writing it out, by its number most of all."""
    return str(UUID(int=number))


class SideFiles(Protocol):
    """Files by name, in a folder or on a server."""

    def write(self, name: str, content: bytes) -> None:
        """Write a file: there whole or not at all, durable when it returns."""

    def names(self) -> list[str]:
        """The names of the files that are whole."""

    def read(self, name: str) -> bytes | None:
        """The file, None where there is none."""

    def remove(self, name: str) -> None:
        """Remove a file; an unknown name is ignored."""

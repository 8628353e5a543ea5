"""The layout of an index: how its pages become points of Qdrant, and terms a search of one of its vectors."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from pagelight.retrieval.codebook import Codebook, term_entry
from pagelight.retrieval.store import codec, fields
from pagelight.retrieval.store.packing import Packing
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.store.precision import parse_precision
from pagelight.retrieval.store.qdrant_engine import Nearest, Point
from pagelight.retrieval.text.bm25 import SparseTerms, query_vector
from pagelight.retrieval.types import StoredPage


class Layout:
    """The form of an index's points, by its configuration. Safe for several threads.

    precision: of its vectors; multivectors: names of those that a whole page is read with
    meaning_dim: numbers of a passage's vector, 0 where nothing is known of meaning
    """

    def __init__(self, config: IndexConfig) -> None:
        self._config = config
        self.precision = parse_precision(config.precision)
        self.meaning_dim = config.meaning_dim
        self.multivectors = [
            *([] if config.codebook else [fields.PATCHES]),
            *([fields.PASSAGES] if config.meaning_dim else []),
        ]
        self._codebook_lock = Lock()
        self._codebook: Codebook | None = None

    @property
    def codebook(self) -> Codebook | None:
        """Loaded at its first use, which takes half a second."""
        if self._config.codebook is None:
            return None
        with self._codebook_lock:
            if self._codebook is None:
                self._codebook = Codebook.load(self._config.codebook)
            return self._codebook

    @property
    def packing(self) -> Packing:
        """How an index with a codebook packs vectors; one without packs none."""
        codebook = self.codebook
        return Packing(self._config.dim, codebook.dim if codebook else 0, self.precision.grain)

    def points(self, pages: Sequence[StoredPage]) -> list[Point]:
        """The pages as Qdrant keeps them, without entries of learned centroids."""
        dim, codebook, packing = self._config.dim, self.codebook, self.packing
        usual = self._config.pruning
        if codebook is None:
            return [Point(p.page_id, codec.to_vectors(p, dim), codec.to_unpacked(p, usual)) for p in pages]
        spelled = [codec.term_counts(page) for page in pages]
        packed = [
            codec.to_packed(page, packing, own, usual) for page, own in zip(pages, spelled, strict=True)
        ]
        entries = codebook.page_codes([page.embedding for page in pages])
        return [
            Point(page.page_id, codec.to_entries(page, own, own_terms), payload)
            for page, own, own_terms, payload in zip(pages, entries, spelled, packed, strict=True)
        ]

    def spelling(self, terms: Sequence[str], limit: int | None = None) -> Nearest:
        """A search for pages whose document spells the terms, which are entries like others where there is a codebook."""
        vector = query_vector(terms)
        if self._config.codebook is None:
            return Nearest(fields.WORDS, vector, limit)
        entries = sorted({term_entry(index) for index in vector.indices})
        return Nearest(fields.SEEN, SparseTerms(entries, [1.0] * len(entries)), limit)

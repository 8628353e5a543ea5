"""The interface of stores to the rest of Pagelight."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from pagelight.retrieval.centroids import LEARNED
from pagelight.retrieval.codebook import Codebook
from pagelight.retrieval.encoders.encoder import Encoder, text_encoder
from pagelight.retrieval.store.columns import PageColumns
from pagelight.retrieval.store.precision import parse_precision
from pagelight.retrieval.text.analyzer import ANALYZER_VERSION
from pagelight.retrieval.text.bm25 import SparseTerms
from pagelight.retrieval.types import Floats, PageMeaning, PageWords, StoredPage


@dataclass(frozen=True, slots=True)
class IndexConfig:
    """The parameters of one index; opening it with others raises ModelMismatch.

    precision: how the vectors are kept and compared. "fp32", "fp16", "turbo8" and "turbo4" keep 32, 16, 8 and 4
        bits a number; "int8", "turbo2", "turbo1" and "binary" keep 16 and a coarse copy for a faster first scan
    meaning_dim: length of the vectors that say what a page's text means; None for encoders that do not know
    analyzer: version of the text analysis that made the terms of the documents' own words
    codebook: name of the centroids that a first search goes by; None compares all vectors. With one, vectors are
        kept packed: in two characters a number, and in one for the precisions of 8 bits and less
    centroids: name of the centroids that are learned from the library once it is large, for encoders without a codebook
    Raises InvalidSetting for any other precision.
    """

    model: str
    dim: int
    pruning: str
    precision: str = "fp16"
    meaning_dim: int | None = None
    analyzer: int = ANALYZER_VERSION
    codebook: str | None = None
    centroids: str | None = None

    def __post_init__(self) -> None:
        parse_precision(self.precision)

    @classmethod
    def of(cls, encoder: Encoder, pruning: str, precision: str | None = None) -> IndexConfig:
        """The configuration of an index that this encoder fills.

        pruning: the spec; precision: None for "turbo8" where vectors are packed, which loses nothing there
        (docs/pruning.md), and "fp16" elsewhere
        """
        text = text_encoder(encoder)
        info = encoder.info
        usual = "turbo8" if info.codebook else "fp16"
        return cls(
            info.name,
            info.dim,
            pruning,
            precision or usual,
            text.dim if text else None,
            codebook=info.codebook,
            # what is ranked by more than MaxSim needs to know how common a word is, which centroids do not tell
            centroids=LEARNED if encoder.scoring is None and info.codebook is None else None,
        )


class ScoredPage(NamedTuple):
    """A page's point id with its score: a tuple, since a search makes some hundreds."""

    page_id: str
    score: float


@dataclass(frozen=True, slots=True)
class StoreStats:
    """Counts of what is stored, known without looking at files.

    n_pages stored; n_vectors and n_patches (sum of counts) over all of them
    n_shallow: pages whose meaning is still to come
    generation: changes with whatever is written or deleted
    """

    n_pages: int
    n_vectors: int
    n_patches: int
    n_shallow: int = 0
    generation: tuple[int, ...] = ()

    @property
    def n_deep(self) -> int:
        """Pages whose meaning is known, as far as they have any text."""
        return self.n_pages - self.n_shallow


@dataclass(frozen=True, slots=True, eq=False)
class Lookup:
    """The request to a first stage.

    entries: of the codebook, each with what it counts for beside its rarity; n_seen: pages that are wanted by them
    terms: of the documents' own words; meaning: a query's tokens (n_tokens, meaning_dim), None for none; n_others: pages
        that are wanted by each
    counted: entries, or `term_entry`s, of which it is asked how many pages of the whole index have them
    """

    entries: SparseTerms = field(default_factory=lambda: SparseTerms([], []))
    terms: Sequence[str] = ()
    meaning: Floats | None = None
    n_seen: int = 0
    n_others: int = 0
    counted: Sequence[int] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The answer of a first stage, each list best first.

    seen, written, meant: pages by their entries, by their documents' words, and by how close they are in meaning
    close: closeness in meaning of all of them by page id, 0 for those without passages
    counts: (n,) pages of the whole index that have each of `Lookup.counted`
    """

    seen: list[ScoredPage]
    written: list[ScoredPage]
    meant: list[ScoredPage]
    close: dict[str, float]
    counts: Floats


class PageStore(Protocol):
    """Pages with their multivectors. Safe for several reading threads beside one writing thread."""

    @property
    def config(self) -> IndexConfig: ...

    def upsert(self, pages: Sequence[StoredPage]) -> None:
        """Insert or replace; durable when it returns."""

    def shallow_pages(self, document_id: str) -> set[int]:
        """The pages of a document whose meaning is still to come, counted from 1."""

    def without_meaning(self, document_id: str) -> set[int]:
        """The pages of a document that have lost what their text means: what says so of them is damaged."""

    def n_without_meaning(self) -> int:
        """How many of them all documents have, by counts; 0 on a server."""

    def without_terms(self, page_ids: Sequence[str]) -> set[str]:
        """Those of the pages that have vectors, and have lost the entries by which searches choose them: those of an index
        with a codebook."""

    def fetch_to_understand(self, page_ids: Sequence[str]) -> dict[str, PageWords]:
        """The words that are still to be understood, by page id; pages of which nothing is are left out."""

    def deepen(self, meanings: Mapping[str, PageMeaning]) -> None:
        """Add what the text of pages means, by page id; durable when it returns, and no other part is written.

        Pages of which nothing was to come are left as they are.
        """

    def search(
        self, vectors: Floats, limit: int, document_ids: Sequence[str] | None = None, exact: bool = True
    ) -> list[ScoredPage]:
        """Exact MaxSim of `vectors` (n_tokens, dim; weights folded into their length), best first.

        exact: of all pages; else of those that a first stage chooses, where there is one (`has_first_stage`)
        """

    @property
    def has_first_stage(self) -> bool:
        """Whether a first stage can choose the pages that `search` compares: a large library of learned centroids."""

    @property
    def has_current_centroids(self) -> bool:
        """Whether `update_centroids` has nothing to do, as far as that is known without reading pages."""

    def update_centroids(self, wanted: Callable[[], bool] = lambda: True) -> bool:
        """The next piece of what lets a first stage follow the library; False where nothing is left to do. For one thread.

        wanted: asked every second or so, and where it no longer is, the piece is broken off
        Searches go on meanwhile, and whatever is broken off is taken up again, also by another process.
        """

    def search_tokens(
        self, vectors: Floats, limit: int, floor: float, document_ids: Sequence[str] | None = None
    ) -> list[list[ScoredPage]]:
        """The pages whose best similarity with a token is at least `floor`, a list for each token, best first."""

    @property
    def codebook(self) -> Codebook | None:
        """The codebook that the first stage of a search looks entries up in; None where every search compares all vectors."""

    def find(self, lookup: Lookup, document_ids: Sequence[str] | None = None) -> Candidates:
        """The first stage of a search, in one request. Needs a codebook."""

    def columns(self, page_ids: Sequence[str]) -> PageColumns:
        """The pages' evidence for a ranking, side by side in the given order; unknown ids are left out. Needs a codebook."""

    def prepare_writing(self) -> None:
        """Load what the first page that is written would wait for."""

    def load_columns(self, wanted: Callable[[], bool] = lambda: True) -> None:
        """Keep `columns` of all pages in memory as far as there is room, also of those written later; not of a server's.

        wanted: asked every few milliseconds; where it no longer is, the rest stays unread
        """

    def closeness(self, vectors: Floats, page_ids: Sequence[str]) -> dict[str, float]:
        """Closeness in meaning as in `search_meaning`, of just these pages; those without passages are absent."""

    def search_text(
        self, terms: Sequence[str], limit: int, document_ids: Sequence[str] | None = None
    ) -> list[ScoredPage]:
        """BM25 over the documents' own words, best first; pages without any of the terms are absent."""

    def search_terms(
        self, terms: Sequence[str], limit: int, document_ids: Sequence[str] | None = None
    ) -> list[list[ScoredPage]]:
        """The pages whose document spells a term, a list for each term, most telling first."""

    def search_meaning(
        self, vectors: Floats, limit: int, document_ids: Sequence[str] | None = None, exact: bool = True
    ) -> list[ScoredPage]:
        """As `search`, of a query's meaning (n_tokens, meaning_dim) with the pages' passages; nothing without a meaning_dim.

        exact: compare every token with every passage; else the sum of the tokens chooses the pages that are compared
        """

    def fetch(self, page_ids: Sequence[str]) -> list[StoredPage]:
        """The pages in the given order; unknown ids are left out."""

    def fetch_words(self, page_ids: Sequence[str]) -> list[PageWords]:
        """The documents' own words on the pages in the given order; none of unknown ids."""

    def fetch_text(self, page_ids: Sequence[str]) -> dict[str, PageWords]:
        """The words for people to select, by page id: the documents' own, and what was read where they have none."""

    def page_numbers(self, document_id: str) -> set[int]:
        """The pages of a document that are stored, counted from 1."""

    def document_ids(self) -> set[str]:
        """Every document that has pages here."""

    def delete_document(self, document_id: str) -> None:
        """Remove all pages of a document; unknown ones are ignored."""

    def stats(self) -> StoreStats:
        """Counts of what is stored; cheap enough to be asked at every search."""

    def bytes_on_disk(self) -> int:
        """Bytes that the index takes up, by looking at its files; 0: not known."""

    def close(self) -> None: ...

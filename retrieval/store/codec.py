"""A page as Qdrant keeps it: its vectors, packed or as a multivector, and a small payload.

Besides the vectors only numbers that people or filters need are plain; which cell has which vector, and the document's
words with their boxes, are packed (`packed_places`). What says nothing new is left out: how important a vector was, once what is
unimportant is gone, and a page's pruning where it is the index's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.codebook import term_entry
from pagelight.retrieval.maxsim import l2_normalized
from pagelight.retrieval.store import packed_places
from pagelight.retrieval.store.columns import PageColumn
from pagelight.retrieval.store.fields import (
    DOCUMENT_ID,
    LEGIBLE,
    MEANING,
    N_LEGIBLE,
    N_PATCHES,
    N_VECTORS,
    PAGE,
    PASSAGES,
    PATCHES,
    SEEN,
    SHALLOW,
    SUBJECT,
    TERMS,
    VECTORS,
    WORDS,
)
from pagelight.retrieval.store.packing import Packing, pack_terms, unpack_terms
from pagelight.retrieval.store.printable import pack, unpack
from pagelight.retrieval.store.qdrant_engine import Point
from pagelight.retrieval.text.analyzer import terms
from pagelight.retrieval.text.bm25 import SparseTerms, document_vector, term_index
from pagelight.retrieval.types import (
    Floats,
    Ints,
    Kinds,
    PageEmbedding,
    PageMeaning,
    PageName,
    PageWords,
    PatchGrid,
    StoredPage,
)

#: the largest int16 (form)
_INT16_MAX = 32767


def checked(page: StoredPage, dim: int) -> Floats:
    """(n_vectors, dim), the page's vectors. Raises ValueError where they cannot be stored."""
    vectors = page.embedding.vectors
    if vectors.shape[1] != dim or len(vectors) > _INT16_MAX:
        raise ValueError(f"vectors: expected (at most {_INT16_MAX}, {dim}), got {vectors.shape}")
    if not np.isfinite(vectors).all():
        raise ValueError(f"vectors: page {page.page} of {page.document} holds NaN or infinity")
    return vectors


def to_payload(page: StoredPage, usual: str | None = None) -> dict[str, Any]:
    """Everything about the page except its vectors. usual: the pruning of the index's pages"""
    embedding, grid = page.embedding, page.embedding.grid
    n_places, cells = packed_places.pack_cells(embedding.cell_to_vector, grid.n_cols, len(embedding))
    payload: dict[str, Any] = {
        DOCUMENT_ID: page.document_id,
        # a file's name may hold bytes that are no UTF-8
        "document": page.document.encode("utf-8", "replace").decode(),
        PAGE: page.page,
        "grid": [grid.n_rows, grid.n_cols, n_places],
        N_VECTORS: len(embedding),
        N_PATCHES: int(embedding.counts.sum()),
        "kept": round(float(page.kept), 6),
        "cells": cells,
    }
    if embedding.n_special:
        payload["n_special"] = embedding.n_special
    if page.pruning != usual:
        payload["pruning"] = page.pruning
    if len(page.words):
        payload["n_words"] = len(page.words)
        payload[WORDS] = packed_places.pack_words(page.words)
    if len(page.legible):
        payload |= {N_LEGIBLE: len(page.legible), LEGIBLE: packed_places.pack_words(page.legible)}
    if page.to_understand is not None:
        payload[SHALLOW] = _to_understand(page, page.to_understand)
    elif len(page.meaning):
        payload[MEANING] = to_meaning(page.meaning, page.meaning_read)
    return payload


def to_unpacked(page: StoredPage, usual: str | None = None) -> dict[str, Any]:
    """The payload of an index without a codebook: what vectors stand for as well."""
    embedding = page.embedding
    counts = np.clip(embedding.counts, 0, _INT16_MAX)
    return {**to_payload(page, usual), "counts": pack([counts, embedding.kinds])}


def to_meaning(meaning: PageMeaning, read: bool) -> dict[str, Any]:
    """Everything about what a page's text means except its vectors. read: of words that the encoder read"""
    return {"n_lines": len(meaning.lines), "lines": packed_places.pack_lines(meaning), "read": read}


def meaning_point(page_id: str, meaning: PageMeaning, read: bool) -> Point:
    """The point that adds its meaning to a page that is stored without. read: see `to_meaning`"""
    if not len(meaning):
        return Point(page_id, {}, {})
    return Point(page_id, meaning_vectors(meaning, f"page {page_id}"), {MEANING: to_meaning(meaning, read)})


def _to_understand(page: StoredPage, words: PageWords) -> dict[str, Any]:
    """The words themselves only where they are not the document's own, which are kept anyway."""
    is_own = words.texts == page.words.texts and np.array_equal(words.boxes, page.words.boxes)
    kept = {} if is_own else {"n_words": len(words), WORDS: packed_places.pack_words(words)}
    return {"read": page.meaning_read, **kept}


def words_to_understand(payload: dict[str, Any]) -> PageWords | None:
    """The words whose meaning is still to come; None where nothing is. payload: SHALLOW, WORDS and "n_words" of it"""
    if SHALLOW not in payload:
        return None
    kept = payload[SHALLOW] if WORDS in payload[SHALLOW] else payload
    return _words(kept)


def _words(payload: dict[str, Any]) -> PageWords:
    return (
        packed_places.unpack_words(payload[WORDS], int(payload["n_words"]))
        if WORDS in payload
        else PageWords()
    )


def page_terms(words: PageWords) -> list[str]:
    """The terms of the words in order; those of single words are remembered."""
    return [term for text in words.texts for term in terms(text)]


def to_vectors(page: StoredPage, dim: int) -> dict[str, Floats | SparseTerms]:
    """The page's vectors by name; a page without patches, or without words, lacks theirs.

    Raises ValueError where they cannot be stored.
    """
    vectors = meaning_vectors(page.meaning, f"page {page.page} of {page.document}")
    if len(checked(page, dim)):
        vectors[PATCHES] = page.embedding.vectors
    words = document_vector(page_terms(page.words))
    if words:
        vectors[WORDS] = words
    return vectors


def to_entries(
    page: StoredPage, entries: NDArray[np.int64], own: Iterable[int]
) -> dict[str, Floats | SparseTerms]:
    """The page's vectors by name in an index with a codebook, whose payload has the vectors themselves.

    own: the indices of the document's own terms
    Raises ValueError where they cannot be stored.
    """
    vectors = meaning_vectors(page.meaning, f"page {page.page} of {page.document}")
    seen = [*entries.tolist(), *sorted({term_entry(index) for index in own})]
    if seen:
        vectors[SEEN] = SparseTerms(seen, [1.0] * len(seen))
    return vectors


def meaning_vectors(meaning: PageMeaning, whose: str) -> dict[str, Floats | SparseTerms]:
    """The vectors of a page's meaning, by name; none without passages. Raises ValueError where it cannot be stored."""
    if not len(meaning):
        return {}
    if not np.isfinite(meaning.vectors).all():
        raise ValueError(f"passages: {whose} holds NaN or infinity")
    return {
        PASSAGES: meaning.vectors,
        SUBJECT: l2_normalized(meaning.vectors.sum(axis=0)),
    }


def term_counts(page: StoredPage) -> Counter[int]:
    """How often each term of the document's own words occurs on the page, by its index."""
    return Counter(term_index(term) for term in page_terms(page.words))


def to_packed(
    page: StoredPage, packing: Packing, own: Mapping[int, int], usual: str | None = None
) -> dict[str, Any]:
    """The payload of an index with a codebook: everything about the page except its passages. own: `term_counts`"""
    vectors, embedding = checked(page, packing.dim), page.embedding
    return {
        **to_payload(page, usual),
        VECTORS: packing.pack(vectors, embedding.counts, embedding.kinds),
        TERMS: pack_terms(own),
    }


def words_of(records: Iterable[Any]) -> dict[str, PageWords]:
    """The documents' words of Qdrant's records, by page id; where they were asked for, the legible ones in their place."""
    return {str(r.id): _legible(r.payload) if LEGIBLE in r.payload else _words(r.payload) for r in records}


def _legible(payload: dict[str, Any]) -> PageWords:
    return packed_places.unpack_words(payload[LEGIBLE], int(payload[N_LEGIBLE]))


def columns_of(records: Iterable[Any], packing: Packing) -> dict[str, PageColumn]:
    """The columns of Qdrant's records, by page id. Raises ValueError for vectors that do not fit their page."""
    pages = [(str(r.id), r.payload) for r in records]
    packed = [packing.take_apart(payload[VECTORS], int(payload[N_VECTORS])) for _, payload in pages]
    words, looks = packing.rows(packed)
    terms, frequencies, starts = unpack_terms([payload[TERMS] for _, payload in pages])
    found = {}
    for at, (page_id, payload) in enumerate(pages):
        # None for a page without passages
        read = payload.get(MEANING, payload.get(SHALLOW, {})).get("read")
        own = slice(starts[at], starts[at + 1])
        found[page_id] = PageColumn(
            PageName(page_id, payload[DOCUMENT_ID], payload["document"], int(payload[PAGE])),
            int(payload[N_PATCHES]),
            bool(read),
            read is None or bool(read),
            SHALLOW in payload,
            words[at],
            looks[at],
            terms[own].copy(),
            frequencies[own].copy(),
        )
    return found


def from_payload(
    payload: dict[str, Any],
    vectors: Floats,
    counts: Ints,
    kinds: Kinds,
    passages: Any = None,
    usual: str = "",
) -> StoredPage:
    """The page again, of unknown importance; boxes went through steps of 1/4096 of the page.

    vectors: (n_vectors, dim); counts, kinds: (n_vectors,)
    passages: (n_passages, meaning_dim) numbers as Qdrant returns them, or None for a page without any
    usual: the pruning of the index's pages
    """
    n_rows, n_cols, n_places = payload["grid"]
    grid, n = PatchGrid(n_rows, n_cols), int(payload[N_VECTORS])
    embedding = PageEmbedding(
        vectors=vectors,
        grid=grid,
        cell_to_vector=packed_places.unpack_cells(payload["cells"], n_places, grid.n_cells, grid.n_cols, n),
        importance=np.full(n, np.nan, np.float32),
        counts=counts,
        kinds=kinds,
        n_special=int(payload.get("n_special", 0)),
    )
    # a crash may have left vectors whose lines were not written yet; the page is then still to be understood
    has_meaning = passages is not None and MEANING in payload
    text = payload.get(MEANING, payload.get(SHALLOW, {}))
    return StoredPage(
        document_id=payload[DOCUMENT_ID],
        document=payload["document"],
        page=int(payload[PAGE]),
        embedding=embedding,
        words=_words(payload),
        pruning=payload.get("pruning", usual),
        kept=float(payload["kept"]),
        meaning=_unpack_meaning(payload[MEANING], passages) if has_meaning else PageMeaning.none(),
        meaning_read=bool(text.get("read")),
        to_understand=words_to_understand(payload),
    )


def from_records(records: Iterable[Any], packing: Packing, usual: str = "") -> list[StoredPage]:
    """The pages of Qdrant's records, embedded or from a server. packing: of vectors that are packed; usual: `to_payload`"""
    found = []
    for r in records:
        payload, given = r.payload or {}, r.vector or {}
        n = int(payload[N_VECTORS])
        if VECTORS in payload:
            vectors, counts, kinds = packing.unpack(payload[VECTORS], n)
        else:
            numbers, _ = unpack(payload["counts"], [n, n])
            counts, kinds = numbers[0].astype(np.int32), numbers[1].astype(np.uint8)
            patches = given.get(PATCHES)
            vectors = np.asarray([] if patches is None else patches, np.float32).reshape(-1, packing.dim)
        found.append(from_payload(payload, vectors, counts, kinds, given.get(PASSAGES), usual))
    return found


def _unpack_meaning(payload: dict[str, Any], passages: Any) -> PageMeaning:
    lines, passage_of_line = packed_places.unpack_lines(payload["lines"], int(payload["n_lines"]))
    return PageMeaning(np.asarray(passages, np.float32), lines, passage_of_line)

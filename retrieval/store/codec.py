"""A page as Qdrant keeps it: its vectors, packed or as a multivector, and a small payload.

Besides the vectors only numbers that people or filters need are plain; which cell has which vector of which kind, and the
document's words with their boxes, are packed: int16 or float16 columns, byte planes, deflate, base 64. For a page
of 500 words and 200 vectors that is about 5 KB beside 50 KB of vectors.
"""

from __future__ import annotations

import base64
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.codebook import term_entry
from pagelight.retrieval.store.columns import PageColumn
from pagelight.retrieval.store.packing import Packing, pack_terms
from pagelight.retrieval.text.analyzer import terms
from pagelight.retrieval.text.bm25 import SparseTerms, document_vector, term_index
from pagelight.retrieval.types import (
    PRUNED,
    Floats,
    Ints,
    PageEmbedding,
    PageMeaning,
    PageWords,
    PatchGrid,
    StoredPage,
)

#: names of the vectors and of the payload's fields, the same in the embedded store and on a server
PATCHES = "patches"
PASSAGES = "passages"
#: of the page's passages together
SUBJECT = "subject"
WORDS = "words"
#: of indexes with a codebook: its entries, and the terms of the document's own words
SEEN = "seen"
DOCUMENT_ID = "document_id"
PAGE = "page"
N_VECTORS = "n_vectors"
N_PATCHES = "n_patches"
#: of indexes with a codebook: the packed vectors, and the terms of the document's own words
VECTORS = "vectors"
TERMS = "terms"
#: what a page's text means, beside the vectors in PASSAGES; and instead of it, which words that is to be made of
MEANING = "meaning"
SHALLOW = "shallow"
#: enough to see that a page's meaning is still to come
IS_SHALLOW = f"{SHALLOW}.read"
#: the fields that `PageColumn`s are made of
COLUMNS = [
    DOCUMENT_ID,
    "document",
    PAGE,
    N_VECTORS,
    N_PATCHES,
    VECTORS,
    TERMS,
    f"{MEANING}.read",
    IS_SHALLOW,
]

#: boxes are kept in steps of 1/8192 of the page, a tenth of a point on A4 (form)
_BOX_STEPS = 8192
_BETWEEN_WORDS = "\0"
#: the largest int16 (form)
_INT16_MAX = 32767


def _pack(*columns: NDArray[Any], tail: bytes = b"") -> str:
    """Columns of two-byte numbers, all low bytes before all high bytes, which deflate takes better."""
    planes = b"".join(np.ascontiguousarray(c).view(np.uint8).reshape(-1, 2).T.tobytes() for c in columns)
    return base64.b64encode(zlib.compress(planes + tail)).decode("ascii")


def _unpack(text: str, *columns: tuple[str, int]) -> tuple[list[NDArray[Any]], bytes]:
    """The reverse of `_pack`, for columns of (dtype, length); and the tail."""
    data = zlib.decompress(base64.b64decode(text))
    arrays, start = [], 0
    for dtype, length in columns:
        planes = np.frombuffer(data, np.uint8, 2 * length, start).reshape(2, length)
        arrays.append(np.array(planes.T, order="C").reshape(-1).view(dtype))  # (length,), writable
        start += 2 * length
    return arrays, data[start:]


def _steps(cells: Ints) -> NDArray[np.int16]:
    """Each cell's vector relative to the vector of the covered cell before it, so that selection is all ones.

    Pruned cells are -32768.
    """
    covered = cells != PRUNED
    steps = np.full(len(cells), -_INT16_MAX - 1, np.int16)
    steps[covered] = np.diff(cells[covered], prepend=-1)
    return steps


def _cells(steps: NDArray[np.int16]) -> Ints:
    covered = steps != -_INT16_MAX - 1
    cells = np.full(len(steps), PRUNED, np.int32)
    cells[covered] = np.cumsum(steps[covered].astype(np.int32)) - 1
    return cells


def _pack_words(words: PageWords) -> str:
    boxes = np.rint(np.clip(words.boxes, -3.9, 3.9) * _BOX_STEPS).astype(np.int16)  # (n, 4)
    columns = boxes.copy()
    # a word begins near the end of the word before it, on the same line
    columns[1:, 0] -= boxes[:-1, 2]
    columns[1:, 1] -= boxes[:-1, 1]
    columns[:, 2:] -= boxes[:, :2]
    texts = _BETWEEN_WORDS.join(text.replace(_BETWEEN_WORDS, "") for text in words.texts)
    return _pack(*columns.T, tail=texts.encode("utf-8", "replace"))


def _unpack_words(packed: str, n: int) -> PageWords:
    (x, y, width, height), tail = _unpack(packed, *[("<i2", n)] * 4)
    # int16 throughout: a step that wrapped on the way in wraps back here
    x[1:] += width[:-1]
    left, top = np.cumsum(x, dtype=np.int16), np.cumsum(y, dtype=np.int16)
    boxes = np.stack([left, top, left + width, top + height], axis=1)  # (n, 4)
    return PageWords(
        tuple(tail.decode().split(_BETWEEN_WORDS)), boxes.astype(np.float32) / np.float32(_BOX_STEPS)
    )


def checked(page: StoredPage, dim: int) -> Floats:
    """(n_vectors, dim), the page's vectors. Raises ValueError where they cannot be stored."""
    vectors = page.embedding.vectors
    if vectors.shape[1] != dim or len(vectors) > _INT16_MAX:
        raise ValueError(f"vectors: expected (at most {_INT16_MAX}, {dim}), got {vectors.shape}")
    if not np.isfinite(vectors).all():
        raise ValueError(f"vectors: page {page.page} of {page.document} holds NaN or infinity")
    return vectors


def to_payload(page: StoredPage) -> dict[str, Any]:
    """Everything about the page except its vectors."""
    embedding = page.embedding
    payload: dict[str, Any] = {
        DOCUMENT_ID: page.document_id,
        # a file's name may hold bytes that are no UTF-8
        "document": page.document.encode("utf-8", "replace").decode(),
        PAGE: page.page,
        "grid": [embedding.grid.n_rows, embedding.grid.n_cols],
        "n_special": embedding.n_special,
        N_VECTORS: len(embedding),
        N_PATCHES: int(embedding.counts.sum()),
        "pruning": page.pruning,
        "kept": round(float(page.kept), 6),
        "provenance": _pack(
            _steps(embedding.cell_to_vector),
            np.clip(embedding.counts, 0, _INT16_MAX).astype("<i2"),
            embedding.importance.astype("<f2"),
            tail=embedding.kinds.tobytes(),
        ),
    }
    if len(page.words):
        payload["n_words"] = len(page.words)
        payload["words"] = _pack_words(page.words)
    if page.to_understand is not None:
        payload[SHALLOW] = _to_understand(page, page.to_understand)
    elif len(page.meaning):
        payload[MEANING] = to_meaning(page.meaning, page.meaning_read)
    return payload


def to_meaning(meaning: PageMeaning, read: bool) -> dict[str, Any]:
    """Everything about what a page's text means except its vectors. read: of words that the encoder read"""
    return {"n_lines": len(meaning.lines), "lines": _pack_lines(meaning), "read": read}


def _to_understand(page: StoredPage, words: PageWords) -> dict[str, Any]:
    """The words themselves only where they are not the document's own, which are kept anyway."""
    is_own = words.texts == page.words.texts and np.array_equal(words.boxes, page.words.boxes)
    kept = {} if is_own else {"n_words": len(words), "words": _pack_words(words)}
    return {"read": page.meaning_read, **kept}


def words_to_understand(payload: dict[str, Any]) -> PageWords | None:
    """The words whose meaning is still to come; None where nothing is. payload: SHALLOW, WORDS and "n_words" of it"""
    if SHALLOW not in payload:
        return None
    kept = payload[SHALLOW] if WORDS in payload[SHALLOW] else payload
    return _words(kept)


def _words(payload: dict[str, Any]) -> PageWords:
    return _unpack_words(payload[WORDS], int(payload["n_words"])) if WORDS in payload else PageWords()


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
    """What a page's text means, by name; nothing without passages. Raises ValueError where it cannot be stored."""
    if not len(meaning):
        return {}
    if not np.isfinite(meaning.vectors).all():
        raise ValueError(f"passages: {whose} holds NaN or infinity")
    subject = meaning.vectors.sum(axis=0)
    return {
        PASSAGES: meaning.vectors,
        SUBJECT: np.asarray(subject / max(float(np.linalg.norm(subject)), 1e-6), np.float32),
    }


def term_counts(page: StoredPage) -> Counter[int]:
    """How often each term of the document's own words occurs on the page, by its index."""
    return Counter(term_index(term) for term in page_terms(page.words))


def to_packed(page: StoredPage, packing: Packing, own: Mapping[int, int]) -> dict[str, Any]:
    """The payload of an index with a codebook: everything about the page except its passages. own: `term_counts`"""
    vectors, embedding = checked(page, packing.dim), page.embedding
    return {
        **to_payload(page),
        VECTORS: packing.pack(vectors, embedding.counts, embedding.kinds),
        TERMS: pack_terms(own),
    }


def words_of(records: Iterable[Any]) -> dict[str, PageWords]:
    """The documents' words of Qdrant's records, by page id."""
    return {str(r.id): _words(r.payload) for r in records}


def columns_of(records: Iterable[Any], packing: Packing) -> dict[str, PageColumn]:
    """The columns of Qdrant's records, by page id. Raises ValueError for vectors that do not fit their page."""
    found = {}
    for r in records:
        payload = r.payload
        # None for a page without passages
        read = payload.get(MEANING, payload.get(SHALLOW, {})).get("read")
        found[str(r.id)] = PageColumn(
            payload[DOCUMENT_ID],
            payload["document"],
            int(payload[PAGE]),
            int(payload[N_PATCHES]),
            bool(read),
            read is None or bool(read),
            SHALLOW in payload,
            packing.take_apart(payload[VECTORS], int(payload[N_VECTORS])),
            payload[TERMS],
        )
    return found


def from_payload(payload: dict[str, Any], vectors: Any, dim: int, passages: Any = None) -> StoredPage:
    """The page again; importance went through float16, boxes through steps of 1/8192 of the page.

    vectors: (n_vectors, dim) numbers as Qdrant returns them, or None for a page without any
    passages: (n_passages, meaning_dim), likewise
    """
    n = int(payload[N_VECTORS])
    grid = PatchGrid(*payload["grid"])
    columns, kinds = _unpack(payload["provenance"], ("<i2", grid.n_cells), ("<i2", n), ("<f2", n))
    embedding = PageEmbedding(
        vectors=np.zeros((0, dim), np.float32) if vectors is None else np.asarray(vectors, np.float32),
        grid=grid,
        cell_to_vector=_cells(columns[0]),
        importance=columns[2].astype(np.float32),
        counts=columns[1].astype(np.int32),
        kinds=np.frombuffer(kinds, np.uint8).copy(),
        n_special=int(payload["n_special"]),
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
        pruning=payload["pruning"],
        kept=float(payload["kept"]),
        meaning=_unpack_meaning(payload[MEANING], passages) if has_meaning else PageMeaning.none(),
        meaning_read=bool(text.get("read")),
        to_understand=words_to_understand(payload),
    )


def from_records(records: Iterable[Any], packing: Packing) -> list[StoredPage]:
    """The pages of Qdrant's records, embedded or from a server; packing: of vectors that are packed"""
    found = []
    for r in records:
        payload, vectors = r.payload or {}, r.vector or {}
        patches = vectors.get(PATCHES)
        if VECTORS in payload:
            patches = packing.unpack(payload[VECTORS], int(payload[N_VECTORS]))[0]
        found.append(from_payload(payload, patches, packing.dim, vectors.get(PASSAGES)))
    return found


def _pack_lines(meaning: PageMeaning) -> str:
    boxes = np.rint(np.clip(meaning.lines, 0, 1) * _BOX_STEPS).astype("<i2")  # (n_lines, 4)
    return _pack(*boxes.T, meaning.passage_of_line.astype("<i2"))


def _unpack_meaning(payload: dict[str, Any], passages: Any) -> PageMeaning:
    columns, _ = _unpack(payload["lines"], *[("<i2", int(payload["n_lines"]))] * 5)
    return PageMeaning(
        np.asarray(passages, np.float32),
        np.stack(columns[:4], axis=1).astype(np.float32) / np.float32(_BOX_STEPS),
        columns[4].astype(np.int32),
    )


def word_vector(page: StoredPage) -> SparseTerms:
    """The page's words as BM25 weights."""
    return document_vector(page_terms(page.words))

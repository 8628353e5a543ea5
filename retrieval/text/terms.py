"""Words for BM25: from text to terms, from terms to sparse vectors.

The store keeps BM25's term-frequency part (Robertson and Zaragoza 2009, eq. 3.15) as a sparse vector for each
page and lets Qdrant multiply by the inverse document frequency, which changes with every page that is added.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pagelight.retrieval.text.stems import STOP_STEMS, stem

#: BM25's saturation of repeated terms and its document-length normalization
K1 = 1.2
B = 0.75
#: terms on a mean page. A constant, because the vectors of the pages are not recomputed as the library grows;
#: prose and slides lie between 150 and 600
MEAN_LENGTH = 350

_NUMBER = r"\d+(?:[.,]\d+)+"
#: scripts that are written without spaces: Thai to Khmer, Kana, Han
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TERM = re.compile(rf"{_NUMBER}|[{_UNSPACED}]+|[^\W{_UNSPACED}]+")
_PAIRED = re.compile(rf"[{_UNSPACED}]")
#: characters up to which a text is taken for a word
_WORD = 24
_GROUPED = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?:[.,]\d+)?")


def _fold(text: str) -> str:
    """Lower case, compatibility forms (ligatures, full width) resolved, accents removed."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _number(token: str) -> list[str]:
    """One spelling for a number: 1,234.5 and 1.234,5 and 1234.5 are the same term; dates and versions in parts."""
    if _GROUPED.fullmatch(token):
        group = next(c for c in token if c in ".,")
        token = token.replace(group, "")
    token = token.replace(",", ".")
    return [token] if token.count(".") <= 1 else token.split(".")


def terms(text: str) -> list[str]:
    """The stems and numbers of a text in order, repeated as often as they occur.

    Lower case, accents folded; numbers in one spelling; scripts without spaces as pairs of characters.

    >>> terms("Cafés: 1,234.5 kg, plt.rotate()")
    ['caf', '1234.5', 'kg', 'plt', 'rotat']
    """
    # rescoring asks for the same single words again and again
    return list(_word_terms(text)) if len(text) <= _WORD else _terms(text)


@lru_cache(maxsize=100_000)
def _word_terms(text: str) -> tuple[str, ...]:
    return tuple(_terms(text))


def _terms(text: str) -> list[str]:
    found: list[str] = []
    for token in _TERM.findall(_fold(text)):
        if token[0].isdigit() and not token.isalnum():
            found.extend(_number(token))
        elif len(token) > 1 and _PAIRED.match(token):
            found.extend(token[i : i + 2] for i in range(len(token) - 1))
        else:
            found.append(stem(token))
    return found


@dataclass(frozen=True, slots=True)
class SparseTerms:
    """A sparse vector: indices ascending and unique, as many values."""

    indices: list[int]
    values: list[float]

    def __bool__(self) -> bool:
        return bool(self.indices)


def term_index(term: str) -> int:
    """The dimension of a term: CRC-32, the same on every machine; colliding terms share a dimension."""
    return zlib.crc32(term.encode("utf-8", "replace"))


def _sparse(weights: Iterable[tuple[str, float]]) -> SparseTerms:
    summed: dict[int, float] = {}
    for term, weight in weights:
        index = term_index(term)
        summed[index] = summed.get(index, 0.0) + weight
    indices = sorted(summed)
    return SparseTerms(indices, [summed[i] for i in indices])


def document_vector(terms: Sequence[str]) -> SparseTerms:
    """BM25's term-frequency part for each term of a page: f (k1 + 1) / (f + k1 (1 - b + b n / mean))."""
    norm = K1 * (1 - B + B * len(terms) / MEAN_LENGTH)
    return _sparse((term, f * (K1 + 1) / (f + norm)) for term, f in Counter(terms).items())


def query_vector(terms: Sequence[str]) -> SparseTerms:
    """1 for each different term, which the store multiplies by the inverse document frequency.

    Stop words are left out, unless there is nothing else. They stay in the pages' vectors, whose normalization
    then does not depend on a list.
    """
    telling = [term for term in terms if term not in STOP_STEMS]
    return _sparse((term, 1.0) for term in dict.fromkeys(telling or terms))

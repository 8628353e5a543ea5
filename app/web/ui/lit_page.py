"""A page of a document as the browser shows it: lit for a question or an example, and the sentence that matches."""

from __future__ import annotations

import re

from pagelight.app.excerpts import excerpt
from pagelight.app.library_search import Like
from pagelight.app.payload import JSON, heatmap_payload
from pagelight.app.service import Service
from pagelight.retrieval.errors import InvalidQuery, NotFound
from pagelight.retrieval.text.analyzer import terms
from pagelight.retrieval.text.query_syntax import parse_query
from pagelight.retrieval.text.stems import STOP_STEMS
from pagelight.retrieval.types import PageWords

#: words of an example that can be lit alone, the most telling
MOST_CHIPS = 8
#: letters of a word that was surely read as it stands: shorter ones are pieces as often
_LEAST_LETTERS = 4


def opened_page(service: Service, name_or_id: str, page: int, query: str, like: Like | None = None) -> JSON:
    """{"document", "document_id", "page", "pages", "query", "heatmap", "note", "relevant"}; heatmap: null without either.

    Raises NotFound.
    """
    document = service.find_document(name_or_id)
    service.check_page(document.document_id, page)
    heatmap, note = None, ""
    if query or like:
        try:
            if like is None:
                found = service.heatmap(document.document_id, page, query)
            else:
                found = service.heatmap_like(document.document_id, page, like)
            words = tuple(map(str, found.words))
            telling = well_read_words(words)[:MOST_CHIPS] if like else telling_words(words)
            heatmap = {**heatmap_payload(found), "telling": telling}
        except (NotFound, InvalidQuery) as error:
            # The page itself can be read all the same.
            note = "This page is not indexed yet." if isinstance(error, NotFound) else str(error)
    return {
        "document": document.name,
        "document_id": document.document_id,
        "page": page,
        "pages": document.pages,
        "query": query,
        "heatmap": heatmap,
        "note": note,
        "relevant": None if like else service.judgement(query, document.document_id, page),
    }


def lit_page(service: Service, document_id: str, page: int, query: str, like: Like | None) -> JSON:
    """A page as `open_page` gives it; for a question with the sentence that matches."""
    lit = opened_page(service, document_id, page, query, like)
    if like is not None:
        return lit
    regions = lit["heatmap"]["regions"] if lit["heatmap"] else ()
    best = tuple(regions[0]["box"]) if regions else None
    # What was read from a picture has misreadings, which a card need not show.
    (words,) = service.own_words([(document_id, page)])
    return {**lit, "excerpt": excerpt(words, parse_query(query).text, best)}


def words_of(service: Service, document_id: str, page: int) -> PageWords:
    """The page's words to select; none while it is not indexed."""
    try:
        return service.page_words(document_id, page)
    except NotFound:
        return PageWords()


def telling_words(words: tuple[str, ...]) -> list[int]:
    """The numbers of a query's words that say something about a page; all where none does.

    >>> telling_words(("when", "is", "the", "lantern", "lit"))
    [3, 4]
    """
    return [i for i, word in enumerate(words) if _says_something(word)] or list(range(len(words)))


def well_read_words(words: tuple[str, ...]) -> list[int]:
    """The numbers of an example's words that can be offered as they stand: what was read from a picture has misreadings.

    >>> well_read_words(("passengers", "PN", "iZ1ðOi", "KPiÞ", "471", "the", "Kalvøy", "passeng…"))
    [0, 6]
    """
    return [i for i, word in enumerate(words) if _is_in_shape(word) and _says_something(word)]


def _is_in_shape(word: str) -> bool:
    """Letters only, in one case but for the first; parts may be joined."""
    parts = re.split("[-’']", word)
    is_cased = all(part.isalpha() and (part.islower() or part.istitle() or part.isupper()) for part in parts)
    return is_cased and len(word) >= _LEAST_LETTERS


def _says_something(word: str) -> bool:
    return any(term not in STOP_STEMS for term in terms(word))

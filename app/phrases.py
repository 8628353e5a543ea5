"""Phrases and exclusions of a query, checked against the words of the pages that were found."""

from __future__ import annotations

from dataclasses import replace

from pagelight.retrieval.errors import InvalidQuery
from pagelight.retrieval.results import SearchResult
from pagelight.retrieval.search.calibration import is_match
from pagelight.retrieval.search.searcher import Searcher
from pagelight.retrieval.store.page_store import PageStore
from pagelight.retrieval.text.query_syntax import ParsedQuery, Phrase, folded_words, stands_in
from pagelight.retrieval.types import StoredPage, page_id

#: pages that are checked against a query's phrases and exclusions: more than anybody looks through
CHECKED = 200


def n_to_find(wanted: ParsedQuery, top_k: int) -> int:
    """Pages that have to be found so that `top_k` of them fit the query. Raises InvalidQuery where it only leaves out."""
    if not wanted.text:
        raise InvalidQuery("the query only says what to leave out; add what to look for")
    return top_k if wanted.is_plain else max(top_k, CHECKED)


def filter_hits(
    result: SearchResult, query: str, wanted: ParsedQuery, top_k: int, searcher: Searcher, store: PageStore
) -> SearchResult:
    """The best `top_k` of the found pages that have the query's phrases and nothing that it leaves out."""
    if wanted.is_plain:
        return result
    pages = {
        page.page_id: page for page in store.fetch([page_id(h.document_id, h.page) for h in result.hits])
    }
    hits = tuple(
        hit
        for hit in result.hits
        if (page := pages.get(page_id(hit.document_id, hit.page))) and _allows(searcher, wanted, page)
    )
    matched = is_match(hit.strength for hit in hits) or (bool(hits) and bool(wanted.phrases))
    return replace(result, query=query, matched=matched, hits=hits[:top_k])


def _allows(searcher: Searcher, wanted: ParsedQuery, page: StoredPage) -> bool:
    """Whether the page has what is wanted: its own words in order, or on a scan the words that were read, in any order."""
    own = [word for text in page.words.texts for word in folded_words(text)]
    if len(page.words) and not page.meaning_read:
        return wanted.allows(own)

    def has(phrase: Phrase) -> bool:
        if set(phrase) <= set(own):
            return stands_in(phrase, own)
        return all(word in own or searcher.shows(page, word) for word in phrase)

    return all(map(has, wanted.phrases)) and not any(map(has, wanted.excluded))

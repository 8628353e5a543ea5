"""Deepening: what the text of pages means, added to pages that are stored and searchable already.

A page is stored with its looks and words first. Which words are still to be understood stands in the page itself, how
many pages of a document wait in the library: both outlive the process, and what was done twice is as if done once.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace

from pagelight.ingest.language import LanguageCount
from pagelight.ingest.library import Library
from pagelight.ingest.scans import ScanReader, phrases_of
from pagelight.retrieval.encoders.encoder import TextEncoder
from pagelight.retrieval.errors import NotFound
from pagelight.retrieval.pruning import Pruning, pruned_meaning
from pagelight.retrieval.store.page_store import PageStore
from pagelight.retrieval.types import PageMeaning, PageWords, page_id

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeepeningParameters:
    """together: pages that are understood and written at once; a search or a new file waits for them (speed)"""

    together: int = 4


DEEPENING = DeepeningParameters()


class Deepening:
    """One pass over the pages that wait, a few at a time. For one thread."""

    def __init__(
        self,
        encoder: TextEncoder | None,
        store: PageStore,
        library: Library,
        writing: AbstractContextManager[object],
        pruning: Pruning,
        reader: ScanReader | None = None,
    ) -> None:
        """writing: held while pages are written, so that none is for a document that is being removed; reader: of scans"""
        self._reader = reader
        self._encoder, self._store, self._library = encoder, store, library
        self._writing, self._pruning = writing, pruning
        self._document_id = ""
        self._waiting: deque[int] = deque()  # pages of that document
        self._language = LanguageCount()  # of its scans

    def step(self) -> bool:
        """Understand the next few pages; False where nothing is left to understand."""
        while not self._waiting:
            if not self._begin():
                return False
        n = min(DEEPENING.together, len(self._waiting))
        ids = [page_id(self._document_id, self._waiting.popleft()) for _ in range(n)]
        try:
            meanings = self._understood(self._to_understand(ids))
            with self._writing:
                self._store.deepen(
                    {one: pruned_meaning(self._pruning, meaning) for one, meaning in meanings.items()}
                )
                self._library.set_shallow(self._document_id, len(self._waiting))
        except BaseException:
            self._waiting.clear()  # whatever was not written is found again
            raise
        return True

    def forget(self) -> None:
        """The document at hand may have got other pages since: it is looked at again."""
        self._waiting.clear()

    def _begin(self) -> bool:
        """Take up a document with pages that wait; False where there is none."""
        document_id = self._library.next_shallow()
        if document_id is None:
            return False
        if document_id != self._document_id:
            self._document_id, self._language = document_id, LanguageCount()
        if self._encoder:
            self._waiting.extend(sorted(self._store.shallow_pages(document_id)))
        self._library.set_shallow(document_id, len(self._waiting))
        return True

    def _to_understand(self, ids: list[str]) -> dict[str, PageWords]:
        """Words to understand, by page id; those of scans are read for it, and become the pages' own."""
        words = self._store.fetch_to_understand(ids)
        if self._reader is None:
            return words
        own = dict(zip(words, self._store.fetch_words(list(words)), strict=True))
        pages = {
            page.page_id: page for page in self._store.fetch([one for one in words if not len(own[one])])
        }
        scans = self._reader.read(self._document_id, list(pages.values()))
        for one, read in scans.items():
            self._language.add(read.texts)
            with self._writing:
                if not self._store.fetch_to_understand([one]):  # it was removed meanwhile
                    continue
                words[one] = read + phrases_of(words[one])
                self._store.upsert([replace(pages[one], words=read, to_understand=words[one])])
        if scans:
            self._tell_language()
        return words

    def _tell_language(self) -> None:
        """The language of a document whose own words tell none, by those of its scans."""
        with suppress(NotFound):  # it was removed meanwhile
            if not self._library.get(self._document_id).language:
                self._library.describe(self._document_id, self._language.language, "")

    def _understood(self, words: Mapping[str, PageWords]) -> dict[str, PageMeaning]:
        """Meanings by page id; a page whose words cannot be understood has an empty one."""
        encoder = self._encoder
        if encoder is None:
            return {}
        try:
            return dict(zip(words, encoder.encode_words(list(words.values())), strict=True))
        except Exception:
            log.warning("understanding %d pages of %s", len(words), self._document_id, exc_info=True)
        meanings = {}
        for one, own in words.items():
            try:
                (meanings[one],) = encoder.encode_words([own])
            except Exception:
                log.exception("understanding a page of %s", self._document_id)
                meanings[one] = PageMeaning.none(encoder.dim)
        return meanings

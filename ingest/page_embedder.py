"""Drawn pages to pages for the store: encoded together and pruned, with the words that are to be understood later."""

from __future__ import annotations

import logging
from dataclasses import replace
from itertools import islice

from PIL import Image

from pagelight.ingest.document import Document
from pagelight.ingest.page_text import PageText, page_text, without_repeated, without_unknown
from pagelight.ingest.prefetch import Outcome
from pagelight.ingest.remarks import Note, Skip
from pagelight.ingest.render.renderer import RenderedPage
from pagelight.ingest.tiles import joined_page, tiles_of
from pagelight.retrieval.encoders.encoder import Encoder, text_encoder
from pagelight.retrieval.errors import PagelightError
from pagelight.retrieval.pruning import Pruning
from pagelight.retrieval.types import PageEmbedding, PageMeaning, PageWords, StoredPage

log = logging.getLogger(__name__)


class PageEmbedder:
    """The drawn pages of a document, made into stored pages. Safe for several threads where the encoder is."""

    def __init__(self, encoder: Encoder, pruning: Pruning, own_words: bool = True) -> None:
        """own_words: whether the documents' own words are understood, rather than those that the encoder reads"""
        self._encoder = encoder
        self._text_encoder = text_encoder(encoder)
        self._pruning = pruning
        self._own_words = own_words

    def embed(self, document: Document, pages: list[RenderedPage]) -> Outcome:
        """The pages encoded together; where that fails, one by one, so that a page costs no other one."""
        try:
            return self._embed_together(document, pages)
        except PagelightError:
            raise
        except Exception:
            log.warning("encoding %d pages of %s", len(pages), document.document_id, exc_info=True)
        outcome: Outcome = []
        for page in pages:
            try:
                outcome += self._embed_together(document, [page])
            except PagelightError:
                raise
            except Exception:
                log.exception("encoding page %d of %s", page.number, document.document_id)
                outcome.append(Skip(page.number, "it cannot be encoded; the log has the details"))
        return outcome

    def embed_picture(self, image: Image.Image, name: str) -> StoredPage:
        """A picture that belongs to no document, as a page that is not stored; its words are those that were read.

        name: tells it from others, in place of a document's id
        """
        (embedding,) = self._encoded([image])
        (meaning,) = self._meanings([embedding.read + embedding.shown])
        pruned = self._pruning.apply(embedding)
        kept = len(pruned) / max(len(embedding), 1)
        return StoredPage(name, "", 1, pruned, embedding.read, self._pruning.spec, kept, meaning, True)

    def _embed_together(self, document: Document, pages: list[RenderedPage]) -> Outcome:
        """Pages whose text is still to be understood: they can be found in half the time."""
        embeddings = self._encoded([page.image for page in pages])
        texts = [self._text(page.words, embedding) for page, embedding in zip(pages, embeddings, strict=True)]
        outcome: Outcome = []
        for page, embedding, text in zip(pages, embeddings, texts, strict=True):
            pruned = self._pruning.apply(embedding, text.own)
            kept = len(pruned) / max(len(embedding), 1)
            outcome.append(
                StoredPage(
                    document.document_id,
                    document.name,
                    page.number,
                    pruned,
                    text.own,
                    self._pruning.spec,
                    kept,
                    meaning_read=text.is_read,
                    legible=text.legible,
                    to_understand=text.understood if self._says_something(text.understood) else None,
                )
            )
            outcome += [Note(page.number, note) for note in (*page.notes, text.note) if note]
        return outcome

    def _text(self, own: PageWords, embedding: PageEmbedding) -> PageText:
        if self._text_encoder is None:
            return PageText(without_unknown(own), PageWords(), is_read=False)
        read, shown = embedding.read, embedding.shown
        text = page_text(own, read, self._text_encoder)
        if not self._own_words:
            return replace(text, understood=read + shown, is_read=True, legible=without_repeated(read))
        legible = PageWords() if text.understood is text.own else without_repeated(text.understood)
        return replace(
            text, understood=text.understood + shown if len(shown) else text.understood, legible=legible
        )

    def _says_something(self, words: PageWords) -> bool:
        """Whether the words have a meaning that the encoder understands."""
        return self._text_encoder is not None and any(c.isalpha() for text in words.texts for c in text)

    def _encoded(self, images: list[Image.Image]) -> list[PageEmbedding]:
        """Each page, large ones by tiles."""
        tiled = [tiles_of(image, self._encoder.info.dpi) for image in images]
        pieces = [
            image if len(tiles) == 1 else image.crop((tile.left, tile.top, tile.right, tile.bottom))
            for image, tiles in zip(images, tiled, strict=True)
            for tile in tiles
        ]
        embeddings = iter(self._encoder.encode_pages(pieces))
        return [
            joined_page(tiles, list(islice(embeddings, len(tiles))), image.size)
            for image, tiles in zip(images, tiled, strict=True)
        ]

    def _meanings(self, texts: list[PageWords]) -> list[PageMeaning]:
        if self._text_encoder is None:
            return [PageMeaning.none() for _ in texts]
        return self._text_encoder.encode_words(texts)

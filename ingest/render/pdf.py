"""Draws the pages of a PDF: pdfium, or poppler in batches of pages; words by pdfium.

Runs in the rendering process only (ingest/render/child.py).
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
from PIL import Image

from pagelight.ingest.render.annotations import drop_empty_looks, flatten, has_writing, with_written, written
from pagelight.ingest.render.attachments import Attached, attached_files
from pagelight.ingest.render.covers import without_places
from pagelight.ingest.render.dates import pdf_date
from pagelight.ingest.render.hyphenation import broken_word, joined_over_pages
from pagelight.ingest.render.layers import Layers
from pagelight.ingest.render.limits import PAGE_SIZE, Limits, page_dpi, picture_dpi, readable_dpi
from pagelight.ingest.render.pdf_geometry import filling_picture_dpi, mend_boxes, user_units
from pagelight.ingest.render.pdf_notes import document_notes
from pagelight.ingest.render.pdf_opening import MENDED, open_pdf, reopened
from pagelight.ingest.render.pdf_words import OwnText, own_text, small_print
from pagelight.ingest.render.poppler import (
    BATCH_PAGES,
    BATCH_PIXELS,
    Batch,
    draw_alone,
    draw_batch,
    drawn_batch,
)
from pagelight.ingest.render.rendered_page import READ_TOO_SMALL, DrawnPage, Undrawn
from pagelight.ingest.render.unicode_maps import with_pairs
from pagelight.retrieval.types import PageWords

log = logging.getLogger(__name__)

#: neither renderer draws a longer side (form)
_MAX_SIDE = 30_000
#: pdfium keeps what it has parsed until the document is closed (limit)
_REOPEN_AFTER = 64

#: (page, seconds): the parent may wait that long for the next sign of life
Wait = Callable[[int, float], None]


class PdfFile:
    """One open PDF. Raises EncryptedDocument and UnreadableDocument on opening."""

    def __init__(self, path: Path, limits: Limits, renderer: str = "pdfium", with_words: bool = True) -> None:
        """with_words: whether words are asked for"""
        self._path = path
        self._limits = limits
        self._drawn = 0
        self._opened = open_pdf(path, with_pairs(path) if with_words else None)
        self._batched = renderer == "poppler" and self._opened.is_as_written
        self._units = user_units(path)
        self._layers = Layers(path)
        self.n_pages = len(self._pdf)

    @property
    def _pdf(self) -> pdfium.PdfDocument:
        return self._opened.pdf

    def close(self) -> None:
        self._pdf.close()

    def attached(self, folder: Path) -> list[Attached]:
        """The attached files, those that can be searched written to `folder`; damage means none."""
        try:
            return list(attached_files(self._pdf, self._path, folder, self._limits))
        except Exception:  # no reason to lose the document
            log.exception("attached files")
            return []

    def date(self) -> str:
        """The day on which it was made, by its metadata, as an ISO date; empty where it says nothing."""
        return pdf_date(self._pdf)

    def notes(self, unread: Sequence[str]) -> list[str]:
        """Notes on the document for a person. unread: attached files that do not become documents"""
        return [*([MENDED] if self._opened.is_mended else []), *document_notes(self._pdf, unread)]

    def draw(
        self, numbers: Sequence[int], dpi: float, width: int, words: bool, wait: Wait
    ) -> Iterator[DrawnPage | Undrawn]:
        """The pages `numbers` in order, at `dpi` (less where `page_dpi` says so), or `width` pixels wide when that is not 0."""
        if not self._batched or width:
            for number in numbers:
                wait(number, self._limits.seconds_per_page)
                yield self._page(number, dpi, width, words, None, wait)
            return
        seconds = self._limits.seconds_per_page
        # poppler draws the next batch while pdfium reads this one's words
        with ThreadPoolExecutor(1) as pool:
            batches = self._batches(numbers, dpi)
            batch = next(batches, None)
            drawing = pool.submit(draw_batch, self._path, batch, seconds) if batch else None
            while batch and drawing:
                following = next(batches, None)
                wait(batch.first, seconds * batch.n_pages)
                images = drawn_batch(drawing)
                drawing = pool.submit(draw_batch, self._path, following, seconds) if following else None
                for offset in range(batch.n_pages):
                    number = batch.first + offset
                    wait(number, seconds)
                    image = images[offset] if images else draw_alone(self._path, number, batch.dpi, seconds)
                    yield (
                        image
                        if isinstance(image, Undrawn)
                        else self._page(number, dpi, 0, words, image, wait)
                    )
                batch = following

    def _batches(self, numbers: Sequence[int], dpi: float) -> Iterator[Batch]:
        """Runs of pages that follow each other and are drawn at one resolution."""
        batch: Batch | None = None
        n_pixels = 0.0
        for number in numbers:
            page_width, page_height = self._size(number)
            scale = self._unit_scale(number, (page_width, page_height), dpi, 0)
            size = page_width * page_height * scale**2
            if (
                batch
                and number == batch.last + 1
                and scale * 72 == batch.dpi
                and batch.n_pages < BATCH_PAGES
                and n_pixels + size <= BATCH_PIXELS
            ):
                batch, n_pixels = Batch(batch.first, number, batch.dpi), n_pixels + size
                continue
            if batch:
                yield batch
            batch, n_pixels = Batch(number, number, scale * 72), size
        if batch:
            yield batch

    def _size(self, number: int) -> tuple[float, float]:
        """(width, height) in the page's units; of any size for a damaged page, which is found out when it is drawn."""
        try:
            page_width, page_height = self._pdf.get_page_size(number - 1)
        except pdfium.PdfiumError:
            return 1.0, 1.0
        return float(page_width), float(page_height)

    def _unit_scale(
        self, number: int, size: tuple[float, float], dpi: float, width: int, print_pt: float = 0.0
    ) -> float:
        """Pixels a unit of the page. print_pt: height of its small print, in points, where that is known"""
        unit = self._units.get(number, 1.0)
        size = size[0] * unit, size[1] * unit
        if not width:
            dpi = readable_dpi(page_dpi(dpi, *size, print_pt), *size)
        return unit * self._scale(*size, dpi, width)

    def _scale(self, page_width: float, page_height: float, dpi: float, width: int) -> float:
        """Pixels a point, so that the page stays below the limits."""
        page_width, page_height = max(page_width, 0.1), max(page_height, 0.1)
        wanted = width / page_width if width else dpi / 72
        fits = (self._limits.max_pixels / (page_width * page_height)) ** 0.5
        return float(min(wanted, fits, _MAX_SIDE / max(page_width, page_height)))

    def _page(
        self, number: int, dpi: float, width: int, words: bool, image: Image.Image | None, wait: Wait
    ) -> DrawnPage | Undrawn:
        """One page with its words, drawn by pdfium where there is no image of the right shape yet."""
        self._keep_fresh()
        try:
            page = self._pdf[number - 1]
            if drop_empty_looks(self._pdf, page):
                page.close()
                page, image = self._pdf[number - 1], None
            try:
                return self._drawn_page(page, number, dpi, width, words, image, wait)
            finally:
                page.close()
        except pdfium.PdfiumError:
            return Undrawn(number, "it is damaged")
        except MemoryError:
            return Undrawn(number, f"it needs more than {self._limits.memory_mb} MB", "DocumentTooLarge")
        except Exception:  # ours or a library's: it costs this page and no other
            return Undrawn(number, "it cannot be drawn", details=traceback.format_exc())

    def _drawn_page(
        self,
        page: pdfium.PdfPage,
        number: int,
        dpi: float,
        width: int,
        words: bool,
        image: Image.Image | None,
        wait: Wait,
    ) -> DrawnPage:
        if mend_boxes(page):
            image = None  # poppler has drawn what the boxes said before
        self._layers.hide_annotations(page, number)
        page_width, page_height = page.get_size()
        unit = self._units.get(number, 1.0)
        text = OwnText()
        if words:
            wait(number, self._limits.seconds_per_page)
            try:
                text = self._text(page, number)
                text = replace(text, words=self._with_next_page(text.words, number))
            except Exception:  # the page is still read from its picture
                log.exception("words of page %d", number)
                text = OwnText(notes=["its own words cannot be read"])
        found, notes = text.words, [*text.notes]
        width_pt, height_pt = page_width * unit, page_height * unit
        print_pt = small_print(found, height_pt)
        scale = self._unit_scale(number, (page_width, page_height), dpi, width, print_pt)
        wanted = page_dpi(dpi, width_pt, height_pt, print_pt)
        if not width and not len(found) and (own_dpi := filling_picture_dpi(page) / unit):
            longest = max(width_pt, height_pt)
            wanted = picture_dpi(dpi, wanted, own_dpi, longest)
            scale = unit * self._scale(
                width_pt, height_pt, picture_dpi(dpi, scale * 72 / unit, own_dpi, longest), 0
            )
        fits = image is not None and image.width >= 0.95 * page_width * scale
        if image is None or not fits or not _same_shape(image, page_width, page_height):
            wait(number, self._limits.seconds_per_page)
            drawn = self._pdf[number - 1]
            pixels = drawn.render(scale=scale, rev_byteorder=True).to_numpy()
            drawn.close()
        else:
            pixels = np.asarray(image)
        if not width and scale * 72 / unit < PAGE_SIZE.too_small * wanted:
            notes.append(READ_TOO_SMALL)
        pixels = without_places(pixels, text.veiled)
        return DrawnPage(number, pixels, found, width_pt, height_pt, tuple(notes))

    def _text(self, page: pdfium.PdfPage, number: int) -> OwnText:
        """The page's own words, with those of its form fields, notes and stamps."""
        if not has_writing(page):
            return own_text(page)
        texts = written(self._pdf, page)
        if not flatten(page):
            return own_text(page)
        flat = self._pdf[number - 1]  # what was made part of the page is seen when it is opened again
        try:
            text = own_text(flat)
            return replace(text, words=with_written(text.words, flat, texts))
        finally:
            flat.close()

    def _with_next_page(self, words: PageWords, number: int) -> PageWords:
        """The page's words, its last one whole where it goes on on the next page."""
        index = broken_word(words)
        if index is None or number >= self.n_pages:
            return words
        try:
            following = self._pdf[number]
            try:
                return joined_over_pages(words, index, own_text(following).words)
            finally:
                following.close()
        except Exception:  # what is wrong with that page is told when it is drawn
            return words

    def _keep_fresh(self) -> None:
        self._drawn += 1
        if self._drawn % _REOPEN_AFTER == 0:
            self._opened = reopened(self._opened)


def _same_shape(image: Image.Image, page_width: float, page_height: float) -> bool:
    """Whether poppler took the same crop box and rotation as pdfium, whose words must lie on the image."""
    expected = image.width * page_height / max(page_width, 0.1)
    return abs(image.height - expected) <= 2 + 0.01 * expected

"""Poppler, which draws pages in batches, a process each. Runs in the rendering process only."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import pdf2image
from pdf2image.exceptions import PDFPopplerTimeoutError
from PIL import Image

from pagelight.ingest.render.rendered_page import Undrawn

#: pages of one start of poppler: pdf2image holds each of them several times, and two batches are under way at once (block)
BATCH_PAGES = 16
#: pixels that they may have together (block)
BATCH_PIXELS = 12_000_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Pages `first` to `last`, which poppler draws at `dpi` in one go."""

    first: int
    last: int
    dpi: float

    @property
    def n_pages(self) -> int:
        return self.last - self.first + 1


def draw_batch(path: Path, batch: Batch, seconds: float) -> list[Image.Image]:
    """The pages of a batch. seconds: that a page may take

    Raises PDFPopplerTimeoutError, ValueError, and whatever else poppler trips over.
    """
    images = pdf2image.convert_from_path(
        path,
        dpi=batch.dpi,  # type: ignore[arg-type]  # a number for pdftoppm's -r, which takes fractions
        first_page=batch.first,
        last_page=batch.last,
        use_cropbox=True,
        timeout=max(int(seconds * batch.n_pages), 1),
    )
    if len(images) != batch.n_pages:
        raise ValueError(f"poppler: expected {batch.n_pages} pages, got {len(images)}")
    return list(images)


def drawn_batch(drawing: Future[list[Image.Image]]) -> list[Image.Image] | None:
    """A batch's images, or None if its pages have to be drawn one by one."""
    try:
        return drawing.result()
    except Exception:  # whatever went wrong, drawing them one by one tells which page it was
        return None


def draw_alone(path: Path, number: int, dpi: float, seconds: float) -> Image.Image | Undrawn | None:
    """A page of a batch that failed; None leaves it to pdfium."""
    try:
        return draw_batch(path, Batch(number, number, dpi), seconds)[0]
    except PDFPopplerTimeoutError:
        return Undrawn(number, f"it took longer than {seconds:g} seconds")
    except Exception:  # poppler and pdfium trip over different things
        return None

"""Files to page images and words, drawn in a process of their own, one page at a time.

A page that cannot be drawn is skipped with its reason. A document fails as a whole when it cannot be opened, when none of its
pages can be drawn, or when the process has died too often.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Set
from pathlib import Path
from typing import Any, Self

import numpy as np
from PIL import Image

from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.rendered_page import RenderedPage
from pagelight.ingest.render.restarting_process import RendererName, RestartingProcess, named_error
from pagelight.retrieval.errors import NotFound
from pagelight.retrieval.types import PageWords

__all__ = ["Limits", "RenderedPage", "Renderer", "RendererName", "render_page"]

log = logging.getLogger(__name__)

OnSkip = Callable[[int, str], None]
OnNote = Callable[[str], None]
OnAttached = Callable[[str, Path], None]
OnDate = Callable[[str], None]


class Renderer(RestartingProcess):
    """Page images and words of files, by a rendering process that outlives what a page does to it."""

    def __init__(self, limits: Limits | None = None, renderer: RendererName = "pdfium") -> None:
        super().__init__(limits or Limits(), renderer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def count(self, path: Path) -> int:
        """Pages of the file. Raises DocumentError."""
        pages = 0
        for header, _ in self.answers(path, only_count=True):
            if header["kind"] == "count":
                pages = header["pages"]
        return pages

    def page(self, path: Path, number: int, width: int) -> Image.Image:
        """One page, `width` pixels wide (less where it would be over the limits). Raises NotFound, DocumentError."""
        image: Image.Image | None = None
        for header, payload in self.answers(path, first=number, last=number, width=width, words=False):
            if header["kind"] == "page":
                image = _image(header, payload)
            elif header["kind"] == "undrawn":
                raise named_error(header, f"Page {number} cannot be drawn: {header['reason']}.")
        if image is not None:
            return image
        raise NotFound(f"The document has no page {number}.")

    def pages(
        self,
        path: Path,
        dpi: float,
        first: int = 1,
        skip: Set[int] = frozenset(),
        on_skip: OnSkip | None = None,
        on_note: OnNote | None = None,
        attached: Path | None = None,
        on_attached: OnAttached | None = None,
        on_date: OnDate | None = None,
    ) -> Generator[RenderedPage, None, None]:
        """The pages from `first` on, without those in `skip`, as they are drawn.

        on_skip: is told the number and the reason of each page that cannot be drawn (else it is logged)
        on_note: is told what a person should know of the document, in sentences
        attached: folder that attached files are written to; on_attached: is told their names and paths there
        on_date: is told the document's own date, ISO 8601 to the day, where it has one
        Raises DocumentError; the pages that came before it are good.
        """
        drawn = 0
        skipped: list[dict[str, Any]] = []
        folder = str(attached.absolute()) if attached else ""
        for header, payload in self.answers(path, dpi=dpi, first=first, skip=sorted(skip), attached=folder):
            if header["kind"] == "page":
                drawn += 1
                yield _page(header, payload)
            elif header["kind"] == "note":
                if on_note:
                    on_note(header["text"])
            elif header["kind"] == "dated":
                if on_date:
                    on_date(header["date"])
            elif header["kind"] == "attached":
                if on_attached:
                    on_attached(header["name"], Path(header["path"]))
            elif header["kind"] == "undrawn":
                skipped.append(header)
                log.warning("%s: page %d is skipped: %s", path, header["number"], header["reason"])
                if header.get("details"):
                    log.info("%s: page %d: %s", path, header["number"], header["details"])
                if on_skip:
                    on_skip(header["number"], header["reason"])
        if skipped and not drawn and not skip:
            raise named_error(skipped[0], f"No page can be drawn: {skipped[0]['reason']}.")


def render_page(path: Path, number: int, width: int, limits: Limits | None = None) -> Image.Image:
    """One page for people to look at, RGB. Raises NotFound, DocumentError."""
    with Renderer(limits, "pdfium") as process:
        return process.page(path, number, width)


def _image(header: dict[str, Any], payload: bytearray) -> Image.Image:
    size = (header["width"], header["height"])
    return Image.frombytes("RGB", size, memoryview(payload)[: size[0] * size[1] * 3])


def _page(header: dict[str, Any], payload: bytearray) -> RenderedPage:
    n_pixel_bytes = header["width"] * header["height"] * 3
    boxes = np.frombuffer(payload, np.float32, offset=n_pixel_bytes).reshape(-1, 4).copy()  # (n_words, 4)
    words = PageWords(tuple(header["words"]), boxes)
    return RenderedPage(
        header["number"],
        _image(header, payload),
        words,
        header["width_pt"],
        header["height_pt"],
        tuple(header["notes"]),
    )

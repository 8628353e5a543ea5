"""Files to page images and words, drawn in a process of their own, one page at a time.

A page that crashes the renderer, hangs it or needs too much memory is skipped with its reason and the process
is started again behind it, so that the other pages of the document are not lost. A document fails as a whole
when it cannot be opened, when none of its pages can be drawn, or when the process has died too often.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator, Set
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from PIL import Image

from pagelight.ingest.render.child import EXIT_MEMORY
from pagelight.ingest.render.file_type import check_file
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.pages import RenderedPage
from pagelight.ingest.render.process import Child, ChildHung, ChildStopped
from pagelight.retrieval import errors
from pagelight.retrieval.errors import DocumentError, NotFound, UnreadableDocument
from pagelight.retrieval.types import PageWords

__all__ = ["Limits", "RenderedPage", "Renderer", "page_count", "render_document", "render_page"]

log = logging.getLogger(__name__)

RendererName = Literal["pdfium", "poppler"]
OnSkip = Callable[[int, str], None]
OnNote = Callable[[str], None]
OnAttached = Callable[[str, Path], None]
OnDate = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ProcessParameters:
    """Patience with the rendering process: how long it is waited for, and how often it is started again.

    open_seconds: time for opening a file, before its first page is begun (machine)
    grace_seconds: time beyond the page's own limit, which poppler keeps itself (machine)
    requests: number of requests that one process serves, so that whatever a library leaks goes with it (memory)
    deaths: number of times that one document may kill the process; each takes about a second (machine)
    lost_limits: how many pages' whole time limits a document may use up with pages that hang, before it is given up (machine)
    """

    open_seconds: float = 60.0
    grace_seconds: float = 5.0
    requests: int = 100
    deaths: int = 300
    lost_limits: int = 20


PROCESS = ProcessParameters()


@dataclass(slots=True)
class _Place:
    """Where the child is: how long its work may take, which page that is on (0: none yet), whether it has finished."""

    seconds: float
    number: int = 0
    finished: bool = False


class Renderer:
    """Holds a rendering process, which serves one request after the other; not for several threads at once.

    The process starts with the first request (0.2 s) and again after every hundredth.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        renderer: RendererName = "pdfium",
        parameters: ProcessParameters = PROCESS,
    ) -> None:
        self.limits = limits or Limits()
        self._parameters = parameters
        self._name = renderer
        self._child: Child | None = None
        self._ended = False
        self._requests = 0

    def __enter__(self) -> Self:
        return self

    @property
    def killed(self) -> bool:
        return self._ended

    def __exit__(self, *_: object) -> None:
        self.close()

    def kill(self) -> None:
        """End the process from another thread, whatever it is doing, for good; `pages` then ends with an error."""
        self._ended = True
        child = self._child
        if child:
            child.interrupt()

    def close(self) -> None:
        if self._child:
            self._child.kill()
            self._child = None

    def count(self, path: Path) -> int:
        """Pages of the file. Raises DocumentError."""
        pages = 0
        for header, _ in self._frames(path, only_count=True):
            if header["kind"] == "count":
                pages = header["pages"]
        return pages

    def page(self, path: Path, number: int, width: int) -> Image.Image:
        """One page, `width` pixels wide (less where it would be over the limits). Raises NotFound, DocumentError."""
        image: Image.Image | None = None
        for header, payload in self._frames(path, first=number, last=number, width=width, words=False):
            if header["kind"] == "page":
                image = _image(header, payload)
            elif header["kind"] == "undrawn":
                raise _error(header, f"Page {number} cannot be drawn: {header['reason']}.")
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
        for header, payload in self._frames(path, dpi=dpi, first=first, skip=sorted(skip), attached=folder):
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
            raise _error(skipped[0], f"No page can be drawn: {skipped[0]['reason']}.")

    def _frames(self, path: Path, **fields: Any) -> Iterator[tuple[dict[str, Any], bytearray]]:
        """The child's answers; its deaths become "undrawn" answers for the page that it was working on."""
        request = {
            "path": str(path.absolute()),
            "type": str(check_file(path, self.limits)),
            "limits": asdict(self.limits),
            "renderer": self._name,
            "only_count": False,
            "dpi": 0.0,
            "width": 0,
            "words": True,
            "first": 1,
            "last": 0,
            "skip": [],
            "attached": "",
        } | fields
        self._requests += 1
        if self._requests % self._parameters.requests == 0:
            self.close()
        deaths, lost_seconds = 0, 0.0
        while not self._ended:
            place = _Place(self._parameters.open_seconds)
            child = self._child = self._child or Child(self.limits.memory_mb)
            try:
                yield from self._answers(child, request, place)
                return
            except (ChildHung, ChildStopped) as death:
                if self._ended:
                    break
                reason, error = self._cause(death, place.seconds)
                log.warning("%s: rendering stopped at page %d: %s %s", path, place.number, reason, death)
                if not place.number:
                    raise _error({"error": error}, f"The file cannot be read: {reason}.") from death
                deaths += 1
                lost_seconds += place.seconds if isinstance(death, ChildHung) else 0.0
                yield (
                    {"kind": "undrawn", "number": place.number, "reason": reason, "error": error},
                    bytearray(),
                )
                most_seconds = self._parameters.lost_limits * self.limits.seconds_per_page
                if deaths >= self._parameters.deaths or lost_seconds >= most_seconds:
                    raise UnreadableDocument(
                        f"Rendering was given up at page {place.number}, "
                        f"after {deaths} pages that could not be drawn."
                    ) from death
                request |= {"first": place.number + 1, "attached": ""}
            finally:
                if not place.finished:  # also when whoever asked wants no more pages
                    self.close()
        raise UnreadableDocument("Rendering was ended.")

    def _answers(
        self, child: Child, request: dict[str, Any], place: _Place
    ) -> Iterator[tuple[dict[str, Any], bytearray]]:
        """Answers of one child to one request. Raises DocumentError, ChildHung, ChildStopped."""
        child.send(request)
        while True:
            header, payload = child.read(place.seconds + self._parameters.grace_seconds)
            kind = header["kind"]
            if kind == "working":
                place.number, place.seconds = header["number"], header["seconds"]
            elif kind == "failed":
                place.finished = True
                if header.get("details"):
                    log.info("%s: %s", request["path"], header["details"])
                raise _error(header, header["reason"] or "The file is damaged and cannot be read.")
            elif kind == "end":
                place.finished = True
                return
            else:
                yield header, payload

    def _cause(self, death: ChildHung | ChildStopped, seconds: float) -> tuple[str, str]:
        """(reason, class of error) for a person."""
        if isinstance(death, ChildHung):
            return f"it took longer than {seconds:g} seconds", "DocumentTooLarge"
        if death.status == EXIT_MEMORY:
            return f"it needs more than {self.limits.memory_mb} MB", "DocumentTooLarge"
        return "it crashes the renderer", "UnreadableDocument"


def render_document(
    path: Path,
    dpi: float,
    limits: Limits | None = None,
    first: int = 1,
    skip: Set[int] = frozenset(),
    on_skip: OnSkip | None = None,
    renderer: RendererName = "pdfium",
) -> Generator[RenderedPage, None, None]:
    """`Renderer.pages` with a process for this document alone, which ends with the iteration."""
    with Renderer(limits, renderer) as process:
        yield from process.pages(path, dpi, first, skip, on_skip)


def render_page(path: Path, number: int, width: int, limits: Limits | None = None) -> Image.Image:
    """One page for people to look at, RGB. Raises NotFound, DocumentError."""
    with Renderer(limits, "pdfium") as process:
        return process.page(path, number, width)


def page_count(path: Path, limits: Limits | None = None) -> int:
    """Pages of the file. Raises DocumentError."""
    with Renderer(limits) as process:
        return process.count(path)


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


def _error(header: dict[str, Any], message: str) -> DocumentError:
    """The error that the child names, from the one tree."""
    kind = getattr(errors, header["error"], UnreadableDocument)
    return kind(message) if issubclass(kind, DocumentError) else UnreadableDocument(message)

"""A rendering process that is started again behind a page that ends it.

A page that crashes the process, hangs it or needs too much memory is answered as one that cannot be drawn, so that the other pages
of the document are not lost. A document fails as a whole when it cannot be opened, or when the process has died too often.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from pagelight.ingest.render.child import EXIT_MEMORY
from pagelight.ingest.render.file_type import check_file
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.process import Child, ChildHung, ChildStopped
from pagelight.retrieval import errors
from pagelight.retrieval.errors import DocumentError, UnreadableDocument

log = logging.getLogger(__name__)

RendererName = Literal["pdfium", "poppler"]

_ATTACHED_UNKNOWN = "Files that may be attached to it are not searched."


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
    """The child's progress: seconds that its work may take, the page that it is on (0: none yet), whether it has finished."""

    seconds: float
    number: int = 0
    finished: bool = False


class RestartingProcess:
    """Serves one request after the other; not for several threads at once.

    The process starts with the first request (0.2 s) and again after every hundredth.
    """

    def __init__(self, limits: Limits, renderer: RendererName) -> None:
        self.limits = limits
        self._name = renderer
        self._child: Child | None = None
        self._ended = False
        self._requests = 0

    @property
    def killed(self) -> bool:
        return self._ended

    def kill(self) -> None:
        """End the process from another thread, whatever it is doing, for good; `answers` then ends with an error."""
        self._ended = True
        child = self._child
        if child:
            child.interrupt()

    def close(self) -> None:
        if self._child:
            self._child.kill()
            self._child = None

    def answers(self, path: Path, **fields: Any) -> Iterator[tuple[dict[str, Any], bytearray]]:
        """Header and payload of each answer about a file; a death becomes "undrawn" for the page that was being worked on.

        fields: of the request, where they differ from the usual. Raises DocumentError.
        """
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
        if self._requests % PROCESS.requests == 0:
            self.close()
        deaths, lost_seconds = 0, 0.0
        while not self._ended:
            place = _Place(PROCESS.open_seconds)
            child = self._child = self._child or Child(self.limits.memory_mb)
            try:
                yield from self._served(child, request, place)
                return
            except (ChildHung, ChildStopped) as death:
                if self._ended:
                    break
                reason, error = self._cause(death, place.seconds)
                log.warning("%s: rendering stopped at page %d: %s %s", path, place.number, reason, death)
                if not place.number and request["attached"]:  # attached files are looked for on the pages
                    request["attached"] = ""
                    yield {"kind": "note", "text": _ATTACHED_UNKNOWN}, bytearray()
                    continue
                if not place.number:
                    raise named_error({"error": error}, f"The file cannot be read: {reason}.") from death
                deaths += 1
                lost_seconds += place.seconds if isinstance(death, ChildHung) else 0.0
                yield (
                    {"kind": "undrawn", "number": place.number, "reason": reason, "error": error},
                    bytearray(),
                )
                most_seconds = PROCESS.lost_limits * self.limits.seconds_per_page
                if deaths >= PROCESS.deaths or lost_seconds >= most_seconds:
                    raise UnreadableDocument(
                        f"Rendering was given up at page {place.number}, "
                        f"after {deaths} pages that could not be drawn."
                    ) from death
                request |= {"first": place.number + 1, "attached": ""}
            finally:
                if not place.finished:  # also when no more pages are wanted
                    self.close()
        raise UnreadableDocument("Rendering was stopped; add the file again.")

    def _served(
        self, child: Child, request: dict[str, Any], place: _Place
    ) -> Iterator[tuple[dict[str, Any], bytearray]]:
        """Answers of one child to one request. Raises DocumentError, ChildHung, ChildStopped."""
        child.send(request)
        while True:
            header, payload = child.read(place.seconds + PROCESS.grace_seconds)
            kind = header["kind"]
            if kind == "working":
                place.number, place.seconds = header["number"], header["seconds"]
            elif kind == "failed":
                place.finished = True
                if header.get("details"):
                    log.info("%s: %s", request["path"], header["details"])
                raise named_error(header, header["reason"] or "The file is damaged and cannot be read.")
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


def named_error(header: dict[str, Any], message: str) -> DocumentError:
    """The error that an answer's header names, from the one tree."""
    kind = getattr(errors, header["error"], UnreadableDocument)
    return kind(message) if issubclass(kind, DocumentError) else UnreadableDocument(message)

"""The terminal: hits and documents as tables, a job's progress as a bar, and Ctrl-C in commands that take long."""

from __future__ import annotations

import shutil
import signal
import sys
import threading
from collections.abc import Callable, Sequence, Set
from types import FrameType
from typing import TYPE_CHECKING, Self

from tqdm import tqdm

from pagelight.app.counts import counted
from pagelight.app.granularity import Granularity, documents_of, places_of
from pagelight.app.places import text_in
from pagelight.ingest.library import Document
from pagelight.retrieval.errors import NotFound
from pagelight.retrieval.results import PageHit, SearchResult
from pagelight.retrieval.types import Box, PageWords

if TYPE_CHECKING:
    from pagelight.app.job import Job
    from pagelight.app.service import Service
    from pagelight.ingest.job_progress import JobStatus

#: (document id, page) to the page's own words
WordsOf = Callable[[str, int], PageWords]
_SOURCES = {"visual": "look", "text": "words"}
_GAP = "  "
#: pages that match less are left to `--json`, and out of exports
FAINT = 0.1
#: between two looks at how many pages are understood, which takes longer for one
_LOOK_SECONDS = 0.2


def result_table(
    result: SearchResult, granularity: Granularity, words_of: WordsOf, is_like: bool = False
) -> str:
    """The pages of a result, or its documents or places. is_like: of a search by an example"""
    if granularity == "pages" or not result.matched:
        return hits_table(result, words_of, is_like)
    if granularity == "documents":
        rows = [["document", "match", "pages"]]
        rows += [
            [one.document, f"{one.strength:.0%}", ", ".join(map(str, one.pages))]
            for one in documents_of(result)
            if one.strength >= FAINT
        ]
        return aligned(rows, right={1})
    rows = [["document", "page", "match", "where"]]
    rows += [
        [
            place.document,
            str(place.page),
            f"{place.strength:.0%}",
            _words_at(place.document_id, place.page, place.box, words_of),
        ]
        for place in places_of(result)
        if place.strength >= FAINT
    ]
    return aligned(rows, right={1, 2})


def hits_table(result: SearchResult, words_of: WordsOf, is_like: bool = False) -> str:
    """Document, page, strength, what matched, and what stands in the best region. is_like: of a search by an example"""
    seconds = f"{result.seconds:.2f} s"
    shown = [hit for hit in result.hits if hit.strength >= FAINT]
    if not result.matched or not shown:
        lacks = "is like that" if is_like else f"matches “{result.query}”"
        return f"Nothing in the library {lacks} ({seconds})."
    rows = [["document", "page", "match", "by", "where"]]
    for hit in shown:
        rows.append(
            [
                hit.document,
                str(hit.page),
                f"{hit.strength:.0%}",
                "+".join(_SOURCES.get(source, source) for source in hit.sources),
                _where(hit, words_of),
            ]
        )
    return f"{aligned(rows, right={1, 2})}\n{counted(len(shown), 'page')} in {seconds}"


def documents_table(documents: Sequence[Document]) -> str:
    rows = [["document", "pages", "state", "id", ""]]
    for document in documents:
        done = document.pages_indexed == document.pages
        pages = str(document.pages) if done else f"{document.pages_indexed}/{document.pages or '?'}"
        rows.append(
            [
                document.label or document.name,
                pages,
                document.state,
                document.document_id[:12],
                document.reason,
            ]
        )
    return aligned(rows, right={1})


def aligned(rows: Sequence[Sequence[str]], right: Set[int]) -> str:
    """Columns side by side; the last one is cut at the terminal's edge, the first at a third of it.

    right: columns of numbers

    >>> print(aligned([["document", "page"], ["a.pdf", "7"]], right={1}))
    document  page
    a.pdf        7
    """
    width = shutil.get_terminal_size((110, 24)).columns
    cells = [[printable(cell) for cell in row] for row in rows]
    cells = [[_cut(row[0], max(width // 3, 12)), *row[1:]] for row in cells]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    lines = []
    for row in cells:
        padded = [
            cell.rjust(size) if column in right else cell.ljust(size)
            for column, (cell, size) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(_cut(_GAP.join(padded).rstrip(), width))
    return "\n".join(lines)


def _where(hit: PageHit, words_of: WordsOf) -> str:
    """The words in the best region, or its place where the page has none."""
    if not hit.regions:
        return ""
    return _words_at(hit.document_id, hit.page, hit.regions[0].box, words_of)


def _words_at(document_id: str, page: int, box: Box, words_of: WordsOf) -> str:
    """The words in a box, or where it is."""
    try:
        words = words_of(document_id, page)
    except NotFound:
        words = PageWords()
    return text_in(words, box) or _place(box)


def _place(box: Box) -> str:
    """
    >>> _place((0.0, 0.0, 0.2, 0.1)), _place((0.4, 0.4, 0.6, 0.6))
    ('top left', 'middle')
    """
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    row = "top" if y < 1 / 3 else "bottom" if y > 2 / 3 else ""
    column = "left" if x < 1 / 3 else "right" if x > 2 / 3 else ""
    return f"{row} {column}".strip() or "middle"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 1, 1)] + "…"


def printable(text: str) -> str:
    """A document's name or words must not steer the terminal (escape sequences, newlines)."""
    return "".join(character if character.isprintable() else "·" for character in text)


def follow(job: Job, interrupts: Interrupts) -> JobStatus:
    """Show pages and the time left until the job ends; returns its last status. Raises KeyboardInterrupt."""
    with tqdm(unit=" pages", file=sys.stderr, disable=None, dynamic_ncols=True, smoothing=0.1) as bar:

        def show(status: JobStatus) -> None:
            interrupts.check()
            bar.total = status.pages_total or None
            running = next((file.name for file in status.files if file.state == "running"), "")
            bar.set_description_str(printable(running[:40]), refresh=False)
            bar.update(status.pages_done - bar.n)

        return job.wait(on_progress=show, deep=False)


def follow_deepening(service: Service, interrupts: Interrupts) -> None:
    """Show how many pages are understood, until all of them are; at once where they are, or where that is in trouble.

    Raises KeyboardInterrupt.
    """
    if service.deepening() is None:
        return
    with tqdm(unit=" pages", file=sys.stderr, disable=None, dynamic_ncols=True, desc="getting deeper") as bar:
        while (found := service.deepening()) is not None:
            deep, bar.total = found
            bar.update(deep - bar.n)
            interrupts.check()
            if service.trouble:
                return
            service.wait_until_deep(_LOOK_SECONDS)
        bar.update((bar.total or 0) - bar.n)


class Interrupts:
    """Notes every Ctrl-C while it is entered, beside the KeyboardInterrupt that it raises, and raises it again at the next look.

    Python drops an exception that comes while it cleans up (`__del__`, the callbacks of weak references), so that a press
    may be lost.
    Changes nothing where somebody else handles Ctrl-C, or where it is ignored, as in a shell's background.
    """

    def __init__(self) -> None:
        self._is_pressed = False
        self._is_ours = False

    def __enter__(self) -> Self:
        self._is_ours = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if self._is_ours:
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def check(self) -> None:
        """Raises KeyboardInterrupt where Ctrl-C was pressed and nobody heard it."""
        if self._is_pressed:
            raise KeyboardInterrupt

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._is_pressed = True
        signal.default_int_handler(number, frame)

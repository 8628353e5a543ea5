"""The rendering process: reads requests as lines of JSON on stdin, answers with frames on stdout.

A file that crashes a renderer, hangs it or eats its memory takes down this process and nothing else.

A frame is the length of its header (4 bytes, big endian), the header (JSON) and `header["bytes"]` more bytes.
Kinds: count {pages} · attached {name, path} · dated {date} · note {text} · working {number, seconds} · page {number, width, height, ...} with the RGB pixels and the
words' boxes · undrawn {number, reason, error, details} · failed {error, reason} · end.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import ImageFile

from pagelight.ingest.render.dates import picture_date
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.image_files import OpenedImage, frame, open_image, resize, size_in_points
from pagelight.ingest.render.limits import PAGE_SIZE, Limits, least_scale, page_dpi, readable_dpi
from pagelight.ingest.render.pdf import PdfFile, Wait
from pagelight.ingest.render.pdf_opening import MENDED
from pagelight.ingest.render.rendered_page import READ_TOO_SMALL, DrawnPage, Undrawn
from pagelight.retrieval.errors import DocumentError, DocumentTooLarge
from pagelight.retrieval.types import PageWords

#: exit status that tells the parent about the memory limit (form)
EXIT_MEMORY = 77
#: address space beyond the memory that pages may use: the interpreter, libraries, mapped files (limit)
_HEADROOM_MB = 1024
#: between two looks at the memory in use (time)
_WATCH_SECONDS = 0.1


class _Answers:
    """The frames' way out."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def send(self, kind: str, *payloads: memoryview, **fields: Any) -> None:
        header = json.dumps(
            {"kind": kind, "bytes": sum(payload.nbytes for payload in payloads), **fields}
        ).encode()
        self._stream.write(struct.pack(">I", len(header)) + header)
        for payload in payloads:
            self._stream.write(payload)
        self._stream.flush()

    def send_page(self, page: DrawnPage) -> None:
        height, width, _ = page.pixels.shape
        self.send(
            "page",
            np.ascontiguousarray(page.pixels).data,
            np.ascontiguousarray(page.words.boxes, np.float32).data,
            number=page.number,
            width=width,
            height=height,
            width_pt=page.width_pt,
            height_pt=page.height_pt,
            words=page.words.texts,
            notes=page.notes,
        )

    def send_undrawn(self, page: Undrawn) -> None:
        self.send("undrawn", number=page.number, reason=page.reason, error=page.error, details=page.details)


def limit_memory(memory_mb: int) -> None:
    """A hard bound on the address space, and a watch on what is really used.

    macOS does not enforce RLIMIT_AS, so there the watch has to do; it says why it ends, a crash does not.
    """
    hard = (memory_mb + _HEADROOM_MB) * 2**20
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))

    def watch() -> None:
        while _resident_bytes() <= memory_mb * 2**20:
            time.sleep(_WATCH_SECONDS)
        os._exit(EXIT_MEMORY)

    threading.Thread(target=watch, daemon=True).start()


def _resident_bytes() -> int:
    """Memory in use, or on systems without /proc the most that has been in use.

    Linux counts the parent's memory into ru_maxrss of a new process, so it would not do there.
    """
    try:
        with open("/proc/self/statm", "rb") as stream:
            return int(stream.read().split()[1]) * resource.getpagesize()
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _frames(request: dict[str, Any], limits: Limits, answers: _Answers, wait: Wait) -> None:
    """Answer one request for an image file."""
    path, file_type = Path(request["path"]), FileType(request["type"])
    with open_image(path, file_type) as image:
        count = len(image.pages)
        numbers = _start(request, count, limits, answers)
        if numbers and request["words"]:
            _send_date(answers, lambda: picture_date(image.first))
        for number in numbers:
            wait(number, limits.seconds_per_page)
            try:
                page = _frame(image, number, request, limits)
            except Exception as error:
                if left := _rest_of_frame(path, number, request, limits):
                    if request["words"]:
                        answers.send("note", text=MENDED)
                    answers.send_page(left)
                    continue
                if count == 1:
                    raise
                reason = str(error) if isinstance(error, DocumentTooLarge) else "it is damaged"
                answers.send_undrawn(Undrawn(number, reason, type(error).__name__, traceback.format_exc()))
                continue
            answers.send_page(page)


def _rest_of_frame(path: Path, number: int, request: dict[str, Any], limits: Limits) -> DrawnPage | None:
    """What is left of a picture that was cut off; none where that shows nothing."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        with open_image(path, FileType(request["type"])) as image:
            page = _frame(image, number, request, limits)
    except Exception:
        return None
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    return page if page.pixels.min() < page.pixels.max() else None


def _frame(image: OpenedImage, number: int, request: dict[str, Any], limits: Limits) -> DrawnPage:
    picture = frame(image, number, limits)
    width_pt, height_pt = size_in_points(picture)
    if request["width"]:
        picture = resize(picture, request["width"] / picture.width)
        return DrawnPage(number, np.asarray(picture), PageWords(), width_pt, height_pt)
    wanted = page_dpi(request["dpi"], width_pt, height_pt)
    dpi = readable_dpi(wanted, width_pt, height_pt)
    notes = (READ_TOO_SMALL,) if dpi < PAGE_SIZE.too_small * wanted else ()
    scale = dpi * width_pt / 72 / picture.width
    if dpi == wanted:  # else it is too large for that
        scale = max(scale, least_scale(request["dpi"], *picture.size))
    picture = resize(picture, scale)
    return DrawnPage(number, np.asarray(picture), PageWords(), width_pt, height_pt, notes)


def _pages(request: dict[str, Any], limits: Limits, answers: _Answers, wait: Wait) -> None:
    """Answer one request for a PDF."""
    pdf = PdfFile(Path(request["path"]), limits, request["renderer"], request["words"])
    try:
        numbers = _start(request, pdf.n_pages, limits, answers)
        if numbers and request["words"]:
            _send_date(answers, pdf.date)
            attached = pdf.attached(Path(request["attached"])) if request["attached"] else []
            for file in attached:
                if file.path:
                    answers.send("attached", name=file.name, path=str(file.path))
            for text in pdf.notes([file.name for file in attached if not file.path]):
                answers.send("note", text=text)
        for page in pdf.draw(numbers, request["dpi"], request["width"], request["words"], wait):
            if isinstance(page, Undrawn):
                answers.send_undrawn(page)
            else:
                answers.send_page(page)
    finally:
        pdf.close()


def _send_date(answers: _Answers, date: Callable[[], str]) -> None:
    """The document's own date; damage means none."""
    with contextlib.suppress(Exception):
        if found := date():
            answers.send("dated", date=found)


def _start(request: dict[str, Any], count: int, limits: Limits, answers: _Answers) -> Sequence[int]:
    """Say how many pages there are; the numbers that are wanted of them."""
    if count > limits.max_pages:
        raise DocumentTooLarge(
            f"The document has {count:,} pages, the limit is {limits.max_pages:,}; split it or raise max_pages."
        )
    answers.send("count", pages=count)
    if request["only_count"]:
        return ()
    done = set(request["skip"])
    last = min(request["last"] or count, count)
    return [number for number in range(request["first"], last + 1) if number not in done]


def _answer(request: dict[str, Any], answers: _Answers) -> None:
    limits = Limits(**request["limits"])

    def wait(number: int, seconds: float) -> None:
        answers.send("working", number=number, seconds=seconds)

    try:
        (_pages if request["type"] == FileType.PDF else _frames)(request, limits, answers, wait)
    except DocumentError as error:
        answers.send("failed", error=type(error).__name__, reason=str(error))
    except MemoryError:
        reason = f"The file needs more than {limits.memory_mb} MB to be read; split it or raise memory_mb."
        answers.send("failed", error="DocumentTooLarge", reason=reason)
    except BrokenPipeError:
        raise
    except Exception:  # the parent logs the details and tells the person one line
        answers.send("failed", error="UnreadableDocument", reason="", details=traceback.format_exc())
    else:
        answers.send("end")


def _requests(stream: BinaryIO) -> Iterator[dict[str, Any]]:
    for line in stream:
        yield json.loads(line)


def main() -> None:
    # whatever a library prints goes to stderr, so that it cannot break the frames
    answers = _Answers(os.fdopen(os.dup(1), "wb", buffering=1 << 16))
    os.dup2(2, 1)
    limit_memory(int(sys.argv[1]))
    try:
        for request in _requests(sys.stdin.buffer):
            _answer(request, answers)
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(0)  # the parent has gone, and nothing here needs an orderly end


if __name__ == "__main__":
    main()

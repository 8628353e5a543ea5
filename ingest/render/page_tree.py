"""The tree of a PDF's pages, whose nodes say how many pages hang on them: pdfium believes the first, and opens no more."""

from __future__ import annotations

import io
import logging
import re
import zlib
from collections.abc import Iterator
from typing import Any

log = logging.getLogger(__name__)

#: Bytes of one object stream that are unpacked; dictionaries of pages take some hundred bytes each (limit)
_MAX_UNPACKED = 20_000_000
#: nodes within nodes that are counted (guard)
_DEEPEST = 50
_OBJECT_STREAM = re.compile(rb"/ObjStm\b.{0,2000}?>>\s*stream\r?\n?", re.DOTALL)
_COUNT, _FIRST = re.compile(rb"/N\s+(\d{1,7})\b"), re.compile(rb"/First\s+(\d{1,9})\b")
_PAGE = re.compile(rb"/Type\s*/Page\b")
_OBJECT = re.compile(rb"(\d{1,9})\s+\d{1,5}\s+obj\b")
#: bytes of an object before its type (limit)
_BEFORE_TYPE = 4000


def unpacked(content: bytes) -> Iterator[bytes]:
    """The packed objects of a file that is not encrypted, stream by stream."""
    for _, objects in _streams(content):
        yield objects


def packed_objects(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and content of each packed object of a file that is not encrypted."""
    for entries, objects in _streams(content):
        count, first = _COUNT.search(entries), _FIRST.search(entries)
        if not count or not first:
            continue
        start = int(first[1])
        numbers = [int(found) for found in re.findall(rb"\d+", objects[:start])[: 2 * int(count[1])]]
        places = [*numbers[1::2], len(objects)]
        for number, place, end in zip(numbers[::2], places, places[1:], strict=False):
            yield number, objects[start + place : start + end]


def _streams(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Entries, and what is packed, of each stream of objects."""
    if b"/ObjStm" not in content:
        return
    for match in _OBJECT_STREAM.finditer(content):
        before = max(content.rfind(b"<<", 0, match.start()), 0)
        packed = content[match.end() : content.find(b"endstream", match.end())]
        try:
            objects = zlib.decompressobj().decompress(packed, _MAX_UNPACKED)
        except zlib.error:
            continue
        yield content[before : match.end()], objects


def with_all_pages(content: bytes, n_pages: int, *, is_last_there: bool = True) -> bytes | None:
    """The file with counts by which all of its pages are opened, and no others; None where they are anyway. Damage means none.

    n_pages: that are opened; is_last_there: whether the last of them is. A file in which no more pages are to be seen, which is
    nearly every file, is not parsed.
    """
    if b"/Encrypt" in content:
        return None
    most = _most_pages(content)
    if most <= n_pages and is_last_there:
        return None
    from pypdf import (
        PdfReader,
        PdfWriter,
    )  # here, since they take long to import, and hardly a file comes so far

    try:
        reader = PdfReader(io.BytesIO(content))
        counted = _counted(reader.root_object["/Pages"], {}, _DEEPEST)
        if counted == n_pages or (counted < n_pages and (is_last_there or counted < most)):
            return None
        writer = PdfWriter(clone_from=reader)
        _counted(writer.root_object["/Pages"], {}, _DEEPEST, write=True)
        made = io.BytesIO()
        writer.write(made)
    except Exception:  # whatever pypdf trips over: such a file has the pages that it says
        log.info("tree of pages", exc_info=True)
        return None
    return made.getvalue()


def _most_pages(content: bytes) -> int:
    """Pages that the file may have: those of older versions count, too, but none twice that is there by itself."""
    numbers = set()
    for found in _PAGE.finditer(content):
        before = [*_OBJECT.finditer(content, max(found.start() - _BEFORE_TYPE, 0), found.start())]
        numbers.add(before[-1][1] if before else found.start())
    return len(numbers) + sum(len(_PAGE.findall(objects)) for objects in unpacked(content))


def _counted(node: Any, known: dict[int, int], depth: int, *, write: bool = False) -> int:
    """Pages that hang on a node, which says so where it is written. known: those of nodes that were counted, by number"""
    from pypdf.generic import NameObject, NumberObject

    found = node.get_object()
    kids = found.get("/Kids")
    if kids is None:
        return 1
    number = found.indirect_reference.idnum if found.indirect_reference else -1
    if number in known or not depth:
        return known.get(number, 0)
    known[number] = 0  # it hangs on itself, where it is come upon again
    n_pages = sum(_counted(kid, known, depth - 1, write=write) for kid in kids.get_object())
    known[number] = n_pages
    if write:
        found[NameObject("/Count")] = NumberObject(n_pages)
    return n_pages

"""Files inside a PDF that hang on neither its list of attachments nor a pin: associated files, and those of rich media.

pdfium does not tell of them, pypdf does.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

#: what such a file is called in the PDF, which is never packed or encrypted (form)
_FILE = re.compile(rb"/EmbeddedFile\b")
#: bytes of a PDF that is looked into: it is held in memory for it (limit)
_MAX_BYTES = 200_000_000
#: pages that are looked at (limit)
_PAGES = 200
#: levels of a tree of names (guard)
_DEEPEST = 10


def associated_files(path: Path, n_known: int, most_bytes: int) -> list[tuple[str, bytes | None]]:
    """Names and contents, None beyond most_bytes; damage means none. n_known: attached files that are known already

    A file with no more embedded files than that, which is nearly every file, is not parsed.
    """
    try:
        if path.stat().st_size > _MAX_BYTES or len(_FILE.findall(path.read_bytes())) <= n_known:
            return []
        from pypdf import PdfReader  # here, since it takes long to import, and hardly a file comes so far

        reader = PdfReader(path)
        if reader.is_encrypted:
            reader.decrypt("")
        found: dict[int, tuple[str, bytes | None]] = {}
        for specification in _specifications(reader):
            stream = _stream(specification)
            if stream is not None and id(stream) not in found:
                content = stream.get_data()
                name = str(specification.get("/UF") or specification.get("/F") or "")
                found[id(stream)] = name, content if len(content) <= most_bytes else None
        return list(found.values())
    except Exception:  # whatever pypdf trips over
        log.exception("associated files")
        return []


def _specifications(reader: Any) -> Iterator[Any]:
    yield from _entries(reader.root_object, "/AF")
    for page in islice(reader.pages, _PAGES):
        yield from _entries(page, "/AF")
        for annotation in _entries(page, "/Annots"):
            yield from _entries(annotation, "/AF")
            assets = annotation.get("/RichMediaContent", {}).get("/Assets")
            if assets is not None:
                yield from _named(assets.get_object(), _DEEPEST)


def _entries(holder: Any, key: str) -> Iterator[Any]:
    found = holder.get(key)
    if found is None:
        return
    found = found.get_object()
    for entry in [found] if hasattr(found, "keys") else found:
        value = entry.get_object()
        if hasattr(value, "keys"):
            yield value


def _named(node: Any, depth: int) -> Iterator[Any]:
    """Values of a tree of names."""
    yield from (entry.get_object() for entry in node.get("/Names", [])[1::2])
    if depth:
        for kid in node.get("/Kids", []):
            yield from _named(kid.get_object(), depth - 1)


def _stream(specification: Any) -> Any:
    files = specification.get("/EF")
    if files is None:
        return None
    files = files.get_object()
    found = next((files[key] for key in ("/UF", "/F") if key in files), None)
    return found.get_object() if found is not None else None

"""The header of a PDF where it is lost, or behind so much else that pdfium does not find it."""

from __future__ import annotations

import re
from pathlib import Path

#: a header with an object behind it: text that only mentions "%PDF-1.4" has none
_FAR_HEADER = re.compile(rb"%PDF-\d\.\d\s[^\r\n]{0,200}?\s*(?:%[^\r\n]*[\r\n]+\s*)*\d+ \d+ obj\b")
_HEADER = b"%PDF-1.7\n"
#: larger files are not mended: they are held in memory for it
_MAX_BYTES = 200_000_000


def find_header(content: bytes) -> int:
    """Where the header is that the document begins with, or -1.

    >>> find_header(b"From: a\\n\\n%PDF-1.4\\n1 0 obj"), find_header(b"what %PDF-1.4 means")
    (9, -1)
    """
    found = _FAR_HEADER.search(content)
    return found.start() if found else -1


def with_header(path: Path) -> bytes | None:
    """The file's content from its header on, with one where there is none; None where that would change nothing."""
    if path.stat().st_size > _MAX_BYTES:
        return None
    content = path.read_bytes()
    at = find_header(content)
    if at == 0:
        return None
    return content[at:] if at > 0 else _HEADER + content

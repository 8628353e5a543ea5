"""What a file is, told by its first bytes; names and extensions are only data."""

from __future__ import annotations

import stat
from enum import StrEnum
from pathlib import Path

from pagelight.ingest.render.limits import Limits, size_text
from pagelight.retrieval.errors import DocumentTooLarge, UnreadableDocument

#: PDF 1.7, appendix H.3.4.1: viewers accept the header anywhere in the first 1024 bytes
_HEAD = 1024


class FileType(StrEnum):
    """The types that can be indexed; the value is the usual extension."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpg"
    TIFF = "tiff"
    WEBP = "webp"

    @property
    def mime(self) -> str:
        if self is FileType.PDF:
            return "application/pdf"
        return "image/jpeg" if self is FileType.JPEG else f"image/{self.value}"


_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", FileType.PNG),
    (b"\xff\xd8\xff", FileType.JPEG),
    (b"II*\0", FileType.TIFF),
    (b"MM\0*", FileType.TIFF),
    (b"II+\0", FileType.TIFF),
    (b"MM\0+", FileType.TIFF),
)

_KNOWN_STRANGERS = (
    (b"PK\x03\x04", "This is an Office document or an archive; export it as a PDF and add that."),
    (b"\xd0\xcf\x11\xe0", "This is an old Office document; export it as a PDF and add that."),
    (b"%!PS", "This is PostScript; convert it to a PDF and add that."),
    (b"{\\rtf", "This is a rich text document; export it as a PDF and add that."),
)


def recognise(head: bytes) -> FileType | None:
    """The type of a file from its first 1024 bytes, or None.

    >>> recognise(b"%PDF-1.7").value, recognise(b"GIF89a")
    ('pdf', None)
    """
    for magic, file_type in _MAGIC:
        if head.startswith(magic):
            return file_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FileType.WEBP
    return FileType.PDF if b"%PDF-" in head[:_HEAD] else None


def check_file(path: Path, limits: Limits) -> FileType:
    """The file's type, after looking at nothing but its size and its first bytes.

    Raises UnreadableDocument (missing, not a plain file, empty, unknown type) and DocumentTooLarge.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableDocument("This is not a plain file.")
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name is not valid"
        raise UnreadableDocument(f"The file cannot be opened: {reason}.") from error
    if not head:
        raise UnreadableDocument("The file is empty.")
    if status.st_size > limits.max_bytes:
        raise DocumentTooLarge(
            f"The file has {size_text(status.st_size)}, the limit is {size_text(limits.max_bytes)}; "
            "split it or raise max_bytes."
        )
    file_type = recognise(head)
    if file_type is None:
        for magic, reason in _KNOWN_STRANGERS:
            if head.startswith(magic):
                raise UnreadableDocument(reason)
        raise UnreadableDocument("This is not a PDF, PNG, JPEG, TIFF or WebP file.")
    return file_type

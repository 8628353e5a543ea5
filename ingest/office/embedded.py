"""Files inside Office files, which show an icon or a first page in place of them, and those attached to e-mails."""

from __future__ import annotations

import logging
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

from pagelight.ingest.office.mail import mail_attachments
from pagelight.ingest.render.attachments import MAX_ATTACHED, Attached, written_out
from pagelight.ingest.render.compound_file import SIGNATURE, Storage, read_compound_file
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import Limits

log = logging.getLogger(__name__)

#: bytes of a file that is looked into: it is held in memory for it (limit)
_MAX_BYTES = 100_000_000
#: folder of a ZIP with what is embedded (ECMA-376), and streams in which programs keep it (MS-OLEDS) (form)
_EMBEDDINGS, _CONTENTS, _PACKAGE = "/embeddings/", "CONTENTS", "\x01Ole10Native"
#: bytes of a package before the file's name (form)
_BEFORE_LABEL = 6
_PDF, _ZIP = b"%PDF-", b"PK\x03\x04"


def attached_to(path: Path, file_type: FileType, folder: Path, limits: Limits) -> Iterator[Attached]:
    """The files of an e-mail or an Office file; those that can be searched are written to `folder`, all of them within max_bytes."""
    if file_type is FileType.EML:
        yield from mail_attachments(path.read_bytes(), folder, limits)
        return
    room = limits.max_bytes
    for index, (name, content) in enumerate(_embedded(path)):
        fits = index < MAX_ATTACHED and len(content) <= room
        room -= len(content) if fits else 0
        yield written_out(name or "unnamed", content if fits else None, folder)


def _embedded(path: Path) -> list[tuple[str, bytes]]:
    """Names and contents, each once; damage costs what is behind it."""
    found: dict[bytes, str] = {}
    try:
        content = path.read_bytes() if path.stat().st_size <= _MAX_BYTES else b""
        # by its first bytes: an old Office file may have an archive at its end
        inside = _of_storage(read_compound_file(content)) if content.startswith(SIGNATURE) else ()
        for name, file in _of_zip(path) if content.startswith(_ZIP) else inside:
            found.setdefault(file, name)
    except Exception:  # whatever is damaged, the document is read
        log.info("files inside an Office file", exc_info=True)
    return [(name, file) for file, name in found.items()]


def _of_zip(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if _EMBEDDINGS in entry.filename and entry.file_size <= _MAX_BYTES:
                content = archive.read(entry)
                if content.startswith(_PDF):
                    yield entry.filename.rpartition("/")[2], content
                elif content.startswith(SIGNATURE):
                    yield from _of_storage(read_compound_file(content))


def _of_storage(storage: Storage) -> Iterator[tuple[str, bytes]]:
    contents, package = storage.streams.get(_CONTENTS, b""), storage.streams.get(_PACKAGE)
    if contents.startswith(_PDF):
        yield "embedded.pdf", contents
    elif package is not None:
        yield _unpacked(package)
    for inner in storage.storages.values():
        yield from _of_storage(inner)


def _unpacked(package: bytes) -> tuple[str, bytes]:
    """Name and content of a file of any kind (MS-OLEDS, 2.3.6). Raises struct.error."""
    label, _, behind = package[_BEFORE_LABEL:].partition(b"\0")
    behind = behind.partition(b"\0")[2]  # where it was
    (length,) = struct.unpack_from("<4xI", behind)
    (size,) = struct.unpack_from("<I", behind, 8 + length)
    return label.decode("cp1252", "replace"), behind[12 + length : 12 + length + size]

"""Files on their way into the library: received over HTTP, named by a token that nobody can guess, gone once stored."""

from __future__ import annotations

import contextlib
import errno
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import anyio.to_thread
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from pagelight.retrieval.errors import InvalidInput, StoreUnavailable, UploadRefused

#: longer names are cut in the middle of nowhere by file systems; people read the beginning
MAX_NAME_CHARS = 200
#: files in one request
MAX_FILES = 1000
#: time that a file is kept which nobody asked to index
UNCLAIMED_SECONDS = 3600.0
#: bytes that are collected before they are written, so that a slow disk does not stop other requests
_WRITE_BYTES = 1 << 20
#: the system's reasons for which nothing at all can be written in a folder
_NO_FOLDER = frozenset((errno.ENOENT, errno.EACCES, errno.EPERM, errno.EROFS))


@dataclass(frozen=True, slots=True)
class Upload:
    """One received file. path: inside the upload folder; name: as its owner called it"""

    path: Path
    name: str
    received: float


class Uploads:
    """The upload folder of one library. Whoever sent a file, and nobody else, knows its token.

    The folder is emptied at the start: what a killed process left belongs to nobody any more.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._uploads: dict[str, Upload] = {}
        shutil.rmtree(folder, ignore_errors=True)

    async def receive(self, content_type: str, body: AsyncIterator[bytes]) -> list[str]:
        """Store the files of a multipart/form-data body; their tokens, in order.

        A request that breaks off leaves nothing. Raises UploadRefused: no form, too large, too many files.
        """
        self._remove_unclaimed()
        form = _Form(self._folder, content_type, self._max_bytes)
        try:
            async for chunk in body:
                form.feed(chunk)
                if form.n_buffered >= _WRITE_BYTES:
                    await anyio.to_thread.run_sync(form.write)
            await anyio.to_thread.run_sync(form.finish)
        except BaseException:
            form.discard()
            raise
        for token, upload in form.received.items():
            self._uploads[token] = upload
        return list(form.received)

    def __contains__(self, token: object) -> bool:
        return token in self._uploads

    @contextlib.contextmanager
    def claimed(self, tokens: Sequence[object]) -> Iterator[list[Upload]]:
        """The uploads with these tokens, removed when the block ends. Raises InvalidInput for any other name."""
        uploads: list[Upload] = []
        for token in tokens:
            upload = self._uploads.get(token) if isinstance(token, str) else None
            if upload is None or upload in uploads:
                raise InvalidInput(f"{printable_name(token)}: not an uploaded file; send it first")
            uploads.append(upload)
        for upload in uploads:
            self._uploads.pop(upload.path.name, None)
        try:
            yield uploads
        finally:
            for upload in uploads:
                _remove(upload.path)

    def _remove_unclaimed(self) -> None:
        oldest = time.monotonic() - UNCLAIMED_SECONDS
        for token, upload in list(self._uploads.items()):
            if upload.received < oldest:
                self._uploads.pop(token, None)
                _remove(upload.path)


class _Form:
    """One multipart/form-data request: writes its files, ignores its other fields (RFC 7578)."""

    def __init__(self, folder: Path, content_type: str, max_bytes: int) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise UploadRefused("send files as multipart/form-data", 400)
        self.received: dict[str, Upload] = {}
        self._folder = folder
        self._max_bytes = max_bytes
        self._parser = MultipartParser(
            options[b"boundary"],
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, start, end: self._field.extend(data[start:end]),
                "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                "on_header_end": self._header,
                "on_part_data": self._data,
                "on_part_end": self._end,
                "on_end": self._complete,
            },
        )
        self._field, self._value = bytearray(), bytearray()
        self._token: str | None = None
        self._n_bytes = 0
        self._is_complete = False
        self._pending: list[tuple[str, bytes]] = []  # (token, bytes to write)
        self._open: tuple[str, IO[bytes]] | None = None
        self.n_buffered = 0

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except MultipartParseError as error:
            raise UploadRefused("the upload is not a valid multipart/form-data request", 400) from error

    def write(self) -> None:
        """Write what has been collected."""
        pending, self._pending, self.n_buffered = self._pending, [], 0
        try:
            for token, data in pending:
                self._file(token).write(data)
        except OSError as error:
            raise UploadRefused(f"the upload cannot be stored: {error.strerror or error}", 507) from error

    def finish(self) -> None:
        """Raises UploadRefused where the request ended before its form did."""
        if not self._is_complete:
            raise UploadRefused("the upload broke off; send it again", 400)
        self.write()
        self._close()

    def discard(self) -> None:
        self._close()
        for upload in self.received.values():
            _remove(upload.path)

    def _begin(self) -> None:
        self._token, self._n_bytes = None, 0

    def _header(self) -> None:
        field, value = bytes(self._field).lower(), bytes(self._value)
        self._field.clear()
        self._value.clear()
        if field != b"content-disposition":
            return
        _, options = parse_options_header(value)
        if b"filename" not in options:
            return
        if len(self.received) >= MAX_FILES:
            raise UploadRefused(f"more than {MAX_FILES:,} files in one request; send them in several", 413)
        self._token = secrets.token_urlsafe(24)
        name = document_name(options[b"filename"].decode("utf-8", "replace"))
        self.received[self._token] = Upload(self._folder / self._token, name, time.monotonic())
        self._pending.append((self._token, b""))  # an empty file is a file, too

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._token is None:
            return
        self._n_bytes += end - start
        if self._n_bytes > self._max_bytes:
            limit = self._max_bytes // 1_000_000
            raise UploadRefused(f"larger than the limit of {limit:,} MB; split it or raise max_mb", 413)
        self._pending.append((self._token, data[start:end]))
        self.n_buffered += end - start

    def _end(self) -> None:
        self._token = None

    def _complete(self) -> None:
        self._is_complete = True

    def _file(self, token: str) -> IO[bytes]:
        if self._open is None or self._open[0] != token:
            self._close()
            try:
                self._folder.mkdir(exist_ok=True)  # not the data folder: it may come back
                self._open = (token, self.received[token].path.open("ab"))
            except OSError as error:
                if error.errno not in _NO_FOLDER:
                    raise
                raise StoreUnavailable(
                    f"{self._folder.parent} cannot be written; give the folder back, or allow writing in it"
                ) from error
        return self._open[1]

    def _close(self) -> None:
        if self._open is not None:
            with contextlib.suppress(OSError):
                self._open[1].close()
            self._open = None


def _remove(path: Path) -> None:
    """Remove the file; where that fails, the next start does it."""
    with contextlib.suppress(OSError):
        path.unlink()


def document_name(text: str) -> str:
    """A document's name from a file name that a client sent: the last part of a path, without control characters.

    >>> document_name("C:\\\\scans\\\\a\\nb.pdf")
    'ab.pdf'
    """
    name = "".join(c for c in text.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable()).strip()
    if len(name) > MAX_NAME_CHARS:
        stem, dot, suffix = name.rpartition(".")
        name = stem[: MAX_NAME_CHARS - len(suffix) - 1] + dot + suffix if dot else name[:MAX_NAME_CHARS]
    return name or "document"


def printable_name(value: object) -> str:
    """A name that a caller made up, as an error line shows it."""
    return document_name(value) if isinstance(value, str) else "files"

"""Compound files: the storages and streams of a file that holds others, as old Office documents and Outlook's messages do (MS-CFB)."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: the first bytes of such a file (form)
SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: bytes of an entry of the directory (form)
_ENTRY_BYTES = 128
#: sector numbers from here on stand for none (form)
_NONE = 0xFFFFFFFA
#: kinds of entries (form)
_STREAM, _STORAGES = 2, (1, 5)
#: storages within storages that are looked into (guard)
_DEEPEST = 20

Content = bytes | mmap.mmap


@dataclass(frozen=True, slots=True)
class Storage:
    """What a storage holds, by name."""

    streams: Mapping[str, bytes]
    storages: Mapping[str, Storage]


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of the directory. before, behind: its siblings; child: the first thing in it; start, size: of its stream"""

    name: str
    kind: int
    before: int
    behind: int
    child: int
    start: int
    size: int


def read_compound_file(content: Content) -> Storage:
    """The outermost storage. Raises ValueError where the file is damaged."""
    try:
        return _File(content).root()
    except (struct.error, IndexError, OverflowError) as error:
        raise ValueError("a damaged compound file") from error


def outermost_names(content: Content) -> set[str]:
    """Names of what the outermost storage holds, in small letters, which mean the same; none where the file is damaged."""
    try:
        return _File(content).names()
    except (struct.error, IndexError, OverflowError, ValueError):
        return set()


class _File:
    def __init__(self, content: Content) -> None:
        if content[: len(SIGNATURE)] != SIGNATURE:
            raise ValueError("no compound file")
        self._content = content
        self._size, self._small_size = (1 << shift for shift in struct.unpack_from("<2H", content, 30))
        directory, _, self._least, small, _, more, _ = struct.unpack_from("<7I", content, 48)
        if self._size not in (512, 4096) or self._small_size > self._size:
            raise ValueError("sectors of another size")
        places = [*struct.unpack_from("<109I", content, 76)]
        seen: set[int] = set()
        while more < _NONE and more not in seen:  # the list goes on in sectors of its own
            seen.add(more)
            *further, more = self._numbers(self._sector(more)).tolist()
            places += further
        self._following = self._numbers(b"".join(self._sector(place) for place in places if place < _NONE))
        self._small_following = self._numbers(self._chained(small))
        self._entries = [*self._directory(self._chained(directory))]
        self._small = self._chained(self._entries[0].start) if self._entries else b""

    def names(self) -> set[str]:
        return {entry.name.lower() for entry in self._siblings(self._entries[0].child)}

    def root(self) -> Storage:
        return self._storage(self._entries[0], _DEEPEST)

    def _storage(self, entry: _Entry, depth: int) -> Storage:
        inside = self._siblings(entry.child) if depth else []
        return Storage(
            {one.name: self._stream(one) for one in inside if one.kind == _STREAM},
            {one.name: self._storage(one, depth - 1) for one in inside if one.kind in _STORAGES},
        )

    def _siblings(self, first: int) -> list[_Entry]:
        """An entry and all those beside it, which form a tree."""
        found, seen, waiting = [], set(), [first]
        while waiting:
            index = waiting.pop()
            if index < len(self._entries) and index not in seen:
                seen.add(index)
                entry = self._entries[index]
                found.append(entry)
                waiting += [entry.before, entry.behind]
        return found

    def _stream(self, entry: _Entry) -> bytes:
        if entry.size >= self._least:
            return self._chained(entry.start)[: entry.size]
        pieces = (
            self._small[at * self._small_size : (at + 1) * self._small_size]
            for at in _chain(entry.start, self._small_following)
        )
        return b"".join(pieces)[: entry.size]

    def _chained(self, start: int) -> bytes:
        return b"".join(self._sector(place) for place in _chain(start, self._following))

    def _sector(self, place: int) -> bytes:
        return self._content[(place + 1) * self._size : (place + 2) * self._size]

    def _numbers(self, sectors: bytes) -> NDArray[np.uint32]:
        return np.frombuffer(sectors[: len(sectors) // 4 * 4], "<u4")

    def _directory(self, content: bytes) -> Iterator[_Entry]:
        for at in range(0, len(content) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
            length, kind = struct.unpack_from("<HB", content, at + 64)
            name = content[at : at + max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
            start, size = struct.unpack_from("<2I", content, at + 116)
            before, behind, child = struct.unpack_from("<3I", content, at + 68)
            yield _Entry(name, kind, before, behind, child, start, size)


def _chain(start: int, following: NDArray[np.uint32]) -> Iterator[int]:
    """Sectors that follow each other, each once."""
    seen: set[int] = set()
    while start < len(following) and start not in seen:
        seen.add(start)
        yield start
        start = int(following[start])

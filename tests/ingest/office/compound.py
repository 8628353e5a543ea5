"""Makes compound files, of which Outlook's messages are, stream by stream."""

from __future__ import annotations

import datetime
import struct
from collections.abc import Mapping

_NONE, _END = 0xFFFFFFFF, 0xFFFFFFFE
_SECTOR, _SMALL, _LEAST = 512, 64, 4096

Tree = Mapping[str, "bytes | Tree"]


def compound_file(tree: Tree) -> bytes:
    """A storage of storages and streams, by name."""
    entries: list[tuple[str, int, int, int, int, int]] = []  # name, kind, next, child, start, size
    sectors: list[bytes] = []
    following: list[int] = []
    small: list[bytes] = []
    small_following: list[int] = []

    def chained(content: bytes, size: int, pieces: list[bytes], chain: list[int]) -> int:
        cut = [content[at : at + size].ljust(size, b"\0") for at in range(0, len(content), size)]
        first = len(pieces)
        chain += [*range(first + 1, first + len(cut)), _END] if cut else []
        pieces += cut
        return first if cut else _END

    def added(name: str, node: bytes | Tree, kind: int) -> int:
        index = len(entries)
        entries.append(("", 0, 0, 0, 0, 0))
        if isinstance(node, bytes):
            is_small = len(node) < _LEAST
            start = (
                chained(node, _SMALL, small, small_following)
                if is_small
                else chained(node, _SECTOR, sectors, following)
            )
            entries[index] = (name, 2, _NONE, _NONE, start, len(node))
            return index
        child = _NONE
        for one, inner in reversed(node.items()):
            at = added(one, inner, 1)
            entries[at] = (*entries[at][:2], child, *entries[at][3:])
            child = at
        entries[index] = (name, kind, _NONE, child, 0, 0)
        return index

    added("Root Entry", tree, 5)
    content = b"".join(small)
    start = chained(content, _SECTOR, sectors, following)
    entries[0] = (*entries[0][:4], start, len(content))
    map_start = chained(
        struct.pack(f"<{len(small_following)}I", *small_following), _SECTOR, sectors, following
    )
    directory = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBB3I36xIQ", 2 * len(name) + 2, kind, 1, _NONE, behind, child, start, size)
        for name, kind, behind, child, start, size in entries
    )
    directory_start = chained(directory, _SECTOR, sectors, following)
    n_maps = -(-(len(sectors) + 4) // (_SECTOR // 4 - 1))
    maps = [len(sectors) + index for index in range(n_maps)]
    following += [0xFFFFFFFD] * n_maps
    table = struct.pack(f"<{len(following)}I", *following).ljust(n_maps * _SECTOR, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack(
        "<5H6x9I", 62, 3, 0xFFFE, 9, 6, 0, n_maps, directory_start, 0, _LEAST, map_start, 1, _END, 0
    )
    places = struct.pack("<109I", *maps, *[_NONE] * (109 - n_maps))
    return header + places + b"".join(sectors) + table


def outlook_message(
    texts: Mapping[int, str],
    attached: Mapping[str, bytes | Tree] = {},
    sent: datetime.datetime | None = None,
    code_page: int = 0,
    is_inner: bool = False,
) -> Tree:
    """texts: by the numbers of the properties; code_page: in which they are written, UTF-16 where it is 0"""
    found: dict[str, bytes | Tree] = {
        f"__substg1.0_{number:04X}{'001E' if code_page else '001F'}": text.encode(
            f"cp{code_page}" if code_page else "utf-16-le"
        )
        for number, text in texts.items()
    }
    fixed = struct.pack("<IIQ", 0x3FFD0003, 0, code_page) if code_page else b""
    if sent:
        steps = int((sent - datetime.datetime(1601, 1, 1, tzinfo=datetime.UTC)).total_seconds()) * 10_000_000
        fixed += struct.pack("<IIQ", 0x00390040, 0, steps)
    found["__properties_version1.0"] = bytes(24 if is_inner else 32) + fixed
    for index, (name, content) in enumerate(attached.items()):
        kind = "0102" if isinstance(content, bytes) else "000D"
        found[f"__attach_version1.0_#{index:08X}"] = {
            f"__substg1.0_3701{kind}": content,
            "__substg1.0_3707001F": name.encode("utf-16-le"),
        }
    return found

"""Whole numbers and text as printable characters of ASCII.

There are 92 of them, so that neither JSON nor the embedded engine makes them longer. What is deflated takes two characters for 13 bits, a twelfth less than base 64.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: "#" to "~": one run, so that a digit is a difference; JSON makes one of them longer, the backslash (form)
FIRST, BASE = 35, 92
#: bits of two digits (form)
_BITS = 13
_PLACES = (1 << np.arange(_BITS - 1, -1, -1)).astype(np.int64)
#: from here on a number stands behind the others, in four bytes (form)
_LONG = 255
#: raw deflate: zlib's header and checksum would be six bytes of every text (form)
_RAW = -15
_BEST = 9


def digit(numbers: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Numbers below BASE in one character each; same shape."""
    return (numbers + FIRST).astype(np.uint8)


def digits(numbers: NDArray[np.integer], n: int) -> NDArray[np.uint8]:
    """Numbers (k,) in `n` characters each, the highest first: (k, n)."""
    places = BASE ** np.arange(n - 1, -1, -1, dtype=np.int64)
    return digit(numbers.astype(np.int64)[:, None] // places % BASE)


def number_of(table: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(k,) of digits (k, n)."""
    number = table[:, 0].astype(np.int64)
    for place in range(1, table.shape[1]):
        number *= BASE
        number += table[:, place]
    return number


def table_of(records: Sequence[str], width: int) -> NDArray[np.uint8]:
    """(n, width) digits of all records, one behind another."""
    characters = np.frombuffer("".join(records).encode("ascii"), np.uint8)
    return (characters - np.uint8(FIRST)).reshape(-1, width)


def zigzag(numbers: NDArray[np.integer]) -> NDArray[np.int64]:
    """Numbers of any sign as some from 0 on, those near zero small.

    >>> zigzag(np.array([0, -1, 1, -2])).tolist()
    [0, 1, 2, 3]
    """
    wide = numbers.astype(np.int64)
    return np.where(wide < 0, -2 * wide - 1, 2 * wide)


def unzigzag(numbers: NDArray[np.integer]) -> NDArray[np.int64]:
    """The reverse of `zigzag`."""
    wide = numbers.astype(np.int64)
    return np.where(wide % 2 == 1, -(wide + 1) // 2, wide // 2)


def pack(columns: Sequence[NDArray[np.integer]], tail: bytes = b"") -> str:
    """Columns of numbers from 0 to 2³² - 1, most of them small, and bytes behind them, deflated."""
    numbers = np.concatenate([np.zeros(0, np.int64), *columns])
    long = numbers >= _LONG
    data = np.minimum(numbers, _LONG).astype(np.uint8).tobytes() + numbers[long].astype("<u4").tobytes()
    deflate = zlib.compressobj(_BEST, zlib.DEFLATED, _RAW)
    return _printed(deflate.compress(data + tail) + deflate.flush())


def unpack(text: str, lengths: Sequence[int]) -> tuple[list[NDArray[np.int64]], bytes]:
    """The reverse of `pack`, for columns of these lengths; and the tail. Raises ValueError for anything else."""
    try:
        data = zlib.decompress(_read(text), _RAW)
    except zlib.error as error:
        raise ValueError(f"packed numbers: {error}") from error
    end = sum(lengths)
    if len(data) < end:
        raise ValueError(f"packed numbers: expected {end}, got {len(data)}")
    numbers = np.frombuffer(data, np.uint8, end).astype(np.int64)
    long = np.flatnonzero(numbers == _LONG)
    numbers[long] = np.frombuffer(data, "<u4", len(long), end)
    return np.split(numbers, np.cumsum(lengths)[:-1]), data[end + 4 * len(long) :]


def _printed(data: bytes) -> str:
    """Bytes as digits; the first one says how many bits of the last pair count for nothing."""
    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    spare = -len(bits) % _BITS
    pairs = np.append(bits, np.zeros(spare, np.uint8)).reshape(-1, _BITS) @ _PLACES
    return (digit(np.array([spare])).tobytes() + digits(pairs, 2).tobytes()).decode("ascii")


def _read(text: str) -> bytes:
    """The reverse of `_printed`. Raises ValueError for a text of an even length."""
    if not len(text) % 2:
        raise ValueError(f"packed numbers: expected an odd number of characters, got {len(text)}")
    table = table_of([text], 1)
    pairs = number_of(table[1:].reshape(-1, 2))
    bits = (pairs[:, None] & _PLACES > 0).ravel()
    return np.packbits(bits[: len(bits) - int(table[0, 0])]).tobytes()

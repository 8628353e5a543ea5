"""Collections of a library, and what a caller may do with them. A collection is the documents of one tag."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from pagelight.ingest.document import name_key


@dataclass(frozen=True, slots=True)
class Collections:
    """Tags whose documents somebody may see, and tags whose documents they may change, too; others are not there for them.

    read, write: compared as people see them; whoever may write may read
    """

    read: Iterable[str] = ()
    write: Iterable[str] = ()
    readable: frozenset[str] = field(init=False, repr=False)
    writable: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if isinstance(self.read, str) or isinstance(self.write, str):
            raise TypeError("expected lists of tags, got text")
        object.__setattr__(self, "read", tuple(self.read))
        object.__setattr__(self, "write", tuple(self.write))
        writable = frozenset(map(name_key, self.write))
        object.__setattr__(self, "writable", writable)
        object.__setattr__(self, "readable", writable.union(map(name_key, self.read)))

    def without_writing(self) -> Collections:
        """The same, for looking only."""
        return Collections(read=(*self.read, *self.write))


_asking: ContextVar[Collections | None] = ContextVar("collections", default=None)


def seen_collections() -> Collections | None:
    """The collections that the present caller may see; None for everything: a program, the command line, the work in the background."""
    return _asking.get()


@contextmanager
def seeing(collections: Collections | None) -> Iterator[None]:
    """Let everything inside see these collections and no others; None for everything."""
    token = _asking.set(collections)
    try:
        yield
    finally:
        _asking.reset(token)

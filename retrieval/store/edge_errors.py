"""The embedded engine's errors as ours."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pagelight.retrieval.errors import DiskFull, LibraryDamaged, PagelightError, StoreError, repair_hint


@contextmanager
def edge_errors(folder: Path) -> Iterator[None]:
    """Qdrant Edge raises bare Exceptions and Rust's panics; here they and the file system's become one line of ours."""
    try:
        yield
    except (PagelightError, TypeError):
        raise
    except BaseException as error:
        line = " ".join(str(error).split())
        if type(error).__name__ == "PanicException":  # of pyo3, no Exception, and nowhere to import from
            raise LibraryDamaged(
                f"The index in {folder} is damaged ({line[:200]}); if that stays so, {repair_hint(folder.parent)}"
            ) from error
        if not isinstance(error, Exception):
            raise
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"The disk is full: {folder} needs some room; free it and try again") from error
        raise StoreError(
            f"The index in {folder} failed: {line}; if that stays so, {repair_hint(folder.parent)}"
        ) from error

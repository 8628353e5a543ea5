"""Files that the browser or a client has sent to Gradio's upload folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder

from retrieval.errors import InvalidInput

#: longer names are cut in the middle of nowhere by file systems; people read the beginning
MAX_NAME_CHARS = 200


def uploaded_files(files: Iterable[Any]) -> list[tuple[Path, str]]:
    """(path, name) of uploads given as paths or as Gradio's file objects.

    Raises InvalidInput for a path outside the upload folder: a caller names paths freely, and a file of
    the server's own must not end up in the library.
    """
    folder = Path(get_upload_folder()).resolve()
    found = []
    for given in files:
        path_text = given.get("path") if isinstance(given, dict) else given
        if not isinstance(path_text, str) or not path_text:
            raise InvalidInput("files: expected uploaded files")
        path = Path(path_text).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            raise InvalidInput(f"{Path(path_text).name}: not an uploaded file")
        original = given.get("name") or given.get("orig_name") if isinstance(given, dict) else None
        found.append((path, _file_name(original or path.name)))
    return found


def _file_name(text: str) -> str:
    """The last part of a path, without control characters.

    >>> _file_name("C:\\\\scans\\\\a\\nb.pdf")
    'ab.pdf'
    """
    name = "".join(c for c in str(text).replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable()).strip()
    if len(name) > MAX_NAME_CHARS:
        stem, dot, suffix = name.rpartition(".")
        name = stem[: MAX_NAME_CHARS - len(suffix) - 1] + dot + suffix if dot else name[:MAX_NAME_CHARS]
    return name or "document"

"""The data folder and the index in it, and which files of other folders are documents."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from pagelight.ingest.files import is_gone
from pagelight.ingest.library import DATABASE
from pagelight.ingest.office.converter import OFFICE_SUFFIXES, soffice
from pagelight.ingest.render.file_type import HEAD_BYTES, FileType, recognise
from pagelight.ingest.render.office_types import TEXT_SUFFIXES, type_of
from pagelight.retrieval.errors import InvalidInput, InvalidSetting, NotFound, StoreLocked
from pagelight.retrieval.store.lock import FolderLock

#: the sample documents that a first start indexes
SAMPLES = Path(str(resources.files("pagelight") / "assets" / "samples"))
#: further extensions of these types
_OTHER_SUFFIXES = ".jpeg .jpe .jfif .jif .mpo .tif .apng .dib .jpx .jpf .j2k .j2c .jpc .heif .heics .hif .avifs .pbm .pgm .ppm"
_DRAWN_SUFFIXES = frozenset(
    {f".{file_type.value}" for file_type in FileType if not file_type.is_converted}
    | {*_OTHER_SUFFIXES.split()}
)

#: files that systems leave in folders; nobody misses them
_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini"})
_SYSTEM_FOLDERS = frozenset({"__MACOSX"})
#: letters of the longest extension in use for documents and their like (".numbers", ".markdown")
_LONGEST_EXTENSION = 8
_NAMED = 5
#: the index, below the data folder
INDEX = "index"
#: the folder in which `reindex` works
DRAFT = "reindex"
#: the index that was replaced, for the moment between two renames
_OLD = "index.old"


@dataclass(frozen=True, slots=True)
class FolderContent:
    """Content of a folder. documents: to be indexed; other_types: not; unreadable: nobody knows

    linked: folders elsewhere that it only links to; libraries: data folders of Pagelight, whose documents are known
    """

    documents: list[Path] = field(default_factory=list)
    other_types: list[Path] = field(default_factory=list)
    unreadable: list[Path] = field(default_factory=list)
    linked: list[Path] = field(default_factory=list)
    libraries: list[Path] = field(default_factory=list)

    @property
    def left_out(self) -> str:
        """One line that says what was left out and why; empty where nothing was.

        >>> FolderContent([], [Path("letter.docx"), Path("a.zip")], []).left_out
        '2 files of other types left out: letter.docx, a.zip'
        """
        lines = [
            _listed(self.other_types, "file", "of other types left out"),
            _listed(self.unreadable, "file", "that cannot be opened left out"),
            _listed(self.linked, "link", "to other folders left out"),
            _listed(self.libraries, "data folder", "of Pagelight left out"),
        ]
        return "; ".join(line for line in lines if line)


def document_suffixes() -> frozenset[str]:
    """Extensions of files that can be added here: office files where LibreOffice is installed."""
    return _DRAWN_SUFFIXES | OFFICE_SUFFIXES if soffice() else _DRAWN_SUFFIXES


def folder_content(path: Path) -> FolderContent:
    """The documents at a path: itself, or all below a folder in order of their names.

    Hidden files are passed over. Files without an extension count by their content, those with a wrong one, too.
    A path that cannot be looked at counts as a document, so that the person who adds it is told why.
    """
    if not os.path.isdir(path):
        return FolderContent([] if is_gone(path) else [path])
    content = FolderContent()
    for entry in _files_below(path, content):
        suffix = entry.suffix.lower()
        is_office = suffix in OFFICE_SUFFIXES and soffice() and _is_office(entry)
        if suffix in _DRAWN_SUFFIXES or is_office:
            content.documents.append(entry)
        elif _has_extension(entry) and suffix not in OFFICE_SUFFIXES:
            content.other_types.append(entry)
        else:
            _by_content(entry, content)
    return content


def given_paths(paths: Iterable[str | Path]) -> list[Path]:
    """The paths that people gave. Raises InvalidInput for an empty one, which would be the current folder (an unset variable)."""
    found = []
    for path in paths:
        if not str(path).strip():
            raise InvalidInput("the path is empty; give . for the current folder")
        found.append(Path(path))
    return found


def document_files(path: Path) -> list[Path]:
    """`folder_content`'s documents."""
    return folder_content(path).documents


def holds_library(folder: Path) -> bool:
    """Whether it is a data folder, sound or not."""
    return (folder / "files").is_dir() or (folder / DATABASE).exists()


def check_library(folder: Path) -> None:
    """Raises NotFound where the folder holds no library."""
    if not holds_library(folder):
        raise NotFound(
            f"{folder} holds no library; name its folder with --data, or make one with: pagelight add PATH"
        )


def lock_folder(folder: Path) -> FolderLock:
    """Hold the data folder, made if it is missing: two processes would undo each other's work.

    Raises StoreLocked, InvalidSetting.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return FolderLock(folder)
    except StoreLocked:
        raise StoreLocked(
            f"{folder} is open in another Pagelight: use that one, stop it, or choose another folder with --data"
        ) from None
    except OSError as error:
        raise InvalidSetting(f"data: {folder} cannot be written: {error.strerror}") from error


@contextmanager
def held_folder(folder: Path) -> Iterator[None]:
    """Let nobody else open the library meanwhile. Raises as `lock_folder`."""
    lock = lock_folder(folder)
    try:
        yield
    finally:
        lock.release()


def _files_below(folder: Path, content: FolderContent) -> Iterator[Path]:
    """The files, in order of their names; links to folders are not followed, since they may lead back."""

    def refused(error: OSError) -> None:
        content.unreadable.append(Path(error.filename))

    found: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=refused):
        if DATABASE in names:
            content.libraries.append(Path(parent))
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _SYSTEM_FOLDERS]
        content.linked.extend(
            path for name in folders if (path := Path(parent, name)).is_symlink() and _leads_out(path, folder)
        )
        found += [
            Path(parent, name)
            for name in names
            if not name.startswith(".") and name.lower() not in _SYSTEM_FILES
        ]
    yield from sorted(found)


def _leads_out(link: Path, folder: Path) -> bool:
    """Whether what is behind the link is not looked into anyway."""
    return not link.resolve().is_relative_to(folder.resolve())


def _by_content(path: Path, content: FolderContent) -> None:
    try:
        if not path.is_file():  # a pipe or a device is not opened: it may never answer
            content.unreadable.append(path)
            return
        with path.open("rb") as stream:
            known = recognise(stream.read(HEAD_BYTES))
        if known is None and soffice():
            office = type_of(path)
            known = None if office is FileType.TEXT else office  # any text looks like that
    except OSError:
        content.unreadable.append(path)
    else:
        (content.documents if known else content.other_types).append(path)


def _is_office(path: Path) -> bool:
    """Whether it is an office file by its content, and where that is text, by its name."""
    found = type_of(path)
    return found is not None and (found is not FileType.TEXT or path.suffix.lower() in TEXT_SUFFIXES)


def _has_extension(path: Path) -> bool:
    """
    >>> [_has_extension(Path(name)) for name in ("a.docx", "invoice", "report v1.2", "minutes of 3. May")]
    [True, False, False, False]
    """
    extension = path.suffix[1:]
    return (
        0 < len(extension) <= _LONGEST_EXTENSION
        and extension.isalnum()
        and any(c.isalpha() for c in extension)
    )


def _listed(paths: Sequence[Path], noun: str, what: str) -> str:
    if not paths:
        return ""
    more = f" and {len(paths) - _NAMED:,} more" if len(paths) > _NAMED else ""
    names = ", ".join(path.name for path in paths[:_NAMED])
    return f"{len(paths):,} {noun}{'s' if len(paths) != 1 else ''} {what}: {names}{more}"


def swap_index(folder: Path) -> None:
    """Put the finished draft's index in place."""
    if (folder / INDEX).exists():
        (folder / INDEX).rename(folder / _OLD)
    (folder / DRAFT / INDEX).rename(folder / INDEX)
    finish_swap(folder)


def finish_swap(folder: Path) -> None:
    """Finish what a crash between the two renames left: the new index is whole by then. Nothing to do otherwise."""
    if not (folder / _OLD).exists():
        return
    if not (folder / INDEX).exists() and (folder / DRAFT / INDEX).exists():
        (folder / DRAFT / INDEX).rename(folder / INDEX)
    if (folder / INDEX).exists():
        if (folder / _OLD).is_dir():
            shutil.rmtree(folder / _OLD)
        else:
            (folder / _OLD).unlink()
        shutil.rmtree(folder / DRAFT, ignore_errors=True)

"""The data folder, and which files of other folders are documents."""

from importlib import resources
from pathlib import Path

from pagelight.retrieval.errors import InvalidSetting, StoreLocked
from pagelight.retrieval.store.lock import FolderLock

#: the sample documents that a first start indexes
SAMPLES = Path(str(resources.files("pagelight") / "assets" / "samples"))
SUFFIXES = (".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")


def document_files(path: Path) -> list[Path]:
    """The documents at a path: itself, or all below a folder in order of their names, hidden ones left out."""
    if not path.is_dir():
        return [path] if path.exists() else []
    return sorted(
        entry
        for entry in path.rglob("*")
        if entry.suffix.lower() in SUFFIXES
        and entry.is_file()
        and not any(part.startswith(".") for part in entry.relative_to(path).parts)
    )


def lock_folder(folder: Path) -> FolderLock:
    """Hold the data folder, made where there is none: two processes would undo each other's work.

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

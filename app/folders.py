"""Which files of a folder are documents."""

from pathlib import Path

#: the sample documents that a first start indexes
SAMPLES = Path(__file__).parents[1] / "assets" / "samples"
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

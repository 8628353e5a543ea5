"""The dataset that a person names: a folder of either form, or a name on the hub."""

from __future__ import annotations

from pathlib import Path

from pagelight.app.evaluation.beir import is_beir, read_beir
from pagelight.app.evaluation.dataset import Dataset, read_dataset
from pagelight.retrieval.errors import InvalidDataset


def open_dataset(name: str | Path, cache: Path) -> Dataset:
    """The dataset in the folder `name`, or the one called so on the hub ("vidore/esg_reports_v2").

    cache: where downloads and unpacked images are kept
    Raises InvalidDataset, which says what was expected.
    """
    folder = Path(name)
    if not folder.exists():
        if str(name).count("/") != 1 or str(name).startswith((".", "/", "~")):
            raise InvalidDataset(f"{name}: no such folder")
        folder = _download(str(name), cache / "hub")
    if is_beir(folder):
        return read_beir(folder, cache / "images" / folder.name)
    return read_dataset(folder)


def _download(name: str, cache: Path) -> Path:
    """A dataset's parquet and text files from the hub."""
    import httpx
    from huggingface_hub import snapshot_download

    try:
        folder = snapshot_download(
            name,
            repo_type="dataset",
            cache_dir=cache,
            allow_patterns=["*.parquet", "*.jsonl", "*.tsv", "images/*"],
        )
    except (OSError, ValueError, httpx.HTTPError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InvalidDataset(
            f"{name}: neither a folder here nor a dataset that the hub gives us ({reason[:120]})"
        ) from error
    return Path(folder)

"""A second labelled set: `python -m bench.second_set ARCHIVES FOLDER` makes a dataset of 317 pages and 122 queries.

The queries and boxes are ours (`second_set.jsonl`). The pages are of PDFs that come with the source archives of PyMuPDF 2.0,
pypdf 7.1.0, pdf2docx 0.5.13 and pdfreader 0.1.15 (`second_set.csv`), to be downloaded into ARCHIVES from the Python package
index: they belong to others, and are to be measured with and not to be passed on. Then `pagelight eval FOLDER`.
"""

from __future__ import annotations

import csv
import hashlib
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pypdfium2

_HERE = Path(__file__).parent


def main(archives: Path, folder: Path, sources: Path = _HERE / "second_set.csv") -> None:
    """Write `pdfs/` and `queries.jsonl` into `folder`. Raises SystemExit where a PDF is in none of the archives."""
    with sources.open(encoding="utf-8", newline="") as file:
        wanted = {row["sha256"]: row for row in csv.DictReader(file)}
    (folder / "pdfs").mkdir(parents=True, exist_ok=True)
    for content in _pdfs(archives):
        row = wanted.pop(hashlib.sha256(content).hexdigest(), None)
        if row:
            _write_pages(content, row["pages"], folder / "pdfs" / f"{row['name']}.pdf")
    if wanted:
        missing = ", ".join(row["source"] for row in wanted.values())
        raise SystemExit(
            f"{archives}: no archive holds {missing}; download the source archives of these versions"
        )
    (folder / "queries.jsonl").write_bytes(sources.with_suffix(".jsonl").read_bytes())


def _pdfs(archives: Path) -> Iterator[bytes]:
    """The PDFs in all .tar.gz files of a folder."""
    for path in sorted(archives.glob("*.tar.gz")):
        with tarfile.open(path) as archive:
            for member in archive:
                if member.name.endswith(".pdf") and (stream := archive.extractfile(member)):
                    yield stream.read()


def _write_pages(content: bytes, pages: str, path: Path) -> None:
    """pages: as "13-37 85-108"; all of them where it is empty"""
    chosen = [n - 1 for a, b in (run.split("-") for run in pages.split()) for n in range(int(a), int(b) + 1)]
    pdf, part = pypdfium2.PdfDocument(content), pypdfium2.PdfDocument.new()
    part.import_pages(pdf, chosen or None)
    part.save(path)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("usage: python -m bench.second_set ARCHIVES FOLDER")
    main(Path(sys.argv[1]), Path(sys.argv[2]))

"""The second dataset is put together from archives that others publish."""

import hashlib
import json
import tarfile
from pathlib import Path

import pypdfium2
import pytest

from bench import second_set
from pagelight.app.evaluation.dataset import read_dataset
from tests.samples import text_pdf


def _sources(folder: Path, digest: str) -> Path:
    path = folder / "some.csv"
    path.write_text(f"name,pages,source,sha256\nchosen,1-1 2-2,package/a.pdf,{digest}\n")
    query = {"id": "a", "query": "revenue", "type": "keyword", "doc": "chosen.pdf", "pages": [2], "boxes": []}
    path.with_suffix(".jsonl").write_text(json.dumps(query) + "\n")
    return path


def test_the_named_pages_of_the_named_files_become_a_dataset(tmp_path: Path) -> None:
    sample = text_pdf(tmp_path)
    with tarfile.open(tmp_path / "package-1.0.tar.gz", "w:gz") as archive:
        archive.add(sample, "package-1.0/tests/a.pdf")
    digest = hashlib.sha256(sample.read_bytes()).hexdigest()
    second_set.main(tmp_path, tmp_path / "set", _sources(tmp_path, digest))
    dataset = read_dataset(tmp_path / "set")
    assert [query.relevant for query in dataset.queries] == [{("chosen.pdf", 2): 1}]
    assert len(pypdfium2.PdfDocument(tmp_path / "set" / "pdfs" / "chosen.pdf")) == 2


def test_a_file_that_no_archive_holds_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"package/a\.pdf"):
        second_set.main(tmp_path, tmp_path / "set", _sources(tmp_path, "0" * 64))


def test_the_labels_that_are_shipped_fit_together() -> None:
    """Every query's document is listed, and its boxes lie on its pages."""
    folder = Path(second_set.__file__).parent
    names = {line.split(",")[0] for line in (folder / "second_set.csv").read_text().splitlines()[1:]}
    queries = [json.loads(line) for line in (folder / "second_set.jsonl").read_text("utf8").splitlines()]
    assert len({query["id"] for query in queries}) == len(queries) == 122
    for query in queries:
        assert query["doc"].removesuffix(".pdf") in names
        for labelled in query["boxes"]:
            x0, y0, x1, y1 = labelled["box"]
            assert labelled["page"] in query["pages"]
            assert 0 <= x0 < x1 <= 1
            assert 0 <= y0 < y1 <= 1

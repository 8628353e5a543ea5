from __future__ import annotations

import json
from pathlib import Path

import pytest

from pagelight.app.cli.main import FAILED, OK, main
from tests.app.conftest import ReadingEncoder
from tests.contract import EVALUATION

Captured = pytest.CaptureFixture[str]

QUERIES = [
    {"id": "1", "query": "emissions", "type": "keyword", "doc": "report.pdf", "pages": [2], "boxes": []},
    {
        "id": "2",
        "query": "emergency stop",
        "type": "question",
        "doc": "manual.pdf",
        "pages": [1],
        "boxes": [],
    },
]


@pytest.fixture(autouse=True)
def _tiny_encoder_here_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "pagelight.app.evaluation.command.load_encoder", lambda name, device: ReadingEncoder()
    )


@pytest.fixture
def dataset(documents: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "dataset"
    (folder / "pdfs").mkdir(parents=True)
    for name in ("report.pdf", "manual.pdf"):
        (folder / "pdfs" / name).write_bytes((documents / name).read_bytes())
    lines = [json.dumps(query) for query in QUERIES]
    (folder / "queries.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def test_one_object_a_line_for_each_prune(dataset: Path, capsys: Captured) -> None:
    assert main(["eval", str(dataset), "--prune", "none", "--prune", "ratio:0.5", "--json"]) == OK
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["prune"] for row in rows] == ["none", "ratio:0.5"]
    assert set(rows[0]) >= EVALUATION
    assert (rows[0]["queries"], rows[0]["pages"], rows[0]["ndcg@5"]) == (2, 3, 1.0)


def test_the_default_is_the_models_own_pruning(dataset: Path, capsys: Captured) -> None:
    assert main(["eval", str(dataset), "--json"]) == OK
    assert json.loads(capsys.readouterr().out)["prune"] == ReadingEncoder().info.pruning


def test_the_default_is_measured_in_the_precision_of_an_index(
    dataset: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGELIGHT_PRECISION", "int8")
    assert main(["eval", str(dataset), "--pruning", "none", "--json"]) == OK
    assert json.loads(capsys.readouterr().out)["prune"] == "none@int8"


def test_image_only_leaves_the_words_unused(dataset: Path, capsys: Captured) -> None:
    assert main(["eval", str(dataset), "--image-only", "--json"]) == OK
    assert json.loads(capsys.readouterr().out)["ndcg@5"] == 0.0


@pytest.mark.usefixtures("indexed_library")
def test_ones_own_documents_need_no_labels(tmp_path: Path, capsys: Captured) -> None:
    report = tmp_path / "curves.html"
    assert main(["eval", "--self", "--report", str(report)]) == OK
    assert "not judged by people" in capsys.readouterr().out
    assert report.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_folder_of_another_form_is_one_line(tmp_path: Path, capsys: Captured) -> None:
    assert main(["eval", str(tmp_path)]) != OK
    assert capsys.readouterr().err.count("\n") == 1


def test_an_empty_library_cannot_be_measured(capsys: Captured) -> None:
    assert main(["eval", "--self"]) in (FAILED, 2)
    assert "empty" in capsys.readouterr().err

"""Datasets of the documented form are read, others are refused with the place of the fault."""

import json

import pytest

from pagelight.app.evaluation.command import open_dataset
from pagelight.app.evaluation.dataset import read_dataset, write_queries
from pagelight.retrieval.errors import InvalidDataset

GOOD = {
    "id": "a",
    "query": "revenue",
    "type": "keyword",
    "doc": "report.pdf",
    "pages": [2, 3],
    "boxes": [{"page": 2, "box": [0.1, 0.2, 0.5, 0.4]}],
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "pdfs").mkdir()
    (tmp_path / "pdfs" / "report.pdf").write_bytes(b"%PDF-1.4\n")
    (tmp_path / "pdfs" / "notes.txt").write_text("not a document")
    return tmp_path


def write(folder, *rows):
    text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    (folder / "queries.jsonl").write_text(text + "\n\n", encoding="utf8")


def test_queries_know_their_pages_and_boxes(folder):
    write(folder, GOOD)
    dataset = read_dataset(folder)
    assert [document.name for document in dataset.documents] == ["report.pdf"]
    assert dict(dataset.queries[0].relevant) == {("report.pdf", 2): 1, ("report.pdf", 3): 1}
    assert dataset.queries[0].boxes[0].box == (0.1, 0.2, 0.5, 0.4)
    assert not dataset.made


def test_boxes_may_be_left_out(folder):
    write(folder, {key: value for key, value in GOOD.items() if key != "boxes"})
    assert read_dataset(folder).queries[0].boxes == ()


def test_what_is_written_can_be_read_again(folder):
    write(folder, GOOD)
    dataset = read_dataset(folder)
    write_queries(dataset.queries, folder / "queries.jsonl")
    assert read_dataset(folder) == dataset


@pytest.mark.parametrize(
    "row",
    [
        "{broken",
        "[1]",
        {**GOOD, "pages": []},
        {**GOOD, "pages": ["two"]},
        {**GOOD, "query": "  "},
        {**GOOD, "doc": "missing.pdf"},
        {**GOOD, "boxes": [{"page": 2, "box": [0.5, 0.2, 0.1, 0.4]}]},
        {"id": "a"},
    ],
)
def test_a_bad_line_is_named_by_its_number(folder, row):
    write(folder, {**GOOD, "id": "first"}, row)
    with pytest.raises(InvalidDataset, match=r"queries\.jsonl:2"):
        read_dataset(folder)


def test_the_same_id_twice_is_refused(folder):
    write(folder, GOOD, GOOD)
    with pytest.raises(InvalidDataset, match="twice"):
        read_dataset(folder)


def test_a_folder_of_another_form_is_refused(tmp_path):
    with pytest.raises(InvalidDataset, match="pdfs/ and queries"):
        read_dataset(tmp_path)


def test_a_name_that_is_no_folder_is_refused(tmp_path):
    with pytest.raises(InvalidDataset, match="no such folder"):
        open_dataset(tmp_path / "nowhere", tmp_path)


def test_an_unreachable_hub_is_said_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(InvalidDataset, match="neither a folder here nor a dataset") as error:
        open_dataset("nobody/nothing-of-this-name", tmp_path)
    assert "\n" not in str(error.value)

"""BEIR's form is read from files and from ViDoRe's parquet."""

import json
from io import BytesIO

import pytest
from PIL import Image

from pagelight.app.evaluation.command import open_dataset
from pagelight.retrieval.errors import InvalidDataset


def picture(shade, form="PNG"):
    content = BytesIO()
    Image.new("RGB", (40, 56), (shade, shade, shade)).save(content, form)
    return content.getvalue()


@pytest.fixture
def beir(tmp_path):
    folder = tmp_path / "tiny"
    (folder / "images").mkdir(parents=True)
    (folder / "qrels").mkdir()
    for name, shade in (("p1", 10), ("p2", 90), ("p3", 200)):
        (folder / "images" / f"{name}.png").write_bytes(picture(shade))
    corpus = [{"_id": "p1", "image": "images/p1.png"}, {"_id": "p2"}, {"_id": "p3"}]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)))
    queries = [{"_id": "q1", "text": "a dark page"}, {"_id": "q2", "text": "nobody judged this"}]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (folder / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\tp1\t2\nq1\tp2\t1\nq1\tp3\t0\n"
    )
    return folder


def test_images_become_documents_of_one_page(beir, tmp_path):
    dataset = open_dataset(beir, tmp_path / "cache")
    assert [document.name for document in dataset.documents] == ["p1", "p2", "p3"]
    assert dataset.documents[1].path == beir / "images" / "p2.png"


def test_grades_are_kept_and_zero_is_not_relevant(beir, tmp_path):
    dataset = open_dataset(beir, tmp_path / "cache")
    assert len(dataset.queries) == 1
    assert dict(dataset.queries[0].relevant) == {("p1", 1): 2, ("p2", 1): 1}


def test_a_missing_image_is_named(beir, tmp_path):
    (beir / "images" / "p3.png").unlink()
    with pytest.raises(InvalidDataset, match="'p3'"):
        open_dataset(beir, tmp_path / "cache")


def test_an_image_outside_the_folder_is_refused(beir, tmp_path):
    (tmp_path / "secret.png").write_bytes(picture(0))
    (beir / "corpus.jsonl").write_text(json.dumps({"_id": "p1", "image": "../secret.png"}))
    with pytest.raises(InvalidDataset, match="'p1'"):
        open_dataset(beir, tmp_path / "cache")


def test_qrels_that_name_unknown_pages_are_refused(beir, tmp_path):
    (beir / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tp9\t1\n")
    with pytest.raises(InvalidDataset, match="'p9'"):
        open_dataset(beir, tmp_path / "cache")


def test_qrels_without_their_header_are_refused(beir, tmp_path):
    (beir / "qrels" / "test.tsv").write_text("q1\t0\tp1\t1\n")
    with pytest.raises(InvalidDataset, match="header"):
        open_dataset(beir, tmp_path / "cache")


def write_parquet(path, rows):
    parquet = pytest.importorskip("pyarrow.parquet")
    pyarrow = pytest.importorskip("pyarrow")
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.Table.from_pylist(rows), path)


def test_vidore_with_corpus_queries_and_qrels_in_parquet(tmp_path):
    folder = tmp_path / "reports"
    pages = [
        {"corpus-id": 7, "image": {"bytes": picture(10), "path": None}},
        {"corpus-id": 8, "image": {"bytes": picture(90, "JPEG"), "path": "b.jpg"}},
    ]
    write_parquet(folder / "corpus" / "test-00000-of-00001.parquet", pages)
    write_parquet(folder / "queries" / "test-00000-of-00001.parquet", [{"query-id": 1, "query": "emissions"}])
    write_parquet(
        folder / "qrels" / "test-00000-of-00001.parquet", [{"query-id": 1, "corpus-id": 8, "score": 1}]
    )
    dataset = open_dataset(folder, tmp_path / "cache")
    assert [document.name for document in dataset.documents] == ["7", "8"]
    assert dict(dataset.queries[0].relevant) == {("8", 1): 1}
    assert Image.open(dataset.documents[1].path).format == "JPEG"


def test_vidore_with_one_query_and_its_page_a_row(tmp_path):
    folder = tmp_path / "docvqa"
    rows = [
        {"query": "what is this", "image_filename": "a.png", "image": {"bytes": picture(1), "path": None}},
        {"query": "and this", "image_filename": "a.png", "image": {"bytes": picture(1), "path": None}},
        {"query": None, "image_filename": "b.png", "image": {"bytes": picture(2), "path": None}},
    ]
    write_parquet(folder / "data" / "test-00000-of-00001.parquet", rows)
    dataset = open_dataset(folder, tmp_path / "cache")
    assert [document.name for document in dataset.documents] == ["a.png", "b.png"]
    assert [dict(query.relevant) for query in dataset.queries] == [{("a.png", 1): 1}] * 2


def test_parquet_without_images_is_refused(tmp_path):
    folder = tmp_path / "words"
    write_parquet(folder / "corpus" / "test.parquet", [{"corpus-id": 1, "text": "only words"}])
    with pytest.raises(InvalidDataset, match="no images"):
        open_dataset(folder, tmp_path / "cache")

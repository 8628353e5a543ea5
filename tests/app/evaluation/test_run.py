"""The harness on a dataset whose answers are known."""

import json

import pytest

from pagelight.app.evaluation import controls
from pagelight.app.evaluation.dataset import read_dataset
from pagelight.app.evaluation.evaluate import evaluate, own_documents
from pagelight.app.evaluation.report import report
from pagelight.app.evaluation.rows import rows
from pagelight.app.evaluation.text_table import table
from pagelight.retrieval.errors import InvalidDataset, InvalidPruning, InvalidSetting
from tests.app.evaluation.colour_pages import ColourEncoder, write_dataset, write_pdf
from tests.contract import EVALUATION


@pytest.fixture
def folder(tmp_path):
    return write_dataset(tmp_path / "data")


def run(folder, *specs, encoder=None, **options):
    dataset = read_dataset(folder)
    return evaluate(
        dataset,
        encoder or ColourEncoder(),
        specs,
        cache=folder.parent / "cache",
        image_only=True,
        **options,
    )


def test_without_pruning_every_query_finds_its_page_and_its_place(folder):
    (row,) = rows(run(folder, "none"))
    assert row["ndcg@5"] == row["ndcg@10"] == row["recall@1"] == row["recall@5"] == 1
    iou = pytest.approx(1, abs=0.01)
    assert row["highlight"] == {"pointing": 1.0, "iou": iou, "iou_hit": 1.0, "n": 6}
    assert (row["queries"], row["pages"], row["vectors_per_page"], row["kept"]) == (6, 6, 80, 1)


def test_a_row_has_what_the_contract_promises(folder):
    (row,) = rows(run(folder, "none"))
    assert set(row) >= EVALUATION
    assert set(row["by_type"]) == {"warm", "cold"}
    assert row["by_type"]["warm"]["queries"] == 3
    assert row["search_ms"]["p95"] >= row["search_ms"]["p50"] > 0
    assert row["without_words"] is None
    assert json.loads(json.dumps(row)) == row


def test_queries_on_pages_without_words_are_told_apart(folder):
    write_pdf(folder / "pdfs" / "red-green-blue.pdf", ("red", "green", "blue"), words=())
    dataset = read_dataset(folder)
    cache = folder.parent / "cache"
    (row,) = rows(evaluate(dataset, ColourEncoder(), ["none"], cache=cache))
    assert row["without_words"]["queries"] == 3
    assert row["without_words"]["ndcg@5"] == 1


def test_bytes_are_those_of_the_index_on_disk_and_their_parts_add_up(folder):
    none, kept = rows(run(folder, "none", "importance:0.5"))
    for row in (none, kept):
        parts = {key: value for key, value in row["bytes"].items() if not key.startswith("raw")}
        assert sum(parts.values()) == pytest.approx(row["bytes_per_page"], abs=3)
        assert row["bytes"]["vectors"] == pytest.approx(row["vectors_per_page"] * 8 * 2, abs=1)
        assert row["bytes"]["raw_fp32"] == pytest.approx(2 * row["bytes"]["raw_fp16"], abs=1)
    assert kept["bytes"]["vectors"] < none["bytes"]["vectors"]


def test_pruning_what_matters_not_costs_nothing_and_says_so(folder):
    _, row = rows(run(folder, "none", "importance:0.5"))
    assert row["vectors_per_page"] == 1
    assert row["ndcg@5"] == 1
    assert row["baseline"] == "none"
    assert row["ci"]["ndcg@5"] == [0, 0]
    assert row["ci"]["relative_ndcg@5"] == [1, 1]


def test_pruning_what_matters_costs_and_the_interval_shows_it(folder):
    row, _ = rows(run(folder, "random:0.02", "none"))
    assert row["ndcg@5"] < 1
    assert row["ci"]["ndcg@5"][1] < 0


def test_only_what_was_asked_for_is_measured(folder):
    evaluation = run(folder, "importance:0.5")
    assert [m.name for m in evaluation.measurements] == ["importance:t=0.5"]
    (row,) = rows(evaluation)
    assert row["baseline"] is row["ci"]["ndcg@5"] is None
    assert "against" not in table(evaluation)


def test_without_specs_the_models_own_is_measured(folder):
    assert [row["prune"] for row in rows(run(folder))] == ["importance:t=0.5"]


def test_precision_follows_the_at_sign(folder):
    wide, narrow = rows(run(folder, "none@fp32", "none@int8"))
    assert wide["prune"] == "none@fp32"
    assert wide["bytes"]["vectors"] == 80 * 8 * 4
    assert narrow["bytes"]["prefetch"] == 80 * 8


def test_ink_controls_read_the_ink_of_the_page_and_not_the_importance(folder):
    (row,) = rows(run(folder, "ink"))
    assert 0 < row["kept"] < 1


def test_a_budget_is_calibrated_on_the_dataset(folder):
    (row,) = rows(run(folder, "budget:0.1,importance"))
    assert row["applied"].startswith("importance:t=")


def test_a_second_run_encodes_nothing(folder):
    first, second = ColourEncoder(), ColourEncoder()
    before = rows(run(folder, "none", encoder=first))
    after = rows(run(folder, "none", encoder=second))
    assert first.pages_seen == 6 + 1  # one page is the fingerprint's
    assert second.pages_seen == 1
    assert before[0]["ndcg@5"] == after[0]["ndcg@5"]


def test_a_document_that_cannot_be_read_is_named_and_the_others_count(folder, capsys):
    (folder / "pdfs" / "broken.pdf").write_bytes(b"nothing")
    (row,) = rows(run(folder, "none"))
    (failure,) = row["failed"]
    assert failure["document"] == "broken.pdf"
    assert row["ndcg@5"] == 1
    assert capsys.readouterr().err == f"broken.pdf: {failure['reason']}\n"


def test_a_document_that_is_damaged_inside_is_named_once_however_many_settings_there_are(folder):
    (folder / "pdfs" / "broken.pdf").write_bytes(b"%PDF-1.4\n1 0 obj\n<<>>\n")
    first, second = rows(run(folder, "none", "importance:0.5"))
    assert [failure["document"] for failure in first["failed"]] == ["broken.pdf"]
    assert first["pages"] == second["pages"] == 6


def test_no_readable_document_at_all_is_an_error(folder):
    for path in (folder / "pdfs").iterdir():
        path.rename(path.with_name(f"{path.stem}.gone"))
    (folder / "pdfs" / "broken.pdf").write_bytes(b"nothing")
    (folder / "queries.jsonl").write_text(
        json.dumps({"id": "1", "query": "red", "type": "t", "doc": "broken.pdf", "pages": [1]})
    )
    with pytest.raises(InvalidDataset, match="no document could be read"):
        run(folder, "none")


@pytest.mark.parametrize(("spec", "error"), [("nonsense", InvalidPruning), ("none@fp7", InvalidSetting)])
def test_a_spec_that_means_nothing_is_refused_before_any_work(folder, spec, error):
    encoder = ColourEncoder()
    with pytest.raises(error):
        run(folder, spec, encoder=encoder)
    assert encoder.pages_seen == 0


def test_worst_queries_keep_a_view_of_their_page(folder):
    measured = run(folder, "random:0.02", page_views=2).find("random:0.02")
    assert len(measured.page_views) == 2
    view = next(iter(measured.page_views.values()))
    assert view.strength.shape == view.indexed.shape == (10, 8)


def test_pages_with_a_view_have_a_picture(folder):
    evaluation = run(folder, "random:0.02", page_views=2)
    places = {view.place for view in evaluation.measurements[0].page_views.values()}
    assert set(evaluation.pictures) == places
    assert all(picture.startswith(b"RIFF") for picture in evaluation.pictures.values())


def test_off_topic_queries_are_put_to_every_setting(folder):
    (row,) = rows(run(folder, "none"))
    assert row["strength"]["off_topic"]["queries"] == 40
    assert row["strength"]["answerable_refused"] == 0


def test_nothing_is_drawn_where_stderr_is_no_terminal(folder, capsys):
    evaluate(read_dataset(folder), ColourEncoder(), cache=folder.parent / "cache", image_only=True)
    assert capsys.readouterr().err == ""


def test_controls_are_as_large_as_what_was_asked_for(folder):
    evaluation = run(folder, "importance:0.5", controls=True)
    names = {m.name for m in evaluation.measurements}
    assert {"none", "ink:t=0.02", "random:0.015", "random:0.01,ink"} <= names
    assert any(name.startswith("pool:") for name in names)
    assert evaluation.asked == ("importance:t=0.5",)


def test_an_encoder_of_many_vectors_has_ink_for_its_baseline_in_a_report(folder, monkeypatch):
    monkeypatch.setattr(controls, "MANY", 50)
    evaluation = run(folder, "importance:0.5", controls=True)
    assert evaluation.baseline.name == "ink:t=0.02"
    assert "none" not in {m.name for m in evaluation.measurements}
    assert "every cell that has ink" in report(evaluation)


def own(folder, words):
    for path in folder.glob("pdfs/*.pdf"):
        write_pdf(path, path.stem.split("-"), words)
    return own_documents([(path.name, path) for path in sorted((folder / "pdfs").iterdir())])


def test_known_items_of_ones_own_documents_are_marked_as_made(folder):
    documents = own(folder, ("ish", "turnover", "12", "40"))
    evaluation = evaluate(documents, ColourEncoder(), ["none"], cache=folder.parent / "cache")
    (row,) = rows(evaluation)
    assert row["made_queries"] is True
    assert all(kind.startswith("known-item: ") for kind in row["by_type"])
    assert "not judged by people" in table(evaluation)


def test_documents_without_words_make_no_queries_and_say_what_to_do(folder):
    with pytest.raises(InvalidDataset, match=r"queries\.jsonl"):
        evaluate(own(folder, ()), ColourEncoder(), ["none"], cache=folder.parent / "cache")


def test_an_empty_library_cannot_be_measured():
    with pytest.raises(InvalidDataset, match="empty"):
        own_documents([])

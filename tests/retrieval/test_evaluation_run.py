"""The harness on a dataset whose answers are known: pages of coloured squares, and an encoder that names colours."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from retrieval.encoders.protocol import EncoderInfo
from retrieval.errors import InvalidDataset, InvalidPruning, InvalidSetting, UnreadableDocument
from retrieval.evaluation.cache import EmbeddingCache
from retrieval.evaluation.dataset import read_dataset
from retrieval.evaluation.evaluate import evaluate, own_documents
from retrieval.evaluation.rows import rows, table
from retrieval.types import PageEmbedding, PageWords, PatchGrid, QueryEmbedding

COLOURS = {
    "red": (200, 20, 20),
    "green": (20, 150, 40),
    "blue": (20, 40, 200),
    "yellow": (230, 210, 20),
    "violet": (120, 20, 160),
    "orange": (240, 130, 10),
}
GRID = PatchGrid(10, 8)


class ColourEncoder:
    """Each cell's vector says how near its colour is to each of the six; white cells are near none."""

    def __init__(self, name="colours"):
        self.info = EncoderInfo(name, dim=8, pruning="importance:0.5", dpi=72, batch=2)
        self.scoring = None
        self.pages_seen = 0

    def encode_pages(self, images):
        self.pages_seen += len(images)
        return [self._page(image) for image in images]

    def _page(self, image):
        small = image.convert("RGB").resize((GRID.n_cols, GRID.n_rows), Image.Resampling.BOX)
        cells = np.asarray(small, np.float32).reshape(-1, 3)
        far = np.linalg.norm(cells[:, None] - np.array(list(COLOURS.values()), np.float32)[None], axis=2)
        vectors = np.zeros((GRID.n_cells, 8), np.float32)
        vectors[:, :6] = np.exp(-np.square(far / 60))
        vectors[:, 7] = 1e-3
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        ink = 1 - cells.min(axis=1) / 255
        n = GRID.n_cells
        return PageEmbedding(
            vectors, GRID, np.arange(n, dtype=np.int32), ink.astype(np.float32), np.ones(n, np.int32)
        )

    def encode_query(self, text):
        words = text.split()
        names = [*COLOURS, "any other word"]
        tokens = [names.index(word) if word in COLOURS else 6 for word in words]
        vectors = np.eye(8, dtype=np.float32)[tokens]
        owners = np.arange(len(words), dtype=np.int32)
        return QueryEmbedding(text, tuple(words), vectors, owners, np.ones(len(words), np.float32))


class Rendered:
    def __init__(self, number, image, words):
        self.number, self.image, self.words = number, image, words


def render(path, dpi, first):
    """A page a colour of the file's name; a file called broken cannot be read."""
    if path.stem == "broken":
        raise UnreadableDocument("not a document")
    for number, colour in enumerate(path.stem.split("-"), start=1):
        if number >= first:
            image = Image.new("RGB", (160, 200), "white")
            # one cell, at a place of its own
            left, top = 20 * number, 40
            ImageDraw.Draw(image).rectangle((left, top, left + 19, top + 19), fill=COLOURS[colour])
            boxes = np.array([[0.1, 0.5, 0.3, 0.55], [0.32, 0.5, 0.5, 0.55]], np.float32)
            yield Rendered(number, image, PageWords((f"{colour}ish", "heading"), boxes))


@pytest.fixture
def folder(tmp_path):
    pdfs = tmp_path / "data" / "pdfs"
    pdfs.mkdir(parents=True)
    for name in ("red-green-blue", "yellow-violet-orange"):
        (pdfs / f"{name}.pdf").write_bytes(name.encode())
    queries = []
    for document in ("red-green-blue", "yellow-violet-orange"):
        for page, colour in enumerate(document.split("-"), start=1):
            box = [20 * page / 160, 0.2, 20 * (page + 1) / 160, 0.3]
            queries.append(
                {
                    "id": colour,
                    "query": colour,
                    "type": "warm" if colour in ("red", "yellow", "orange") else "cold",
                    "doc": f"{document}.pdf",
                    "pages": [page],
                    "boxes": [{"page": page, "box": box}],
                }
            )
    (tmp_path / "data" / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    return tmp_path / "data"


def run(folder, *specs, encoder=None, **options):
    dataset = read_dataset(folder)
    return evaluate(
        dataset,
        encoder or ColourEncoder(),
        render,
        specs,
        cache=folder.parent / "cache",
        image_only=True,
        quiet=True,
        **options,
    )


def test_without_pruning_every_query_finds_its_page_and_its_place(folder):
    (row,) = rows(run(folder, "none"))
    assert row["ndcg@5"] == row["ndcg@10"] == row["recall@1"] == row["recall@5"] == 1
    assert row["highlight"] == {"pointing": 1.0, "iou": pytest.approx(1, abs=0.01), "n": 6}
    assert (row["queries"], row["pages"], row["vectors_per_page"], row["kept"]) == (6, 6, 80, 1)


def test_a_row_has_what_the_contract_promises(folder):
    (row,) = rows(run(folder, "none"))
    assert {
        "model",
        "prune",
        "queries",
        "pages",
        "ndcg@5",
        "recall@1",
        "recall@5",
        "by_type",
        "vectors_per_page",
        "bytes_per_page",
        "index_pages_per_second",
        "search_ms",
        "highlight",
    } <= set(row)
    assert set(row["by_type"]) == {"warm", "cold"}
    assert row["by_type"]["warm"]["queries"] == 3
    assert row["search_ms"]["p95"] >= row["search_ms"]["p50"] > 0
    assert json.loads(json.dumps(row)) == row


def test_bytes_are_those_of_the_index_on_disk_and_their_parts_add_up(folder):
    none, kept = rows(run(folder, "none", "importance:0.5"))
    for row in (none, kept):
        parts = {key: value for key, value in row["bytes"].items() if not key.startswith("raw")}
        assert sum(parts.values()) == pytest.approx(row["bytes_per_page"], abs=3)
        assert row["bytes"]["vectors"] == pytest.approx(row["vectors_per_page"] * 8 * 2, abs=1)
        assert row["bytes"]["raw_fp32"] == pytest.approx(2 * row["bytes"]["raw_fp16"], abs=1)
    assert kept["bytes"]["vectors"] < none["bytes"]["vectors"]


def test_pruning_what_matters_not_costs_nothing_and_says_so(folder):
    (row,) = rows(run(folder, "importance:0.5"))
    assert row["vectors_per_page"] == 1
    assert row["ndcg@5"] == 1
    assert row["ci"]["ndcg@5"] == [0, 0]
    assert row["ci"]["relative_ndcg@5"] == [1, 1]


def test_pruning_what_matters_costs_and_the_interval_shows_it(folder):
    (row,) = rows(run(folder, "random:0.02"))
    assert row["ndcg@5"] < 1
    assert row["ci"]["ndcg@5"][1] < 0


def test_the_baseline_is_measured_but_not_listed_unless_asked_for(folder):
    evaluation = run(folder, "importance:0.5")
    assert [row["prune"] for row in rows(evaluation)] == ["importance:t=0.5"]
    assert evaluation.baseline is not None


def test_without_specs_none_and_the_models_own_are_measured(folder):
    assert [row["prune"] for row in rows(run(folder))] == ["none", "importance:t=0.5"]


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


def test_a_stopped_run_goes_on_with_the_first_missing_page(folder):
    encoder = ColourEncoder()
    cache = EmbeddingCache(folder.parent / "cache", encoder)
    path = folder / "pdfs" / "red-green-blue.pdf"

    def stop_after_two(path, dpi, first):
        yield from list(render(path, dpi, first))[:2]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.document(path.name, path, stop_after_two)
    seen = encoder.pages_seen
    assert cache.document(path.name, path, render).pages == (1, 2, 3)
    assert encoder.pages_seen == seen + 1


def test_another_model_has_another_cache(folder, tmp_path):
    class Shifted(ColourEncoder):
        def _page(self, image):
            page = super()._page(image)
            return replace(page, vectors=np.roll(page.vectors, 1, axis=1))

    assert (
        EmbeddingCache(tmp_path, ColourEncoder()).folder == EmbeddingCache(tmp_path, ColourEncoder()).folder
    )
    assert EmbeddingCache(tmp_path, ColourEncoder()).folder != EmbeddingCache(tmp_path, Shifted()).folder


def test_a_document_that_cannot_be_read_is_named_and_the_others_count(folder, capsys):
    (folder / "pdfs" / "broken.pdf").write_bytes(b"nothing")
    (row,) = rows(run(folder, "none"))
    assert row["failed"] == [{"document": "broken.pdf", "reason": "not a document"}]
    assert row["ndcg@5"] == 1
    assert "broken.pdf: not a document" in capsys.readouterr().err


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


def test_worst_queries_keep_a_glimpse_of_their_page(folder):
    measured = run(folder, "random:0.02", glimpses=2).find("random:0.02")
    assert len(measured.glimpses) == 2
    glimpse = next(iter(measured.glimpses.values()))
    assert glimpse.strength.shape == glimpse.indexed.shape == (10, 8)


def test_controls_are_as_large_as_what_was_asked_for(folder):
    evaluation = run(folder, "importance:0.5", controls=True)
    names = {m.name for m in evaluation.measurements}
    assert {"none", "ink:t=0.02", "random:0.015", "random:0.01,ink"} <= names
    assert any(name.startswith("pool:") for name in names)
    assert evaluation.asked == ("importance:t=0.5",)


def test_known_items_of_ones_own_documents_are_marked_as_made(folder):
    evaluation = evaluate(
        own_documents([(path.name, path) for path in sorted((folder / "pdfs").iterdir())]),
        ColourEncoder(),
        render_with_rows,
        ["none"],
        cache=folder.parent / "cache",
        quiet=True,
    )
    (row,) = rows(evaluation)
    assert row["made_queries"] is True
    assert all(kind.startswith("known-item: ") for kind in row["by_type"])
    assert "not judged by people" in table(evaluation)


def render_with_rows(path, dpi, first):
    for page in render(path, dpi, first):
        texts = (path.stem.split("-")[page.number - 1], "turnover", "12", "40")
        boxes = np.array([[0.1 * i, 0.5, 0.1 * i + 0.08, 0.55] for i in range(4)], np.float32)
        yield Rendered(page.number, page.image, PageWords(texts, boxes))


def test_documents_without_words_make_no_queries_and_say_what_to_do(folder):
    def wordless(path, dpi, first):
        for page in render(path, dpi, first):
            yield Rendered(page.number, page.image, PageWords())

    files = [(path.name, path) for path in (folder / "pdfs").iterdir()]
    with pytest.raises(InvalidDataset, match=r"queries\.jsonl"):
        evaluate(
            own_documents(files),
            ColourEncoder(),
            wordless,
            ["none"],
            cache=folder.parent / "cache",
            quiet=True,
        )


def test_an_empty_library_cannot_be_measured():
    with pytest.raises(InvalidDataset, match="empty"):
        own_documents([])

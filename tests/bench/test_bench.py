"""The benchmark's own parts: BM25, the table, children and the control's reading."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfgen.canvas import Canvas

from bench import ocr_control, tesseract
from bench.__main__ import markdown
from bench.bm25 import Bm25
from bench.curves import BEGIN, END, _replaced
from bench.searching import _maxsim, pages, vocabulary
from pagelight.retrieval.maxsim import maxsim
from tests import samples


def test_rare_words_outweigh_common_ones():
    index = Bm25(["the cat", "the dog", "the the the", "a zebra and the cat"])
    assert index.search("the zebra")[0] == 3


def test_texts_without_any_word_are_absent():
    assert Bm25(["one two", "three"]).search("four") == []


def test_short_texts_win_over_long_ones_with_the_same_words():
    assert Bm25(["map " + "word " * 50, "map legend"]).search("map") == [1, 0]


def test_no_texts_find_nothing():
    assert Bm25([]).search("anything") == []


def test_synthetic_pages_are_whole_and_their_own():
    generator = np.random.default_rng(1)
    vectors = np.eye(16, dtype=np.float32)
    made = list(pages(vectors, 3, generator))
    assert len({page.page_id for page, _ in made}) == 3
    assert all(np.allclose(np.linalg.norm(noisy, axis=1), 1, atol=1e-5) for _, noisy in made)
    assert all((page.embedding.cell_to_vector >= 0).sum() == len(noisy) for page, noisy in made)


def test_the_exhaustive_search_ranks_as_maxsim_does():
    generator = np.random.default_rng(2)
    everything = generator.standard_normal((30, 7, 8)).astype(np.float32)
    query = generator.standard_normal((3, 8)).astype(np.float32)
    best = sorted(range(30), key=lambda i: -maxsim(query, everything[i]))[:10]
    assert _maxsim(query, everything) == best


def test_the_vocabulary_has_no_word_twice():
    words = vocabulary(np.random.default_rng(3))
    assert len(words) == len(set(words)) == 4000


def test_a_child_answers_with_its_peak_memory():
    code = "from bench import child; child.answer({'pages': 3})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert answer["pages"] == 3
    assert answer["peak_bytes"] > 1_000_000


def results():
    one = {"p50": 10.0, "p95": 20.0}
    return {
        "machine": {"cores": 2},
        "folder": "samples",
        "index": {
            "model": "builtin",
            "pruning": "importance:t=0.5",
            "pages": 10,
            "load_seconds": 0.5,
            "seconds": 5.0,
            "stages": {"encode": 3.0, "prune": 0.5, "upsert": 0.5},
            "vectors_per_page": 300.0,
            "bytes_per_page": 80_000.0,
            "peak_bytes": 9e8,
            "peak_bytes_of_children": 1e8,
        },
        "tesseract": {"pages": 10, "seconds": 10.0},
        "search": [
            {
                "pages": 1000,
                "search_ms": one,
                "store_maxsim_ms": one,
                "numpy_maxsim_ms": {"p50": 40.0, "p95": 41.0},
                "same_top_10": 1.0,
                "bytes_per_page": 60_000.0,
            }
        ],
    }


def test_the_table_has_ratios_beside_absolute_figures():
    text = markdown(results())
    assert "| **all of it** | **2.0** | |" in text
    assert "| encode | 3.3 | 60 % |" in text
    assert "indexing is 2.0 × as fast" in text
    assert "| 1,000 | 10 / 20 | 10 / 20 | 40 / 41 | 4.0 × | 100 % | 60.0 |" in text


def test_without_tesseract_the_table_says_so():
    without = results()
    del without["tesseract"]
    assert "skipped: tesseract is not installed" in markdown(without)


def test_only_what_is_between_the_markers_is_replaced():
    assert _replaced(f"a\n{BEGIN}\nold\n{END}\nb", "new") == f"a\n{BEGIN}\nnew\n{END}\nb"
    with pytest.raises(SystemExit):
        _replaced("no markers", "new")


def test_the_documents_own_words_can_be_the_control(tmp_path, capsys):
    (tmp_path / "pdfs").mkdir()
    canvas = Canvas(str(tmp_path / "pdfs" / "mixed.pdf"))
    for text in ("Turnover 2019", "", "Outlook"):
        canvas.drawString(72, 700, text) if text else canvas.rect(72, 600, 200, 100, fill=1)
        canvas.showPage()
    canvas.save()
    queries = [
        {"id": f"q{page}", "query": word, "type": "keyword", "doc": "mixed.pdf", "pages": [page]}
        for word, page in (("outlook", 3), ("tower", 2))
    ]
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    assert ocr_control.main([str(tmp_path), "--own-words", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["ndcg@5"]
    assert found == {"all": 0.5, "keyword": 0.5, "without words": 0.0}


def by_turns(*files):
    command = [sys.executable, "-m", "bench.interleaved", *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)


def test_a_run_by_turns_without_files_says_what_it_needs():
    done = by_turns()
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("No files are given")


@pytest.mark.slow
@pytest.mark.skipif(not tesseract.available(), reason="tesseract is not installed")
def test_a_run_by_turns_indexes_all_pages_thrice_and_reads_each_once(tmp_path):
    files = [samples.text_pdf(tmp_path, 2), samples.word_at(tmp_path), samples.scan_pdf(tmp_path)]
    measured = json.loads(by_turns(*files).stdout)
    assert (measured["pages"], measured["pages_read"]) == (4, 4)
    assert len(measured["indexing_seconds"]) == 3
    assert len(measured["tesseract_seconds"]) == 2
    mean = sum(measured["indexing_seconds"]) / 3
    assert measured["ratio"] == pytest.approx(sum(measured["tesseract_seconds"]) / mean)


@pytest.mark.slow
@pytest.mark.skipif(not tesseract.available(), reason="tesseract is not installed")
def test_tesseract_reads_a_large_word():
    page = Image.new("RGB", (900, 240), "white")
    ImageDraw.Draw(page).text((60, 60), "Turnover 2019", fill="black", font=ImageFont.load_default(96))
    assert "Turnover" in tesseract.read(page)

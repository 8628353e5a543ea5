"""The benchmark's own parts: the tables, children and Tesseract."""

import importlib
import json
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from bench import child, interleaved
from bench.__main__ import markdown
from bench.curves import BEGIN, END, _replaced
from bench.page_text import read_image
from bench.searching import _maxsim
from bench.synthetic_library import SyntheticLibrary
from bench.synthetic_pages import pages, vocabulary
from pagelight.ingest import tesseract
from pagelight.retrieval.maxsim import maxsim
from pagelight.retrieval.store.page_store import IndexConfig
from tests import samples


def test_synthetic_pages_are_whole_and_their_own():
    words, vectors = [f"word{i}" for i in range(16)], np.eye(16, dtype=np.float32)
    made = list(pages(words, vectors, 8, range(3)))
    assert len({page.page_id for page in made}) == 3
    (again,) = pages(words, vectors, 8, range(2, 3))
    assert np.array_equal(again.embedding.vectors, made[2].embedding.vectors)
    for page in made:
        assert np.allclose(np.linalg.norm(page.embedding.vectors, axis=1), 1, atol=1e-5)
        assert (page.embedding.cell_to_vector >= 0).sum() == len(page.embedding)
        assert page.meaning.vectors.shape[1] == 8


def test_a_kept_library_gets_what_it_lacks_and_nothing_twice(tmp_path):
    config = IndexConfig("synthetic", 16, "none", meaning_dim=8)
    library = SyntheticLibrary(
        tmp_path, config, [f"word{i}" for i in range(16)], np.eye(16, dtype=np.float32)
    )
    assert len(library.grow(3)) == 1
    assert len(library.grow(5)) == 2
    assert len(library.grow(5)) == 2
    store = library.open()
    assert store.stats().n_pages == 5
    made = list(pages(library.words, library.word_vectors, 8, range(5)))
    assert np.array_equal(library.vectors(5), [page.embedding.vectors for page in made])
    (stored,) = store.fetch([made[4].page_id])
    assert np.allclose(stored.embedding.vectors, library.vectors(5)[4], atol=1e-3)
    store.close()


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
            "searchable_seconds": 2.5,
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
                "encode_ms": one,
                "exact_ms": one,
                "numpy_maxsim_ms": {"p50": 40.0, "p95": 41.0},
                "search_cpu_ms": 12.0,
                "first_stage_recall": 0.98,
                "same_top_10": 1.0,
                "upsert_ms_per_page": 5.0,
                "open_seconds": 0.1,
                "bytes_per_page": 60_000.0,
            }
        ],
    }


def test_the_table_has_ratios_beside_absolute_figures():
    text = markdown(results())
    assert "| **found by words and looks** | **4.0** | 50 % |" in text
    assert "| **all of it, understood** | **2.0** | |" in text
    assert "| encode | 3.3 | 60 % |" in text
    assert "found 4.0 ×, all of it 2.0 × as fast" in text
    assert (
        "| 1,000 | 10 / 20 | 10 / 20 | 10 / 20 | 40 / 41 | 4.0 × | 12 | 98 % | 100 % | 5.0 | 0.1 | 60.0 |"
        in text
    )


def test_without_tesseract_the_table_says_so():
    without = results()
    del without["tesseract"]
    assert "skipped: tesseract is not installed" in markdown(without)


def test_only_what_is_between_the_markers_is_replaced():
    assert _replaced(f"a\n{BEGIN}\nold\n{END}\nb", "new") == f"a\n{BEGIN}\nnew\n{END}\nb"
    with pytest.raises(SystemExit):
        _replaced("no markers", "new")


def test_a_run_by_turns_without_files_says_what_it_needs():
    command = [sys.executable, "-m", "bench.interleaved"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("No files are given")


def in_this_process(module, limit, *files):
    """As `child.run`, without importing everything anew each time."""
    with redirect_stdout(StringIO()) as printed:
        importlib.import_module(module).main(int(limit), [Path(file) for file in files])
    return json.loads(printed.getvalue())


@pytest.mark.slow
@pytest.mark.skipif(not tesseract.installed_languages(), reason="tesseract is not installed")
def test_a_module_measures_the_same_in_a_process_of_its_own(tmp_path):
    arguments = "bench.tesseract_indexing", "1", str(samples.word_at(tmp_path))
    here, there = in_this_process(*arguments), child.run(*arguments)
    assert here.keys() == there.keys()
    assert (here["pages"], here["letters"]) == (there["pages"], there["letters"])
    assert here["letters"] > 0


@pytest.mark.slow
@pytest.mark.skipif(not tesseract.installed_languages(), reason="tesseract is not installed")
def test_a_run_by_turns_indexes_all_pages_thrice_and_reads_each_once(tmp_path, capsys):
    files = [samples.text_pdf(tmp_path, 1), samples.word_at(tmp_path)]
    interleaved.main([str(file) for file in files], in_this_process)
    measured = json.loads(capsys.readouterr().out)
    assert (measured["pages"], measured["pages_read"]) == (2, 2)
    assert len(measured["indexing_seconds"]) == 3
    assert len(measured["tesseract_seconds"]) == 2
    mean = sum(measured["indexing_seconds"]) / 3
    assert measured["ratio"] == pytest.approx(sum(measured["tesseract_seconds"]) / mean)


@pytest.mark.slow
@pytest.mark.skipif(not tesseract.installed_languages(), reason="tesseract is not installed")
def test_tesseract_reads_a_large_word():
    page = Image.new("RGB", (900, 240), "white")
    ImageDraw.Draw(page).text((60, 60), "Turnover 2019", fill="black", font=ImageFont.load_default(96))
    assert "Turnover" in read_image(page)

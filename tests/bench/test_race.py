"""The race: its pages, two engines that must agree, and what is printed of those that fail."""

import json

import numpy as np
import pytest

from bench import race
from bench.race_pages import DOCUMENT, SHAPES, TITLE, Shape, queries, write_pages

SMALL = Shape("small", 24, 16, 5)


@pytest.fixture
def pages(tmp_path):
    write_pages(SMALL, 60, tmp_path / "pages.npy")
    return np.load(tmp_path / "pages.npy")


def test_vectors_have_length_one(pages):
    assert pages.shape == (60, 24, 16)
    np.testing.assert_allclose(np.linalg.norm(pages, axis=2), 1, atol=1e-5)


def test_pages_of_a_document_share_a_title_and_others_do_not(pages):
    def same(a, b):
        return float(np.mean(np.sum(pages[a, :TITLE] * pages[b, :TITLE], axis=1)))

    assert same(0, DOCUMENT - 1) > 0.9
    assert same(0, DOCUMENT) < 0.7


def test_a_query_comes_from_one_page(pages):
    asked = queries(SMALL, pages, 4)
    assert asked.shape == (4, 5, 16)
    best = (asked[0] @ pages.reshape(-1, 16).T).reshape(5, 60, 24).max(axis=2).sum(axis=0)
    assert best.max() > 0.9 * 5


def test_exact_engines_agree_and_one_that_cannot_be_imported_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(race, "SHAPES", (SMALL,))
    engines = ["Pagelight, embedded", "qdrant-client, local", "xtr-warp-rs"]
    arguments = [argument for name in engines for argument in ("--engine", name)]
    arguments += ["--pages", "60", "--queries", "3", "--shape", "small", "--out", str(tmp_path)]
    assert race.main(arguments) == 0
    (result,) = json.loads((tmp_path / "race.json").read_text())
    assert result["engines"]["qdrant-client, local"]["same_top_10"] == 1
    assert result["engines"]["Pagelight, embedded"]["same_top_10"] >= 0.9  # float16 may turn round near ties
    table = capsys.readouterr().out
    assert "| numpy, exhaustive | " in table
    if "failed" in result["engines"]["xtr-warp-rs"]:
        assert f"| xtr-warp-rs | {result['engines']['xtr-warp-rs']['failed']} |" in table


def test_an_engine_that_takes_too_long_is_printed_too():
    found = {"numpy, exhaustive": {"failed": "not done after 5 s"}, "maxsim-cpu": {"failed": "no wheel"}}
    table = race.markdown(SHAPES[0], 1000, found)
    assert "| maxsim-cpu | no wheel |" in table
    assert "not done after 5 s" in table

"""Why a page was found: the parts add up to its score."""

from __future__ import annotations

from pathlib import Path

import pytest

from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.search.searcher import Searcher
from tests.retrieval.test_search import PAGES, _open
from tests.retrieval.word_encoder import WordEncoder


@pytest.mark.parametrize("scoring", [TermScoring(0.6, 30, 0.4), None], ids=["terms", "maxsim"])
@pytest.mark.parametrize("image_only", [False, True], ids=["own words", "image only"])
def test_the_parts_add_up_to_the_score_of_every_hit(
    tmp_path: Path, scoring: TermScoring | None, image_only: bool
) -> None:
    with _open(tmp_path) as store:
        store.upsert(PAGES)
        searcher = Searcher(WordEncoder(scoring), store)
        result = searcher.search("company revenue goggles", image_only=image_only)
        assert result.hits
        for hit in result.hits:
            receipt = searcher.explain(
                hit.document_id, hit.page, "company revenue goggles", image_only=image_only
            )
            assert receipt.score == pytest.approx(hit.score, abs=2e-4)
            assert bool(receipt.entries) == bool(hit.score)


def test_a_word_is_told_with_what_it_matched_and_where(tmp_path: Path) -> None:
    with _open(tmp_path) as store:
        store.upsert(PAGES)
        searcher = Searcher(WordEncoder(TermScoring(0.6, 30, 0.4)), store)
        best = searcher.search("wear goggles").hits[0]
        receipt = searcher.explain(best.document_id, best.page, "wear goggles")
        goggles = next(entry for entry in receipt.entries if entry.word == "goggles")
        assert goggles.kind == "word"
        assert goggles.score > 0
        assert goggles.box is not None
        region = best.regions[0].box
        x, y = (goggles.box[0] + goggles.box[2]) / 2, (goggles.box[1] + goggles.box[3]) / 2
        assert region[0] <= x <= region[2]
        assert region[1] <= y <= region[3]

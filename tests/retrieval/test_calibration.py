"""Strength means the same for every query."""

import numpy as np
import pytest

from pagelight.retrieval.search.calibration import MATCHED, NULL_QUERIES, NullScores


def test_null_scores_are_measured_on_every_null_query() -> None:
    asked: list[str] = []

    def best_score(query: str) -> float:
        asked.append(query)
        return 0.2 if len(asked) % 2 else 0.4

    nulls = NullScores.measure(best_score)
    assert tuple(asked) == NULL_QUERIES
    assert nulls.mean == pytest.approx(0.3)
    assert nulls.deviation == pytest.approx(0.1)


def test_what_null_queries_reach_is_no_match_and_far_above_is_one() -> None:
    nulls = NullScores(0.3, 0.1)
    assert nulls.strength(0.3) < MATCHED / 3
    assert nulls.strength(0.5) == pytest.approx(MATCHED)
    assert nulls.strength(1.0) > 0.95


def test_strength_rises_with_the_score_and_stays_in_range() -> None:
    nulls = NullScores(0.3, 0.1)
    strengths = [nulls.strength(score) for score in np.linspace(-50, 50, 41)]
    assert strengths == sorted(strengths)
    assert 0 <= strengths[0] <= strengths[-1] <= 1

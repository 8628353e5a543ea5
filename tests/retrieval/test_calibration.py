"""Strength means the same for every query."""

import numpy as np
import pytest

from pagelight.retrieval.search.calibration import NULL_QUERIES, STRENGTH, NullScores, answer_probability


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
    assert nulls.strength(0.3) < STRENGTH.matched / 3
    assert nulls.strength(0.5) == pytest.approx(STRENGTH.matched)
    assert nulls.strength(1.0) > 0.95


def test_strength_rises_with_the_score_and_stays_in_range() -> None:
    nulls = NullScores(0.3, 0.1)
    strengths = [nulls.strength(score) for score in np.linspace(-50, 50, 41)]
    assert strengths == sorted(strengths)
    assert 0 <= strengths[0] <= strengths[-1] <= 1


def probability(share: float, evidence: float, deviation: float | None, behind: float = 0.0) -> float:
    one = [np.array([value], np.float32) for value in (share, evidence, behind)]
    known = None if deviation is None else np.array([deviation], np.float32)
    return float(answer_probability(one[0], one[0], one[1], known, one[2])[0])


def test_strength_grows_with_words_with_what_they_say_and_with_meaning() -> None:
    assert probability(0.5, 1, 1) > probability(0.2, 1, 1)
    assert probability(0.5, 2, 1) > probability(0.5, 1, 1)
    assert probability(0.5, 1, 3) > probability(0.5, 1, 1) > probability(0.5, 1, 1, behind=0.2)
    assert probability(0.0, 0, 0) < STRENGTH.matched
    assert probability(1.0, 3, 4) > 0.75


def test_all_of_the_words_match_and_so_does_what_is_very_close_in_meaning() -> None:
    assert probability(1.0, 0.01, -4) == pytest.approx(STRENGTH.matched)
    assert probability(0.0, 0, 1) < STRENGTH.matched <= probability(0.0, 0, 6)


def test_where_nothing_is_known_of_meaning_words_decide() -> None:
    assert probability(0.1, 0.1, None) < STRENGTH.matched < probability(0.9, 2, None)

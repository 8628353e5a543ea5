"""Strengths against what was right, on results that can be counted by hand."""

from collections import Counter

import pytest

from pagelight.app.evaluation.dataset import Query
from pagelight.app.evaluation.evaluate import off_topic_queries
from pagelight.app.evaluation.metrics import QueryScore
from pagelight.app.evaluation.reliability import reliability
from pagelight.app.evaluation.run_queries import Found, QueryOutcome

RIGHT, WRONG = ("a.pdf", 1), ("a.pdf", 2)


def outcome(*results, matched=True):
    query = Query("q", "text", "t", {RIGHT: 1})
    found = tuple(Found(place, strength) for place, strength in results)
    return QueryOutcome(query, QueryScore(0, 0, 0, 0), found, matched, None, None)


def test_strengths_that_keep_their_word_have_no_error():
    hits = [outcome((RIGHT, 0.75))] * 3 + [outcome((WRONG, 0.75))]
    assert reliability(hits).error == pytest.approx(0)


def test_the_error_is_weighed_by_hits():
    found = reliability([outcome((RIGHT, 1.0), (WRONG, 0.5))] + [outcome((WRONG, 0.1))] * 2)
    # bins: 1.0 right (error 0), 0.5 wrong (0.5), 0.1 wrong twice (0.1 each)
    assert found.error == pytest.approx((0 + 0.5 + 2 * 0.1) / 4)
    assert [(b.n, b.right) for b in found.bins] == [(2, 0.0), (1, 0.0), (1, 1.0)]


def test_a_hit_counts_where_the_interface_shows_it():
    found = reliability([outcome((RIGHT, 0.9), (WRONG, 0.8), (WRONG, 0.5), (WRONG, 0.1))])
    assert {name: level.n for name, level in found.levels.items()} == {"weak": 1, "fair": 1, "strong": 2}
    assert found.levels["strong"].right == 0.5
    assert {name: level.n for name, level in found.first.items()} == {"weak": 0, "fair": 0, "strong": 1}


def test_a_weaker_hit_above_a_stronger_one_is_counted_once_a_list():
    lists = [
        outcome((RIGHT, 0.5), (WRONG, 0.6), (WRONG, 0.7)),
        outcome((RIGHT, 0.6), (WRONG, 0.6)),
        outcome(),
    ]
    assert reliability(lists).disordered == pytest.approx(1 / 3)


def test_refusals_of_answerable_queries_are_counted():
    assert reliability([outcome((RIGHT, 0.2), matched=False), outcome((RIGHT, 0.9))]).refused == 0.5


def test_there_are_forty_off_topic_queries_of_each_kind_and_in_several_languages():
    queries = off_topic_queries()
    assert len({query.text for query in queries}) == 40
    kinds = Counter(query.kind for query in queries)
    assert set(kinds) == {"everyday", "place", "stop words", "digits", "name", "nonsense"}
    assert len({query.language for query in queries} - {""}) >= 8

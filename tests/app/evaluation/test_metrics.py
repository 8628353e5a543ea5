"""Metrics agree with what can be worked out by hand, and with the library's own recall."""

import math

import ir_measures
import numpy as np
import pytest
from ir_measures import R, nDCG

from pagelight.app.evaluation.dataset import Query
from pagelight.app.evaluation.metrics import (
    iou,
    paired_bootstrap,
    point,
    recall,
    relative_bootstrap,
    score_run,
)
from pagelight.retrieval.results import Region


def query(query_id, *places):
    return Query(query_id, "words", "keyword", {place: 1 for place in places})


def test_a_page_found_second_scores_the_discount_of_rank_two():
    scores = score_run([query("q", ("a", 1))], {"q": [("b", 1), ("a", 1)]})
    assert scores["q"].ndcg5 == pytest.approx(1 / math.log2(3))
    assert scores["q"].recall1 == 0
    assert scores["q"].recall5 == 1


def test_a_query_without_results_scores_zero_and_still_counts():
    scores = score_run([query("q", ("a", 1)), query("r", ("a", 1))], {"q": [("a", 1)]})
    assert scores["q"].ndcg5 == 1
    assert scores["r"].ndcg5 == scores["r"].ndcg10 == scores["r"].recall5 == 0


def test_no_results_at_all_score_zero():
    assert score_run([query("q", ("a", 1))], {})["q"].ndcg5 == 0


def test_two_relevant_pages_and_one_place_make_recall_whole():
    both = query("q", ("a", 1), ("a", 2))
    assert score_run([both], {"q": [("a", 2), ("b", 7)]})["q"].recall1 == 1


def test_the_same_page_number_of_two_documents_is_not_the_same_page():
    assert score_run([query("q", ("a.pdf", 3))], {"q": [("b.pdf", 3)]})["q"].ndcg5 == 0


def test_ndcg_at_10_sees_what_ndcg_at_5_does_not():
    found = [("b", n) for n in range(6)] + [("a", 1)]
    score = score_run([query("q", ("a", 1))], {"q": found})["q"]
    assert score.ndcg5 == 0
    assert score.ndcg10 == pytest.approx(1 / math.log2(8))


def test_a_higher_grade_belongs_higher():
    graded = Query("q", "words", "query", {("a", 1): 2, ("b", 1): 1})
    best = score_run([graded], {"q": [("a", 1), ("b", 1)]})["q"].ndcg5
    worse = score_run([graded], {"q": [("b", 1), ("a", 1)]})["q"].ndcg5
    assert best == 1 > worse


@pytest.mark.parametrize("seed", range(5))
def test_random_runs_score_as_ir_measures_scores_them(seed):
    generator = np.random.default_rng(seed)
    places = [("d", n) for n in range(30)]
    queries = [
        query(
            f"q{i}", *(places[int(j)] for j in generator.choice(30, generator.integers(1, 6), replace=False))
        )
        for i in range(12)
    ]
    run = {q.query_id: [places[int(j)] for j in generator.permutation(30)[:10]] for q in queries}
    ours = score_run(queries, run)
    qrels = {q.query_id: {str(place): grade for place, grade in q.relevant.items()} for q in queries}
    found = {key: {str(p): 1 / (rank + 1) for rank, p in enumerate(ranking)} for key, ranking in run.items()}
    for metric in ir_measures.iter_calc([nDCG @ 5, nDCG @ 10, R @ 5], qrels, found):
        score = ours[metric.query_id]
        if metric.measure == R @ 5:  # at most five relevant pages: the contract's recall is the library's
            assert score.recall5 == pytest.approx(metric.value)
        else:
            field = score.ndcg5 if metric.measure == nDCG @ 5 else score.ndcg10
            assert field == pytest.approx(metric.value)


def test_recall_divides_by_what_is_within_reach():
    relevant = {("a", n): 1 for n in range(8)}
    assert recall(relevant, [("a", n) for n in range(5)], 5) == 1


def test_equal_runs_differ_by_nothing():
    values = [0.0, 0.5, 1.0, 1.0]
    interval = paired_bootstrap(values, values)
    assert (interval.low, interval.high) == (0, 0)
    ratio = relative_bootstrap(values, values)
    assert (ratio.low, ratio.high) == (1, 1)


def test_a_steady_loss_is_outside_the_interval_of_none():
    generator = np.random.default_rng(3)
    baseline = generator.random(100)
    interval = paired_bootstrap(baseline - 0.1 + 0.02 * generator.standard_normal(100), baseline)
    assert interval.low < -0.1 < interval.high < 0


def test_the_interval_is_close_to_the_normal_one():
    generator = np.random.default_rng(5)
    differences = generator.standard_normal(400)
    interval = paired_bootstrap(differences, np.zeros(400))
    half = 1.96 * differences.std() / 20
    assert interval.low == pytest.approx(differences.mean() - half, abs=0.012)
    assert interval.high == pytest.approx(differences.mean() + half, abs=0.012)


def test_the_same_seed_gives_the_same_interval():
    values, baseline = [0.1, 0.9, 0.4], [0.2, 0.8, 0.9]
    assert paired_bootstrap(values, baseline) == paired_bootstrap(values, baseline)


def test_no_region_points_nowhere():
    pointing = point([], [(0, 0, 1, 1)])
    assert not pointing.hit
    assert pointing.iou == 0


def test_only_the_best_region_points():
    regions = [Region((0.8, 0.8, 0.9, 0.9), 1.0), Region((0.1, 0.1, 0.2, 0.2), 0.5)]
    assert not point(regions, [(0.1, 0.1, 0.2, 0.2)]).hit


def test_any_of_several_boxes_will_do():
    pointing = point([Region((0.1, 0.1, 0.2, 0.2), 1.0)], [(0.5, 0.5, 0.6, 0.6), (0.1, 0.1, 0.2, 0.3)])
    assert pointing.hit
    assert pointing.iou == pytest.approx(0.5)


def test_boxes_that_only_touch_share_nothing():
    assert iou((0, 0, 0.5, 0.5), (0.5, 0, 1, 0.5)) == 0

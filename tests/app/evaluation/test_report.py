"""The report is one page that asks nobody for anything, and says what was measured."""

import re
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pagelight.app.evaluation.chart import Point, Series, draw, size
from pagelight.app.evaluation.curve_figure import quality_figure
from pagelight.app.evaluation.dataset import Dataset, LabelledBox, Query
from pagelight.app.evaluation.evaluate import Evaluation
from pagelight.app.evaluation.measure import Measurement, Setting
from pagelight.app.evaluation.memory_store import Cost
from pagelight.app.evaluation.metrics import Pointing, QueryScore
from pagelight.app.evaluation.report import report
from pagelight.app.evaluation.report_table import at_equal_bytes, best_saving
from pagelight.app.evaluation.rows import rows
from pagelight.app.evaluation.run_queries import Answers, Found, PageView, QueryOutcome
from pagelight.retrieval.results import Region

HOSTILE = '<script>alert("${1}")</script>'


def queries():
    box = LabelledBox(("a.pdf", 1), (0.1, 0.1, 0.4, 0.2))
    return tuple(
        Query(f"q{i}", HOSTILE if i == 7 else f"query {i}", "keyword", {("a.pdf", 1): 1}, (box,))
        for i in range(8)
    )


def measurement(spec, quality, n_bytes, pointing=0.5, page_views=False):
    outcomes = tuple(
        QueryOutcome(
            query,
            QueryScore(*[float(i < quality * 8)] * 4),
            (Found(("a.pdf", 1) if i < quality * 8 else ("b.pdf", 3), 0.8),),
            True,
            0.02,
            Pointing(i < pointing * 8, 0.3),
        )
        for i, query in enumerate(queries())
    )
    view = PageView(
        ("a.pdf", 1),
        np.full((4, 3), 200, np.uint8),
        np.ones((4, 3), np.bool_),
        (Region((0.1, 0.1, 0.5, 0.2), 1.0),),
    )
    return Measurement(
        Setting.parse(spec),
        spec,
        Answers(
            outcomes, {query.query_id: view for query in queries()[5:]} if page_views else {}, (True, False)
        ),
        Cost(n_pages=10, n_vectors=n_bytes // 26, kept=5.0),
        dim=8,
        bytes_on_disk=10 * n_bytes,
        index_seconds=2.0,
    )


@pytest.fixture
def evaluation():
    picture = BytesIO()
    Image.new("RGB", (60, 80), "white").save(picture, "WEBP")
    return Evaluation(
        Dataset("reports", (), queries()),
        "colours",
        100,
        True,
        (
            measurement("none", 1.0, 100_000),
            measurement("importance:0.5", 1.0, 10_000),
            measurement("importance:0.9", 0.5, 2_000, pointing=0.25, page_views=True),
            measurement("random:0.1", 0.5, 10_000),
            measurement("random:0.01", 0.25, 1_000),
        ),
        ("none", "importance:t=0.5", "importance:t=0.9"),
        (("broken.pdf", "not <a> document"),),
        {("a.pdf", 1): picture.getvalue()},
    )


def test_nothing_is_requested_from_anywhere(evaluation):
    html = report(evaluation)
    sources = re.findall(r'(?:src|href)\s*=\s*"([^"]*)"', html)
    assert sources
    assert all(source.startswith("data:") for source in sources)
    assert "url(" not in html
    assert "@import" not in html


def test_what_people_typed_is_shown_and_not_run(evaluation):
    html = report(evaluation)
    assert HOSTILE not in html
    assert "&lt;script&gt;" in html
    assert "not &lt;a&gt; document" in html


def test_queries_that_fail_show_their_page_and_what_stood_above_it(evaluation):
    html = report(evaluation)
    assert html.count('<figure class="card">') == 3
    assert "above it b.pdf p. 3" in html


def test_every_tag_is_closed(evaluation):
    open_tags = []
    void = {"meta", "img", "br", "line", "rect", "circle", "path", "polyline"}

    class Check(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag not in void:
                open_tags.append(tag)

        def handle_endtag(self, tag):
            if tag not in void:
                assert open_tags.pop() == tag

    Check().feed(report(evaluation))
    assert open_tags == []


def test_controls_are_drawn_but_set_apart_from_what_was_asked_for(evaluation):
    html = report(evaluation)
    assert re.search(r'<tr class="control"><td><code>random:0.1</code>', html)
    assert re.search(r'<tr class="asked"><td><code>importance:t=0.5</code>', html)


def test_queries_made_by_us_are_marked_so(evaluation):
    assert "Nobody judged them" not in report(evaluation)
    made = Evaluation(
        Dataset("your documents", (), queries(), made=True),
        *[getattr(evaluation, name) for name in ("model", "dpi", "image_only", "measurements", "asked")],
        (),
        {},
    )
    assert "Nobody judged them" in report(made)


def test_the_best_saving_is_the_smallest_that_keeps_its_quality(evaluation):
    assert best_saving(evaluation).name == "importance:t=0.5"
    html = report(evaluation)
    assert "1/10" in html
    assert "+0.0 %" in html


def test_random_at_equal_bytes_is_read_off_its_curve(evaluation):
    assert at_equal_bytes(evaluation, evaluation.find("importance:t=0.5")) == pytest.approx(0.5)
    between = at_equal_bytes(evaluation, evaluation.find("importance:t=0.9"))
    assert 0.25 < between < 0.5
    assert at_equal_bytes(evaluation, evaluation.find("random:0.1")) is None


def test_a_loss_of_half_the_queries_is_outside_the_interval(evaluation):
    row = next(row for row in rows(evaluation) if row["prune"] == "importance:t=0.9")
    assert row["ndcg@5"] == 0.5
    assert row["ci"]["ndcg@5"][1] < 0
    assert row["ci"]["pointing"][1] <= 0


def test_rows_come_in_the_order_that_was_asked_for(evaluation):
    assert [row["prune"] for row in rows(evaluation)] == list(evaluation.asked)
    assert len(rows(evaluation, everything=True)) == 5


def test_strengths_are_compared_with_what_was_right(evaluation):
    html = report(evaluation)
    assert "expected calibration error 0.200" in html  # .8 was claimed, and all were right
    assert "1 of 2 off-topic ones are refused" in html


def test_the_curve_stands_alone_as_an_svg_file(evaluation):
    svg = quality_figure(evaluation)
    assert svg.startswith("<svg")
    assert 'xmlns="http://www.w3.org/2000/svg"' in svg
    assert svg.count("<polyline") == 2  # importance and random; none is one point


def test_one_point_alone_can_be_drawn():
    svg = draw([Series("x", "tone-0", "circle", (Point(5000, 0.5, 0.5, 0.5, "x"),))], None, "", "a chart")
    assert "NaN" not in svg
    assert "nan" not in svg


@pytest.mark.parametrize(
    ("n_bytes", "text"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (64_000, "64 kB")]
)
def test_sizes_are_short(n_bytes, text):
    assert size(n_bytes) == text


def test_the_style_sheet_travels_with_the_package():
    assert (Path(__file__).parents[3] / "app" / "evaluation" / "report.css").is_file()

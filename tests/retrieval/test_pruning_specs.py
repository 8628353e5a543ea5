"""Pruning specs: what parses, what they are recorded as, and what a person reads when they do not."""

import pytest

from pagelight.retrieval.errors import InvalidPruning
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.pruning.spec import FORMS


@pytest.mark.parametrize("spec", FORMS)
def test_every_form_parses_to_what_it_is_recorded_as(spec: str) -> None:
    pruning = parse_pruning(spec)
    assert parse_pruning(pruning.spec) == pruning


@pytest.mark.parametrize(
    ("spec", "canonical"),
    [
        ("docpruner", "docpruner:k=-0.25"),
        ("docpruner:0.50", "docpruner:k=0.5"),
        ("merge", "merge:k=-0.5,m=2"),
        ("merge:m=4", "merge:k=-0.5,m=4"),
        ("merge: k = -0.75 , m = 4.0", "merge:k=-0.75,m=4"),
        ("random:p=0.4,ink", "random:0.4,ink"),
        ("pool:2.50", "pool:2.5"),
        ("near:0.5,w=0.2", "near:0.5"),
        ("near:0.5,w=2", "near:0.5,w=2"),
        ("importance:0.5+repeats:0.9", "importance:t=0.5+repeats:s=0.9"),
        ("budget:0.3,importance", "budget:0.3,importance"),
        ("fixed", "fixed:64"),
        ("importance:0.5+passages:p=0.50", "importance:t=0.5+passages:0.5"),
    ],
)
def test_specs_have_one_canonical_form(spec: str, canonical: str) -> None:
    assert parse_pruning(spec).spec == canonical


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "nothing",
        "none:1",
        "docpruner:k",
        "docpruner:k=high",
        "docpruner:k=nan",
        "docpruner:z=1",
        "ratio:0",
        "ratio:1.5",
        "ratio:0.4,0.5",
        "ratio:0.4,p=0.5",
        "random:0.4,inky",
        "pool:0.5",
        "pool:0",
        "pool:",
        "repeats:2",
        "ratio:0.4+",
        "ratio:0.4+sap:0.2",
        "budget:0.3+pool:2",
    ],
)
def test_a_wrong_spec_is_answered_in_one_line_with_the_valid_forms(spec: str) -> None:
    with pytest.raises(InvalidPruning) as error:
        parse_pruning(spec)
    message = str(error.value)
    assert "\n" not in message
    assert all(form in message for form in FORMS)

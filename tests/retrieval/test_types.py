"""The values refuse what does not fit."""

import numpy as np
import pytest

from pagelight.retrieval.types import (
    Kind,
    PageEmbedding,
    PageWords,
    PatchGrid,
    QueryEmbedding,
    all_of,
    page_id,
)


def _embedding(**changed: object) -> PageEmbedding:
    fields: dict[str, object] = {
        "vectors": np.zeros((2, 4), np.float32),
        "grid": PatchGrid(1, 3),
        "cell_to_vector": np.array([0, 1, -1], np.int32),
        "importance": np.zeros(2, np.float32),
        "counts": np.ones(2, np.int32),
        "kinds": all_of(Kind.WORD, 2),
    }
    return PageEmbedding(**{**fields, **changed})  # type: ignore[arg-type]


def test_a_well_formed_embedding_is_accepted() -> None:
    assert len(_embedding()) == 2
    assert _embedding().dim == 4


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("vectors", np.zeros(4, np.float32), r"vectors: expected \(n, n\), got \(4,\)"),
        ("cell_to_vector", np.zeros(2, np.int32), r"cell_to_vector: expected \(3,\), got \(2,\)"),
        ("cell_to_vector", np.array([0, 2, 1], np.int32), "expected indices from -1 to 1"),
        ("importance", np.zeros(3, np.float32), r"importance: expected \(2,\)"),
        ("counts", np.zeros(1, np.int32), r"counts: expected \(2,\)"),
        ("kinds", np.zeros(3, np.uint8), r"kinds: expected \(2,\)"),
        ("n_special", 3, "n_special: expected 0 to 2"),
    ],
)
def test_an_embedding_names_what_does_not_fit(field: str, value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _embedding(**{field: value})


def test_a_grid_has_at_least_one_cell() -> None:
    with pytest.raises(ValueError, match="at least 1 x 1"):
        PatchGrid(0, 3)


def test_a_query_token_cannot_belong_to_a_word_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="word_of_token: expected below 1"):
        QueryEmbedding(
            "a",
            ("a",),
            np.zeros((1, 4), np.float32),
            np.array([1], np.int32),
            np.ones(1, np.float32),
            kinds=all_of(Kind.PATCH, 1),
        )


def test_words_and_boxes_come_in_pairs() -> None:
    with pytest.raises(ValueError, match=r"boxes: expected \(1, 4\), got \(0, 4\)"):
        PageWords(("a",), np.zeros((0, 4), np.float32))


def test_page_ids_are_stable_and_differ_by_document_and_number() -> None:
    assert page_id("ab", 1) == page_id("ab", 1)
    assert len({page_id("ab", 1), page_id("ab", 2), page_id("ba", 1)}) == 3

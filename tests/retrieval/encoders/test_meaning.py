"""The text model: pieces, passages, and what its vectors tell apart."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

from pagelight.retrieval.encoders.builtin.builtin_encoder import ASSETS
from pagelight.retrieval.encoders.builtin.meaning.passage_split import (
    PassageRule,
    passage_lines,
    split_passages,
)
from pagelight.retrieval.encoders.builtin.meaning.pieces import Pieces
from pagelight.retrieval.encoders.builtin.meaning.text_encoder import MEANING_DIM, TextModel
from pagelight.retrieval.encoders.builtin.meaning.transformer import PackedMatrix
from pagelight.retrieval.types import Floats, PageMeaning, PageWords


@pytest.fixture(scope="module")
def model() -> TextModel:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return TextModel.load(ASSETS)


def row(n: int, y: float = 0.1) -> Floats:
    x = np.arange(n, dtype=np.float32) * 0.05
    return np.stack([x, np.full(n, y), x + 0.04, np.full(n, y + 0.01)], axis=1).astype(np.float32)


def page(text: str) -> PageWords:
    words = text.split()
    return PageWords(tuple(words), row(len(words)))


def similar(model: TextModel, query: str, passages: PageMeaning) -> Floats:
    asked = model.encode_query(query.split(), lambda _: 1.0)
    return np.asarray((asked.weighted @ passages.vectors.T).sum(axis=0))


def test_packed_rows_are_levels_times_their_blocks_scale() -> None:
    halves = torch.tensor([[0x98] + [0x88] * 15], dtype=torch.uint8)
    matrix = PackedMatrix(halves, torch.tensor([[0.5]], dtype=torch.float16))
    expected = torch.zeros(1, 32)
    expected[0, 16] = 0.5
    assert torch.equal(matrix.rows(), expected)


def test_passage_ends_with_its_sentence() -> None:
    words = ["one", "two", "three.", "four", "five"]
    assert split_passages([1] * 5, words, row(5), PassageRule(least=2, most=9)).tolist() == [0, 0, 0, 1, 1]


def test_passage_ends_where_the_next_word_stands_apart() -> None:
    boxes = np.concatenate([row(3), row(2, y=0.5)])
    split = split_passages([1] * 5, list("abcde"), boxes, PassageRule(least=2, most=9))
    assert split.tolist() == [0, 0, 0, 1, 1]


def test_passage_never_holds_more_than_most() -> None:
    split = split_passages([2] * 5, list("abcde"), row(5), PassageRule(least=9, most=4))
    assert split.tolist() == [0, 0, 1, 1, 2]


def test_a_phrase_is_a_passage_by_itself() -> None:
    words = ["a", "b", "container ship", "lab coat", "c"]
    split = split_passages([1, 1, 2, 2, 1], words, row(5), PassageRule(least=9, most=20))
    assert split.tolist() == [0, 0, 1, 2, 3]


def test_words_without_pieces_are_in_no_passage() -> None:
    assert split_passages([1, 0, 1], ["a", "12", "b"], row(3), PassageRule()).tolist() == [0, -1, 0]


def test_no_words_no_passages() -> None:
    assert split_passages([], [], np.zeros((0, 4), np.float32), PassageRule()).tolist() == []


def test_a_passage_of_two_lines_has_two_boxes_and_the_next_passage_its_own() -> None:
    boxes = np.concatenate([row(2), row(2, y=0.2), row(3, y=0.2)[2:]])
    lines, passage_of_line = passage_lines(np.array([0, 0, 0, -1, 1], np.int32), boxes)
    assert passage_of_line.tolist() == [0, 0, 1]
    expected = [[0, 0.1, 0.09, 0.11], [0, 0.2, 0.04, 0.21], [0.1, 0.2, 0.14, 0.21]]
    np.testing.assert_allclose(lines, expected, atol=1e-6)


def test_unknown_characters_beside_each_other_are_one_piece() -> None:
    pieces = Pieces(["<s>", "<pad>", "</s>", "<unk>", "▁", "a"], [0, 0, 0, 0, -1, -1])
    assert pieces.ids("a??a") == (4, 5, 3, 5)


def test_a_paraphrase_is_nearer_than_another_subject(model: TextModel) -> None:
    passages = model.encode_words(
        page(
            "Patients who lose their hair during chemotherapy may be given a wig. "
            "The stock market fell sharply after banks failed to agree."
        )
    )
    assert len(passages) == 2
    scores = similar(model, "someone going bald after cancer treatment", passages)
    assert scores[0] > scores[1] + 0.05


def test_a_question_finds_the_other_languages_passage(model: TextModel) -> None:
    passages = model.encode_words(
        page(
            "Der Hund schläft den ganzen Tag im Garten unter dem alten Baum. "
            "Die Rechnung muss innerhalb von vierzehn Tagen bezahlt werden, sonst fallen Gebühren an."
        )
    )
    scores = similar(model, "when does the bill have to be paid", passages)
    assert int(scores.argmax()) == len(passages) - 1


def test_the_same_words_have_the_same_vectors_whatever_was_seen_before(model: TextModel) -> None:
    words = page("The ferry sails at noon. " * 20)
    first = model.encode_words(words).vectors
    model.encode_query(["anything", "else"], lambda _: 1.0)
    assert np.array_equal(first, model.encode_words(words).vectors)


def test_vectors_have_unit_length_and_weights_add_up_to_one(model: TextModel) -> None:
    passages = model.encode_words(page("A sentence that has a few words in it, and ends here."))
    asked = model.encode_query(["what", "is", "the", "weather"], lambda word: 0.3 if word == "the" else 1.0)
    np.testing.assert_allclose(np.linalg.norm(passages.vectors, axis=1), 1, atol=1e-5)
    assert float(asked.weights.sum()) == pytest.approx(1)
    assert float(asked.weights.min()) < float(asked.weights.max())


def test_a_page_without_letters_has_no_passages(model: TextModel) -> None:
    passages = model.encode_words(page("12 3.4"))
    assert passages.vectors.shape == (0, MEANING_DIM)
    assert not len(passages.lines)


def test_a_query_that_is_longer_than_the_model_takes_is_cut(model: TextModel) -> None:
    asked = model.encode_query(["word"] * 500, lambda _: 1.0)
    assert 1 <= len(asked.vectors) <= 64

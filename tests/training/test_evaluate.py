"""The figures of the model card, on crops drawn here, of the weights that are shipped."""

from typing import Any

import pytest

from pagelight.retrieval.encoders.builtin.reader.nets import load_reader
from pagelight.retrieval.encoders.builtin.reader.recognition import Vocabulary
from tests.training.test_reader_training import drawn_crop
from training.evaluate import SIZES, measure, worn
from training.vocabulary import ASSETS

Arguments = tuple[Any, ...]


@pytest.fixture(scope="module")
def arguments() -> Arguments:
    page, word = load_reader(ASSETS / "reader.safetensors")
    vocabulary = Vocabulary.load(ASSETS / "vocabulary.npz")
    return page, word, vocabulary, [drawn_crop(1)], list(vocabulary.words[::100])


def test_plain_print_is_recognized(arguments: Arguments) -> None:
    figures = measure(*arguments)
    assert figures["crops"] == 1
    assert figures["recognized"] > 0.8
    assert figures["letter_accuracy"] > 0.7
    assert figures["saliency_recall"] > 0.9
    assert figures["own_cosine"][2] > 0.9 > figures["stranger_cosine"][2]
    assert list(figures["recognized_by_size"]) == [f"{SIZES[3]} to {SIZES[4]} px"]


def test_wear_makes_words_harder_to_recognize(arguments: Arguments) -> None:
    page, word, vocabulary, crops, bank = arguments
    share = worn(page, word, vocabulary, crops, bank)
    assert share["scanned coarsely"] < share["as they are"]
    assert min(share.values()) > 0.1

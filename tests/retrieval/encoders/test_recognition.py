"""Letters of a word decoded and compared, and detections resolved to words."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pagelight.retrieval.encoders.builtin.builtin_encoder import ASSETS, BuiltinEncoder
from pagelight.retrieval.encoders.builtin.reader.ink_regions import BLOCK, edges, ink_regions, opened
from pagelight.retrieval.encoders.builtin.reader.nets import ALPHABET, N_CHARACTERS, load_reader
from pagelight.retrieval.encoders.builtin.reader.page_inference import PageInference
from pagelight.retrieval.encoders.builtin.reader.recognition import (
    RECOGNITION,
    WORD_DIM,
    Recognizer,
    Vocabulary,
)
from pagelight.retrieval.encoders.builtin.reader.spelling import agreement, spell, strips
from pagelight.retrieval.types import Floats, Ints

SIZE = 16.0


def written(*words: str, cells: int = 2, sure: float = 0.9) -> tuple[Floats, Ints]:
    """Letters as the reader would see them: `cells` a letter, the right one with probability `sure`."""
    lengths = np.array([cells * len(word) for word in words], np.int32)
    letters = np.full(
        (len(words), int(lengths.max()), N_CHARACTERS), (1 - sure) / (N_CHARACTERS - 1), np.float32
    )
    for i, word in enumerate(words):
        for j, letter in enumerate(word):
            letters[i, cells * j : cells * (j + 1), ALPHABET.index(letter) + 1] = sure
    return np.log(letters), lengths


@given(st.lists(st.from_regex(r"[abdeghnopquvxyz]{2,9}", fullmatch=True), min_size=1, max_size=4))
def test_a_word_without_double_letters_is_spelled_as_written(words: list[str]) -> None:
    single = ["".join(c for i, c in enumerate(word) if not i or c != word[i - 1]) for word in words]
    assert spell(*written(*single), np.full(len(single), SIZE, np.float32)) == single


def test_digits_are_counted_by_their_width() -> None:
    assert spell(*written("2001", "7"), np.array([SIZE, SIZE], np.float32)) == ["2001", "7"]


def test_one_odd_cell_inside_a_letter_is_passed_over() -> None:
    letters, lengths = written("harbour", cells=3, sure=0.6)
    letters[0, 4] = math.log(0.01)
    letters[0, 4, ALPHABET.index("o") + 1] = math.log(0.4)
    letters[0, 4, ALPHABET.index("a") + 1] = math.log(0.3)
    assert spell(letters, lengths, np.array([24.0], np.float32)) == ["harbour"]


@given(st.from_regex(r"[a-z]{3,10}", fullmatch=True), st.from_regex(r"[a-z]{3,10}", fullmatch=True))
def test_no_word_agrees_better_than_the_one_that_is_written(own: str, other: str) -> None:
    letters, lengths = written(own)
    mine, others = agreement(letters, lengths, np.zeros(2, np.int64), [own, other])
    assert others <= mine + 1e-4 <= 1e-3


def test_words_of_any_length_agree_as_they_do_alone() -> None:
    """Words are compared in groups, padded to the longest; padding must not count."""
    words = ["sea", "electrician", "harbour", "b"]
    letters, lengths = written(*words)
    together = agreement(letters, lengths, np.arange(4), ["tea", "electricity", "harbours", "b"])
    alone = [
        agreement(letters[i : i + 1], lengths[i : i + 1], np.zeros(1, np.int64), [word])[0]
        for i, word in enumerate(["tea", "electricity", "harbours", "b"])
    ]
    assert np.allclose(together, alone, atol=1e-5)


def test_strips_are_cut_at_the_words_edges() -> None:
    rng = np.random.default_rng(2)
    page = rng.dirichlet(np.ones(N_CHARACTERS), (3, 20)).astype(np.float32)  # each cell's probabilities
    letters, lengths = strips(
        np.log(page) + 3.0, np.array([1, 2]), np.array([8.0, 70.0]), np.array([20.0, 90.0])
    )
    assert lengths.tolist() == [3, 3]  # cells with their middle at 10, 14, 18; the last three of the row
    assert np.allclose(np.exp(letters[0, :3]), page[1, 2:5], atol=1e-5)
    assert np.allclose(np.exp(letters[1, :3]), page[2, 17:20], atol=1e-5)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.load(ASSETS / "vocabulary.npz")


@pytest.fixture(scope="module")
def recognizer(vocabulary: Vocabulary) -> Recognizer:
    return Recognizer(vocabulary, load_reader(ASSETS / "reader.safetensors")[1])


def noisy(vectors: Floats, share: float) -> Floats:
    noise = np.random.default_rng(5).standard_normal(vectors.shape)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    mixed = vectors + share * noise
    return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), np.float32)


def test_a_badly_seen_word_moves_to_the_word_that_its_letters_tell(
    recognizer: Recognizer, vocabulary: Vocabulary
) -> None:
    words = ("harbour", "electricity", "revenue", "umsatze", "depenses")
    own = vocabulary.vectors[[vocabulary.words.index(word) for word in words]]
    seen = noisy(own, 0.7)
    sizes = np.full(len(words), SIZE, np.float32)
    resolved, *_ = recognizer.resolve(seen, *written(*words), sizes)
    before, after = (seen * own).sum(1), (resolved * own).sum(1)
    assert resolved.shape == own.shape
    assert np.allclose(np.linalg.norm(resolved, axis=1), 1, atol=1e-5)
    assert (after > before).all()
    assert after.min() > 0.93 > before.max()


def test_a_word_that_no_vocabulary_has_moves_to_its_spelling(
    recognizer: Recognizer, vocabulary: Vocabulary
) -> None:
    word = "zyxtrovan"
    own = vocabulary.project(load_reader(ASSETS / "reader.safetensors")[1]([word]).detach().numpy())
    resolved, *_ = recognizer.resolve(noisy(own, 0.5), *written(word), np.array([SIZE], np.float32))
    assert word not in vocabulary.words
    assert float((resolved * own).sum()) > 0.95


def test_a_number_is_found_whatever_its_points_and_commas(vocabulary: Vocabulary) -> None:
    encoder = BuiltinEncoder.load()
    tower = load_reader(ASSETS / "reader.safetensors")[1]
    shown = ("1,234.5", "1.234,5", "12345", "2,5", "987,654")
    seen = noisy(vocabulary.project(tower(shown).detach().numpy()), 0.4)
    resolved, *_ = Recognizer(vocabulary, tower).resolve(
        seen, *written(*shown), np.full(len(shown), SIZE, np.float32)
    )
    asked = encoder.encode_query("1.234,5 2.5 987.654")
    of_word = {word: asked.vectors[asked.words.index(word), :WORD_DIM] for word in asked.words}
    same = np.stack([of_word["1.234,5"]] * 3 + [of_word["2.5"], of_word["987.654"]])
    assert float((resolved * same).sum(1).min()) > 0.95
    assert float((resolved[4] * of_word["1.234,5"]).sum()) < 0.8


def test_the_nearest_words_are_the_nearest_of_about_their_length(
    recognizer: Recognizer, vocabulary: Vocabulary
) -> None:
    """Looking at runs of the table finds what looking at every word that is about as long finds."""
    seen = noisy(vocabulary.vectors[::9000], 0.4)
    spelled = np.array([len(word) for word in vocabulary.words[::9000]])
    every = seen @ vocabulary.vectors.T + vocabulary.zipf * (0.3 / 12.0)
    n_letters = np.array([len(word) for word in vocabulary.words])
    about = np.where(np.abs(n_letters - spelled[:, None]) <= RECOGNITION.longer, every, -np.inf)
    found = np.take_along_axis(every, recognizer._nearest(seen, spelled), 1)
    assert (np.diff(found, axis=1) <= 1e-6).all()
    assert (found >= -np.sort(-about, axis=1)[:, : found.shape[1]] - 1e-5).all()
    assert (found <= -np.sort(-every, axis=1)[:, : found.shape[1]] + 1e-5).all()


def test_nothing_is_resolved_to_nothing(recognizer: Recognizer) -> None:
    empty = np.zeros((0, WORD_DIM), np.float32)
    none, *_ = recognizer.resolve(
        empty, np.zeros((0, 1, N_CHARACTERS), np.float32), np.zeros(0, np.int32), np.zeros(0)
    )
    assert none.shape == (0, WORD_DIM)


def test_the_vocabulary_fits_the_words_of_a_query(vocabulary: Vocabulary) -> None:
    """A vocabulary of other weights than the reader's would resolve every word to a wrong place."""
    query = BuiltinEncoder.load().encode_query("lighthouse")
    own = vocabulary.vectors[vocabulary.words.index("lighthouse")]
    assert float(query.vectors[0, :WORD_DIM] @ own) > 0.999


def blocks(drawn: NDArray[np.bool_]) -> set[tuple[int, ...]]:
    return {tuple(side // BLOCK for side in part) for part in ink_regions(drawn)}


def test_parts_cover_all_ink_with_a_margin_and_leave_paper_out() -> None:
    drawn = np.zeros((40 * BLOCK, 30 * BLOCK), np.bool_)
    drawn[5 * BLOCK + 3, 7 * BLOCK : 12 * BLOCK] = True
    drawn[30 * BLOCK, 20 * BLOCK] = True
    assert blocks(drawn) == {(4, 7, 6, 13), (29, 32, 19, 22)}
    assert not blocks(np.zeros((64, 64), np.bool_))


def test_parts_are_cut_where_most_paper_is_left_out_and_never_through_ink() -> None:
    drawn = np.zeros((40 * BLOCK, 30 * BLOCK), np.bool_)
    drawn[: 10 * BLOCK, : 4 * BLOCK] = True
    drawn[: 4 * BLOCK, 26 * BLOCK :] = True
    drawn[30 * BLOCK :, :] = True
    assert blocks(drawn) == {(0, 11, 0, 5), (0, 5, 25, 30), (29, 40, 0, 30)}
    drawn[10 * BLOCK : 30 * BLOCK, 15 * BLOCK] = True  # a line from one to the other
    assert blocks(drawn) == {(0, 40, 0, 30)}


def test_parts_close_to_each_other_are_read_together() -> None:
    drawn = np.zeros((40 * BLOCK, 30 * BLOCK), np.bool_)
    drawn[10 * BLOCK : 20 * BLOCK, 5 * BLOCK : 25 * BLOCK] = True
    drawn[22 * BLOCK : 24 * BLOCK, 5 * BLOCK : 25 * BLOCK] = True
    assert blocks(drawn) == {(9, 25, 4, 26)}


@pytest.mark.parametrize("height", [1, 2, 3, 5, 8, 11])
def test_an_opening_keeps_vertical_runs_of_its_height(height: int) -> None:
    drawn = np.zeros((40, 12), np.bool_)
    for column in range(1, 12):
        drawn[20 : 20 + column, column] = True
    drawn[34:, 11] = True
    kept = drawn.copy()
    kept[:34, 1 : min(height, 12)] = False
    if height > 6:
        kept[34:, 11] = False
    np.testing.assert_array_equal(opened(drawn, height), kept)


def test_edges_are_beside_a_change_of_light_whichever_side_is_dark() -> None:
    pixels = np.full((16, 32), 250, np.uint8)
    pixels[:, 10:20] = 20
    found = edges(pixels)
    assert found[5].nonzero()[0].tolist() == [9, 10, 19, 20]
    np.testing.assert_array_equal(edges(255 - pixels), found)


def test_a_sheet_of_paper_holds_no_word() -> None:
    page, _ = load_reader(ASSETS / "reader.safetensors")
    paper = np.full((96, 128), 255, np.uint8)
    sheet = PageInference(page, Vocabulary.load(ASSETS / "vocabulary.npz")).read(paper, edges(paper))
    assert sheet.vectors.shape == (12, 8, WORD_DIM)
    assert float(sheet.saliency.max()) == 0.0


def test_a_programs_own_threads_stay_as_they_are() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(before + 1)
    try:
        BuiltinEncoder.load().encode_query("lighthouse")
        assert torch.get_num_threads() == before + 1
    finally:
        torch.set_num_threads(before)

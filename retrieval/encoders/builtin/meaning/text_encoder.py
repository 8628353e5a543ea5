"""Meaning of text: the text model, which turns a page's words to vectors of passages, and a query to vectors of tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional

from pagelight.retrieval.encoders.builtin.meaning.passage_split import (
    NO_PASSAGE,
    PassageRule,
    passage_lines,
    split_passages,
    split_windows,
)
from pagelight.retrieval.encoders.builtin.meaning.pieces import END, START, Pieces
from pagelight.retrieval.encoders.builtin.meaning.transformer import Shape, TextLayers
from pagelight.retrieval.text.analyzer import terms
from pagelight.retrieval.text.stems import STOP_STEMS
from pagelight.retrieval.types import Floats, PageMeaning, PageWords, QueryMeaning

#: length of a passage's vector (net)
MEANING_DIM = 384
#: the file that `training.meaning` writes
WEIGHTS, PIECES = "meaning.safetensors", "meaning-pieces.npz"
#: the file that `training.background` writes
BACKGROUND = "background.npz"
#: windows that go through the model at once (block)
_SIDE_BY_SIDE = 4
#: pieces of a query at most; what follows is left out (limit)
_LONGEST_QUERY = 64
#: e5 was trained with these in front of what is searched and what is asked
PASSAGE, QUERY = "passage:", "query:"


@dataclass(frozen=True, slots=True)
class MeaningParameters:
    """Weights of a query's words in its meaning.

    stop_word: weight of a stop word beside another word; between .1 and 1 both labelled sets rank about alike (measured on
        both sets)
    """

    stop_word: float = 0.3


MEANING = MeaningParameters()


class BuiltinTextEncoder:
    """`TextEncoder` over the text model's files in a folder. Safe for several threads."""

    def __init__(self, folder: Path, workers: Executor, parameters: MeaningParameters = MEANING) -> None:
        """workers: threads that encode a page each"""
        self._folder, self._workers, self._parameters = folder, workers, parameters
        self._loading = Lock()
        self._model: TextModel | None = None

    @property
    def dim(self) -> int:
        return MEANING_DIM

    @cached_property
    def background(self) -> Floats:
        """(n, dim): passages about anything."""
        with np.load(self._folder / BACKGROUND, allow_pickle=False) as arrays:
            vectors = arrays["vectors"].astype(np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    def encode_words(self, pages: Sequence[PageWords]) -> list[PageMeaning]:
        return list(self._workers.map(self._loaded().encode_words, pages))

    def plausibility(self, texts: Sequence[str]) -> float:
        return self._loaded().plausibility(texts)

    def encode_query(self, text: str) -> QueryMeaning | None:
        """Meaning of a query; None without a letter in it: numbers are matched as they stand."""
        if not any(c.isalpha() for c in text):
            return None
        return self._loaded().encode_query(text.split(), self._weight)

    def _loaded(self) -> TextModel:
        with self._loading:
            if self._model is None:
                self._model = TextModel.load(self._folder)
            return self._model

    def _weight(self, word: str) -> float:
        return self._parameters.stop_word if all(term in STOP_STEMS for term in terms(word)) else 1.0


class TextModel:
    """Weights, and the mean of the states that they give, which all have in common."""

    def __init__(
        self, layers: TextLayers, pieces: Pieces, mean: Tensor, rule: PassageRule | None = None
    ) -> None:
        """mean: (dim,) of normalized states over much text"""
        self._layers, self._pieces, self._mean = layers, pieces, mean
        self._rule = rule or PassageRule()
        self._passage, self._query = pieces.ids(PASSAGE), pieces.ids(QUERY)

    @classmethod
    def load(cls, folder: Path) -> TextModel:
        """Read what `training.meaning` wrote. Multiplies in eight bits where the processor can."""
        tensors = load_file(folder / WEIGHTS)
        pieces = Pieces.load(folder / PIECES)
        try:
            layers = TextLayers(tensors, Shape(), eight_bits=True)
        except (AttributeError, RuntimeError):  # PyTorch without these products, or for another processor
            layers = TextLayers(tensors, Shape(), eight_bits=False)
        return cls(layers, pieces, tensors["mean"].float())

    @property
    def dim(self) -> int:
        return len(self._mean)

    def encode_words(self, words: PageWords) -> PageMeaning:
        """The passages of a page whose words are in reading order.

        Words without a letter are left out: numbers are matched as they stand, not by meaning.
        """
        ids = [self._phrase_ids(text) if _has_letter(text) else () for text in words.texts]
        passage_of = split_passages([len(own) for own in ids], words.texts, words.boxes, self._rule)
        n = int(passage_of.max(initial=NO_PASSAGE)) + 1
        if not n:
            return PageMeaning.none(self.dim)
        pieces: list[list[int]] = [[] for _ in range(n)]
        for passage, own in zip(passage_of.tolist(), ids, strict=True):
            if passage != NO_PASSAGE:
                pieces[passage] += own
        lines, passage_of_line = passage_lines(passage_of, words.boxes)
        return PageMeaning(self._vectors(pieces), lines, passage_of_line)

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """(n, dim): texts that follow each other, each of them a passage."""
        return self._vectors([self._phrase_ids(text) for text in texts])

    def _phrase_ids(self, text: str) -> tuple[int, ...]:
        """The pieces of a word, or of the words of a phrase."""
        if " " not in text:
            return self._pieces.ids(text)
        return tuple(piece for word in text.split() for piece in self._pieces.ids(word))

    def plausibility(self, texts: Sequence[str]) -> float:
        """The mean natural logarithm of a character's probability, by the pieces of these words."""
        return sum(map(self._pieces.log_probability, texts)) / max(sum(len(text) + 1 for text in texts), 1)

    @torch.inference_mode()
    def _vectors(self, pieces: Sequence[Sequence[int]]) -> Floats:
        """(n_passages, dim): the mean of each passage's states, seen in its window. pieces: of each passage"""
        lengths = [len(own) for own in pieces]
        means = torch.zeros(len(pieces), len(self._mean))
        windows = split_windows(lengths, self._rule.window)
        given = [[START, *self._passage, *(p for i in window for p in pieces[i]), END] for window in windows]
        for first in range(0, len(windows), _SIDE_BY_SIDE):
            together = slice(first, first + _SIDE_BY_SIDE)
            for window, states in zip(windows[together], self._layers.states(given[together]), strict=True):
                seen = self._centred(states[1 + len(self._passage) : -1])
                of_passages = torch.split(seen, [lengths[i] for i in window])
                means[window.start : window.stop] = torch.stack([s.mean(0) for s in of_passages])
        vectors: Floats = functional.normalize(means, dim=1).numpy()
        return vectors

    @torch.inference_mode()
    def encode_query(self, words: Sequence[str], weigh: Callable[[str], float]) -> QueryMeaning:
        """The tokens of a query, split at spaces. weigh: what each word counts for relative to others, above 0."""
        ids = [self._pieces.ids(word) for word in words]
        owner = np.repeat(np.arange(len(ids), dtype=np.int32), [len(own) for own in ids])[:_LONGEST_QUERY]
        pieces = [piece for own in ids for piece in own][:_LONGEST_QUERY]
        if not pieces:
            return QueryMeaning(np.zeros((0, self.dim), np.float32), np.zeros(0, np.float32))
        states = self._layers.states([[START, *self._query, *pieces, END]])[0]
        vectors = self._centred(states[1 + len(self._query) : -1]).numpy()
        weights = np.array([weigh(words[i]) for i in owner], np.float32)
        return QueryMeaning(vectors, weights / np.float32(max(float(weights.sum()), 1e-6)))

    def _centred(self, states: Tensor) -> Tensor:
        """Normalized, without what all states have in common, normalized again: (n, dim)."""
        return functional.normalize(functional.normalize(states, dim=1) - self._mean, dim=1)


def _has_letter(word: str) -> bool:
    return any(c.isalpha() for c in word)

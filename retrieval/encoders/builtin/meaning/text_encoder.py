"""The built-in encoder's sense of what text means: the text model, loaded when it is first needed."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from pagelight.retrieval.encoders.builtin.meaning.text_model import MEANING_DIM, TextModel
from pagelight.retrieval.text.analyzer import terms
from pagelight.retrieval.text.stems import STOP_STEMS
from pagelight.retrieval.types import PageMeaning, PageWords, QueryMeaning


@dataclass(frozen=True, slots=True)
class MeaningParameters:
    """What a query's words count for in its meaning.

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

    def encode_words(self, pages: Sequence[PageWords]) -> list[PageMeaning]:
        return list(self._workers.map(self._loaded().encode_words, pages))

    def plausibility(self, texts: Sequence[str]) -> float:
        return self._loaded().plausibility(texts)

    def encode_query(self, text: str) -> QueryMeaning | None:
        """What a query means; None without a letter in it: numbers are matched as they stand."""
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

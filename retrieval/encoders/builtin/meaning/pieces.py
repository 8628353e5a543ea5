"""Words to pieces: the Unigram tokenizer of XLM-RoBERTa, for one word at a time.

SentencePiece's Unigram model (Kudo 2018) joins the pieces of a word whose log probabilities have the highest sum.
Pieces never reach across spaces, so a text's pieces are those of its words, and words that come back are looked up.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np

#: the sign that begins a word
_BEGIN = "\u2581"
#: words that are kept (limit)
_REMEMBERED = 50_000
#: log-likelihood of a character that no piece has, below the least likely piece's (SentencePiece's `kUnkPenalty`) (form)
_UNKNOWN_PENALTY = 10.0
#: pieces of one word at most: a line without spaces has some fifty, a checksum sixty (limit)
_LONGEST_WORD = 64
#: characters of one word that are looked at (limit)
_MOST_CHARACTERS = 256

#: ids of XLM-RoBERTa's own tokens (form)
START, END, UNKNOWN = 0, 2, 3


class Pieces:
    """pieces: n spellings, the first four of which are the special ones; scores: (n,) their log probabilities."""

    def __init__(self, pieces: Sequence[str], scores: Sequence[float]) -> None:
        if len(pieces) != len(scores):
            raise ValueError(f"scores: expected {len(pieces)}, got {len(scores)}")
        self._found = dict(zip(pieces[UNKNOWN + 1 :], range(UNKNOWN + 1, len(pieces)), strict=True))
        self._scores = list(scores)
        self._longest = max(map(len, self._found), default=1)
        self._unknown = min(self._scores[UNKNOWN + 1 :], default=0.0) - _UNKNOWN_PENALTY
        self._remembered: dict[str, tuple[int, ...]] = {}

    @classmethod
    def load(cls, path: Path) -> Pieces:
        """Read what `training.meaning` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            pieces = stored["pieces"].tobytes().decode("utf8").split("\n")
            return cls(pieces, stored["scores"].astype(np.float32).tolist())

    def __len__(self) -> int:
        return len(self._scores)

    def ids(self, word: str) -> tuple[int, ...]:
        """The pieces of a word; none where nothing of it is left after normalization.

        >>> Pieces(["<s>", "<pad>", "</s>", "<unk>", "\u2581", "\u2581page", "s", "p"], [0, 0, 0, 0, -3, -2, -1, -5]).ids("pages")
        (5, 6)
        """
        found = self._remembered.get(word)
        if found is None:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered = {}  # replaced and not emptied: other threads read it
            found = self._remembered[word] = self._split(word)
        return found

    def log_probability(self, word: str) -> float:
        """The natural logarithm of its pieces' probabilities, summed."""
        return sum(self._unknown if piece == UNKNOWN else self._scores[piece] for piece in self.ids(word))

    def _split(self, word: str) -> tuple[int, ...]:
        spelled = "".join(unicodedata.normalize("NFKC", word).split())[:_MOST_CHARACTERS]
        return tuple(self._best(_BEGIN + spelled)[:_LONGEST_WORD]) if spelled else ()

    def _best(self, text: str) -> list[int]:
        """Viterbi: the best sum of scores up to each character, and the piece that ends there."""
        n = len(text)
        best: list[float] = [0.0] + [float("-inf")] * n
        came: list[tuple[int, int]] = [(0, UNKNOWN)] * (n + 1)
        for start in range(n):
            base = best[start]
            single = False
            for end in range(start + 1, min(start + self._longest, n) + 1):
                piece = self._found.get(text[start:end])
                if piece is None:
                    continue
                single = single or end == start + 1
                score = base + self._scores[piece]
                if score > best[end]:
                    best[end], came[end] = score, (start, piece)
            if not single and base + self._unknown > best[start + 1]:
                best[start + 1], came[start + 1] = base + self._unknown, (start, UNKNOWN)
        path: list[int] = []
        end = n
        while end:
            end, piece = came[end]
            # unknown characters beside each other are one piece
            if piece != UNKNOWN or path[-1:] != [UNKNOWN]:
                path.append(piece)
        return path[::-1]

"""Subword tokens and the words that people typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from pagelight.retrieval.types import Ints

# A word keeps its inner hyphens, points and apostrophes; scripts without spaces give a word a character.
_WORD = re.compile(r"[぀-ヿ㐀-鿿豈-﫿]|[^\W぀-ヿ㐀-鿿豈-﫿]+(?:[-'’.,/][^\W぀-ヿ㐀-鿿豈-﫿]+)*")


def words_of(text: str) -> list[tuple[int, int]]:
    """The characters (start, end) of each word.

    >>> text = "What's the 2,300 t total?"
    >>> [text[a:b] for a, b in words_of(text)]
    ["What's", 'the', '2,300', 't', 'total']
    """
    return [match.span() for match in _WORD.finditer(text)] or [
        match.span() for match in re.finditer(r"\S+", text)
    ]


def word_of_token(words: Sequence[tuple[int, int]], tokens: Sequence[tuple[int, int]]) -> Ints:
    """(n_tokens,): the word that each token shares most characters with, or -1.

    >>> word_of_token([(0, 5), (6, 9)], [(0, 0), (0, 2), (2, 5), (5, 9), (9, 10)]).tolist()
    [-1, 0, 0, 1, -1]
    """
    owners = np.full(len(tokens), -1, np.int32)
    for token, (start, end) in enumerate(tokens):
        shared = [min(end, b) - max(start, a) for a, b in words]
        if shared and max(shared) > 0:
            owners[token] = int(np.argmax(shared))
    return owners


def control_tokens(tokenizer: Any) -> list[str]:
    """Tokens that mean something else than their letters to a tokenizer of transformers."""
    return [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]


def inert(text: str, special_tokens: Iterable[str]) -> str:
    """The text, as long as before, with nothing in it that a tokenizer takes for one of its control tokens.

    >>> inert("what is <image> in LaTeX?", ["<image>", "a"])
    'what is  image> in LaTeX?'
    """
    for token in special_tokens:
        if len(token) > 1 and not token[0].isalnum():
            text = text.replace(token, " " + token[1:])
    return text


def query_spans(offsets: Sequence[Sequence[int]], start: int, length: int) -> list[tuple[int, int]]:
    """Tokens' characters in a whole prompt → in the query that begins at `start` in it; (0, 0) outside of it.

    >>> query_spans([(0, 7), (6, 9), (9, 12), (12, 13)], start=7, length=5)
    [(0, 0), (0, 2), (2, 5), (0, 0)]
    """
    spans = [(max(a - start, 0), min(b - start, length)) for a, b in offsets]
    return [(a, b) if a < b else (0, 0) for a, b in spans]

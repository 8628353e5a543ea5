"""Words that are broken at a page's end and go on at the head of the next one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pagelight.ingest.render.hyphenation import CONJUNCTIONS
from pagelight.retrieval.types import PageWords


@dataclass(frozen=True, slots=True)
class PageBreakParameters:
    """Where a page's text ends and begins.

    foot: words of a footer, below the text's last line, at most (geometry)
    head: words of a header, above the text's first line, at most (geometry)
    letters: of the first half, at least (geometry)
    """

    foot: int = 8
    head: int = 12
    letters: int = 2


PAGE_BREAKS = PageBreakParameters()


def broken_word(words: PageWords, parameters: PageBreakParameters = PAGE_BREAKS) -> int | None:
    """Index of the word with a hyphen that ends the page's text, or None."""
    lowest = len(words) - 1 - parameters.foot
    for index in range(len(words) - 1, max(lowest, 0) - 1, -1):
        text = words.texts[index]
        if text.endswith("-") and text[:-1].isalpha() and len(text) > parameters.letters:
            bottom = words.boxes[index, 3]
            are_below = bool((words.boxes[index + 1 :, 1] >= bottom).all())
            return index if are_below else None
    return None


def joined_over_pages(
    words: PageWords, index: int, following: PageWords, parameters: PageBreakParameters = PAGE_BREAKS
) -> PageWords:
    """The page's words with the word at `index` whole, where the next page's text begins with the rest of it."""
    for at, text in enumerate(following.texts[: parameters.head]):
        above = following.boxes[:at, 3]
        if not (above <= following.boxes[at, 1]).all() or not text[0].islower():
            continue
        if text.rstrip(".") in CONJUNCTIONS:
            return words
        texts = list(words.texts)
        texts[index] = texts[index][:-1] + text
        return replace(words, texts=tuple(texts))
    return words

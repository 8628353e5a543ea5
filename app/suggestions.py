"""Queries to start with: questions that the user's own pages answer, then what they are about, what figures show, and headings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, pairwise

import numpy as np

from pagelight.app.excerpts import sentence_texts
from pagelight.app.noun_phrases import noun_phrases, telling
from pagelight.app.questions import questions
from pagelight.retrieval.text.analyzer import terms
from pagelight.retrieval.text.stems import STOP_STEMS
from pagelight.retrieval.types import PageWords

#: a heading stands this much taller than the page's usual words
HEADING_RATIO = 1.15
#: searches that are tried for each example that is wanted
TRIES = 4
#: searches that are tried at all: they take turns with those of the people who wait
MOST_TRIES = 60
#: words of a suggestion, and its characters
FEWEST, MOST = 2, 7
SHORTEST, LONGEST = 8, 48
#: occurrences of a term on a page that is about it, and its number of words
RECURRING, LONGEST_TERM = 3, 3
#: kinds of suggestions that read as people speak, at the beginning of all kinds: questions, phrases, captions
_SPOKEN = 3
_WORD = re.compile(r"^[^\W\d_][\w’'&/-]*[,:.]?$")
_CAPTION = re.compile(
    r"^(?:fig(?:ure|ura|\.)?|abb(?:ildung|\.)?|tab(?:le|elle|ella|la|leau|\.)?) ?\d[\d.]* ?[.:–—-]* (?P<shows>.+)$",
    re.I,
)
_STOP = re.compile(r"[.,;:(]")
#: words of amounts, which recur and are about nothing
_AMOUNTS = frozenset(
    """
million millions billion thousand hundred percent per cent millionen millions millones milioni prozent
""".split()
)
#: headings that every document has
_GENERIC = frozenset(
    (
        *("contents", "table of contents", "executive summary", "terms and definitions", "list of figures"),
        *("copyright notice", "inhalt", "inhaltsverzeichnis", "table des matières", "sommaire", "índice"),
        *("indice", "sommario"),
    )
)


def headings(words: PageWords) -> list[str]:
    """The page's lines that read like headings, the tallest first.

    >>> headings(PageWords())
    []
    """
    if not len(words):
        return []
    heights = words.boxes[:, 3] - words.boxes[:, 1]
    usual = float(np.median(heights))
    found: list[tuple[float, int, str]] = []
    for order, (start, stop) in enumerate(_lines(words)):
        texts = list(words.texts[start:stop])
        height = float(np.median(heights[start:stop]))
        if height >= HEADING_RATIO * usual and _reads_well(texts) and _tidy(texts).casefold() not in _GENERIC:
            found.append((-height, order, _tidy(texts)))
    return [text for _, _, text in sorted(found)]


def captions(words: PageWords) -> list[str]:
    """Captions of the page's figures and tables, without the number.

    >>> captions(PageWords())
    []
    """
    found = []
    texts = list(sentence_texts(words))
    for text, following in pairwise([*texts, ""]):
        caption = _CAPTION.match(f"{text} {following}" if len(text.split()) == 2 else text)
        shown = _STOP.split(caption["shows"])[0].split() if caption else []
        if _reads_well(shown) and shown[0][:1].isupper():
            found.append(_tidy(shown))
    return found


def recurring_terms(words: PageWords) -> list[str]:
    """Terms of several words, in lower case, that the page says again and again: the most frequent first, then the shortest."""
    counts: Counter[str] = Counter()
    for text in sentence_texts(words):
        run: list[str] = []
        for word in [*text.split(), ""]:
            if (
                _WORD.match(word)
                and word.islower()
                and word not in _AMOUNTS
                and not STOP_STEMS.issuperset(terms(word))
            ):
                run.append(word)
                if word[-1].isalpha():
                    continue
            parts = {
                tuple(run[first : first + length])
                for length in range(FEWEST, LONGEST_TERM + 1)
                for first in range(len(run) - length + 1)
            }
            counts.update(_tidy(list(part)) for part in parts if _reads_well(list(part)))
            run = []
    ranked = sorted(counts.items(), key=lambda item: (-item[1], len(item[0])))
    return [term for term, count in ranked if count >= RECURRING]


def suggest(
    pages: Iterable[tuple[str, int, PageWords]], answers: Callable[[str, str, int], bool], count: int = 5
) -> list[str]:
    """Up to `count` queries from (document id, page, words): questions first, then phrases, headings last.

    Each document gives what people would say, a question or a phrase, before any gives a second one.

    answers: whether a query leads to this page of the document, surely; what does not is no example
    """
    kinds = (questions, noun_phrases, captions, recurring_terms, headings)
    asked: list[dict[str, list[tuple[str, int]]]] = [{} for _ in kinds]
    for document_id, page, words in pages:
        for kind, of_document in zip(kinds, asked, strict=True):
            of_document.setdefault(document_id, []).extend((text, page) for text in kind(words))
    for kind, order in ((noun_phrases, telling), (recurring_terms, on_most_pages)):
        of_document = asked[kinds.index(kind)]
        of_document.update({document_id: order(found) for document_id, found in of_document.items()})
    chosen: dict[str, str] = {}
    has_one: set[str] = set()
    tried: set[tuple[str, str, int]] = set()
    for some in (asked[:_SPOKEN], asked):
        for of_document in some:
            skipped = has_one if some is not asked else set[str]()
            untried = (one for one in _in_turn(of_document, skipped) if one not in tried)
            for one in islice(untried, TRIES * (count - len(chosen))):
                document_id, text, page = one
                if len(chosen) == count or len(tried) == MOST_TRIES:
                    return list(chosen.values())
                tried.add(one)
                if text.casefold() not in chosen and answers(text, document_id, page):
                    chosen[text.casefold()] = text
                    has_one.add(document_id)
    return list(chosen.values())


def on_most_pages(found: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """(term, page), those on most pages first."""
    on_pages = Counter(text for text, _ in found)
    return sorted(found, key=lambda one: -on_pages[one[0]])


def _in_turn(
    candidates: dict[str, list[tuple[str, int]]], has_one: set[str]
) -> Iterator[tuple[str, str, int]]:
    """(document id, text, page): the first of each document, then the second of each; none of those that have one by then."""
    for rank in range(max(map(len, candidates.values()), default=0)):
        for document_id, found in candidates.items():
            if rank < len(found) and document_id not in has_one:
                yield document_id, *found[rank]


def _lines(words: PageWords) -> list[tuple[int, int]]:
    """(start, stop) of runs of words that share a baseline and go on to the right."""
    starts = [0]
    for index in range(1, len(words)):
        before, box = words.boxes[index - 1], words.boxes[index]
        height = max(float(before[3] - before[1]), 1e-6)
        same_line = abs(float(box[3] - before[3])) < 0.4 * height
        if not same_line or box[0] < before[0] or float(box[0] - before[2]) > 2.5 * height:
            starts.append(index)
    return list(zip(starts, [*starts[1:], len(words)], strict=True))


def _reads_well(texts: list[str]) -> bool:
    if not FEWEST <= len(texts) <= MOST:
        return False
    good = sum(bool(_WORD.match(text)) for text in texts)
    letters = sum(len(text) for text in texts)
    return good == len(texts) and SHORTEST <= letters <= LONGEST


def _tidy(texts: list[str]) -> str:
    line = " ".join(texts).rstrip(",:.")
    return line.capitalize() if line.isupper() else line

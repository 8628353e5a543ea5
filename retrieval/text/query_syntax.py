"""Query syntax beside words: quotes for a phrase, a minus for what must not be there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pagelight.retrieval.text.analyzer import TOKEN, fold, split_words

#: folded words that stand one after the other
Phrase = tuple[str, ...]

#: quotation marks of the keyboard, and of the languages of Europe; apostrophes stand in words, so they are none
_OPENING, _CLOSING = '"“„«»', '"”“»«'
#: an excluded phrase or word, or a phrase; a minus counts at the beginning of a word that begins with a letter:
#: "-5 °C" asks for a temperature
_PART = re.compile(
    rf"(?:(?<=\s)|^)(?P<minus>-)?[{_OPENING}](?P<phrase>[^{_OPENING}{_CLOSING}]*)[{_CLOSING}]"
    r"|(?:(?<=\s)|^)-(?P<word>[^\W\d_]\S*)"
)


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query taken apart.

    text: what is searched for: words and phrases, without quotes and exclusions
    phrases: each has to stand on the page; excluded: none of them may
    """

    text: str
    phrases: tuple[Phrase, ...] = ()
    excluded: tuple[Phrase, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether it is words alone."""
        return not self.phrases and not self.excluded

    def allows(self, words: Sequence[str]) -> bool:
        """Whether a page with these folded words, in reading order, has every phrase and nothing excluded."""
        return all(stands_in(phrase, words) for phrase in self.phrases) and not any(
            stands_in(phrase, words) for phrase in self.excluded
        )


def parse_query(query: str) -> ParsedQuery:
    """
    >>> parse_query('annual "net revenue" -draft')
    ParsedQuery(text='annual net revenue', phrases=(('net', 'revenue'),), excluded=(('draft',),))
    >>> parse_query("well-known at -5 degrees").is_plain
    True
    """
    phrases: list[Phrase] = []
    excluded: list[Phrase] = []

    def taken(part: re.Match[str]) -> str:
        inner = part["phrase"] if part["word"] is None else part["word"]
        phrase = folded_words(inner)
        if part["minus"] or part["word"] is not None:
            excluded.extend([phrase] if phrase else [])
            return " "
        phrases.extend([phrase] if phrase else [])
        return f" {inner} "

    text = " ".join(_PART.sub(taken, query).split())
    return ParsedQuery(text, tuple(dict.fromkeys(phrases)), tuple(dict.fromkeys(excluded)))


def folded_words(text: str) -> Phrase:
    """The words of a text as phrases are compared: lower case, without accents.

    >>> folded_words("Umsätze, 2019")
    ('umsatze', '2019')
    """
    return tuple(part for word in split_words(text) for part in TOKEN.findall(fold(word)))


def stands_in(phrase: Phrase, words: Sequence[str]) -> bool:
    """Whether the phrase's words follow each other in `words`.

    >>> stands_in(("net", "revenue"), ("the", "net", "revenue")), stands_in(("net", "revenue"), ("revenue", "net"))
    (True, False)
    """
    n = len(phrase)
    return any(words[i] == phrase[0] and tuple(words[i : i + n]) == phrase for i in range(len(words) - n + 1))

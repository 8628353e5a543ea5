"""Phrases of the form "direction of the vector field", as a page's own text has them: what a person would type."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from pagelight.app.excerpts import sentence_texts
from pagelight.app.questions import language_of
from pagelight.retrieval.text.analyzer import terms
from pagelight.retrieval.text.stems import STOP_STEMS
from pagelight.retrieval.types import PageWords

#: characters of a phrase: a chip's width
LONGEST = 48
#: words of a phrase that mean something, at least, and of a thing before or after the joint, at most
FEWEST_MEANING, MOST_IN_THING = 3, 3
#: words that a phrase may have after its article
REACH = 8
_WORD = re.compile(r"[^\W\d_][\w’'-]*[^\W\d_]")
_ENDS = ".,;:)!?"
_ARTICLES = {
    "en": "the our its their",
    "de": "die das",
    "fr": "le la les",
    "es": "el la los las",
    "it": "il la i le gli lo",
}
#: words that join a thing to what it is of
_JOINTS = {
    "en": "of",
    "de": "der des von",
    "fr": "de du des",
    "es": "de del",
    "it": "di del della delle dei degli",
}
#: words behind which a phrase is whole; behind others, such as an article or a number, it may have ended in a verb
_BEHIND = {
    "en": "is are was were be been has have had can could will would and or in on at by for from to with as that which who "
    "when where while than into under over",
    "de": "ist sind war waren wird werden wurde wurden hat haben kann und oder in im an am auf bei für mit zu zum zur durch "
    "aus nach",
    # not "à", "a": verbs stand before them, too
    "fr": "est sont était étaient ont et ou dans en pour par sur avec qui que",
    "es": "es son era eran fue está ha han y o en para por con que",
    "it": "è sono era erano ha hanno e o in nel nella per con che da",
}
#: things that say nothing of what they are of
_EMPTY = frozenset(
    """
number part rest case cases end beginning time name set kind type way use lack need most majority purpose
context basis presence remainder sake fact result results date form page section top bottom list box art
zahl zeit ende teil fall cas nombre partie fin numero parte caso fecha nome numero data
""".split()
)
#: words that make a phrase vague, or that show that a sentence goes on where it seemed to end
_VAGUE = frozenset(
    """
many several other others any various some such given up down out off away back same own must should may can
before after throughout without between beyond plusieurs autres même varios otros mismo antes altri vari
stesso
""".split()
)
#: English phrases that took in too much: "the terms used", "the kinds of systems requires", "the policy covers theft of"
_CUT = re.compile(r"(?:ed|ing|ly|[^s ]s [^ ]*[^s ]s)$|^[^ ]+ [a-z]*[^s ]s [^ ]+ of ")


def noun_phrases(words: PageWords) -> Iterator[str]:
    """The page's phrases in its language, in the order of reading; none where no language is known.

    >>> list(noun_phrases(PageWords()))
    []
    """
    language = language_of(words)
    if not language:
        return
    for sentence in sentence_texts(words):
        yield from _phrases(sentence, language)


def telling(phrases: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """(phrase, page), best first: those whose words stand in many of the document's phrases are about what it is about."""
    found = list(dict.fromkeys(phrases))
    counts = Counter(term for phrase, _ in found for term in _meaning(phrase))
    said = Counter(phrase.casefold() for phrase, _ in found)

    def weight(phrase: str) -> float:
        every = _meaning(phrase)
        return said[phrase.casefold()] + sum(counts[term] for term in every) / max(1, len(every))

    return sorted(found, key=lambda one: -weight(one[0]))


def _phrases(sentence: str, language: str) -> Iterator[str]:
    """
    >>> list(_phrases("It shows the direction of the vector field.", "en"))
    ['direction of the vector field']
    >>> list(_phrases("At the end of the long day we rest.", "en"))
    []
    """
    articles, joints, behind = (words[language].split() for words in (_ARTICLES, _JOINTS, _BEHIND))
    texts = sentence.split()
    for index, text in enumerate(texts):
        if text.casefold() in articles:
            phrase = _phrase_at(texts[index + 1 : index + 1 + REACH], articles, joints, behind)
            is_cut = language == "en" and _CUT.search(phrase)
            if phrase and len(phrase) <= LONGEST and not is_cut and not phrase.isupper():
                yield phrase


def _phrase_at(texts: list[str], articles: list[str], joints: list[str], behind: list[str]) -> str:
    """The phrase that begins here, if a whole one does: thing, joint, perhaps an article, thing, and then something else."""
    things: list[list[str]] = [[]]
    phrase: list[str] = []
    is_whole = False
    for text in texts:
        word = text.rstrip(_ENDS)
        low = word.casefold()
        if low in joints and word == text and things[-1] and len(things) == 1:
            things.append([])
        elif low in articles and word == text and len(things) == 2 and not things[1]:
            pass
        elif not _WORD.fullmatch(word) or STOP_STEMS.issuperset(terms(word)):
            is_whole = low in behind
            break
        else:
            things[-1].append(word)
        phrase.append(word)
        if word != text:
            is_whole = True
            break
    whole = is_whole and len(things) == 2 and all(0 < len(thing) <= MOST_IN_THING for thing in things)
    meaning = sum(len(thing) for thing in things)
    if not whole or meaning < FEWEST_MEANING or things[0][-1].casefold() in _EMPTY:
        return ""
    return "" if _VAGUE.intersection(word.casefold() for word in phrase) else " ".join(phrase)


def _meaning(phrase: str) -> list[str]:
    return [term for term in terms(phrase) if term not in STOP_STEMS]

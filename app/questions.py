"""Questions that a page answers: those that it asks itself, and those that its own sentences answer: "The fuse is behind the drip
tray." answers "Where is the fuse?"."""

from __future__ import annotations

import re

from pagelight.app.excerpts import sentence_texts
from pagelight.retrieval.text.analyzer import fold, terms
from pagelight.retrieval.text.question_words import ASKING
from pagelight.retrieval.text.stems import STOP_STEMS
from pagelight.retrieval.types import PageWords

#: characters of a question: a chip's width
LONGEST = 60
#: words that tell a text's language
_COMMON = {
    "en": {"the", "and", "of", "is", "are", "in", "to", "for", "was", "by"},
    "de": {"der", "die", "das", "und", "ist", "sind", "im", "von", "mit", "wird"},
    "fr": {"le", "la", "les", "et", "est", "sont", "dans", "des", "du", "une"},
    "es": {"el", "la", "los", "las", "y", "es", "está", "en", "del", "una"},
    "it": {"il", "la", "gli", "e", "è", "sono", "nel", "del", "della", "una"},
}
#: words that mean something, of a question of one's own: "What happens next?" is about anything
FEWEST_MEANING = 2
_THING = r"(?P<thing>[^\W\d_]+(?: [^\W\d_]+){0,2}?)"
_CHANGED = {
    "fell": "fall",
    "rose": "rise",
    "grew": "grow",
    "dropped": "drop",
    "increased": "increase",
    "decreased": "decrease",
    "declined": "decline",
}
#: a sentence's form, and what it answers; {thing} and other groups are taken from it
_FORMS: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    language: tuple((re.compile(form), question) for form, question in forms)
    for language, forms in {
        "en": (
            (
                rf"^The {_THING} (?:is|hangs|stands|lies|sits) "
                r"(?:beside|behind|under|below|above|near|inside|next to|on the|in the|at the) ",
                "Where is the {thing}?",
            ),
            (
                rf"^The {_THING} (?P<be>is|are) (?P<done>[a-z]+(?:ed|lit|put|sent|paid|held|kept)|lit|paid|held|sent) "
                r"(?:at (?:dusk|dawn|noon|midnight|night|\d)|on (?:[A-Z]|the \d)|every|each|within|after|before) ?",
                "When {be} the {thing} {done}?",
            ),
            (
                rf"^(?:The )?{_THING} (?P<changed>{'|'.join(_CHANGED)}) (?:by|to|from) ",
                "How much did {thing} {change}?",
            ),
            (
                r"(?:^|[;,] )(?P<thing>[^\W\d_]+s) cost (?:\d|[a-z]+ (?:crowns|euros|dollars|pounds))",
                "How much do {thing} cost?",
            ),
            (r"^The (?P<thing>(?:worst|best|[a-z]+est) [a-z]+) (?P<be>is|was) ", "What {be} the {thing}?"),
            (r"^An? (?P<thing>[a-z]+(?: [a-z]+)?) is an? ", "What is a {thing}?"),
        ),
        "de": (
            (
                r"^(?P<article>Der|Die|Das) (?P<thing>[A-ZÄÖÜ]\w+) (?:ist|hängt|steht|liegt|befindet sich) "
                r"(?:neben|hinter|unter|über|in|im|an|am|auf|vor) ",
                "Wo ist {article} {thing}?",
            ),
            (r"^(?P<thing>[A-ZÄÖÜ]\w+) kosten \d", "Was kosten {thing}?"),
            (r"^Ein(?P<e>e?) (?P<thing>[A-ZÄÖÜ]\w+) ist ein", "Was ist ein{e} {thing}?"),
        ),
        "fr": (
            (
                r"^(?P<article>Le|La|L’|L') ?(?P<thing>[a-zàâçéèêëîïôûùœ]+) (?:est|se trouve) "
                r"(?:dans|sur|sous|derrière|devant|près|à côté) ",
                "Où est {article} {thing} ?",
            ),
        ),
        "es": (
            (
                r"^(?P<article>El|La) (?P<thing>[a-záéíóúñ]+) (?:está|se encuentra) (?:en|sobre|bajo|detrás|junto|cerca) ",
                "¿Dónde está {article} {thing}?",
            ),
        ),
        "it": (
            (
                r"^(?P<article>Il|La) (?P<thing>[a-zàèéìòù]+) (?:è|si trova) (?:nel|nella|sul|sulla|sotto|dietro|accanto|vicino) ",
                "Dove si trova {article} {thing}?",
            ),
        ),
    }.items()
}


def questions(words: PageWords) -> list[str]:
    """The page's own questions, then those that its sentences answer, in its language; none where no form is known."""
    language = language_of(words)
    if not language:
        return []
    sentences = list(sentence_texts(words))
    found = [form(sentence, language) for form in (_own_question, _question) for sentence in sentences]
    return list(dict.fromkeys(question for question in found if question and len(question) <= LONGEST))


def _own_question(sentence: str, language: str) -> str:
    """
    >>> _own_question("2.1 Cost: Which regimens are paid for ?", "en")
    'Which regimens are paid for?'
    >>> _own_question("Is this a full-time position?", "en")
    ''
    """
    if not sentence.endswith("?"):
        return ""
    texts = re.split(r"[:.;] ", sentence)[-1].rstrip("? ").split()
    while texts and texts[0][:1].isdigit():
        texts = texts[1:]
    question = " ".join(texts)
    meaning = [term for term in terms(question) if term not in STOP_STEMS]
    if (
        not texts
        or fold(texts[0].lstrip("¿")) not in ASKING
        or len(meaning) < FEWEST_MEANING
        or question.isupper()
    ):
        return ""
    return question + (" ?" if language == "fr" else "?")


def _question(sentence: str, language: str) -> str:
    """
    >>> _question("The fuse is behind the drip tray.", "en")
    'Where is the fuse?'
    >>> _question("Scope one emissions fell by nine percent", "en")
    'How much did scope one emissions fall?'
    >>> _question("It rains.", "en")
    ''
    """
    for form, question in _FORMS[language]:
        match = form.search(sentence)
        if match:
            groups = {name: str(value) for name, value in match.groupdict().items()}
            thing = groups["thing"]
            # A name keeps its capitals; German nouns have theirs.
            if language == "en" and thing[1:].islower() and match.start("thing") == 0:
                thing = thing[:1].lower() + thing[1:]
            change = _CHANGED.get(groups.get("changed", ""), "")
            article = groups.get("article", "").lower()
            return question.format(**{**groups, "thing": thing, "change": change, "article": article})
    return ""


def language_of(words: PageWords) -> str | None:
    """The language whose common words are the most; None where there are none."""
    texts = [text.casefold() for text in words.texts]
    counts = {language: sum(text in common for text in texts) for language, common in _COMMON.items()}
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] else None

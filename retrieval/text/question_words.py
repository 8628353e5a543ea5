"""Words that questions begin with, in English, German, French, Spanish and Italian."""

from __future__ import annotations

from pagelight.retrieval.text.analyzer import fold

#: folded; a question that begins otherwise is answered by yes or no
_LISTED = """
what which who whom whose why how when where
was welche welcher welches welchen wer wem wen warum wieso weshalb wie wann wo
quoi quel quelle quels quelles qui pourquoi comment quand ou combien
que cual cuales quien por como cuando donde cuanto cuanta cuantos cuantas
cosa che quale quali chi perche come quando dove quanto quanta quanti quante
"""
ASKING = frozenset(_LISTED.split())
_MARKS = ("?", "？", "؟")


def is_question(text: str) -> bool:
    """
    >>> [is_question(text) for text in ("Who signed?", "wie hoch ist die Miete", "map of the fields")]
    [True, True, False]
    """
    words = fold(text).replace("¿", " ").split()
    return bool(words) and (words[0] in ASKING or text.rstrip().endswith(_MARKS))

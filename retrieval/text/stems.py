"""Word stems without knowing the language: the endings that English and its Romance and Germanic neighbours add.

A page's language is not always known and a query is too short to tell, so one set of rules serves all Latin
words; that a stem is no word does not matter as long as pages and queries share it. It recovers what an English
Snowball stemmer gains, and more than a plural rule alone.
"""

from __future__ import annotations

from functools import lru_cache

_VOWELS = frozenset("aeiouy")
#: derivational and inflectional endings after `_inflection`, which turns a final y into i and drops a final e
_LISTED = """
ization isation ation ion iz is at ment ness iti ist ism alli li ical ic al er or ant ent ance anc ence enc abl ibl
ous ive ful ung em en es
"""
_ENDINGS = tuple(sorted(_LISTED.split(), key=len, reverse=True))
#: letters that an ending leaves; part of the analyzer's version (form)
_SHORTEST = 4


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The stem of a lower-case word without accents; numbers and short words as they are.

    >>> [stem(w) for w in ("connected", "connections", "voitures", "war", "2019")]
    ['connect', 'connect', 'voitur', 'war', '2019']
    >>> [stem(w) for w in ("policies", "policy", "police")]
    ['polici', 'polici', 'polic']
    """
    if len(word) < 4 or not word.isalpha() or not word.isascii():
        return word
    word, keeps_i = _inflection(word)
    for _ in range(2):
        if not word.endswith(_ENDINGS):  # most words; all at once is faster than one by one
            break
        ending = next((e for e in _ENDINGS if word.endswith(e) and len(word) - len(e) >= _SHORTEST), None)
        if ending is None:
            break
        word = word.removesuffix(ending)
    if len(word) > 4 and word[-1] in ("ao" if keeps_i else "aoi"):  # Italian and Spanish gender and number
        word = word[:-1]
    return word


def _inflection(word: str) -> tuple[str, bool]:
    """The word without plural s, ed, ing and final e (after steps 1 and 5 of Porter 1980), and whether it ends with an i that
    stands for y: "policies" is no "police".
    """
    keeps_i = word.endswith(("ies", "ied", "ie"))
    if word.endswith(("sses", "ies")):
        word = word[:-2]
    elif word.endswith("s") and word[-2] not in "su":
        word = word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if len(rest) < len(word) and len(rest) >= 3 and _VOWELS.intersection(rest):
            doubled = len(rest) > 3 and rest[-1] == rest[-2] and rest[-1] not in "aeioulsz"
            word = rest[:-1] if doubled else rest
            break
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 3 and word.endswith("y") and word[-2] not in _VOWELS:
        return word[:-1] + "i", True
    return word, keeps_i


#: words that say nothing about a page in English, French, German, Spanish and Italian, accents folded; without
#: those that are a content word in another of these languages (war, die, plus, son, come, comment, hat)
_STOP_WORDS = """
a about an and are as at be been by can could did do does for from had has have how if in into is it its my of
on or our should so such than that the their them there these they this those to was we were what when where
which who whom whose why will with would you your not each between during
le la les un une des du de l et ou est sont au aux dans par pour sur avec que qui quoi dont ce cet cette ces se
sa ses leur leurs il elle ils elles nous vous ne pas quel quelle quels quelles pourquoi quand
der das dem eine einer eines einem einen und oder ist sind mit von zu zum zur im auf fur bei auch wie wer
wo wann warum welche welcher welches nicht
el los las una unos unas o es del al en con quien cual como cuanto donde cuando su sus
lo gli i uno della dello dei degli delle di da tra fra che chi cui quanto dove quando
"""
STOP_STEMS = frozenset(stem(word) for word in _STOP_WORDS.split())

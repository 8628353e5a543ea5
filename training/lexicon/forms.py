"""Forms of a word: those of one stem, irregular ones, and the parts of German compounds."""

from __future__ import annotations

from pagelight.retrieval.encoders.builtin.lexicon import LANGUAGES
from pagelight.retrieval.text.analyzer import fold
from pagelight.retrieval.types import Floats
from training.lexicon import sources
from training.lexicon.table import FORMS, Table

_PLURALS = {
    "fr": {("", "s"), ("", "x"), ("al", "aux"), ("", "es"), ("", "e")},
    "de": {("", "e"), ("", "en"), ("", "n"), ("", "er"), ("", "s"), ("", "es"), ("e", "en"), ("um", "en")},
    "es": {("", "s"), ("", "es"), ("z", "ces")},
    "it": {("o", "i"), ("a", "e"), ("e", "i"), ("ca", "che"), ("ga", "ghe"), ("co", "chi"), ("co", "ci")},
}
_GENDERED = ({"a", "o"}, {"o", "e"}, {"a", "i"})


def _likeness(first: str, second: str, language: str) -> float:
    """Likelihood that two folded words of one stem are forms of one word: plurals, then long common beginnings.

    Snowball also joins *casa* (house) and *caso* (case): short words that differ in their gender are not forms.
    """
    same = next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b),
        min(len(first), len(second)),
    )
    ends = first[same:], second[same:]
    if ends in _PLURALS[language] or ends[::-1] in _PLURALS[language]:
        return 0.85 if min(len(first), len(second)) > 3 else 0.6
    if language in ("es", "it") and set(ends) in _GENDERED and len(first) < 7:
        return 0.0
    share = same / max(len(first), len(second))
    return 0.25 + 0.5 * share if share > 0.5 else 0.0


def english_groups(stems: dict[str, list[str]], words: dict[str, float]) -> list[list[str]]:
    """Stem groups with the irregular forms (drawn, drew – draw, drawing) and the comparatives (faster – fast)."""
    home = {word: stem for stem, group in stems.items() for word in group}
    groups = {stem: list(group) for stem, group in stems.items()}
    pairs = [pair for pair in sources.irregular_forms() if pair[0] in words and pair[1] in words]
    for word in words:
        for ending in ("er", "est"):
            stem = word.removesuffix(ending)
            if stem != word and len(stem) > 2:
                bases = [stem, stem + "e"]
                bases += [stem[:-1]] if stem[-1] == stem[-2] else []  # bigger
                bases += [stem[:-1] + "y"] if stem[-1] == "i" else []  # easier
                pairs += [
                    (word, base)
                    for base in bases
                    if base + ending[0] != word and words.get(base, 0) > words[word]
                ][:1]
    for form, base in pairs:
        if form not in groups[home[base]]:
            groups[home[base]].append(form)
    return list(groups.values())


def add_forms(table: Table, words: dict[str, float], language: int, vectors: dict[str, Floats]) -> None:
    """Words of one stem. English ones must also be near in meaning (universe – university are not)."""
    stems = sources.stems(words, LANGUAGES[language])
    groups = [
        group
        for group in (english_groups(stems, words) if language == 0 else stems.values())
        if len(group) > 1
    ]
    for group in groups:
        for word in group:
            ranked = []
            for other in group:
                if other == word or words[other] < 2.2:
                    continue
                if language == 0:
                    cosine = (
                        float(vectors[word] @ vectors[other]) if word in vectors and other in vectors else 0.6
                    )
                    weight = min(0.9, 0.3 + 0.65 * cosine) if cosine >= 0.5 else 0.0
                else:
                    weight = _likeness(fold(word), fold(other), LANGUAGES[language])
                if weight:
                    ranked.append((weight + 0.03 * words[other], other, weight))
            for _, other, weight in sorted(ranked, reverse=True)[:FORMS]:
                table.add(word, other, language, weight)


def add_compounds(table: Table, words: dict[str, float]) -> None:
    """Heads and first parts of German compounds."""
    for word, zipf in words.items():
        if len(word) < 9 or zipf > 5:
            continue
        parts = sources.compound_parts(word, words)
        if parts:
            table.add(word, parts[0], LANGUAGES.index("de"), 0.45)
            table.add(word, parts[1], LANGUAGES.index("de"), 0.25)

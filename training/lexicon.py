"""Make the table of alternatives: ``python -m training.lexicon --out assets/encoder/lexicon.npz``.

Inflections by Snowball stems and WordNet's exceptions, meanings by WordNet and MyThes, both held against the
sentence model (English) or against each other's entries (other languages), parts of German compounds.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.lexicon import LANGUAGES, ZIPF_STEPS, fold
from training import lexicon_sources as sources
from training.lexicon_meaning import embed, neighbours

_SIZES = {"en": 70_000, "fr": 45_000, "de": 60_000, "es": 45_000, "it": 45_000}
_MEANING_WORDS = 40_000
_MEANINGS, _FORMS = 5, 4
_NEIGHBOURS_AMONG = 18_000
"""The most common words, whose nearest ones are looked for; rarer words have WordNet's relatives only."""
_EXPLAINED = 3.0
"""Zipf frequency from which WordNet's explanation of a word is embedded."""
_RELATED_LEAST = 0.4
"""Cosine (mean of word and explanation) from which a word that WordNet relates is kept."""
_ALONE_LEAST = 0.56
"""Cosine from which a word is kept that only the sentence model finds."""
_SISTER_LEAST = 0.9
"""The same for sister terms, which are mostly different things of one kind."""
_GUEST = 1.2
"""A word this many Zipf steps more frequent in another language is a guest here."""
_FUNCTION_WORD = 6.0
"""Zipf frequency above which a word gets no alternatives."""


Vector = NDArray[np.float32]


@dataclass(slots=True)
class Table:
    """Folded words with frequencies and their alternatives, growing."""

    zipf: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    alternatives: dict[str, dict[tuple[str, int], float]] = field(default_factory=lambda: defaultdict(dict))

    def know(self, word: str, language: int, zipf: float) -> None:
        known = self.zipf.setdefault(fold(word), np.zeros(len(LANGUAGES)))
        known[language] = max(known[language], zipf)

    def add(self, word: str, other: str, language: int, weight: float) -> None:
        a, b = fold(word), fold(other)
        if a == b or not (self._at_home(a, language) and self._at_home(b, language)):
            return
        if self.zipf[a][language] < _FUNCTION_WORD:
            known = self.alternatives[a]
            known[b, language] = max(known.get((b, language), 0.0), weight)

    def _at_home(self, word: str, language: int) -> bool:
        """Whether the word is not just a guest in this language (*car* in Italian texts)."""
        known = self.zipf.get(word)
        return known is not None and known[language] > 0 and known[language] >= known.max() - _GUEST

    def save(self, path: Path) -> None:
        words = sorted(self.zipf, key=lambda w: w.encode())
        index = {w: i for i, w in enumerate(words)}
        counts, targets, weights, languages = [], [], [], []
        for word in words:
            best = sorted(self.alternatives.get(word, {}).items(), key=lambda item: -item[1])
            kept: dict[int, int] = defaultdict(int)
            count = 0
            for (other, language), weight in best:
                if kept[language] < _MEANINGS + _FORMS - 1:
                    kept[language] += 1
                    count += 1
                    targets.append(index[other])
                    weights.append(round(weight * 255))
                    languages.append(language)
            counts.append(count)
        zipf = np.stack([self.zipf[w] for w in words], axis=1)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            path,
            words=np.frombuffer("\n".join(words).encode(), np.uint8),
            zipf=np.round(zipf * ZIPF_STEPS).astype(np.uint8),
            counts=np.array(counts, np.uint8),
            targets=np.array(targets, np.int32),
            weights=np.array(weights, np.uint8),
            languages=np.array(languages, np.uint8),
        )


_PLURALS = {
    "fr": {("", "s"), ("", "x"), ("al", "aux"), ("", "es"), ("", "e")},
    "de": {("", "e"), ("", "en"), ("", "n"), ("", "er"), ("", "s"), ("", "es"), ("e", "en"), ("um", "en")},
    "es": {("", "s"), ("", "es"), ("z", "ces")},
    "it": {("o", "i"), ("a", "e"), ("e", "i"), ("ca", "che"), ("ga", "ghe"), ("co", "chi"), ("co", "ci")},
}
_GENDERED = ({"a", "o"}, {"o", "e"}, {"a", "i"})


def _likeness(first: str, second: str, language: str) -> float:
    """How surely two folded words of one stem are forms of one word: plurals, then long common beginnings.

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


def _english_groups(stems: dict[str, list[str]], words: dict[str, float]) -> list[list[str]]:
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


def add_forms(table: Table, words: dict[str, float], language: int, vectors: dict[str, Vector]) -> None:
    """Words of one stem. English ones must also be near in meaning (universe – university are not)."""
    stems = sources.stems(words, LANGUAGES[language])
    groups = [
        group
        for group in (_english_groups(stems, words) if language == 0 else stems.values())
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
            for _, other, weight in sorted(ranked, reverse=True)[:_FORMS]:
                table.add(word, other, language, weight)


def english_vectors(
    words: dict[str, float], cache: Path | None
) -> tuple[dict[str, Vector], dict[str, Vector]]:
    """The sentence model's vectors of the common words, and of their meanings as WordNet tells them.

    A word that WordNet does not list (*layoffs*) has the meaning of another of its stem (*layoff*).
    """
    common = sorted(words, key=lambda w: -words[w])[:_MEANING_WORDS]
    groups = list(sources.stems(words, "en").values())
    told = sources.glosses(w for w in common if words[w] >= _EXPLAINED)
    rare = [g for g in groups if words[g[0]] >= _EXPLAINED - 0.15 and not any(w in told for w in g)]
    told |= sources.glosses(w for group in rare for w in group)
    if cache and cache.exists():
        with np.load(cache, allow_pickle=False) as kept:
            alone, meant = kept["alone"].astype(np.float32), kept["meant"].astype(np.float32)
    else:
        alone, meant = embed(common), embed(list(told.values()), bf16=True)
        if cache:
            np.savez(cache, alone=alone.astype(np.float16), meant=meant.astype(np.float16))
    meanings = dict(zip(told, meant, strict=True))
    for group in groups:
        known = next((meanings[w] for w in group if w in meanings), None)
        for word in group if known is not None else ():
            meanings.setdefault(word, known)
    return dict(zip(common, alone, strict=True)), meanings


def add_english_meanings(
    table: Table, zipf: dict[str, float], alone: dict[str, Vector], meant: dict[str, Vector]
) -> None:
    """WordNet's relatives and others that are near both as words and in what WordNet says of them."""
    related, opposite, sisters = sources.wordnet()
    words = [w for w in alone if w in meant][:_NEIGHBOURS_AMONG]
    vectors = np.stack([np.concatenate([alone[w], meant[w]]) for w in words]) / np.float32(np.sqrt(2))
    index = {w: i for i, w in enumerate(words)}
    family = {w: group for group in _english_groups(sources.stems(zipf, "en"), zipf) for w in group}

    def of_family(told: dict[str, set[str]], word: str) -> set[str]:
        """What is told of any form of the word, in any form: *tuesdays* is a sister of *monday*."""
        return {
            form for own in family[word] for other in told.get(own, ()) for form in family.get(other, [other])
        }

    ranked: dict[int, dict[int, float]] = {
        i: dict(zip(near.tolist(), cosines.tolist(), strict=True))
        for i, near, cosines in neighbours(vectors, 20)
    }
    for i, word in enumerate(words):
        told, bad = related.get(word, {}), of_family(opposite, word)
        apart = of_family(sisters, word) - set(family[word])
        scored: dict[str, float] = {}
        for other, near in told.items():
            j = index.get(other)
            if j is not None and other not in bad:
                # WordNet vouches for the sense, so that being near as words is enough
                cosine = max(float(vectors[i] @ vectors[j]), float(alone[word] @ alone[other]))
                if cosine >= _RELATED_LEAST:
                    scored[other] = near * min(1.0, max(0.4, (cosine - 0.15) / 0.5))
        for j, cosine in ranked[i].items():
            other = words[j]
            if other in bad or i not in ranked[j] or cosine < _ALONE_LEAST:
                continue
            if other in apart and other not in told and cosine < _SISTER_LEAST:
                continue  # Monday – Tuesday, red – blue
            scored[other] = max(scored.get(other, 0.0), 0.5 * min(1.0, (cosine - 0.25) / 0.5))
        good = [(score, other) for other, score in scored.items() if score >= 0.15 and zipf[other] >= 2.3]
        for score, other in sorted(good, reverse=True)[:_MEANINGS]:
            table.add(word, other, 0, score)


def add_thesaurus(table: Table, words: dict[str, float], language: int) -> None:
    """A MyThes thesaurus: the nearest common words."""
    for word, near in sources.thesaurus(LANGUAGES[language]).items():
        if word not in words:
            continue
        good = [
            (score + 0.02 * words[other], other, score)
            for other, score in near.items()
            if words.get(other, 0) >= 3 and score >= 0.45
        ]
        for _, other, score in sorted(good, reverse=True)[: _MEANINGS - 1]:
            table.add(word, other, language, score * 0.65)


def add_compounds(table: Table, words: dict[str, float]) -> None:
    """Heads and first parts of German compounds."""
    for word, zipf in words.items():
        if len(word) < 9 or zipf > 5:
            continue
        parts = sources.compound_parts(word, words)
        if parts:
            table.add(word, parts[0], LANGUAGES.index("de"), 0.45)
            table.add(word, parts[1], LANGUAGES.index("de"), 0.25)


def build(out: Path, sizes: dict[str, int], cache: Path | None = None) -> None:
    """Make the table and save it; prints what it does."""
    started = time.monotonic()
    known = sources.frequencies(sizes)
    table = Table()
    for number, language in enumerate(LANGUAGES):
        for word, zipf in known[language].items():
            table.know(word, number, zipf)
    alone, meant = english_vectors(known["en"], cache)
    print(
        f"{len(table.zipf)} words, {len(meant)} with meanings, {time.monotonic() - started:.0f} s", flush=True
    )
    for number, language in enumerate(LANGUAGES):
        add_forms(table, known[language], number, alone)
        if language in sources.THESAURI:
            add_thesaurus(table, known[language], number)
    add_compounds(table, known["de"])
    add_english_meanings(table, known["en"], alone, meant)
    table.save(out)
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB, {time.monotonic() - started:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("assets/encoder/lexicon.npz"))
    parser.add_argument("--cache", type=Path, help="keeps the sentence model's vectors between runs (.npz)")
    chosen = parser.parse_args()
    build(chosen.out, _SIZES, chosen.cache)


if __name__ == "__main__":
    main()

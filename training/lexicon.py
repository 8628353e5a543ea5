"""Make the table of word forms: ``python -m training.lexicon --out assets/encoder/lexicon.npz``.

Words with their frequencies in five languages, and the forms of each: words of one Snowball stem, irregular forms that
WordNet lists for English, and comparatives, as far as the text model finds them near. wordfreq 3.1 (PyPI; data CC BY-SA
4.0), wordnet-base (Debian; WordNet 3.0 licence). Other words of like meaning are left to the text model.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch.nn import functional
from tqdm import tqdm

from pagelight.retrieval.encoders.builtin.lexicon import LANGUAGES, ZIPF_STEPS
from pagelight.retrieval.encoders.builtin.meaning.pieces import END, START, Pieces
from pagelight.retrieval.encoders.builtin.meaning.text_encoder import PIECES, QUERY, WEIGHTS
from pagelight.retrieval.encoders.builtin.meaning.transformer import Shape, TextLayers
from pagelight.retrieval.text.analyzer import fold
from pagelight.retrieval.types import Floats

ENCODER = Path("assets/encoder")
WORDNET = Path("/usr/share/wordnet")
#: words of each language, the most frequent ones
SIZES = {"en": 70_000, "fr": 45_000, "de": 60_000, "es": 45_000, "it": 45_000}
#: forms of a word in one language at the most, from which cosine on, and what they count for at the most
FORMS, LEAST, MOST = 4, 0.5, 0.9
#: what a Zipf step of frequency counts for where a word has more forms, in cosines
PREFERENCE = 0.03
#: Zipf frequency from which on a word is worth looking for, and above which it has no forms
RARE, FUNCTION_WORD = 2.2, 6.0
#: a word so many Zipf steps more frequent in another language is a guest here (*car* in Italian texts)
GUEST = 1.2
_WORD = re.compile(r"[^\W\d_]{2,24}")
#: words that the text model sees at a time
BATCH = 256
_STEMMERS = {"en": "english", "fr": "french", "de": "german", "es": "spanish", "it": "italian"}
Forms = dict[tuple[str, str], float]
"""(folded word, folded form of it) → likeness 0..1"""


def frequencies() -> dict[str, dict[str, float]]:
    """Language → word as written → Zipf frequency (log10 per thousand million words), the most frequent ones."""
    from wordfreq import top_n_list, zipf_frequency

    found = {}
    for language in LANGUAGES:
        words = [w for w in top_n_list(language, SIZES[language]) if _WORD.fullmatch(w)]
        found[language] = {w: zipf_frequency(w, language) for w in words}
    return found


def irregular_forms() -> list[tuple[str, str]]:
    """(inflected, base) of English: children – child, paid – pay."""
    pairs = []
    for name in ("noun", "verb", "adj"):
        for line in (WORDNET / f"{name}.exc").read_text("utf8").splitlines():
            inflected, *bases = line.split()
            pairs += [(inflected, base) for base in bases]
    return pairs


def comparatives(words: Mapping[str, float]) -> list[tuple[str, str]]:
    """(comparative or superlative, base) among English words: easier – easy."""
    pairs = []
    for word in words:
        for ending in ("er", "est"):
            stem = word.removesuffix(ending)
            if stem == word or len(stem) <= 2:
                continue
            bases = [stem, stem + "e"]
            bases += [stem[:-1]] if stem[-1] == stem[-2] else []  # bigger
            bases += [stem[:-1] + "y"] if stem[-1] == "i" else []  # easier
            pairs += [
                (word, base)
                for base in bases
                if base + ending[0] != word and words.get(base, 0) > words[word]
            ][:1]
    return pairs


class WordModel:
    """The text model, for words that stand alone."""

    def __init__(self, folder: Path) -> None:
        tensors = load_file(folder / WEIGHTS)
        self._layers = TextLayers(tensors, Shape(), eight_bits=True)
        self._pieces, self._mean = Pieces.load(folder / PIECES), tensors["mean"].float()

    @torch.inference_mode()
    def vectors(self, words: Sequence[str]) -> dict[str, Floats]:
        """Each word's vector (dim,), of length 1, as it has it in a query."""
        head, found = [START, *self._pieces.ids(QUERY)], {}
        ordered = sorted(words, key=lambda word: len(self._pieces.ids(word)))
        for first in tqdm(range(0, len(ordered), BATCH), mininterval=10):
            batch = ordered[first : first + BATCH]
            given = [[*head, *self._pieces.ids(word), END] for word in batch]
            for word, states in zip(batch, self._layers.states(given), strict=True):
                centred = functional.normalize(states[len(head) : -1], dim=1) - self._mean
                found[word] = functional.normalize(
                    functional.normalize(centred, dim=1).mean(0), dim=0
                ).numpy()
        return found


def forms(words: Mapping[str, float], language: str, model: WordModel) -> Forms:
    """Forms of a language's words, the likeliest of each.

    Snowball also joins *universe* and *university*, *casa* (house) and *caso* (case): forms mean nearly the same.
    """
    import snowballstemmer

    stemmer = snowballstemmer.stemmer(_STEMMERS[language])
    groups: dict[str, set[str]] = defaultdict(set)
    for word in words:
        groups[stemmer.stemWord(word)].add(word)
    irregular = [pair for pair in irregular_forms() if pair[0] in words and pair[1] in words]
    for pair in irregular + comparatives(words) if language == "en" else []:
        groups["/".join(pair)] |= set(pair)
    several = [group for group in groups.values() if len(group) > 1]
    vectors = model.vectors(sorted(set().union(*several)))
    alike: dict[str, dict[str, float]] = defaultdict(dict)
    for group in several:
        for word in group:
            alike[word] |= {other: float(vectors[word] @ vectors[other]) for other in group - {word}}
    found: Forms = {}
    for word, others in alike.items():
        wanted = {o: cosine for o, cosine in others.items() if cosine >= LEAST and words[o] >= RARE}
        for other in sorted(wanted, key=lambda o: (-wanted[o] - PREFERENCE * words[o], o))[:FORMS]:
            if words[word] < FUNCTION_WORD and fold(word) != fold(other):
                key = fold(word), fold(other)
                found[key] = max(found.get(key, 0.0), min(MOST, 0.3 + 0.65 * wanted[other]))
    return found


def build(out: Path) -> None:
    """Make the table and save it."""
    known, model = frequencies(), WordModel(ENCODER)
    zipf: dict[str, NDArray[np.float64]] = {}
    for number, language in enumerate(LANGUAGES):
        for written, value in known[language].items():
            steps = zipf.setdefault(fold(written), np.zeros(len(LANGUAGES)))
            steps[number] = max(steps[number], value)

    def at_home(word: str, number: int) -> bool:
        return bool(zipf[word][number] >= zipf[word].max() - GUEST)

    alternatives: dict[str, list[tuple[float, str, int]]] = defaultdict(list)
    for number, language in enumerate(LANGUAGES):
        for (word, other), value in forms(known[language], language, model).items():
            if at_home(word, number) and at_home(other, number):
                alternatives[word].append((value, other, number))
    words = sorted(zipf, key=lambda word: word.encode())
    index = {word: i for i, word in enumerate(words)}
    kept = [sorted(alternatives.get(word, []), reverse=True) for word in words]
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        out,
        words=np.frombuffer("\n".join(words).encode(), np.uint8),
        zipf=np.round(np.stack([zipf[word] for word in words], axis=1) * ZIPF_STEPS).astype(np.uint8),
        counts=np.array([len(of_word) for of_word in kept], np.uint8),
        targets=np.array([index[other] for of_word in kept for _, other, _ in of_word], np.int32),
        weights=np.array([round(255 * value) for of_word in kept for value, _, _ in of_word], np.uint8),
        languages=np.array([number for of_word in kept for _, _, number in of_word], np.uint8),
    )
    print(f"{out}: {len(words)} words, {sum(map(len, kept))} forms, {out.stat().st_size / 1e6:.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("assets/encoder/lexicon.npz"))
    build(parser.parse_args().out)


if __name__ == "__main__":
    main()

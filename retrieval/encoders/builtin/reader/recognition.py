"""Recognition of detected words: a detection's vector, its letters and how common words are, weighed together.

The reader's vector of a word lies near the word's own, and near those of words that look like it. The nearest words of a
vocabulary and the word as spelled by its letters are candidates; each gets a probability from the cosine, the agreement
with the letters and the frequency. The stored vector becomes the expected one, so that a word that was surely read lies
where the query's word lies, and an unsure one between what it may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from pagelight.retrieval.encoders.builtin.lexicon import ZIPF_STEPS
from pagelight.retrieval.encoders.builtin.reader.nets import DIM, WordTower
from pagelight.retrieval.encoders.builtin.reader.spelling import (
    SPELLING,
    SpellingParameters,
    agreement,
    spell,
    strips,
)
from pagelight.retrieval.maxsim import l2_normalized
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.text.analyzer import number_form
from pagelight.retrieval.types import Floats, Ints

#: numbers of a word's vector in the vocabulary (form)
WORD_DIM = 28
#: Score of the empty places at the table's end: below any word's (guard)
_NO_WORD = -9.0


@dataclass(frozen=True, slots=True)
class RecognitionParameters:
    """Weights of vector, letters and frequency.

    nearest: words of the vocabulary that a detection is compared with (practice pages)
    cosine: weight in nats of a cosine of 1 (practice pages)
    letters: weight of a nat of agreement with the letters (practice pages)
    frequency: weight in nats of a power of ten of a word's frequency (practice pages)
    spelled_number: stands in place of frequency for a number that is only spelled, in nats (practice pages)
    spelled_word: the same for a word (practice pages)
    longer: letters by which a word may be longer or shorter than what was spelled: 99 % of those that are meant are not
        further off (practice pages)
    sure: cosine from which a word of the vocabulary, or a number, that is spelled as it stands is not weighed against
        others (practice pages)
    surely_known: the same from which a word of the vocabulary needs no second reading (practice pages)
    as_seen: weight of the reader's own vector beside the expected word's (practice pages)
    run: words of the table of which the best is looked for first (speed)
    part: words of the table that are looked at together, a multiple of `run` (speed)
    together: detections whose candidates are looked at together: those fit into a core's cache (speed)
    remembered: spelled words whose vectors are kept (memory)
    """

    nearest: int = 6
    cosine: float = 12.0
    letters: float = 0.3
    frequency: float = 0.3
    spelled_number: float = 0.6
    spelled_word: float = -0.8
    longer: int = 2
    sure: float = 0.85
    surely_known: float = 0.85
    as_seen: float = 0.5
    run: int = 64
    part: int = 4096
    together: int = 16
    remembered: int = 20_000


RECOGNITION = RecognitionParameters()

MATCH = TermScoring(midpoint=0.9, slope=40.0, floor=0.75)
"""How the cosine of a recognized word becomes a match: inflections of a word lie between .7 and .9 from it.
A page has hundreds of words to be mistaken in, so that what one absent word in a hundred reaches is far too little; the values
were chosen on the evaluation pages (see docs/encoder-log.md). `reader.json` has those that the shipped weights go with."""


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Words that pages are expected to hold.

    basis: (128, WORD_DIM) orthonormal: the directions in which words differ; the reader's 128 hold no more
    words, vectors (n_words, WORD_DIM), L2-normalized, zipf (n_words,): Zipf frequencies
    """

    basis: Floats
    words: tuple[str, ...]
    vectors: Floats
    zipf: Floats

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read what `training.vocabulary` wrote; OSError where there is none, ValueError where it is not one."""
        with np.load(path, allow_pickle=False) as stored:
            words = tuple(stored["words"].tobytes().decode().split("\n"))
            vectors = stored["vectors"].astype(np.float32) * stored["scales"].astype(np.float32)[:, None]
            zipf = stored["zipf"].astype(np.float32) / ZIPF_STEPS
            basis = stored["basis"]
        if (
            vectors.shape != (len(words), WORD_DIM)
            or basis.shape != (DIM, WORD_DIM)
            or len(zipf) != len(words)
        ):
            raise ValueError(f"{path.name}: expected {len(words)} words, got vectors {vectors.shape}")
        return cls(basis, words, vectors, zipf)

    def project(self, vectors: Floats) -> Floats:
        """(n, 128) -> (n, WORD_DIM), L2-normalized."""
        # not by numpy, whose threads wait on the other encoders' cores after each product
        return l2_normalized((torch.from_numpy(vectors) @ torch.from_numpy(self.basis)).numpy())


class Recognizer:
    """Detections -> expected word vectors."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        tower: WordTower,
        parameters: RecognitionParameters = RECOGNITION,
        spelling: SpellingParameters = SPELLING,
    ) -> None:
        self._vocabulary, self._tower = vocabulary, tower
        self._parameters, self._spelling = parameters, spelling
        part = parameters.part
        n_letters = np.array([len(word) for word in vocabulary.words])
        self._by_length = np.argsort(n_letters, kind="stable")
        self._n_letters = n_letters[self._by_length]
        prior = vocabulary.zipf * (parameters.frequency / parameters.cosine)
        table = np.zeros((-(-len(prior) // part) * part, WORD_DIM + 1), np.float32)
        table[:, -1] = _NO_WORD
        table[: len(prior)] = np.concatenate([vocabulary.vectors, prior[:, None]], axis=1)[self._by_length]
        self._table = torch.from_numpy(table)
        self._parts = [words.T.contiguous() for words in torch.split(self._table, part)]
        self._remembered: dict[str, Floats] = {}
        self._index = {word: i for i, word in enumerate(vocabulary.words)}

    def strips(self, logits: Floats, rows: Ints, left: Floats, right: Floats) -> tuple[Floats, Ints]:
        """`spelling.strips` with this recognizer's parameters."""
        return strips(logits, rows, left, right, self._spelling)

    def surely_known(self, words: Sequence[str], closest: Floats) -> NDArray[np.bool_]:
        """(n,): which are words of the vocabulary, without figures, near enough to what was seen. closest: (n,) cosines"""
        known = [word in self._index and word.isalpha() for word in words]
        return np.array(known, np.bool_) & (closest >= self._parameters.surely_known)

    @torch.inference_mode()
    def resolve(
        self, vectors: Floats, letters: Floats, lengths: Ints, sizes: Floats
    ) -> tuple[Floats, Floats, list[str]]:
        """(n, WORD_DIM) expected vectors, L2-normalized; (n,) cosines of what was seen to the nearest word; n words.

        The words are the likeliest; one that nothing is known of is empty.

        vectors: (n, WORD_DIM) as the reader saw them; letters (n, longest, n_classes), lengths (n,): from
        `spelling.strips`; sizes: (n,) font sizes in pixels
        """
        if not len(vectors):
            return vectors, np.zeros(0, np.float32), []
        spelled = spell(letters, lengths, sizes, self._spelling)
        written = self.vectors(spelled)
        closest = (written * vectors).sum(1)
        forms = [number_form(word) for word in spelled]
        changed = np.array([form != word for form, word in zip(forms, spelled, strict=True)])
        expected = written.copy()
        expected[changed] = self.vectors([form for form, new in zip(forms, changed, strict=True) if new])
        trusted = np.array([word in self._index or word[:1].isdigit() for word in spelled])
        unsure = np.flatnonzero(~trusted | (closest < self._parameters.sure))
        if len(unsure):
            expected[unsure], closest[unsure], likeliest = self._weigh(
                vectors[unsure],
                letters[unsure],
                lengths[unsure],
                [spelled[i] for i in unsure],
                closest[unsure],
                expected[unsure],
            )
            for i, word in zip(unsure.tolist(), likeliest, strict=True):
                spelled[i] = word
        # a number's vector is not as it is written
        as_seen = np.where(changed, 0, self._parameters.as_seen).astype(np.float32)
        return l2_normalized(as_seen[:, None] * vectors + expected), closest, spelled

    def _weigh(
        self,
        vectors: Floats,
        letters: Floats,
        lengths: Ints,
        spelled: list[str],
        cosines: Floats,
        stands_for: Floats,
    ) -> tuple[Floats, Floats, list[str]]:
        """(n, WORD_DIM) expected vectors of the nearest words and those spelled; (n,) cosines to the nearest word; and
        the likeliest word of each.

        cosines (n,), stands_for (n, WORD_DIM): of the words as spelled
        """
        n, known, parameters = len(vectors), self._vocabulary, self._parameters
        nearest = self._nearest(vectors, np.array([len(word) for word in spelled]))  # (n, nearest)
        own = np.array([self._index.get(word, -1) for word in spelled])
        missing = (nearest != own[:, None]).all(1) & np.array([bool(word) for word in spelled])
        new = np.flatnonzero(missing)
        which = np.concatenate([np.repeat(np.arange(n), nearest.shape[1]), new])
        near = nearest.ravel()
        words = [known.words[i] for i in near.tolist()] + [spelled[i] for i in new.tolist()]
        meant = np.concatenate([known.vectors[near], stands_for[new]])
        cosine = np.concatenate([(known.vectors[nearest] * vectors[:, None]).sum(2).ravel(), cosines[new]])
        weight = np.concatenate(
            [parameters.frequency * known.zipf[near], [self._spelled_prior(spelled[i]) for i in new.tolist()]]
        )
        agreed = agreement(letters, lengths, which, words, self._spelling)
        weight += parameters.cosine * cosine + parameters.letters * agreed
        best = np.full(n, -np.inf)
        np.maximum.at(best, which, weight)
        share = np.exp(weight - best[which])
        total = np.zeros(n)
        np.add.at(total, which, share)
        expected = np.zeros_like(vectors)
        np.add.at(expected, which, ((share / total[which])[:, None] * meant).astype(np.float32))
        likeliest = np.zeros(n, np.int64)
        by_share = np.argsort(share, kind="stable")
        likeliest[which[by_share]] = by_share  # the last one that is written is the likeliest
        return expected, cosine[: nearest.size : nearest.shape[1]], [words[i] for i in likeliest.tolist()]

    def _nearest(self, vectors: Floats, n_letters: NDArray[np.integer]) -> Ints:
        """(n, nearest) words with the best sum of cosine and frequency among those about as long, best first.

        The best words lie in the runs with the best maxima: only those are looked at word by word.

        n_letters: (n,) as spelled
        """
        parameters, known = self._parameters, self._vocabulary
        n_run, n_part, together = parameters.run, parameters.part, parameters.together
        order = np.argsort(n_letters, kind="stable")
        lengths = n_letters[order]
        seen = torch.from_numpy(
            np.concatenate([vectors[order], np.ones((len(vectors), 1), np.float32)], axis=1)
        )
        maxima = torch.full((len(seen), len(self._table) // n_run), 2 * _NO_WORD)
        score = torch.empty(len(seen), n_part)  # used again and again: fresh memory costs more
        for i, part in enumerate(self._parts):
            in_part = self._n_letters[i * n_part : (i + 1) * n_part]
            shortest, longest = in_part[0] - parameters.longer, in_part[-1] + parameters.longer
            first, last = np.searchsorted(lengths, [shortest, longest + 1])
            if first < last:
                found = torch.mm(seen[first:last], part, out=score[: last - first])
                runs = slice(i * n_part // n_run, (i + 1) * n_part // n_run)
                torch.amax(found.view(last - first, -1, n_run), 2, out=maxima[first:last, runs])
        runs_best = maxima.topk(min(parameters.nearest, maxima.shape[1]), dim=1).indices
        words = (runs_best[:, :, None] * n_run + torch.arange(n_run)).flatten(1)  # (n, nearest * run)
        near = torch.empty(words.shape)
        candidates = torch.empty(together * words.shape[1], WORD_DIM + 1)
        for start in range(0, len(seen), together):
            part, of = seen[start : start + together], words[start : start + together]
            rows = torch.index_select(self._table, 0, of.flatten(), out=candidates[: of.numel()])
            near[start : start + together] = (rows.view(*of.shape, -1) @ part[:, :, None])[:, :, 0]
        best = near.topk(min(parameters.nearest, len(known.words)), dim=1).indices
        nearest = np.empty((len(seen), best.shape[1]), np.int32)
        nearest[order] = self._by_length[words.gather(1, best).numpy()]
        return nearest

    def vectors(self, words: list[str]) -> Floats:
        """(n, WORD_DIM) of words, known or only spelled. Documents repeat their names and numbers."""
        known, remembered = self._vocabulary, self._remembered
        if len(remembered) > self._parameters.remembered:  # replaced and not emptied: other threads read it
            remembered = self._remembered = {}
        rows = np.array([self._index.get(word, -1) for word in words], np.int64)
        vectors = known.vectors[rows]
        unknown = np.flatnonzero(rows < 0).tolist()
        new = [word for word in dict.fromkeys(words[i] for i in unknown) if word not in remembered]
        if new:
            remembered.update(zip(new, known.project(self._tower(new).numpy()), strict=True))
        for i in unknown:
            vectors[i] = remembered[words[i]]
        return vectors

    def _spelled_prior(self, word: str) -> float:
        known = self._index.get(word)
        if known is not None:
            return self._parameters.frequency * float(self._vocabulary.zipf[known])
        number = word[0].isdigit()
        return self._parameters.spelled_number if number else self._parameters.spelled_word

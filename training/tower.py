"""`python -m training.tower`: the word tower alone, from words alone, before any page is seen.

The page side chases these vectors, so they are made first and then kept: cosines follow the share of letter groups
that two words have in common (a reader unsure of one letter then lands near the right word), inflections stay near,
and everything else is pushed towards a right angle, with the nearest words of a large bank mined as it goes.
"""

import argparse
import random
import time
from pathlib import Path

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch import Tensor

from retrieval.encoders.reader import WordTower, word_features
from training.checkpoint import Checkpoint, load, save
from training.words import LETTERS, folded, inflected, number, read_lists, slip

APART = 0.2  # cosine that words with little in common may have
NEAR = 0.6  # cosine of two forms of one word


def overlap(words: list[str]) -> Tensor:
    """(n, n) Jaccard index of the words' letter groups."""
    ids = [sorted(set(word_features(word))) for word in words]
    starts = np.cumsum([0] + [len(i) for i in ids])
    grams = csr_matrix(
        (np.ones(starts[-1], np.float32), np.concatenate(ids), starts), shape=(len(words), 1 << 15)
    )
    common = torch.from_numpy((grams @ grams.T).toarray())
    count = torch.tensor([len(i) for i in ids], dtype=torch.float32)
    return common / (count[:, None] + count[None] - common)


def separation(vectors: Tensor, jaccard: Tensor, forms: Tensor) -> Tensor:
    """Loss of (n, 128) vectors: `jaccard` (n, n) shared letter groups, `forms` (n, 2) indices of inflections."""
    eye = torch.eye(len(vectors), dtype=torch.bool)
    cosine = (vectors @ vectors.t()).masked_fill(eye, 0.0)
    wanted = jaccard.pow(1.5)
    wanted[forms[:, 0], forms[:, 1]] = wanted[forms[:, 1], forms[:, 0]] = NEAR
    related = (wanted > APART) & ~eye
    follow = (cosine - wanted)[related].square().mean()
    excess = (cosine - wanted.clamp(min=APART)).masked_fill(eye, -1.0)
    nearest = excess.topk(min(8, len(vectors)), dim=1).values.clamp(min=0).square().mean()
    follow = follow if related.any() else torch.zeros(())
    spread = cosine[~related].square().mean()  # 1 / 128 is the least that 128 dimensions allow
    return 2 * follow + 10 * nearest + 5 * spread


class Sampler:
    """Batches of words that are hard to tell apart."""

    def __init__(self, bank: list[str], seed: int = 0) -> None:
        self.rng = random.Random(seed)
        self.bank = bank
        self.known = set(bank)
        self.vectors = torch.empty(0)

    def refresh(self, tower: WordTower, n: int = 40_000) -> None:
        """Encode a fresh part of the bank, to mine neighbours from."""
        self.part = self.rng.sample(self.bank, min(n, len(self.bank)))
        with torch.no_grad():
            self.vectors = torch.cat([tower(self.part[i : i + 8000]) for i in range(0, len(self.part), 8000)])

    def batch(self, tower: WordTower, n: int = 300) -> tuple[list[str], Tensor]:
        """Unique words, and the pairs among them that are forms of one word: (n_pairs, 2)."""
        rng = self.rng
        drawn = rng.sample(self.bank, n - n // 5)
        drawn += [number(rng).strip("$€£()%").replace(" ", "") for _ in range(n // 5)]
        drawn += ["".join(rng.choices(LETTERS, k=rng.randint(2, 9))) for _ in range(n // 20)]
        drawn = list(dict.fromkeys(word.lower() for word in drawn if word))
        words = drawn + [slip(word, rng) for word in drawn]
        for word in drawn:
            words += [
                w for w in (word + rng.choice(["s", "e", "n", "en", "es", "er", "d"]),) if w in self.known
            ]
        with torch.no_grad():
            nearest = (tower(drawn) @ self.vectors.t()).topk(2, dim=1).indices
        words += [self.part[i] for i in nearest.flatten().tolist()]
        words = list(dict.fromkeys(w for w in words if w))
        place = {word: i for i, word in enumerate(words)}
        forms = [
            (i, place[word[:-cut]])
            for i, word in enumerate(words)
            for cut in (1, 2)
            if word[:-cut] in place and inflected(word[:-cut], word)
        ]
        return words, torch.tensor(forms or [(0, 0)])


def train(tower: WordTower, bank: list[str], minutes: float, rate: float = 1e-3) -> None:
    """Train in place, reporting how near the nearest other word stands."""
    sampler = Sampler(bank)
    optimizer = torch.optim.Adam(tower.parameters(), lr=rate, betas=(0.9, 0.98))
    start, step = time.monotonic(), 0
    while (done := (time.monotonic() - start) / 60 / minutes) < 1:
        if step % 40 == 0:
            sampler.refresh(tower)
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - done) + 1e-5
        words, forms = sampler.batch(tower)
        loss = separation(tower(words), overlap(words), forms)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        step += 1
        if step % 40 == 0:
            with torch.no_grad():
                cosine = tower(sampler.part[:1000]) @ sampler.vectors.t()
                cosine[torch.arange(1000), torch.arange(1000)] = -1
                q = cosine.amax(1).quantile(torch.tensor([0.05, 0.5, 0.95])).tolist()
            print(
                f"{step} {done:.0%} loss {loss.item():.4f} nearest 5/50/95%: {q[0]:.2f} {q[1]:.2f} {q[2]:.2f}",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dict", type=Path, required=True, help="folder of word lists")
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--start", type=Path, help="checkpoint to begin from")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    start = load(arguments.start) if arguments.start else None
    tower = start.nets()[1] if start else WordTower()
    train(tower.train(), folded(read_lists(arguments.dict).values()), arguments.minutes)
    save(Checkpoint(start.page if start else {}, tower.state_dict()), arguments.out)


if __name__ == "__main__":
    main()

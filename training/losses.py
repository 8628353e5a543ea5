"""Aims of the reader's training: the word of each word cell, its letters, its place and its extents."""

import random
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from pagelight.retrieval.encoders.builtin.reader.nets import PageReader, WordTower
from training.batches import Batch
from training.crops import UNKNOWN
from training.words import slip

SHARPNESS = 24.0  # of the softmax over candidate words, per unit of cosine
APART = 0.35  # cosine that two different words may have before it costs
DECEPTIVE = 1.0  # places without a word that are looked at closely, for each one with a word


class Rivals:
    """For each word of a batch, the words it is most easily taken for, mined in a large bank as training goes."""

    def __init__(self, tower: WordTower, bank: list[str], seed: int = 0) -> None:
        self.tower, self.bank = tower, bank
        self.rng = random.Random(seed)
        self.refresh()

    @torch.no_grad()
    def refresh(self, n: int = 20_000) -> None:
        """Take another part of the bank to mine in, as the tower sees it now."""
        self.part = self.rng.sample(self.bank, min(n, len(self.bank)))
        self.part_vectors = torch.cat(
            [self.tower(self.part[i : i + 5000]) for i in range(0, len(self.part), 5000)]
        )

    def candidates(self, words: list[str]) -> tuple[Tensor, Tensor, int]:
        """Vectors (n_candidates, 128), own words first; each word's place (n_words,); how many are own."""
        unique = {word: i for i, word in enumerate(dict.fromkeys(words))}
        own = self.tower(list(unique))  # (n_unique, 128)
        with torch.no_grad():
            nearest = (own @ self.part_vectors.t()).topk(3, dim=1).indices.flatten()
        others = {self.part[i] for i in nearest.tolist()}
        others |= set(self.rng.sample(self.part, min(300, len(self.part))))
        others |= {slip(word, self.rng) for word in unique if self.rng.random() < 0.5}
        rivals = self.tower([word for word in sorted(others) if word and word not in unique])
        return torch.cat([own, rivals]), torch.tensor([unique[word] for word in words]), len(unique)


@dataclass(frozen=True, slots=True)
class Losses:
    """One batch's losses, and the shares that a person watches."""

    total: Tensor
    parts: dict[str, float]


def read_losses(reader: PageReader, batch: Batch, rivals: Rivals, letters_weight: float = 1.0) -> Losses:
    """Losses of one batch; run under autocast or not."""
    letters = reader.letters(batch.pages)
    logits = reader.characters(letters).float()  # (n, n_characters, n_rows, n_letter_cols)
    cells = reader.cells(letters)
    letter_loss, letter_share = _letters(logits, batch.letters)
    empty = _deceptive(cells.saliency.detach(), batch.saliency, len(batch.cells))
    looked = reader.words(cells.features, torch.cat([batch.cells, empty]))
    seen = reader.vectors(looked.features[: len(batch.cells)])  # (m, 128)
    word_loss, cosine_loss, back_loss, apart_loss, word_share = _words(seen, batch, rivals)
    reached = looked.extents[: len(batch.cells)].log()  # (m, 3)
    extent_loss = functional.smooth_l1_loss(reached, batch.extents.log(), beta=0.2)
    known = batch.saliency != UNKNOWN
    twice = torch.tensor(2.0, device=known.device)
    place_loss = functional.binary_cross_entropy_with_logits(
        cells.saliency[known], batch.saliency[known], pos_weight=twice
    )
    is_word = torch.zeros_like(looked.saliency)
    is_word[: len(batch.cells)] = 1
    sure_loss = functional.binary_cross_entropy_with_logits(looked.saliency, is_word)
    total = word_loss + cosine_loss + 0.3 * back_loss + 10 * apart_loss + letters_weight * letter_loss
    total = total + place_loss + 0.3 * sure_loss + extent_loss
    with torch.no_grad():
        said, true = looked.saliency > 0, is_word > 0
        hit = (said & true).sum().item()
    parts = {
        "loss": total.item(),
        "word loss": word_loss.item(),
        "cosine": 1 - cosine_loss.item(),
        "crowding": apart_loss.item(),
        "words": word_share,
        "letters": letter_share,
        "recall": hit / max(true.sum().item(), 1),
        "precision": hit / max(said.sum().item(), 1),
        "extents": extent_loss.item(),
    }
    return Losses(total, parts)


def _letters(logits: Tensor, target: Tensor) -> tuple[Tensor, float]:
    """Cross-entropy with letters and blanks averaged apart: with one mean the blanks drown the letters."""
    each = functional.cross_entropy(logits, target, ignore_index=UNKNOWN, reduction="none")
    inked = target > 0
    share = (logits.argmax(1)[inked] == target[inked]).float().mean().item()
    return 0.75 * each[inked].mean() + 0.25 * each[target == 0].mean(), share


def _deceptive(said: Tensor, true: Tensor, n_words: int) -> Tensor:
    """(k, 3) places without a word's centre that look most like one."""
    said = said.masked_fill(true != 0, -torch.inf)
    k = min(int(DECEPTIVE * n_words), int((true == 0).sum()))
    places = torch.unravel_index(said.flatten().topk(k).indices, said.shape)
    return torch.stack(places, dim=1)


def _words(seen: Tensor, batch: Batch, rivals: Rivals) -> tuple[Tensor, Tensor, Tensor, Tensor, float]:
    """Place -> word among rivals, distance to the own word, word -> place over the batch, words too near each other,
    share of right words."""
    candidates, own, n_own = rivals.candidates(batch.words)
    own = own.to(seen.device)
    similarity = seen @ candidates.t()  # (m, n_candidates)
    to_word = functional.cross_entropy(similarity * SHARPNESS, own)
    cosine = similarity.gather(1, own[:, None]).mean()
    chosen = torch.empty(n_own, dtype=torch.long, device=own.device)
    chosen[own] = torch.arange(
        len(own), device=own.device
    )  # one place a word: others of the same word left out
    square = similarity[chosen][:, :n_own] * SHARPNESS  # (n_own places, n_own words)
    to_place = functional.cross_entropy(square.t(), torch.arange(n_own, device=own.device))
    between = candidates[:n_own] @ candidates.t()  # (n_own, n_candidates)
    between = between - 2 * torch.eye(*between.shape, device=between.device)
    nearest = between.topk(min(8, between.shape[1]), dim=1).values
    crowding = (nearest - APART).clamp(min=0).square().mean()
    share = (similarity.argmax(1) == own).float().mean().item()
    return to_word, 1 - cosine, to_place, crowding, share

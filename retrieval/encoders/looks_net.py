"""The learned part of looks: three small perceptrons over fixed features."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from retrieval.encoders.look_words import LOOKS

CLASSES = len(LOOKS) + 1
"""Background, then LOOKS."""
FEATURES = 96
"""Of `looks_features.page_features`."""
AROUND = 7 * FEATURES
"""Of `looks_features.with_surroundings`."""
BESIDE = 10 * CLASSES
"""Of `looks_features.with_neighbours`."""
REGION = 19 * FEATURES + 7
"""Of `looks_features.grid_features`."""


class Perceptron(nn.Module):
    """(n, ins) features of any scale → (n, outs) logits; two hidden layers.

    `centre` and `spread` are the training features' means and deviations.
    """

    def __init__(self, ins: int, first: int, second: int, outs: int) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(ins))
        self.register_buffer("spread", torch.ones(ins))
        self.centre: Tensor
        self.spread: Tensor
        self.first, self.second, self.last = (
            nn.Linear(ins, first),
            nn.Linear(first, second),
            nn.Linear(second, outs),
        )
        self.drop = nn.Dropout(0.3)

    def hidden(self, x: Tensor) -> Tensor:
        """(n, second) activations before the last layer."""
        scaled = (x - self.centre).mul_(1 / self.spread).clamp_(-6, 6)
        one = self.drop(nn.functional.gelu(self.first(scaled)))
        two: Tensor = self.drop(nn.functional.gelu(self.second(one)))
        return two

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.last(self.hidden(x))
        return logits

    def fit_scale(self, x: Tensor) -> None:
        """Take the features' means and deviations from a sample."""
        self.centre.copy_(x.mean(0))
        self.spread.copy_(x.std(0).clamp_min(1e-3))


class LookModel(nn.Module):
    """`cells`: what a cell shows, by what is in and around it; `context`: again, knowing what the cells around
    were taken for; `regions`: what a whole region shows."""

    def __init__(self) -> None:
        super().__init__()
        self.cells = Perceptron(AROUND, 192, 64, CLASSES)
        self.context = Perceptron(BESIDE + 64, 128, 64, CLASSES)
        self.regions = Perceptron(REGION + CLASSES, 192, 96, CLASSES)

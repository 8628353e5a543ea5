"""The learned part of finding figures: a small convolutional net over fixed features of a page's cells.

Each cell says what it shows and how far the edges of the thing lie that it belongs to, as in FCOS (Tian et al., 2019), so
that things that touch are told apart.
"""

from __future__ import annotations

import copy
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from pagelight.retrieval.encoders.builtin.figures.query_words import FIGURE_KINDS

#: Background, then FIGURE_KINDS (net)
CLASSES = len(FIGURE_KINDS) + 1
#: Channels that `features.page_features` makes (net)
FEATURES = 96
#: Channels of cells, and of squares of 2 x 2 cells (net)
FINE, COARSE = 48, 96
#: Squares from one to the next that the steps of the coarse part look at: together they see the whole page (net)
REACHES = (1, 2, 4)


class CellFigures(NamedTuple):
    """Answers of n pages' cells; logits unless it says otherwise."""

    shows: Tensor  # (n, CLASSES, rows, columns)
    edges: Tensor  # (n, 4, rows, columns): cells from the cell's middle to the thing's left, top, right and bottom edge
    fits: Tensor  # (n, rows, columns): how well that box fits, as intersection over union


class _Step(nn.Module):
    """x + what two 3 x 3 convolutions make of it."""

    def __init__(self, width: int, reach: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=reach, dilation=reach, bias=False)
        self.first_norm: nn.Module = nn.BatchNorm2d(width)
        self.second = nn.Conv2d(width, width, 3, padding=reach, dilation=reach, bias=False)
        self.second_norm: nn.Module = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        hidden = functional.relu(self.first_norm(self.first(x)))
        return functional.relu(x + self.second_norm(self.second(hidden)))


def folded(model: FigureNet) -> FigureNet:
    """A copy that computes the same, for inference: batch norms folded into their convolutions, channels last."""
    model = copy.deepcopy(model).eval()
    for step in model.modules():
        if isinstance(step, _Step):
            first, second = step.first_norm, step.second_norm
            if not (isinstance(first, nn.BatchNorm2d) and isinstance(second, nn.BatchNorm2d)):
                raise ValueError("the figures net is folded already")
            step.first = fuse_conv_bn_eval(step.first, first)
            step.second = fuse_conv_bn_eval(step.second, second)
            step.first_norm, step.second_norm = nn.Identity(), nn.Identity()
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


class FigureNet(nn.Module):
    """(n, FEATURES, rows, columns) features -> `CellFigures`.

    `centre` and `spread` are the training features' means and deviations.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(FEATURES))
        self.register_buffer("spread", torch.ones(FEATURES))
        self.centre: Tensor
        self.spread: Tensor
        self.enter = nn.Conv2d(FEATURES, FINE, 1)
        self.page = nn.Linear(FEATURES, FINE)
        self.before = _Step(FINE)
        self.down = nn.Conv2d(FINE, COARSE, 3, stride=2, padding=1)
        self.deep = nn.Sequential(*(_Step(COARSE, reach) for reach in REACHES))
        self.whole = nn.Linear(COARSE, COARSE)
        self.up = nn.Conv2d(COARSE, FINE, 1)
        self.after = nn.Sequential(_Step(FINE), _Step(FINE))
        self.drop = nn.Dropout2d(0.1)
        self.shows = nn.Conv2d(FINE, CLASSES, 1)
        self.edges = nn.Conv2d(FINE, 4, 1)
        self.fits = nn.Conv2d(FINE, 1, 1)

    def scaled(self, maps: Tensor) -> Tensor:
        """Features with mean 0 and deviation 1, those far off cut."""
        return ((maps - self.centre[:, None, None]) / self.spread[:, None, None]).clamp(-6, 6)

    def forward(self, maps: Tensor) -> CellFigures:
        return self.look(self.scaled(maps))

    def look(self, scaled: Tensor) -> CellFigures:
        """The same for features as `scaled` makes them."""
        page = self.page(scaled.mean((2, 3)))[:, :, None, None]
        fine = self.before(functional.relu(self.enter(scaled) + page))
        coarse = self.deep(functional.relu(self.down(fine)))
        whole = self.whole(coarse.mean((2, 3)))[:, :, None, None]
        raised = functional.interpolate(self.up(functional.relu(coarse + whole)), fine.shape[2:])
        x = self.drop(self.after(functional.relu(fine + raised)))
        return CellFigures(self.shows(x), functional.softplus(self.edges(x)) * 4, self.fits(x)[:, 0])

    def fit_scale(self, cells: Tensor) -> None:
        """Take the features' means and deviations from a sample (n, FEATURES)."""
        self.centre.copy_(cells.mean(0))
        self.spread.copy_(cells.std(0).clamp_min(1e-3))

"""The line net: a strip of a few words to the characters that stand in it, from left to right.

A small convolutional net whose columns are decoded by connectionist temporal classification (Graves et al. 2006): it knows no
words, so that numbers, codes and names are read as well as any word, where the page's reader leans on its vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

#: file of the weights, in the encoder's folder
LINES = "lines.safetensors"
#: pixels of a strip's height (net)
HEIGHT = 32
#: pixels of a strip under one column of the net's answer (net)
COLUMN = 4
#: what the net tells apart; class 0 is no character, the last class any other
CHARACTERS = " abcdefghijklmnopqrstuvwxyz0123456789.,-'%$€£/:()&@#+_\"*=|;!?[]<>"
#: classes of a column (net)
N_CLASSES = len(CHARACTERS) + 2
#: class of any other character (net)
OTHER = N_CLASSES - 1

_CLASS = {character: i + 1 for i, character in enumerate(CHARACTERS)}


def classes(text: str) -> list[int]:
    """The class of each character of a folded text."""
    return [_CLASS.get(character, OTHER) for character in text]


class _Mixing(nn.Module):
    """A depthwise and a pointwise convolution beside what comes in."""

    def __init__(self, channels: int, size: tuple[int, int]) -> None:
        super().__init__()
        padding = (size[0] // 2, size[1] // 2)
        self.spread: nn.Module = nn.Conv2d(
            channels, channels, size, padding=padding, groups=channels, bias=False
        )
        self.norm: nn.Module = nn.BatchNorm2d(channels)
        self.mix: nn.Module = nn.Conv2d(channels, channels, 1, bias=False)
        self.out: nn.Module = nn.BatchNorm2d(channels)

    def forward(self, seen: Tensor) -> Tensor:
        mixed: Tensor = self.out(self.mix(torch.relu(self.norm(self.spread(seen)))))
        return torch.relu(seen + mixed)


def _halving(channels: int, into: int, stride: tuple[int, int]) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, into, 3, stride, 1, bias=False), nn.BatchNorm2d(into), nn.ReLU(inplace=True)
    )


class LineNet(nn.Module):
    """(n, 1, HEIGHT, width) ink from 0 (paper) to 1 -> (n, width / COLUMN, N_CLASSES) logits; width: a multiple of COLUMN."""

    def __init__(self, widths: Sequence[int] = (24, 48, 96, 160)) -> None:
        super().__init__()
        first, second, third, last = widths
        self.look = nn.Sequential(
            _halving(1, first, (2, 2)),
            _halving(first, second, (2, 1)),
            _Mixing(second, (3, 3)),
            _halving(second, third, (2, 2)),
            _Mixing(third, (3, 3)),
            _Mixing(third, (3, 5)),
        )
        self.collapse = nn.Sequential(
            nn.Conv2d(third, last, (HEIGHT // 8, 1), bias=False), nn.BatchNorm2d(last), nn.ReLU(inplace=True)
        )
        self.along = nn.Sequential(*[_Mixing(last, (1, 9)) for _ in range(4)])
        self.name = nn.Conv2d(last, N_CLASSES, 1)

    def forward(self, strips: Tensor) -> Tensor:
        seen: Tensor = self.name(self.along(self.collapse(self.look(strips))))
        return seen[:, :, 0].transpose(1, 2)


def load_line_net(path: Path) -> LineNet:
    """The net of a file of weights, ready to read: each norm is one with its convolution. Raises OSError where it is missing."""
    net = LineNet()
    net.load_state_dict({name: tensor.float() for name, tensor in load_file(path).items()})
    net.eval()
    for part in net.modules():
        if isinstance(part, _Mixing):
            part.spread, part.norm = _folded(part.spread, part.norm), nn.Identity()
            part.mix, part.out = _folded(part.mix, part.out), nn.Identity()
        elif isinstance(part, nn.Sequential) and len(part) > 1 and isinstance(part[1], nn.BatchNorm2d):
            part[0], part[1] = _folded(part[0], part[1]), nn.Identity()
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return net


def _folded(convolution: nn.Module, norm: nn.Module) -> nn.Conv2d:
    return fuse_conv_bn_eval(cast(nn.Conv2d, convolution), cast(nn.BatchNorm2d, norm))

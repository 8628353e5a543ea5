"""The net that names what a photograph shows, out of a thousand names: EfficientNet-Lite0 (Tan and Le 2019), as published for ImageNet.

Batch norms are folded into the convolutions, whose weights are kept in eight bits with a scale for each output channel;
what is computed is float32.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

#: pixels of a picture's side (net)
SIDE = 224
#: the middle of pixels from 0 to 255, and the distance from it that becomes 1 (net)
MIDDLE, SCALE = 127.0, 128.0


class Stage(NamedTuple):
    """Blocks alike: the kernel's side, the first one's stride, how many times its channels are widened, and how many there are."""

    kernel: int
    stride: int
    widened: int
    channels: int
    blocks: int


STAGES = (
    Stage(3, 1, 1, 16, 1),
    Stage(3, 2, 6, 24, 2),
    Stage(5, 2, 6, 40, 2),
    Stage(3, 2, 6, 80, 3),
    Stage(5, 1, 6, 112, 3),
    Stage(5, 2, 6, 192, 4),
    Stage(3, 1, 6, 320, 1),
)


class Step(NamedTuple):
    """A convolution with its bias. name: of its tensors; depthwise: each channel for itself; bounded: cut to 0..6"""

    name: str
    stride: int = 1
    depthwise: bool = False
    bounded: bool = True


def steps() -> Iterator[list[Step]]:
    """The steps of each block, the first and the last of which are single convolutions."""
    yield [Step("enter", stride=2)]
    number = 0
    for stage in STAGES:
        for i in range(stage.blocks):
            name = f"blocks.{number}."
            widen = [Step(f"{name}widen")] if stage.widened > 1 else []
            apart = Step(f"{name}apart", stage.stride if i == 0 else 1, depthwise=True)
            yield [*widen, apart, Step(f"{name}narrow", bounded=False)]
            number += 1
    yield [Step("leave")]


class PictureNet:
    """Pictures to how likely each of its classes is."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        """tensors: what `training.pictures` wrote. Raises KeyError where one is missing."""
        self._blocks = list(steps())
        self._weights = {
            step.name: _weight(tensors, step.name).contiguous(memory_format=torch.channels_last)
            for block in self._blocks
            for step in block
        }
        self._biases = {name: tensors[f"{name}.bias"].float() for name in self._weights}
        self._classes, self._class_bias = _weight(tensors, "classes"), tensors["classes.bias"].float()

    @torch.inference_mode()
    def probabilities(self, pictures: Tensor) -> Tensor:
        """(n, n_classes) of pictures (n, 3, SIDE, SIDE) in 0..255."""
        x = ((pictures - MIDDLE) / SCALE).contiguous(memory_format=torch.channels_last)
        for block in self._blocks:
            before = x
            for step in block:
                x = self._convolved(x, step)
            if len(block) > 1 and x.shape == before.shape:
                x = x + before
        return functional.linear(x.mean((2, 3)), self._classes, self._class_bias).softmax(1)

    def _convolved(self, x: Tensor, step: Step) -> Tensor:
        weight = self._weights[step.name]
        groups = x.shape[1] if step.depthwise else 1
        padded = _padded(x, weight.shape[-1], step.stride)
        made = functional.conv2d(padded, weight, self._biases[step.name], step.stride, groups=groups)
        return functional.relu6(made, inplace=True) if step.bounded else made


def _weight(tensors: Mapping[str, Tensor], name: str) -> Tensor:
    """float32, one scale for each row of eight bits."""
    levels, scales = tensors[f"{name}.levels"].float(), tensors[f"{name}.scales"].float()
    return levels * scales.view(-1, *[1] * (levels.dim() - 1))


def _padded(x: Tensor, kernel: int, stride: int) -> Tensor:
    """TensorFlow's "same": what is missing in all, one more on the right and below where it is odd."""
    if kernel == 1:
        return x
    height, width = ((-(-size // stride) - 1) * stride + kernel - size for size in x.shape[2:])
    height, width = max(height, 0), max(width, 0)
    return functional.pad(x, (width // 2, width - width // 2, height // 2, height - height // 2))

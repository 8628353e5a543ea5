"""The reader's arithmetic: its convolutions in eight bits, and which way to compute suits this processor, measured.

bfloat16 and eight bits take half the time of float32 and less on some processors, and five times as long on others.
In eight bits, weights are scaled by output channel, what a layer puts out by its highest usual value (its peak), measured on practice
pages: post-training quantization as in Krishnamoorthi, "Quantizing deep convolutional networks for efficient inference"
(2018), section 3. All layers but the first, whose input has a single channel, are computed so.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn

from pagelight.retrieval.encoders.builtin.reader.nets import Cells, ConvNorm, PageReader, Residual

#: levels of what a layer puts out, and of a weight on each side of zero (form)
_LEVELS, _WEIGHT_LEVELS = 255, 127

Layer = TypeVar("Layer", bound=nn.Module)


def quantized_layers(reader: PageReader) -> dict[str, nn.Module]:
    """The layers whose output is stored in eight bits, by name: for each a peak is needed."""
    trunk = ("stem", "middle", "down", "top")
    return {
        name: layer
        for name, layer in reader.named_modules()
        if name.startswith(trunk) and isinstance(layer, ConvNorm | Residual) and not name.endswith("second")
    }


def _of(kind: type[Layer], layers: Mapping[str, nn.Module], name: str) -> Layer:
    """The layer of this name; ValueError where it is of another kind."""
    layer = layers[name]
    if not isinstance(layer, kind):
        raise ValueError(f"{name}: expected a {kind.__name__}, got a {type(layer).__name__}")
    return layer


class _Convolution:
    """One folded convolution over uint8 (n_batch, n_channels, height, width), channels last."""

    def __init__(self, conv: nn.Conv2d, scale_in: float, scale_out: float) -> None:
        weight = conv.weight.detach().float()
        self._scales = (weight.abs().amax((1, 2, 3)) / _WEIGHT_LEVELS).clamp(min=1e-9)  # (n_out,)
        levels = (weight / self._scales[:, None, None, None]).round().to(torch.int8)
        self._zeros = torch.zeros(len(levels), dtype=torch.int32)
        self._bias = conv.bias.detach().float() if conv.bias is not None else None
        self._scale_in, self._scale_out = scale_in, scale_out
        self._layout = list(conv.stride), list(conv.padding), [1, 1], 1
        stride, padding, dilation, groups = self._layout
        self._packed = torch.ops.onednn.qconv_prepack(
            levels, self._scales, scale_in, 0, stride, padding, dilation, groups, None
        )

    def _input(self, x: Tensor) -> tuple[object, ...]:
        return x, self._scale_in, 0, self._packed, self._scales, self._zeros

    def __call__(self, x: Tensor) -> Tensor:
        """With ReLU: uint8 levels of `scale_out`."""
        out: Tensor = torch.ops.onednn.qconv2d_pointwise(
            *self._input(x), self._bias, *self._layout, self._scale_out, 0, torch.uint8, "relu", [], ""
        )
        return out

    def plain(self, x: Tensor) -> Tensor:
        """float32, as it is."""
        out: Tensor = torch.ops.onednn.qconv2d_pointwise(
            *self._input(x), self._bias, *self._layout, 1.0, 0, torch.float32, "none", [], ""
        )
        return out

    def add(self, x: Tensor, to: Tensor, scale_to: float) -> Tensor:
        """Its output added to `to`, which is overwritten, and ReLU: uint8 levels of `scale_out`."""
        out: Tensor = torch.ops.onednn.qconv2d_pointwise.binary(
            *self._input(x),
            to,
            self._bias,
            *self._layout,
            self._scale_out,
            0,
            torch.uint8,
            scale_to,
            0,
            "sum",
            1.0,
            "relu",
            [],
            "",
        )
        return out


class _Block:
    """A `Residual` in eight bits."""

    def __init__(self, block: Residual, scale_in: float, scale_inner: float, scale_out: float) -> None:
        self._first = _Convolution(block.first.conv, scale_in, scale_inner)
        self._second = _Convolution(block.second.conv, scale_inner, scale_out)
        self._scale_in = scale_in

    def __call__(self, x: Tensor) -> Tensor:
        """Overwrites `x`."""
        return self._second.add(self._first(x), x, self._scale_in)


class Int8Reader:
    """`letters`, `characters` and `cells` of a folded `PageReader`, computed in eight bits.

    peaks: for each of `quantized_layers` the value that its highest level stands for. Raises KeyError where one is
    missing, ValueError where the reader is another one or not folded, and RuntimeError where the processor or PyTorch has no such convolutions.
    """

    def __init__(self, reader: PageReader, peaks: Mapping[str, float]) -> None:
        self._reader = reader
        layers = quantized_layers(reader)
        scale = {name: peaks[name] / _LEVELS for name in layers}

        def block(name: str, before: str) -> _Block:
            return _Block(_of(Residual, layers, name), scale[before], scale[f"{name}.first"], scale[name])

        def convolution(name: str, before: str) -> _Convolution:
            return _Convolution(_of(ConvNorm, layers, name).conv, scale[before], scale[name])

        # puts out levels, to be cut off after the point
        self._first = copy.deepcopy(_of(ConvNorm, layers, "stem.0").conv).requires_grad_(False)
        if self._first.bias is None:
            raise ValueError("the reader's norms are not folded into its convolutions")
        self._first.weight.div_(scale["stem.0"])
        self._first.bias.div_(scale["stem.0"]).add_(0.5)
        self._last_scale = scale["top"]
        self._letters = (
            block("stem.1", "stem.0"),
            convolution("middle.0", "stem.1"),
            block("middle.1", "middle.0"),
            block("middle.2", "middle.1"),
        )
        self._characters = _Convolution(reader.characters, scale["middle.2"], 1.0)
        self._cells = (convolution("down", "middle.2"), block("top", "down"))

    def letters(self, pages: Tensor) -> Tensor:
        """As of `PageReader`, in levels: (n_batch, n_channels, height / 8, width / 4) uint8."""
        x: Tensor = self._first(pages).clamp_(0, _LEVELS).to(torch.uint8)
        for layer in self._letters:
            x = layer(x)
        return x

    def characters(self, letters: Tensor) -> Tensor:
        """(n_batch, N_CHARACTERS, n_rows, n_letter_cols) float32 logits."""
        return self._characters.plain(letters)

    def cells(self, letters: Tensor) -> Cells:
        x = letters
        for layer in self._cells:
            x = layer(x)
        features = x.float().mul_(self._last_scale)
        return Cells(features, self._reader.salient(features)[:, 0])


@dataclass(frozen=True, slots=True)
class TrialParameters:
    """Comparison of ways to compute.

    pays: share of the plain way's time that another one may take: less gain is not worth its digits (speed)
    rounds: how often each is run; the best counts, since a busy processor's caches disturb single ones (speed)
    """

    pays: float = 0.8
    rounds: int = 3


TRIAL = TrialParameters()


def fastest(ways: Mapping[str, Callable[[], object]], parameters: TrialParameters = TRIAL) -> str:
    """The name of the way that takes least of the processor's time; the first one unless another is clearly faster."""
    seconds = dict.fromkeys(ways, float("inf"))
    with torch.no_grad():
        for name in list(ways) * parameters.rounds:
            start = time.process_time()  # in which what others compute meanwhile takes no part
            ways[name]()
            seconds[name] = min(seconds[name], time.process_time() - start)
    plain, best = next(iter(ways)), min(seconds, key=seconds.__getitem__)
    return best if seconds[best] < parameters.pays * seconds[plain] else plain


def in_bf16(work: Callable[[], object]) -> Callable[[], object]:
    """The work under bfloat16 autocast on the CPU."""

    def run() -> object:
        with torch.autocast("cpu", torch.bfloat16):
            return work()

    return run

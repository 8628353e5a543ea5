"""The text model's layers: BERT's encoder (Devlin et al. 2019), as multilingual-e5-small has it (Wang et al. 2024).

Its matrices are multiplied in eight bits where the processor can: weights scaled by output channel once, what comes in
by its range each time (dynamic quantization), which takes half the time of float32.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

#: weights that share a scale (form)
BLOCK = 32
#: level that stands for zero (form)
_ZERO = 8


@dataclass(frozen=True, slots=True, eq=False)
class PackedMatrix:
    """halves: (n_rows, n_cols / 2) uint8; scales: (n_rows, n_cols / 32) float16."""

    halves: Tensor
    scales: Tensor

    def __post_init__(self) -> None:
        n_rows, n_bytes = self.halves.shape
        expected = (n_rows, 2 * n_bytes // BLOCK)
        if tuple(self.scales.shape) != expected:
            raise ValueError(f"scales: expected {expected}, got {tuple(self.scales.shape)}")

    def rows(self, indices: Tensor | None = None) -> Tensor:
        """(n, n_cols) float32: the rows at `indices` (n,), or all of them."""
        halves = self.halves if indices is None else self.halves[indices]
        scales = self.scales if indices is None else self.scales[indices]
        blocks = halves.view(len(halves), -1, BLOCK // 2)
        levels = torch.cat([blocks & 15, blocks >> 4], dim=2).to(torch.int8) - _ZERO  # (n, n_blocks, 32)
        return (levels * scales.float()[:, :, None]).view(len(halves), -1)


#: added to variances, as in the published configuration (net)
_EPSILON = 1e-12
#: levels of a weight on each side of zero (form)
_LEVELS = 127
#: least scale: rows of zeros have none of their own (guard)
_LEAST_SCALE = 1e-9

Product = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Shape:
    """dim: length of a state; n_heads: of attention; n_layers"""

    dim: int = 384
    n_heads: int = 12
    n_layers: int = 12


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """One block of attention and two products, each with what it adds and norms."""

    attend: Product
    join: Product
    widen: Product
    narrow: Product
    norms: tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]


class TextLayers:
    """Pieces of windows to their contextual states."""

    def __init__(self, tensors: Mapping[str, Tensor], shape: Shape, eight_bits: bool) -> None:
        """tensors: what `training.meaning` wrote. Raises KeyError where one is missing."""
        self._shape = shape
        self._words = PackedMatrix(tensors["words.halves"], tensors["words.scales"])
        self._positions = tensors["positions"].float()
        self._norm = tensors["norm.weight"].float(), tensors["norm.bias"].float()
        make = _eight_bits if eight_bits else _floating
        self._layers = [_layer(tensors, f"layers.{i}.", make) for i in range(shape.n_layers)]

    @torch.inference_mode()
    def states(self, windows: Sequence[Sequence[int]]) -> list[Tensor]:
        """(n_pieces, dim) float32 for each window. Windows go through the products one behind another, none is padded."""
        lengths = [len(window) for window in windows]
        ids = torch.tensor([piece for window in windows for piece in window])
        x = self._words.rows(ids) + torch.cat([self._positions[:n] for n in lengths])  # (n_pieces, dim)
        x = functional.layer_norm(x, x.shape[-1:], *self._norm, _EPSILON)
        for layer in self._layers:
            x = self._through(layer, x, lengths)
        return list(torch.split(x, lengths))

    def _through(self, layer: _Layer, x: Tensor, lengths: list[int]) -> Tensor:
        dim = x.shape[1]
        seen = [self._seen(own) for own in torch.split(layer.attend(x), lengths)]
        joined = layer.join(torch.cat(seen))
        x = functional.layer_norm(x + joined, (dim,), *layer.norms[0], _EPSILON)
        inner = layer.narrow(functional.gelu(layer.widen(x)))
        return functional.layer_norm(x + inner, (dim,), *layer.norms[1], _EPSILON)

    def _seen(self, attended: Tensor) -> Tensor:
        """(n, dim): what each piece of one window sees of the others. attended: (n, 3 * dim)"""
        n, n_heads = len(attended), self._shape.n_heads
        query, key, value = attended.view(1, n, 3, n_heads, -1).permute(2, 0, 3, 1, 4)  # (1, n_heads, n, …)
        seen = functional.scaled_dot_product_attention(query, key, value)
        return seen.transpose(1, 2).reshape(n, -1)


def _layer(tensors: Mapping[str, Tensor], prefix: str, make: Callable[[Tensor, Tensor], Product]) -> _Layer:
    def product(name: str) -> Product:
        packed = PackedMatrix(tensors[f"{prefix}{name}.halves"], tensors[f"{prefix}{name}.scales"])
        return make(packed.rows(), tensors[f"{prefix}{name}.bias"].float())

    def norm(name: str) -> tuple[Tensor, Tensor]:
        return tensors[f"{prefix}{name}.weight"].float(), tensors[f"{prefix}{name}.bias"].float()

    return _Layer(
        product("attend"),
        product("join"),
        product("widen"),
        product("narrow"),
        (norm("norm1"), norm("norm2")),
    )


def _floating(weight: Tensor, bias: Tensor) -> Product:
    return lambda x: functional.linear(x, weight, bias)


def _eight_bits(weight: Tensor, bias: Tensor) -> Product:
    """Raises RuntimeError where PyTorch has no such product for this processor."""
    scales = (weight.abs().amax(1) / _LEVELS).clamp(min=_LEAST_SCALE)  # (n_out,)
    zeros = torch.zeros(len(weight), dtype=torch.long)
    with warnings.catch_warnings():  # the tensor's type is deprecated, the product is not
        warnings.simplefilter("ignore", UserWarning)
        levels = torch.quantize_per_channel(weight, scales.double(), zeros, 0, torch.qint8)
        packed = torch.ops.quantized.linear_prepack(levels, bias)

    def product(x: Tensor) -> Tensor:
        out: Tensor = torch.ops.quantized.linear_dynamic(x, packed)
        return out

    return product

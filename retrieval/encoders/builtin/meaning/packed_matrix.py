"""Weights in four bits: blocks of 32 along a row that share a float16 scale, as GGML's Q4_0 has them.

A byte holds two weights of its block, the first sixteen in the low halves; 8 stands for zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

#: weights that share a scale
BLOCK = 32
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

"""Attention importance without eager attention.

Eager attention keeps a tokens x tokens matrix a head and layer and forbids the fast kernels. What pruning needs
is one row of one layer (DocPruner: what the global token looks at) or the column sums of a few layers (SAP). A
hook sees what goes into an attention module; queries and keys are computed from that once more, and the rest of
the model runs with whatever kernel it likes.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

#: rows of the attention matrix that are held at once (block)
BLOCK = 256


class AttentionProbe:
    """Watches some attention modules of one model.

    The hooks stay; they record only in the thread that is inside `recording`, so that a search can run beside
    an ingest.
    """

    def __init__(self, modules: Sequence[nn.Module], causal: bool) -> None:
        self._modules = list(modules)
        self._causal = causal
        self._local = threading.local()
        for module in self._modules:
            module.register_forward_pre_hook(self._record, with_kwargs=True)

    def __len__(self) -> int:
        return len(self._modules)

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Within, forward passes of this thread leave their attention inputs for `row` and `in_degree`."""
        self._local.seen = {}
        try:
            yield
        finally:
            self._local.seen = None

    def _record(self, module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        seen = getattr(self._local, "seen", None)
        if seen is not None:
            hidden = kwargs["hidden_states"] if "hidden_states" in kwargs else args[0]
            seen[id(module)] = (hidden, kwargs["position_embeddings"])

    def row(self, layer: int, position: Tensor, mask: Tensor) -> Tensor:
        """(n_pages, n_tokens) float32: what the token at `position` looks at, mean over the heads.

        position: (n_pages,); mask: (n_pages, n_tokens), 0 at padding
        """
        queries, keys, scaling, window = self._project(layer)
        pages = torch.arange(len(position), device=queries.device)
        query = queries[pages, :, position][:, :, None]  # (n_pages, n_heads, 1, head_dim)
        attention = self._softmax(query, keys, scaling, position[:, None], mask, window)
        return attention[:, :, 0].mean(dim=1)

    def in_degree(self, layer: int, patches: Tensor, mask: Tensor) -> Tensor:
        """(n_pages, n_tokens) float32: how much the patches look at each token, summed, mean over the heads.

        patches: (n_pages, n_tokens) bool. SAP (arXiv 2601.20107), eq. 2-3, in blocks of rows.
        """
        queries, keys, scaling, window = self._project(layer)
        n_pages, _, n_tokens, _ = queries.shape
        total = torch.zeros(n_pages, n_tokens, device=queries.device)
        for start in range(0, n_tokens, BLOCK):
            block = queries[:, :, start : start + BLOCK]
            at = torch.arange(start, start + block.shape[2], device=queries.device).expand(n_pages, -1)
            attention = self._softmax(block, keys, scaling, at, mask, window).mean(dim=1)
            total += (attention * patches[:, start : start + BLOCK, None]).sum(dim=1)
        return total

    def _project(self, layer: int) -> tuple[Tensor, Tensor, float, int | None]:
        """Queries and keys (n_pages, n_heads, n_tokens, head_dim) float32, the scaling, the window's half-width."""
        module: Any = self._modules[layer]
        hidden, (cos, sin) = self._local.seen[id(module)]
        shape = (*hidden.shape[:-1], -1, module.head_dim)
        if hasattr(module, "Wqkv"):  # ModernBERT: one fused projection
            queries, keys, _ = module.Wqkv(hidden).view(*shape[:-2], 3, -1, module.head_dim).unbind(dim=-3)
        else:
            queries, keys = module.q_proj(hidden).view(shape), module.k_proj(hidden).view(shape)
        if hasattr(module, "q_norm"):  # NeoMME, Qwen3: normalized a head
            queries, keys = module.q_norm(queries), module.k_norm(keys)
        rotate = importlib.import_module(type(module).__module__).apply_rotary_pos_emb
        queries, keys = rotate(queries.transpose(1, 2), keys.transpose(1, 2), cos, sin)
        keys = keys.repeat_interleave(queries.shape[1] // keys.shape[1], dim=1)  # grouped-query attention
        scaling = float(getattr(module, "scaling", module.head_dim**-0.5))
        return queries.float(), keys.float(), scaling, window_of(module)

    def _softmax(
        self, queries: Tensor, keys: Tensor, scaling: float, at: Tensor, mask: Tensor, window: int | None
    ) -> Tensor:
        """(n_pages, n_heads, n_queries, n_tokens). at: (n_pages, n_queries), the queries' positions."""
        scores = queries @ keys.transpose(2, 3) * scaling
        columns = torch.arange(keys.shape[2], device=keys.device)
        distance = at[:, :, None] - columns  # (n_pages, n_queries, n_tokens)
        visible = mask.bool()[:, None, :].expand_as(distance)
        if self._causal:
            visible = visible & (distance >= 0)
        if window is not None:
            visible = visible & (distance.abs() < window)
        scores = scores.masked_fill(~visible[:, None], float("-inf"))
        return scores.softmax(dim=-1).nan_to_num(0.0)  # a padding row sees nothing


def window_of(module: nn.Module) -> int | None:
    """Reach of a sliding-window layer (exclusive); None for full attention."""
    window = getattr(module, "sliding_window", None)
    return None if window is None else int(window)


def final_layer(modules: Sequence[nn.Module]) -> nn.Module:
    """The last layer that sees the whole page: a sliding window hides most patches from the global token."""
    return [module for module in modules if window_of(module) is None][-1]


def middle_layers(modules: Sequence[nn.Module]) -> list[nn.Module]:
    """The layers ⌊0.4 L⌋ to ⌊0.6 L⌋ that see the whole page, or the one nearest to the middle."""
    n = len(modules)
    full = [layer for layer, module in enumerate(modules) if window_of(module) is None]
    middle = [layer for layer in full if int(0.4 * n) <= layer <= int(0.6 * n)]
    return [modules[layer] for layer in middle or [min(full, key=lambda layer: abs(layer - n / 2))]]


def last_token(mask: Tensor) -> Tensor:
    """(n_pages,): the last token that is not padding, whichever side is padded.

    >>> last_token(torch.tensor([[0, 1, 1], [1, 1, 0]])).tolist()
    [2, 1]
    """
    return mask.shape[1] - 1 - mask.flip(1).long().argmax(dim=1)

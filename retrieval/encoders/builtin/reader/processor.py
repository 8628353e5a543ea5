"""What suits this processor, measured: bfloat16 and int8 are native on some, and five times slower than float32 on others."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import torch

_PAYS = 0.8
"""Share of the plain way's time that another one may take: less gain is not worth its digits."""
_ROUNDS = 3


def fastest(ways: Mapping[str, Callable[[], object]]) -> str:
    """The name of the way that takes least time; the first one unless another is clearly faster. Runs each three times."""
    seconds = dict.fromkeys(ways, float("inf"))
    with torch.no_grad():
        for name in list(ways) * _ROUNDS:  # the best of three: a busy machine disturbs single ones
            start = time.perf_counter()
            ways[name]()
            seconds[name] = min(seconds[name], time.perf_counter() - start)
    plain, best = next(iter(ways)), min(seconds, key=seconds.__getitem__)
    return best if seconds[best] < _PAYS * seconds[plain] else plain


def in_bf16(work: Callable[[], object]) -> Callable[[], object]:
    """The work under bfloat16 autocast on the CPU."""

    def run() -> object:
        with torch.autocast("cpu", torch.bfloat16):
            return work()

    return run


def bf16_pays(work: Callable[[], object]) -> bool:
    """Whether `work` is faster under bfloat16 autocast on the CPU. Runs it six times."""
    return fastest({"float32": work, "bfloat16": in_bf16(work)}) == "bfloat16"

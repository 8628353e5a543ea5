"""The way of computing that suits this processor, measured: bfloat16 and int8 are native on some, and five times slower than float32 on others."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True)
class TrialParameters:
    """How ways to compute are compared.

    pays: share of the plain way's time that another one may take: less gain is not worth its digits (speed)
    rounds: how often each is run; the best counts, since a busy machine disturbs single ones (speed)
    """

    pays: float = 0.8
    rounds: int = 3


TRIAL = TrialParameters()


def fastest(ways: Mapping[str, Callable[[], object]], parameters: TrialParameters = TRIAL) -> str:
    """The name of the way that takes least time; the first one unless another is clearly faster."""
    seconds = dict.fromkeys(ways, float("inf"))
    with torch.no_grad():
        for name in list(ways) * parameters.rounds:
            start = time.perf_counter()
            ways[name]()
            seconds[name] = min(seconds[name], time.perf_counter() - start)
    plain, best = next(iter(ways)), min(seconds, key=seconds.__getitem__)
    return best if seconds[best] < parameters.pays * seconds[plain] else plain


def in_bf16(work: Callable[[], object]) -> Callable[[], object]:
    """The work under bfloat16 autocast on the CPU."""

    def run() -> object:
        with torch.autocast("cpu", torch.bfloat16):
            return work()

    return run


def bf16_pays(work: Callable[[], object]) -> bool:
    """Whether `work` is faster under bfloat16 autocast on the CPU. Runs it six times."""
    return fastest({"float32": work, "bfloat16": in_bf16(work)}) == "bfloat16"

"""What suits this processor, measured: bfloat16 is native on some and five times slower than float32 on others."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

_PAYS = 0.8
"""Share of float32's time that bfloat16 may take: less gain is not worth its digits."""


def bf16_pays(work: Callable[[], object]) -> bool:
    """Whether `work` is faster under bfloat16 autocast on the CPU. Runs it six times."""
    seconds = {False: float("inf"), True: float("inf")}
    with torch.no_grad():
        for enabled in (False, True) * 3:  # the best of three: a busy machine disturbs single ones
            with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
                start = time.perf_counter()
                work()
                seconds[enabled] = min(seconds[enabled], time.perf_counter() - start)
    return seconds[True] < _PAYS * seconds[False]

"""Devices: which one, which precision, how many pages at once."""

from __future__ import annotations

import time
from functools import cache

import torch

from pagelight.retrieval.errors import InvalidSetting

#: pages that a batch holds at most; more gains nothing once an accelerator is busy (block)
MAX_BATCH = 16
#: side of the matrices by which precisions are compared, and how often (block)
_SIDE, _REPEATS = 768, 3


def resolve_device(name: str) -> torch.device:
    """The device called "cpu", "cuda", "mps", or the best one there is for "auto".

    Raises InvalidSetting.
    """
    kind = name.partition(":")[0]
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if there[kind]))
    if kind not in there:
        raise InvalidSetting(f"Device {name!r} is not known. Valid: auto, cpu, cuda, mps.")
    if not there[kind]:
        raise InvalidSetting(f"This machine has no {kind} device that torch can use; choose auto or cpu.")
    return torch.device(name)


def resolve_dtype(name: str, device: torch.device) -> torch.dtype:
    """The precision called "float32" or "bfloat16", or the better one for "auto".

    Raises InvalidSetting.
    """
    named = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    if name != "auto" and name not in named:
        raise InvalidSetting(f"Precision {name!r} is not known. Valid: auto, float32, bfloat16.")
    return best_dtype(device) if name == "auto" else named[name]


@cache
def best_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 where it pays, else float32; on CUDA as the device says, elsewhere by a measurement (once a process)."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    try:
        pays = _seconds(device, torch.bfloat16) < 0.7 * _seconds(device, torch.float32)
    except RuntimeError:  # a device without bfloat16
        return torch.float32
    return torch.bfloat16 if pays else torch.float32


def _seconds(device: torch.device, dtype: torch.dtype) -> float:
    """The fastest of some multiplications such as a model is made of."""
    left = torch.ones(_SIDE, _SIDE, device=device, dtype=dtype)
    (left @ left).sum().item()  # warm-up
    taken = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        (left @ left).sum().item()
        taken.append(time.perf_counter() - start)
    return min(taken)


def pages_at_once(
    device: torch.device, n_tokens: int, hidden: int, intermediate: int, dtype: torch.dtype
) -> int:
    """Number of pages that fit into the free memory of a CUDA device, 1 to MAX_BATCH; 1 elsewhere.

    On a CPU a batch is no faster than its pages one by one and takes as much memory as all of them. A page's
    activations are taken as four states and three feed-forward ones a token, twice over for the vision tower.
    """
    if device.type != "cuda":
        return 1
    free, _ = torch.cuda.mem_get_info(device)
    page = 2 * n_tokens * (4 * hidden + 3 * intermediate) * dtype.itemsize
    return int(max(1, min(MAX_BATCH, 0.5 * free // max(page, 1))))

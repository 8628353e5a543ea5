"""`python -m training.train`: the page reader and the word tower learn to put a word in the same place.

Resumable: the checkpoint holds weights, their running average, optimizer and minutes; --minutes counts over all runs,
and a pause not at all.
Several workers of one thread each, which average their weights now and then, get more done on a few busy cores than one
process of several threads, whose every operation waits for the slowest thread.
"""

import argparse
import math
import random
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing as processes
from torch import Tensor, nn

from pagelight.retrieval.encoders.builtin.reader.arithmetic import fastest, in_bf16
from training.batches import Batch, Pool, make_batch
from training.checkpoint import Checkpoint, load, save
from training.clock import Clock
from training.losses import Rivals, read_losses
from training.words import folded, read_lists

WARM_UP = 60  # steps
TOWER_RATE = (
    0.3  # of the page reader's learning rate: the pages follow the words more than the words the pages
)
MEET_EVERY = 12  # steps between the workers' averaging
AVERAGE = 0.998  # of the weights' running average, which is what is exported


class Average:
    """Exponential running average of a net's weights; running statistics are copied."""

    def __init__(self, state: dict[str, Tensor]) -> None:
        self.state = {name: value.detach().clone() for name, value in state.items()}

    def update(self, net: nn.Module, step: int, n_steps: int = 1) -> None:
        keep = min(AVERAGE, (1 + step) / (10 + step)) ** n_steps
        with torch.no_grad():
            for name, value in net.state_dict().items():
                if value.is_floating_point():
                    self.state[name].lerp_(value, 1 - keep)
                else:
                    self.state[name].copy_(value)


def average_workers(net: nn.Module, *, stop: bool) -> bool:
    """Average weights and running statistics over all workers; whether any of them wants to stop."""
    if not dist.is_initialized():
        return stop
    tensors = [value.data for value in net.state_dict().values() if value.is_floating_point()]
    wish = torch.tensor([float(stop)], device=tensors[0].device)
    flat = torch.cat([*(value.reshape(-1) for value in tensors), wish])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    for value, mean in zip(
        tensors, torch.split(flat[:-1], [value.numel() for value in tensors]), strict=True
    ):
        value.copy_(mean.view(value.shape))
    return bool(flat[-1] > 0)


def groups(reader: nn.Module, tower: nn.Module) -> list[dict[str, object]]:
    """Weight decay for the reader's matrices alone; `share` of the learning rate."""
    matrices = [p for p in reader.parameters() if p.ndim > 1]
    others = [p for p in reader.parameters() if p.ndim <= 1]
    return [
        {"params": matrices, "weight_decay": 0.02, "share": 1.0},
        {"params": others, "weight_decay": 0.0, "share": 1.0},
        {
            "params": [p for p in tower.parameters() if p.requires_grad],
            "weight_decay": 0.0,
            "share": TOWER_RATE,
        },
    ]


def to(batch: Batch, device: str) -> Batch:
    """The batch's tensors on a device."""
    if device == "cpu":
        return batch
    moved = {k: getattr(batch, k).to(device) for k in ("pages", "letters", "saliency", "cells", "extents")}
    return Batch(words=batch.words, **moved)


def train(
    start: Checkpoint,
    pool: Pool,
    bank: list[str],
    out: Path | None,
    *,
    minutes: float,
    device: str = "cpu",
    batch_size: int = 6,
    rate: float = 2e-3,
    save_every: float = 4.0,
    rank: int = 0,
    keep_words: bool = False,
    clock: Clock | None = None,
) -> list[dict[str, float]]:
    """Train until `minutes` in all have passed; `out` None: another worker saves. Returns every step's figures.

    keep_words: the word tower stays as it is, and so do vocabularies and thresholds made with it;
    clock: what tells the minutes, the machine's own where there is none
    """
    seed = start.step * 100 + rank
    rng = random.Random(seed)
    torch.manual_seed(seed)
    reader, tower = start.nets()
    both = nn.ModuleDict({"page": reader, "word": tower})
    average = Average({k: v.to(device) for k, v in both.state_dict().items()})
    if start.live:
        reader.load_state_dict(start.live)
    reader.to(device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    tower.to(device).train().requires_grad_(not keep_words)
    rivals = Rivals(tower, bank, seed)
    optimizer = torch.optim.AdamW(groups(reader, tower), lr=rate, betas=(0.9, 0.98))
    if start.optimizer:
        optimizer.load_state_dict(start.optimizer)
    autocast = torch.autocast(device, torch.bfloat16) if device != "cpu" or _bf16_pays() else nullcontext()
    clock, saved, step, passed = clock or Clock(), time.monotonic(), start.step, start.minutes
    figures: list[dict[str, float]] = []
    while True:
        if step % MEET_EVERY == 0:
            if average_workers(both, stop=passed >= minutes):
                break
            average.update(both, step, MEET_EVERY)
        done = min(passed / minutes, 1.0)
        for group in optimizer.param_groups:
            group["lr"] = (
                group["share"] * rate * min(1, (step + 1) / WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * done))
                + 1e-5
            )
        batch = to(make_batch(pool.sample(batch_size, rng), rng), device)
        with autocast:
            losses = read_losses(reader, batch, rivals, letters_weight=1.5 - done)
        optimizer.zero_grad(set_to_none=True)
        losses.total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(both.parameters(), 2.0)
        optimizer.step()
        step += 1
        passed = start.minutes + clock.step() / 60
        figures.append(losses.parts)
        if step % 50 == 0 and rank == 0:
            _report(step, passed, figures[-50:], len(pool))
        if step % 50 == 25:
            pool.refresh(at_most=4)
        if step % 150 == 0:
            rivals.refresh()
        if out and (time.monotonic() - saved) / 60 > save_every:
            saved = time.monotonic()
            save(_checkpoint(average, both, optimizer, step, passed), out)
    if out:
        save(_checkpoint(average, both, optimizer, step, max(passed, minutes)), out)
    return figures


def _checkpoint(
    average: Average, both: nn.ModuleDict, optimizer: torch.optim.Optimizer, step: int, minutes: float
) -> Checkpoint:
    averages = {
        side: {k.removeprefix(f"{side}."): v for k, v in average.state.items() if k.startswith(f"{side}.")}
        for side in ("page", "word")
    }
    live = both["page"].state_dict()
    return Checkpoint(averages["page"], averages["word"], step, minutes, live, optimizer.state_dict())


def _bf16_pays() -> bool:
    """For a convolution like the reader's, on one thread."""
    layer = nn.Conv2d(48, 48, 3, padding=1).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    x = torch.randn(2, 48, 88, 128).contiguous(memory_format=torch.channels_last)
    return fastest({"float32": lambda: layer(x), "bfloat16": in_bf16(lambda: layer(x))}) == "bfloat16"


def _report(step: int, minutes: float, figures: list[dict[str, float]], n_crops: int) -> None:
    means = {name: sum(f[name] for f in figures) / len(figures) for name in figures[0]}
    shown = "  ".join(f"{name} {value:.3f}" for name, value in means.items())
    print(f"{step}  {minutes:.1f} min  {shown}  of {n_crops} crops", flush=True)


def work(rank: int, arguments: argparse.Namespace, meeting: str) -> None:
    """One worker's training."""
    torch.set_num_threads(arguments.threads)
    if arguments.workers > 1:
        dist.init_process_group(
            "gloo", init_method=f"file://{meeting}", rank=rank, world_size=arguments.workers
        )
    pool = Pool(arguments.pool, part=(rank, arguments.workers))
    pool.refresh()
    if not len(pool):  # fewer shards than workers
        pool = Pool(arguments.pool)
        pool.refresh()
    bank = random.Random(rank).sample(
        all_words := folded(read_lists(arguments.dict).values()), min(200_000, len(all_words))
    )
    train(
        load(arguments.resume),
        pool,
        bank,
        arguments.out / "checkpoint.pt" if rank == 0 else None,
        minutes=arguments.minutes,
        device=arguments.device,
        batch_size=arguments.batch,
        rate=arguments.rate,
        rank=rank,
        keep_words=arguments.keep_words,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument(
        "--resume", type=Path, required=True, help="a checkpoint; training.start makes the first"
    )
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pool", type=Path, required=True)
    parser.add_argument("--dict", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1, help="of each worker")
    parser.add_argument("--batch", type=int, default=6, help="crops a step and worker")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--keep-words", action="store_true", help="train the page reader alone")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        meeting = str(Path(folder) / "meeting")
        others = [
            processes.Process(target=work, args=(r, arguments, meeting)) for r in range(1, arguments.workers)
        ]
        for other in others:
            other.start()
        work(0, arguments, meeting)
        for other in others:
            other.join()


if __name__ == "__main__":
    main()

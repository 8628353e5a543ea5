"""Train the looks net: ``python -m training.looks --minutes 60 --out assets/encoder/looks.safetensors``.

Makes practice pages in a temporary folder while it trains. Run again with the same ``--folder`` to go on.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import tempfile
import time
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

from retrieval.encoders.look_words import CELL, LONG_SIDE, LOOKS
from retrieval.encoders.looks_net import LookModel, TurnModel

CLASSES = len(LOOKS) + 1
FILE_PAGES = 60
POOL_PAGES = 6000
"""Pages kept in memory (0.3 MB each); the oldest leave first."""
IGNORED = 255
_SHORT = 304
_WINDOW = 24
"""Cells along a training window's side."""
_WINDOWS, _PAGES = 24, 8
"""Windows and whole pages in a batch."""
_WHOLE_FROM = 0.8
"""Share of the time after which whole pages are trained on."""

Pages = list[tuple[NDArray[np.uint8], NDArray[np.uint8]]]


def make_file(folder: str, number: int, stock: str) -> None:
    """One file of practice pages: images, cells and crops, as plain arrays."""
    from training.looks_pages import make_page

    path = Path(folder) / f"{number:06d}.npz"
    if path.exists():
        return
    arrays: dict[str, NDArray[np.uint8] | NDArray[np.bool_]] = {}
    for i in range(FILE_PAGES):
        page = make_page(number * FILE_PAGES + i, Path(stock))
        arrays |= {
            f"image{i}": page.image,
            f"cells{i}": page.cells,
            f"crops{i}": page.crops,
            f"worded{i}": page.worded,
        }
    with path.with_suffix(".part").open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    path.with_suffix(".part").rename(path)


def _draw_pages(folder: str, stock: str, first: int, step: int, files: int) -> None:
    """A worker: the files first, first + step …"""
    os.nice(5)
    for number in range(first, files, step):
        make_file(folder, number, stock)


@dataclass(slots=True)
class Pool:
    """The practice pages in memory, portrait and landscape apart; the first file is kept for checking."""

    folder: Path
    pages: dict[bool, Pages] = field(default_factory=lambda: {False: [], True: []})
    held_out: Pages = field(default_factory=list)
    crops: list[tuple[NDArray[np.uint8], bool]] = field(default_factory=list)
    read: set[str] = field(default_factory=set)

    def refresh(self) -> None:
        for path in sorted(self.folder.glob("*.npz")):
            if path.name in self.read:
                continue
            self.read.add(path.name)
            with np.load(path, allow_pickle=False) as arrays:
                for i in range(FILE_PAGES):
                    image, cells = arrays[f"image{i}"], arrays[f"cells{i}"]
                    if path.name == "000000.npz":
                        self.held_out.append((image, cells))
                        continue
                    self.pages[image.shape[1] > image.shape[0]].append((image, cells))
                    self.crops += zip(arrays[f"crops{i}"], arrays[f"worded{i}"].tolist(), strict=True)
        for landscape in (False, True):
            del self.pages[landscape][: -POOL_PAGES // 2]
        del self.crops[: -POOL_PAGES * 2]

    @property
    def size(self) -> int:
        return len(self.pages[False]) + len(self.pages[True])


def batch_pages(items: Pages, rng: random.Random) -> tuple[Tensor, Tensor]:
    """Whole pages of one direction: pixels (n, 3, h, w) in −1..1, labels (n, h / CELL, w / CELL)."""
    landscape = items[0][0].shape[1] > items[0][0].shape[0]
    height, width = (_SHORT, LONG_SIDE) if landscape else (LONG_SIDE, _SHORT)
    pixels = np.full((len(items), height, width, 3), 255, np.uint8)
    labels = np.full((len(items), height // CELL, width // CELL), IGNORED, np.uint8)
    for i, (image, cells) in enumerate(items):
        pixels[i, : image.shape[0], : image.shape[1]] = image
        labels[i, : cells.shape[0], : cells.shape[1]] = cells
    return _tensors(pixels, labels, rng)


def batch_windows(items: Pages, rng: random.Random) -> tuple[Tensor, Tensor]:
    """Square windows of pages around their pictures, at 0.8 to 1.2 of the size: most of a page is text, and
    windows show several times more of the rest for the same work."""
    side = rng.choice((20, 24, 24, 27))
    pixels = np.zeros((len(items), side * CELL, side * CELL, 3), np.uint8)
    labels = np.zeros((len(items), side, side), np.uint8)
    for i, (image, cells) in enumerate(items):
        rows, columns = np.nonzero(cells > LOOKS.index("heading") + 1)
        pick = rng.randrange(len(rows)) if len(rows) and rng.random() < 0.9 else None
        row = rng.randrange(cells.shape[0]) if pick is None else int(rows[pick])
        column = rng.randrange(cells.shape[1]) if pick is None else int(columns[pick])
        top = min(max(0, row - rng.randrange(side)), cells.shape[0] - side)
        left = min(max(0, column - rng.randrange(side)), cells.shape[1] - side)
        labels[i] = cells[top : top + side, left : left + side]
        pixels[i] = image[top * CELL : (top + side) * CELL, left * CELL : (left + side) * CELL]
    x, y = _tensors(pixels, labels, rng)
    if side != _WINDOW:
        x = F.interpolate(x, size=_WINDOW * CELL, mode="bilinear", align_corners=False)
        y = F.interpolate(y[:, None].float(), size=_WINDOW, mode="nearest-exact")[:, 0].long()
    return x.contiguous(memory_format=torch.channels_last), y


def _tensors(
    pixels: NDArray[np.uint8], labels: NDArray[np.uint8], rng: random.Random
) -> tuple[Tensor, Tensor]:
    """Tensors of a batch; its colours and light are changed by chance."""
    x = torch.from_numpy(pixels).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
    for i in range(len(x)):
        chance = rng.random()
        if chance < 0.06:
            x[i] = -x[i]
        elif chance < 0.2:
            x[i] = x[i].mean(0, keepdim=True)
        elif chance < 0.4:
            x[i] = x[i][torch.randperm(3)]
        if rng.random() < 0.3:
            x[i] = x[i] * rng.uniform(0.6, 1.05) + rng.uniform(-0.2, 0.2)
    return x.contiguous(memory_format=torch.channels_last), torch.from_numpy(labels).long()


def batch_crops(items: list[tuple[NDArray[np.uint8], bool]], rng: random.Random) -> tuple[Tensor, Tensor]:
    """Pieces (n, 1, side, side), turned by chance, and how far (4: no text)."""
    turns = [rng.randrange(4) for _ in items]
    pixels = np.stack([np.rot90(crop, turn) for (crop, _), turn in zip(items, turns, strict=True)])
    x = torch.from_numpy(pixels)[:, None].float().div_(127.5).sub_(1)
    for i in range(len(items)):
        if rng.random() < 0.1:
            x[i] = -x[i]
        if rng.random() < 0.2:
            x[i] += torch.randn_like(x[i]) * rng.uniform(0.02, 0.15)
    labels = [turn if worded else 4 for turn, (_, worded) in zip(turns, items, strict=True)]
    return x.contiguous(memory_format=torch.channels_last), torch.tensor(labels)


class Training:
    """Both nets with their optimizer; one step is a batch of pages and a batch of crops."""

    def __init__(self, device: str, bf16: bool = False) -> None:
        self.device, self.bf16 = device, bf16
        self.looks = LookModel(CLASSES).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.turn = TurnModel().to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = torch.optim.AdamW(
            [*self.looks.parameters(), *self.turn.parameters()], lr=2e-3, weight_decay=0.02
        )
        # background and text are nine tenths of all cells
        self.weights = torch.tensor([0.4, 0.5, 1.0] + [1.6] * (CLASSES - 3), device=device)
        self.steps = 0

    def step(self, pages: tuple[Tensor, Tensor], crops: tuple[Tensor, Tensor]) -> tuple[float, float]:
        """Train on one batch; the two losses."""
        self.looks.train()
        self.turn.train()
        pixels, labels = (part.to(self.device) for part in pages)
        pieces, turns = (part.to(self.device) for part in crops)
        with torch.autocast(self.device, torch.bfloat16, enabled=self.bf16):
            looks, turn = self.looks(pixels), self.turn(pieces)
        seen = F.cross_entropy(
            looks.float(), labels, self.weights, ignore_index=IGNORED, label_smoothing=0.03
        )
        turned = F.cross_entropy(turn.float(), turns)
        self.optimizer.zero_grad(set_to_none=True)
        (seen + 0.5 * turned).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_([*self.looks.parameters(), *self.turn.parameters()], 2.0)
        self.optimizer.step()
        self.steps += 1
        return float(seen), float(turned)

    def save(self, path: Path) -> None:
        """Both nets as float16 safetensors."""
        parts = {f"looks.{k}": v for k, v in self.looks.state_dict().items()}
        parts |= {f"turn.{k}": v for k, v in self.turn.state_dict().items()}
        half = {k: (v.half() if v.is_floating_point() else v).cpu().contiguous() for k, v in parts.items()}
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(half, str(path.with_suffix(".part")), {"format": "pt", "looks": ", ".join(LOOKS)})
        path.with_suffix(".part").replace(path)

    def keep(self, path: Path) -> None:
        torch.save(
            {
                "looks": self.looks.state_dict(),
                "turn": self.turn.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "steps": self.steps,
            },
            path.with_suffix(".part"),
        )
        path.with_suffix(".part").replace(path)

    def resume(self, path: Path) -> None:
        kept = torch.load(path, map_location=self.device, weights_only=True)
        self.looks.load_state_dict(kept["looks"])
        self.turn.load_state_dict(kept["turn"])
        self.optimizer.load_state_dict(kept["optimizer"])
        self.steps = kept["steps"]

    @torch.no_grad()
    def check(self, held_out: Pages) -> dict[str, float]:
        """Intersection over union of each class's cells on pages that were not trained on."""
        self.looks.eval()
        hits, unions = np.zeros(CLASSES), np.zeros(CLASSES)
        for item in held_out:
            pixels, labels = batch_pages([item], random.Random(0))
            guess = self.looks(pixels.to(self.device)).argmax(1).cpu()[labels != IGNORED].numpy()
            truth = labels[labels != IGNORED].numpy()
            for index in range(CLASSES):
                hits[index] += ((guess == index) & (truth == index)).sum()
                unions[index] += ((guess == index) | (truth == index)).sum()
        return {name: float(hits[i] / max(1, unions[i])) for i, name in enumerate(("background", *LOOKS))}


def train(minutes: float, out: Path, folder: Path, device: str, bf16: bool, workers: int, stock: int) -> None:
    """Train for that long, drawing pages meanwhile; saves every few minutes and at the end."""
    from training.looks_stock import make_stock

    started, charts = time.monotonic(), folder / "stock"
    make_stock(charts, stock)
    context = get_context("spawn")
    painters = [
        context.Process(target=_draw_pages, args=(str(folder), str(charts), i, workers, 4000), daemon=True)
        for i in range(workers)
    ]
    for painter in painters:
        painter.start()
    training, kept, rng, pool = Training(device, bf16), folder / "training.pt", random.Random(), Pool(folder)
    if kept.exists():
        training.resume(kept)
    while True:
        pool.refresh()
        if pool.size >= FILE_PAGES and pool.held_out:
            break
        time.sleep(1)
    began = saved = time.monotonic()
    losses: list[tuple[float, float]] = []
    while (now := time.monotonic()) - began < minutes * 60:
        passed = (now - began) / (minutes * 60)
        rate = (
            2.5e-3
            * min(1.0, (training.steps + 1) / 100)
            * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * passed)))
        )
        for group in training.optimizer.param_groups:
            group["lr"] = rate
        if passed < _WHOLE_FROM:
            pages = batch_windows(rng.choices(pool.pages[False] + pool.pages[True], k=_WINDOWS), rng)
        else:
            landscape = rng.random() < len(pool.pages[True]) / pool.size
            pages = batch_pages(rng.choices(pool.pages[landscape], k=_PAGES), rng)
        losses.append(training.step(pages, batch_crops(rng.choices(pool.crops, k=16), rng)))
        if training.steps % 20 == 0:
            pool.refresh()
            recent = np.mean(losses[-20:], axis=0)
            print(
                f"{(now - started) / 60:.1f} min, step {training.steps}, {pool.size} pages, looks {recent[0]:.3f}, turn {recent[1]:.3f}",
                flush=True,
            )
        if now - saved > 240:
            saved = now
            training.keep(kept)
            training.save(out)
            scores = training.check(pool.held_out[:24])
            print(
                f"mean IoU {np.mean(list(scores.values())):.3f}",
                {k: round(v, 2) for k, v in scores.items()},
                flush=True,
            )
    for painter in painters:
        painter.terminate()
    training.keep(kept)
    training.save(out)
    print({k: round(v, 3) for k, v in training.check(pool.held_out).items()})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--out", type=Path, default=Path("assets/encoder/looks.safetensors"))
    parser.add_argument(
        "--folder", type=Path, help="for pages and the state to resume from (default: a new temporary one)"
    )
    parser.add_argument("--device", default="cpu")
    parser.add_argument(
        "--bf16", action="store_true", help="faster where the processor has it; slower elsewhere"
    )
    parser.add_argument("--workers", type=int, default=1, help="processes that draw pages")
    parser.add_argument("--stock", type=int, default=120, help="matplotlib charts of each class")
    chosen = parser.parse_args()
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="pagelight-looks-"))
    folder.mkdir(parents=True, exist_ok=True)
    print("pages and state in", folder)
    train(chosen.minutes, chosen.out, folder, chosen.device, chosen.bf16, chosen.workers, chosen.stock)


if __name__ == "__main__":
    main()

"""Train the figure net: ``python -m training.figures.train --minutes 60 --out assets/encoder/figures.safetensors``.

Draws practice pages in a folder as features, and fits the net to them and to named pages of real documents. Run again with
the same ``--folder`` to reuse the pages and to go on where it was. With ``--packages`` it unpacks the Debian packages
there that real pictures come from (see `real`), else it takes what is installed. At the end it tells how the net
does on new practice pages, and on real pages that it was not trained on.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from pagelight.retrieval.encoders.builtin.figures.detector import N_PLAIN, load_figures
from pagelight.retrieval.encoders.builtin.figures.net import CLASSES, CellFigures, FigureNet
from pagelight.retrieval.encoders.builtin.figures.query_words import FIGURE_KINDS
from training.clock import Clock
from training.figures.batches import Batch, Batches, edges_of
from training.figures.check import measure
from training.figures.material import ROOT
from training.figures.pool import FILE_PAGES, Sample, drawn_samples, make_files, real_samples
from training.figures.real import PACKAGES, make_crops, real_pages
from training.figures.stock import make_stock
from training.packages import DOCUMENTS, FONTS, HELD_OUT, WORD_LISTS, unpack

_RATE = 3e-3
_WARM_UP = 100
_AVERAGED = 0.998
"""Share of the averaged weights that stays at a step: the average is what is kept."""
_SILENT, _NOISE = 0.05, 0.15
"""Share of the features that are left out of a page, and how far the others are scaled, against learning pages by heart."""
_SAVE_SECONDS = 60
_SEED = 7


def losses_of(figures: CellFigures, batch: Batch) -> Tensor:
    """(3,): of what cells show, of their boxes (1 - IoU), and of how well those are said to fit."""
    total = batch.weights.sum()
    shows = F.cross_entropy(figures.shows, batch.classes, reduction="none", label_smoothing=0.05)
    own = batch.weights * (batch.edges.sum(1) > 0)
    share = own.sum().clamp_min(1e-6)
    overlap = _iou(figures.edges, batch.edges)
    fits = F.binary_cross_entropy_with_logits(figures.fits, overlap.detach(), reduction="none")
    return torch.stack(
        [
            (shows * batch.weights).sum() / total,
            ((1 - overlap) * own).sum() / share,
            (fits * own).sum() / share,
        ]
    )


def _iou(a: Tensor, b: Tensor) -> Tensor:
    """(n, 4, ...) edges around the same cell -> (n, ...) intersection over union."""
    both = torch.minimum(a, b)
    common = (both[:, 0] + both[:, 2]) * (both[:, 1] + both[:, 3])
    areas = sum((e[:, 0] + e[:, 2]) * (e[:, 1] + e[:, 3]) for e in (a, b))
    return common / (areas - common).clamp_min(1e-6)


def _jittered(scaled: Tensor, rng: torch.Generator) -> Tensor:
    """Features scaled and left out by chance, page by page."""
    shape = (*scaled.shape[:2], 1, 1)
    kept = torch.rand(shape, generator=rng) >= _SILENT
    return scaled * kept * (1 + _NOISE * torch.randn(shape, generator=rng))


class Trainer:
    """A net in training; `averaged` is what is kept of it."""

    def __init__(self, minutes: float) -> None:
        torch.manual_seed(_SEED)
        self.model = FigureNet()
        self.averaged = FigureNet().eval()
        self.averaged.load_state_dict(self.model.state_dict())
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=_RATE, weight_decay=0.02)
        self._noise = torch.Generator().manual_seed(_SEED)
        self.total, self.passed, self.steps = minutes * 60, 0.0, 0

    def fit_scale(self, pages: list[Sample]) -> None:
        """Take the features' scale from some pages."""
        cells = torch.cat(
            [page.maps.flatten(1).T[::7].float() for page in pages[:: max(1, len(pages) // 400)]]
        )
        for model in (self.model, self.averaged):
            model.fit_scale(cells)

    def step(self, batch: Batch) -> list[float]:
        """One step; the losses."""
        share = min(1.0, self.passed / self.total)
        rate = (
            _RATE * min(1.0, (self.steps + 1) / _WARM_UP) * (0.01 + 0.495 * (1 + math.cos(math.pi * share)))
        )
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.model.train()
        losses = losses_of(self.model.look(_jittered(self.model.scaled(batch.maps), self._noise)), batch)
        self.optimizer.zero_grad(set_to_none=True)
        losses.sum().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 2.0)
        self.optimizer.step()
        self.steps += 1
        now = self.model.state_dict()
        weight = 1 - min(_AVERAGED, self.steps / (self.steps + 20))
        for name, value in self.averaged.state_dict().items():
            if value.is_floating_point():
                value.lerp_(now[name], weight)
        return [round(value, 3) for value in losses.tolist()]

    def train(self, batches: Batches, checkpoint: Path) -> None:
        """Until the minutes are over, those before a restart included."""
        clock, saved, before = Clock(), time.monotonic(), self.passed
        seen = []
        for batch in batches:
            seen.append(self.step(batch))
            now = time.monotonic()
            self.passed = before + clock.step()
            if now - saved > _SAVE_SECONDS or self.passed > self.total:
                self.save(checkpoint)
                print(
                    f"{self.passed / 60:.1f} min, step {self.steps}: {np.mean(seen, axis=0).round(3)}",
                    flush=True,
                )
                saved, seen = now, []
            if self.passed > self.total:
                return

    def save(self, path: Path) -> None:
        state = {
            "model": self.model.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "passed": self.passed,
            "steps": self.steps,
        }
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def load(self, path: Path) -> None:
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.passed, self.steps = state["passed"], state["steps"]


def save(model: FigureNet, path: Path) -> None:
    """As safetensors: weights in float16, scales of features in float32."""
    stored = {
        k: (v.half() if k.endswith((".weight", ".bias")) else v).contiguous()
        for k, v in model.state_dict().items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(stored, str(path.with_suffix(".part")), {"format": "pt", "kinds": ", ".join(FIGURE_KINDS)})
    path.with_suffix(".part").replace(path)


def check(model: FigureNet, pages: list[Sample]) -> dict[str, float]:
    """On pages that were not trained on: each class's intersection over union in cells, and that of the boxes."""
    hits, unions, boxes = np.zeros(CLASSES), np.zeros(CLASSES), []
    for page in pages:
        figures = model(page.maps[None].float())
        guess = figures.shows[0].argmax(0).numpy()
        edges, sizes = edges_of(page.numbers)
        boxes.append(_iou(figures.edges, torch.from_numpy(edges[None]))[0].numpy()[sizes > 0])
        for index in range(CLASSES):
            hits[index] += ((guess == index) & (page.cells == index)).sum()
            unions[index] += ((guess == index) | (page.cells == index)).sum()
    found = {name: hits[i] / max(1, unions[i]) for i, name in enumerate(("background", *FIGURE_KINDS))}
    things = np.mean(list(found.values())[N_PLAIN:])
    told = {"things": things, "boxes": np.concatenate(boxes).mean(), **found}
    return {name: round(float(value), 2) for name, value in told.items()}


def train(minutes: float, out: Path, folder: Path, pages: int, workers: int, stock: int) -> None:
    """Draw what is missing, fit, measure."""
    started, rng = time.monotonic(), random.Random(_SEED)
    files, checkpoint = max(2, pages // FILE_PAGES), folder / "figures.pt"
    make_stock(folder / "stock", stock)
    make_crops(folder / "stock")
    make_files(folder, folder / "stock", files, workers)
    drawn, held_out = drawn_samples(folder, files)
    real = real_samples()
    print(f"{len(drawn)} pages, {len(real)} real, {time.monotonic() - started:.0f} s", flush=True)
    trainer = Trainer(minutes)
    if checkpoint.exists():
        trainer.load(checkpoint)
    else:
        trainer.fit_scale(drawn)
    trainer.train(Batches(drawn, real, rng), checkpoint)
    save(trainer.averaged, out)
    with torch.inference_mode():
        print("on new pages:", check(trainer.averaged, held_out))
    print("on real pages:", measure(load_figures(out), real_pages("check")))
    print(f"{out}: {out.stat().st_size / 1e6:.2f} MB, {time.monotonic() - started:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--minutes", type=float, default=60, help="of fitting; drawing the pages comes before"
    )
    parser.add_argument("--out", type=Path, default=Path("assets/encoder/figures.safetensors"))
    parser.add_argument(
        "--folder", type=Path, help="for pages and the checkpoint (default: a new temporary one)"
    )
    parser.add_argument("--pages", type=int, default=12_000)
    parser.add_argument("--workers", type=int, default=1, help="processes that draw pages")
    parser.add_argument("--stock", type=int, default=60, help="matplotlib charts of each class")
    parser.add_argument("--packages", type=Path, help="folder to unpack Debian packages in, some gigabytes")
    chosen = parser.parse_args()
    if chosen.packages:
        missing = unpack([*PACKAGES, *WORD_LISTS, *FONTS, *DOCUMENTS, *HELD_OUT], chosen.packages)
        print("packages that this release does not have:", ", ".join(missing) or "none")
        os.environ[ROOT] = str(chosen.packages.resolve())
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="pagelight-figures-"))
    folder.mkdir(parents=True, exist_ok=True)
    print("pages in", folder)
    train(chosen.minutes, chosen.out, folder, chosen.pages, chosen.workers, chosen.stock)


if __name__ == "__main__":
    main()

"""Train the looks net: ``python -m training.looks --minutes 8 --out assets/encoder/looks.safetensors``.

Draws practice pages in a folder, turns them into features once, and fits three perceptrons, each for its share of
the minutes. Run again with the same ``--folder`` to reuse the pages and to go on from the weights. With ``--packages``
it unpacks the Debian packages there that real pictures come from (see `looks_real`), else it takes what is installed.
At the end it tells how the net does on new practice pages, and on real pages that it was not trained on.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from retrieval.encoders.look_words import LOOKS
from retrieval.encoders.looks import Cells, components, load_looks
from retrieval.encoders.looks_features import grid_features, with_surroundings
from retrieval.encoders.looks_net import CLASSES, LookModel, Perceptron
from training.looks_check import measure
from training.looks_material import ROOT
from training.looks_pool import FILE_PAGES, Features, make_files, read_pool, real_features
from training.looks_real import PACKAGES, UNKNOWN, make_crops, real_pages
from training.looks_stock import make_stock
from training.packages import DOCUMENTS, FONTS, HELD_OUT, WORD_LISTS, unpack

_SHARES = {"cells": 0.5, "context": 0.3, "regions": 0.2}
_PER_CLASS = 12
"""Cells of a class that a page gives to the sample: else nine tenths of it were text and background."""
_SWAYS = 2
"""Times that a region is shown, each time with other edges."""
_FIRST_PAGES = 0.6
"""Share of the pages that the cells part learns from. The later parts learn from the others, on which it errs as it
will on new ones."""
_NOISE = 0.25
"""Deviation of the noise on scaled features while training, against learning the sample by heart."""
_BLEND = 0.6
"""Share of the new weights where the training went on from others: a mixture of both knows what either has seen
(Wortsman et al., "Robust fine-tuning of zero-shot models", 2022)."""
_SEED = 7


def fit(
    model: Perceptron, x: Tensor, y: Tensor, seconds: float, *, batch: int = 512, rate: float = 2e-3
) -> list[float]:
    """Train a perceptron on a sample for so long; the losses of its steps."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.03)
    counts = torch.bincount(y, minlength=CLASSES).float()
    weights = (counts.sum() / (counts + 50)).sqrt()
    weights /= weights.mean()
    losses: list[float] = []
    model.train()
    began = time.monotonic()
    while (passed := (time.monotonic() - began) / seconds) < 1:
        for group in optimizer.param_groups:
            group["lr"] = (
                rate * min(1.0, (len(losses) + 1) / 50) * (0.02 + 0.49 * (1 + math.cos(math.pi * passed)))
            )
        chosen = torch.randint(len(x), (batch,))
        told = x[chosen].float()
        told += torch.randn_like(told) * (_NOISE * model.spread)
        loss = F.cross_entropy(model(told), y[chosen], weights, label_smoothing=0.05)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    return losses


def _picked(page: Features, rng: random.Random) -> Tensor:
    """Indices of cells to learn from, some of each class."""
    flat = page.cells.ravel()
    chosen: list[int] = []
    for name in np.unique(flat[flat != UNKNOWN]):
        places = np.flatnonzero(flat == name).tolist()
        chosen += rng.sample(places, min(_PER_CLASS, len(places)))
    return torch.tensor(chosen)


def _flat(maps: Tensor, places: Tensor | None = None) -> Tensor:
    """(n, rows, columns) → (cells, n), or of some cells."""
    flat = maps.flatten(1).T
    return flat if places is None else flat[places]


def cell_sample(pages: list[Features], rng: random.Random) -> tuple[Tensor, Tensor]:
    """Features of cells with their surroundings (float16), and classes."""
    xs, ys = [], []
    for page in pages:
        places = _picked(page, rng)
        xs.append(_flat(with_surroundings(page.maps.float()), places).half())
        ys.append(torch.from_numpy(page.cells.ravel()).long()[places])
    return torch.cat(xs), torch.cat(ys)


def context_sample(model: LookModel, pages: list[Features], rng: random.Random) -> tuple[Tensor, Tensor]:
    """What the cells net takes a cell and its neighbours for (float16), and classes."""
    xs, ys = [], []
    for page in pages:
        places = _picked(page, rng)
        xs.append(_flat(Cells.first_look(model, page.maps.float()), places).half())
        ys.append(torch.from_numpy(page.cells.ravel()).long()[places])
    return torch.cat(xs), torch.cat(ys)


def region_sample(model: LookModel, pages: list[Features], rng: random.Random) -> tuple[Tensor, Tensor]:
    """Features of the pictures of pages, their boxes shifted by chance, and classes."""
    xs, ys = [], []
    for page in pages:
        chances = Cells.second_look(model, page.maps.float())
        rows, columns = page.cells.shape
        for part in components(page.cells.astype(np.intp)):
            name = int(page.cells[part[0]])
            if name <= LOOKS.index("heading") + 1 or name == UNKNOWN or len(part) < 6:
                continue
            top, left = min(p[0] for p in part), min(p[1] for p in part)
            bottom, right = max(p[0] for p in part) + 1, max(p[1] for p in part) + 1
            for _ in range(_SWAYS):
                sway = [
                    rng.choice((-2, -1, 0, 0, 0, 1, 2)) if side > 5 else 0
                    for side in (right - left, bottom - top) * 2
                ]
                x0, y0 = max(0, min(left + sway[0], right - 2)), max(0, min(top + sway[1], bottom - 2))
                x1, y1 = min(columns, max(right + sway[2], x0 + 2)), min(rows, max(bottom + sway[3], y0 + 2))
                told = chances[:, y0:y1, x0:x1].mean((1, 2))
                xs.append(torch.cat([grid_features(page.maps.float(), (x0, y0, x1, y1)), told]).half())
                ys.append(name)
    return torch.stack(xs), torch.tensor(ys)


def save(model: LookModel, path: Path) -> None:
    """As safetensors: weights in float16, scales of features in float32."""
    exact = ("centre", "spread")
    stored = {k: (v if k.endswith(exact) else v.half()).contiguous() for k, v in model.state_dict().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(stored, str(path.with_suffix(".part")), {"format": "pt", "looks": ", ".join(LOOKS)})
    path.with_suffix(".part").replace(path)


def restore(model: LookModel, path: Path) -> None:
    """Weights of a file that `save` wrote."""
    model.load_state_dict({name: value.float() for name, value in load_file(str(path)).items()})


def blend(model: LookModel, before: dict[str, Tensor]) -> None:
    """Draw the weights back towards those from before."""
    now = model.state_dict()
    model.load_state_dict({name: torch.lerp(before[name], now[name], _BLEND) for name in now})


def check(model: LookModel, pages: list[Features]) -> Iterator[tuple[str, float]]:
    """Each class's intersection over union in cells, on pages that were not trained on."""
    hits, unions = np.zeros(CLASSES), np.zeros(CLASSES)
    for page in pages:
        guess = Cells.second_look(model, page.maps.float()).argmax(0).numpy()
        for index in range(CLASSES):
            hits[index] += ((guess == index) & (page.cells == index)).sum()
            unions[index] += ((guess == index) | (page.cells == index)).sum()
    for index, name in enumerate(("background", *LOOKS)):
        yield name, float(hits[index] / max(1, unions[index]))


def _fit_part(name: str, part: Perceptron, sample: tuple[Tensor, Tensor], seconds: float) -> None:
    x, y = sample
    if bool((part.spread == 1).all()):  # not yet trained
        part.fit_scale(x[:: max(1, len(x) // 20_000)].float())
    losses = fit(part, x, y, seconds)
    right = (part(x[::17].float()).argmax(1) == y[::17]).float().mean()
    print(
        f"{name}: {len(y)} samples, {len(losses)} steps, loss {np.mean(losses[-50:]):.3f}, right {right:.3f}",
        flush=True,
    )


def train(
    minutes: float,
    out: Path,
    folder: Path,
    pages: int,
    workers: int,
    stock: int,
    resume: Path | None,
    parts: list[str],
) -> None:
    """Draw what is missing, fit each part, save after each."""
    started, rng = time.monotonic(), random.Random(_SEED)
    torch.manual_seed(_SEED)
    make_stock(folder / "stock", stock)
    make_crops(folder / "stock")
    make_files(folder, folder / "stock", max(2, pages // FILE_PAGES), workers)
    pool = read_pool(folder, max(2, pages // FILE_PAGES))
    real = real_features()
    print(f"{len(pool.pages)} pages, {len(real)} real, {time.monotonic() - started:.0f} s", flush=True)
    looks = LookModel().eval()
    if resume:
        restore(looks, resume)
    before = {name: value.clone() for name, value in looks.state_dict().items()}
    total = sum(_SHARES[part] for part in parts)
    for part in parts:
        seconds = _SHARES[part] / total * minutes * 60
        with torch.inference_mode():
            sample = _sample(part, looks, pool.pages, real, rng)
        perceptron: Perceptron = getattr(looks, part)
        _fit_part(part, perceptron, (sample[0].clone(), sample[1].clone()), seconds)
        save(looks, out)
    if resume:
        blend(looks, before)
        save(looks, out)
    with torch.inference_mode():
        told, truth = region_sample(looks, pool.held_out, rng)
        right = float((looks.regions(told.float()).argmax(1) == truth).float().mean())
        scores = dict(check(looks, pool.held_out))
    print(
        f"on new pages: {right:.3f} of the regions right, mean IoU of cells {np.mean(list(scores.values())):.3f}"
    )
    print({k: round(v, 2) for k, v in scores.items()})
    print("on real pages:", measure(load_looks(out), real_pages("check")))
    print(f"{out}: {out.stat().st_size / 1e6:.2f} MB, {time.monotonic() - started:.0f} s")


def _sample(
    part: str, looks: LookModel, pages: list[Features], real: list[Features], rng: random.Random
) -> tuple[Tensor, Tensor]:
    """Features and classes that a part learns from; later parts see what the ones before make of the pages."""
    first = round(len(pages) * _FIRST_PAGES)
    match part:
        case "cells":
            return cell_sample(pages[:first] + real, rng)
        case "context":
            return context_sample(looks, pages[first:] + real, rng)
        case _:
            return region_sample(looks, pages[first:] + real, rng)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=8, help="of fitting; drawing the pages comes before")
    parser.add_argument("--out", type=Path, default=Path("assets/encoder/looks.safetensors"))
    parser.add_argument("--folder", type=Path, help="for pages and features (default: a new temporary one)")
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--workers", type=int, default=1, help="processes that draw pages")
    parser.add_argument("--stock", type=int, default=60, help="matplotlib charts of each class")
    parser.add_argument("--resume", type=Path, help="weights to go on from")
    parser.add_argument(
        "--parts", nargs="+", choices=list(_SHARES), default=list(_SHARES), help="what to fit"
    )
    parser.add_argument("--packages", type=Path, help="folder to unpack Debian packages in, some gigabytes")
    chosen = parser.parse_args()
    if chosen.packages:
        missing = unpack([*PACKAGES, *WORD_LISTS, *FONTS, *DOCUMENTS, *HELD_OUT], chosen.packages)
        print("packages that this release does not have:", ", ".join(missing) or "none")
        os.environ[ROOT] = str(chosen.packages.resolve())
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="pagelight-looks-"))
    folder.mkdir(parents=True, exist_ok=True)
    print("pages in", folder)
    train(
        chosen.minutes,
        chosen.out,
        folder,
        chosen.pages,
        chosen.workers,
        chosen.stock,
        chosen.resume,
        chosen.parts,
    )


if __name__ == "__main__":
    main()

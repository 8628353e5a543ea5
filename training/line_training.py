"""Training of the line net: `python -m training.line_training [--minutes N]`.

One process draws strips, in the typefaces and with the words of the packages that `training.packages` names; another one learns
from them, at a rate that falls as the minutes pass. A strip is learned from a few times. The work folder keeps the weights of every few
minutes.
"""

import argparse
import multiprocessing
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional

from pagelight.retrieval.encoders.builtin.reader.line_net import COLUMN, LINES, LineNet, classes
from pagelight.retrieval.encoders.builtin.reader.line_reading import decoded
from pagelight.retrieval.encoders.builtin.reader.line_strips import ink
from training.drawn import find_fonts
from training.lines import LineDrawer
from training.packages import FONTS, WORD_LISTS, unpack
from training.vocabulary import ASSETS
from training.words import read_lists

#: strips of a file, files that are learned from, and files from which training begins
SHARD, KEPT, FIRST = 2048, 40, 3
#: pixels of width that a batch has
BATCH = 24_000
RATE = 3e-3
#: names of files of strips: those that are learned from, and those that are measured with
STRIPS, HELD = "strips-*-?????.npz", "held.npz"

Strips = list[tuple[NDArray[np.uint8], str]]


def draw(fonts: Path, lists: Path, out: Path, seed: int) -> None:
    """Draw files of strips for ever."""
    words = list(read_lists(lists, most=40_000).values())
    drawer = LineDrawer(find_fonts(fonts), words, random.Random(seed))
    number = 0
    while True:
        strips = [drawer.strip() for _ in range(SHARD)]
        shard = out / f"strips-{seed}-{number:05}.npz"
        np.savez(
            shard.with_suffix(".part.npz"),
            pixels=np.concatenate([pixels for pixels, _ in strips], axis=1),
            widths=np.array([pixels.shape[1] for pixels, _ in strips]),
            texts=np.array([text for _, text in strips]),
        )
        shard.with_suffix(".part.npz").rename(shard)
        for old in sorted(out.glob(f"strips-{seed}-*.npz"))[:-KEPT]:
            old.unlink()
        number += 1


def read(path: Path) -> Strips:
    """The strips of a file."""
    with np.load(path) as stored:
        parts = np.split(stored["pixels"], np.cumsum(stored["widths"])[:-1], axis=1)
        return [(ink(part), str(text)) for part, text in zip(parts, stored["texts"], strict=True)]


def batches(strips: Strips, rng: random.Random) -> Iterator[Strips]:
    """Strips of like widths together, in any order."""
    ordered = sorted(strips, key=lambda strip: strip[0].shape[1] + rng.uniform(0, 24))
    found, batch = [], []
    for strip in ordered:
        if batch and strip[0].shape[1] * (len(batch) + 1) > BATCH:
            found.append(batch)
            batch = []
        batch.append(strip)
    found.append(batch)
    rng.shuffle(found)
    yield from found


def stacked(batch: Strips) -> tuple[torch.Tensor, torch.Tensor]:
    """(n, 1, HEIGHT, widest) ink, and the widths (n,)."""
    widths = [pixels.shape[1] for pixels, _ in batch]
    together = np.zeros((len(batch), 1, batch[0][0].shape[0], max(widths)), np.float32)
    for row, (pixels, _) in enumerate(batch):
        together[row, 0, :, : pixels.shape[1]] = pixels.astype(np.float32) / 255
    return torch.from_numpy(together), torch.tensor(widths)


def loss(net: nn.Module, batch: Strips) -> torch.Tensor:
    """Connectionist temporal classification, a character."""
    strips, widths = stacked(batch)
    with torch.autocast("cpu", torch.bfloat16):
        logits = net(strips.to(memory_format=torch.channels_last))
    targets = [classes(text) for _, text in batch]
    found = functional.ctc_loss(
        logits.float().log_softmax(2).transpose(0, 1),
        torch.tensor([c for target in targets for c in target], dtype=torch.long),
        widths // COLUMN,
        torch.tensor([len(target) for target in targets]),
        zero_infinity=True,
        reduction="sum",
    )
    return found / max(sum(map(len, targets)), 1)


@torch.inference_mode()
def measured(net: LineNet, strips: Strips) -> tuple[float, float]:
    """The shares of strips and of words that are read as they stand."""
    net.eval()
    whole, words, right = 0, 0, 0
    for batch in batches(strips, random.Random(0)):
        images, widths = stacked(batch)
        logits = net(images).log_softmax(2).numpy()
        for (_, text), seen, width in zip(batch, logits, widths.tolist(), strict=True):
            got = decoded(seen[: width // COLUMN]).text.split()
            whole += got == text.split()
            words += len(text.split())
            right += sum(word in got for word in text.split())
    net.train()
    return whole / len(strips), right / max(words, 1)


def train(out: Path, minutes: float, start: Path | None) -> None:
    """Learn from what is drawn meanwhile."""
    torch.manual_seed(0)
    net = LineNet().to(memory_format=torch.channels_last)
    if start:
        net.load_state_dict({name: tensor.float() for name, tensor in load_file(start).items()})
    optimizer = torch.optim.AdamW(net.parameters(), RATE, weight_decay=0.02)
    held = read(out / HELD)
    shards: dict[Path, Strips] = {}
    began, rng, step, mean = time.time(), random.Random(1), 0, 4.0
    saved = began
    while True:
        names = sorted(out.glob(STRIPS))
        for name in names:
            if name not in shards:
                shards[name] = read(name)
        for old in sorted(shards, key=lambda name: name.name)[: -KEPT * 2]:
            del shards[old]
        pool = [
            strip for strips in rng.sample(list(shards.values()), min(2, len(shards))) for strip in strips
        ]
        for batch in batches(pool, rng):
            passed = (time.time() - began) / 60 / minutes
            if passed >= 1:
                break
            for group in optimizer.param_groups:
                group["lr"] = RATE * min(1, step / 200) * (0.5 + 0.5 * np.cos(np.pi * passed)) + 1e-6
            found = loss(net, batch)
            optimizer.zero_grad(set_to_none=True)
            found.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimizer.step()
            step, mean = step + 1, 0.98 * mean + 0.02 * float(found.detach())
        if time.time() - saved > 240 or passed >= 1:
            saved = time.time()
            save_file(
                {
                    name: (tensor.half() if tensor.is_floating_point() else tensor).contiguous()
                    for name, tensor in net.state_dict().items()
                },
                out / LINES,
            )
            whole, words = measured(net, held)
            print(
                f"{(saved - began) / 60:.0f} min, step {step}, {len(shards)} files, loss {mean:.3f}, strips {whole:.3f}, words {words:.3f}",
                flush=True,
            )
        if passed >= 1:
            return


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--work", type=Path, default=Path("build/lines"), help="packages, strips and weights")
    parser.add_argument("--minutes", type=float, default=72)
    parser.add_argument("--start", type=Path, help="weights to begin with, instead of untrained ones")
    parser.add_argument("--out", type=Path, default=ASSETS, help="where the weights go in the end")
    options = parser.parse_args()
    root, strips = options.work / "root", options.work / "strips"
    strips.mkdir(parents=True, exist_ok=True)
    unpack([*WORD_LISTS, *FONTS], root)
    torch.set_num_threads(1)
    drawing = multiprocessing.Process(
        target=draw, args=(root, root / "usr/share/dict", strips, 1), daemon=True
    )
    drawing.start()
    held = strips / HELD
    while len(list(strips.glob(STRIPS))) < FIRST + (not held.exists()):
        time.sleep(2)
    if not held.exists():
        min(strips.glob(STRIPS)).rename(held)
    train(strips, options.minutes, options.start)
    drawing.terminate()
    shutil.copy(strips / LINES, options.out / LINES)


if __name__ == "__main__":
    main()

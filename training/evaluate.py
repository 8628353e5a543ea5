"""`python -m training.evaluate CHECKPOINT`: how well a checkpoint reads held-out crops, and the thresholds that follow.

The thresholds change whenever the word space does, so they are measured and exported with the weights: `saliency` (a cell
holds a word), and `midpoint`, `slope` and `floor` of the curve from cosine to match (see `match_curve`).
"""

import argparse
import json
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from retrieval.encoders.reader import PageReader, WordTower
from training.batches import Pool, make_batch
from training.checkpoint import load
from training.crops import UNKNOWN, Crop
from training.losses import Rivals
from training.wear import KINDS, Gray
from training.words import folded, read_lists

WORN = 16  # crops that every kind of wear is tried on
ABSENT = 400  # words that are not on a crop, tried on each
SIZES = (6.5, 8, 9, 10, 11, 12, 13, 14, 16, 18, 20, 23, 26)  # pixels of font size


def measure(page: PageReader, word: WordTower, crops: Sequence[Crop], bank: list[str]) -> dict[str, Any]:
    """Figures over crops that training has not seen."""
    rivals = Rivals(word, bank)
    rng = random.Random(0)
    own, strangers, right, inked, salient, extents, sizes = ([] for _ in range(7))
    with torch.inference_mode():
        for crop in crops:
            batch = make_batch([crop], rng, vary=False)
            letters = page.letters(batch.pages)
            cells = page.cells(letters)
            _, row, column = batch.cells.t()
            seen = page.vectors(cells.features[0, :, row, column].t())
            candidates, place, _ = rivals.candidates(batch.words)
            similarity = seen @ candidates.t()
            own.append(similarity.gather(1, place[:, None])[:, 0])
            right.append((similarity.argmax(1) == place).float())
            sizes.append(torch.tensor([w for w in batch.extents[:, 2]]))
            absent = word([w for w in rng.sample(bank, ABSENT) if w not in batch.words])
            strangers.append((seen @ absent.t()).amax(0))
            known = batch.letters > 0
            inked.append((page.characters(letters).argmax(1)[known] == batch.letters[known]).float())
            sure = batch.saliency != UNKNOWN
            salient.append(torch.stack([cells.saliency[sure].sigmoid(), batch.saliency[sure]]))
            extents.append((cells.extents[0][:, row, column].t() - batch.extents).abs())
    cosine, share, pixels = torch.cat(own), torch.cat(right), torch.cat(sizes)
    alone = torch.cat(strangers)
    at, recall, precision = best_cut(torch.cat(salient, dim=1))
    by_size = {
        f"{low} to {high} px": _round(share[(pixels >= low) & (pixels < high)].mean())
        for low, high in pairwise(SIZES)
    }
    return {
        "crops": len(crops),
        "words": len(cosine),
        "word_accuracy": _round(share.mean()),
        "word_accuracy_by_size": by_size,
        "letter_accuracy": _round(torch.cat(inked).mean()),
        "own_cosine": _quantiles(cosine),
        "stranger_cosine": _quantiles(alone),
        "extent_error_px": [_round(v) for v in torch.cat(extents).median(0).values],
        "saliency_recall": recall,
        "saliency_precision": precision,
        "saliency": at,
        **match_curve(alone),
    }


def worn(page: PageReader, word: WordTower, crops: Sequence[Crop], bank: list[str]) -> dict[str, float]:
    """Word accuracy on the same crops by what was done to their pictures."""
    rng = random.Random(0)
    kinds = {"as they are": _as_is, "white on black": _inverted} | KINDS
    accuracy = {}
    for name, change in kinds.items():
        changed = [replace(crop, image=change(crop.image, rng)) for crop in crops]
        accuracy[name] = measure(page, word, changed, bank)["word_accuracy"]
    return accuracy


def _as_is(image: Gray, _: random.Random) -> Gray:
    return image


def _inverted(image: Gray, _: random.Random) -> Gray:
    return 255 - image


def match_curve(strangers: Tensor) -> dict[str, float]:
    """The curve from cosine to match, from the strongest cosine that each absent word finds on each crop.

    midpoint: one absent word in a hundred finds as much somewhere on a crop; floor: one in five does, and counts for 5 %
    """
    floor, midpoint = strangers.quantile(torch.tensor([0.8, 0.99])).tolist()
    return {
        "midpoint": _round(midpoint),
        "slope": _round(math.log(19) / max(midpoint - floor, 0.02)),
        "floor": _round(floor),
    }


def best_cut(said_true: Tensor) -> tuple[float, float, float]:
    """The saliency with the best F-measure, recall counting twice, of (2, n) probabilities and truths."""
    said, true = said_true
    best = (0.0, 0.5, 0.0, 0.0)
    for at in (i / 40 for i in range(4, 37)):
        chosen = said > at
        hit = (chosen & (true > 0)).sum()
        recall, precision = hit / (true > 0).sum(), hit / chosen.sum().clamp(min=1)
        measure_ = float(5 * precision * recall / (4 * precision + recall + 1e-9))
        best = max(best, (measure_, at, _round(recall), _round(precision)))
    return best[1], best[2], best[3]


def _quantiles(values: Tensor) -> list[float]:
    """5, 25, 50, 75 and 95 %."""
    steps = torch.tensor([0.05, 0.25, 0.5, 0.75, 0.95])
    return [_round(v) for v in values[torch.randperm(len(values))[:200_000]].quantile(steps)]


def _round(value: Tensor | float) -> float:
    return round(float(value), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--pool", type=Path, required=True, help="crops of held-out documents")
    parser.add_argument("--dict", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--limit", type=int, default=1000, help="crops")
    arguments = parser.parse_args()
    page, word = load(arguments.checkpoint).nets()
    page.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    bank = folded(read_lists(arguments.dict, most=4000).values())
    figures = {}
    for name, pattern in (("real", "real"), ("drawn", "drawn"), ("all", "")):
        pool = Pool(arguments.pool, only=pattern)
        pool.refresh()
        crops = pool.crops + pool.drawn
        if crops:
            figures[name] = measure(page, word, crops[:: max(1, len(crops) // arguments.limit)], bank)
    thresholds = {key: figures["all"][key] for key in ("saliency", "midpoint", "slope", "floor")}
    pool = Pool(arguments.pool, only="real")
    pool.refresh()
    wear = worn(page, word, pool.crops[:: max(1, len(pool.crops) // WORN)], bank)
    text = json.dumps(thresholds | {"held_out": figures, "worn": wear}, indent=2)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n")


if __name__ == "__main__":
    main()

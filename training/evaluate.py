"""`python -m training.evaluate CHECKPOINT`: how well a checkpoint reads held-out crops, and the thresholds that follow.

The thresholds change whenever the word space does, so they are measured and exported with the weights: `saliency` (a cell
holds a word), `midpoint` and `slope` (logistic regression: does this cell say this word, given the cosine), and `floor`,
below which the odds are worse than one in eight.
"""

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from retrieval.encoders.reader import PageReader, WordTower
from training.batches import Pool, make_batch
from training.checkpoint import load
from training.crops import UNKNOWN, Crop
from training.losses import Rivals
from training.words import folded, read_lists

ABSENT = 400  # words that are not on a crop, tried on each
STRANGERS = 3  # strongest false matches of each that count


def measure(page: PageReader, word: WordTower, crops: Sequence[Crop], bank: list[str]) -> dict[str, object]:
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
            strangers.append((seen @ absent.t()).topk(min(STRANGERS, len(seen)), dim=0).values.flatten())
            known = batch.letters > 0
            inked.append((page.characters(letters).argmax(1)[known] == batch.letters[known]).float())
            sure = batch.saliency != UNKNOWN
            salient.append(torch.stack([cells.saliency[sure].sigmoid(), batch.saliency[sure]]))
            extents.append((cells.extents[0][:, row, column].t() - batch.extents).abs())
    cosine, share, pixels = torch.cat(own), torch.cat(right), torch.cat(sizes)
    midpoint, slope = logistic(cosine, torch.cat(strangers))
    at, recall, precision = best_cut(torch.cat(salient, dim=1))
    small, middle = pixels < 9, (pixels >= 9) & (pixels < 14)
    return {
        "crops": len(crops),
        "words": len(cosine),
        "word_accuracy": _round(share.mean()),
        "word_accuracy_by_size": {
            "below 9 px": _round(share[small].mean()),
            "9 to 14 px": _round(share[middle].mean()),
            "above 14 px": _round(share[~small & ~middle].mean()),
        },
        "letter_accuracy": _round(torch.cat(inked).mean()),
        "own_cosine": _quantiles(cosine),
        "stranger_cosine": _quantiles(torch.cat(strangers)),
        "extent_error_px": [_round(v) for v in torch.cat(extents).median(0).values],
        "saliency_recall": recall,
        "saliency_precision": precision,
        "saliency": at,
        "midpoint": midpoint,
        "slope": slope,
        "floor": _round(midpoint - 2 / slope),
    }


def logistic(right: Tensor, wrong: Tensor) -> tuple[float, float]:
    """Midpoint and slope of the logistic curve that tells two sets of cosines apart, both weighing the same."""
    x = torch.cat([right, wrong]).double()
    y = torch.cat([torch.ones(len(right)), torch.zeros(len(wrong))]).double()
    weight = torch.where(y > 0, 0.5 / len(right), 0.5 / len(wrong))
    inputs = torch.stack([x, torch.ones_like(x)], dim=1)
    beta = torch.zeros(2, dtype=torch.double)
    for _ in range(30):  # Newton's method, damped by a small ridge
        p = torch.sigmoid(inputs @ beta)
        gradient = inputs.t() @ (weight * (p - y))
        hessian = (inputs * (weight * p * (1 - p))[:, None]).t() @ inputs + 1e-6 * torch.eye(2)
        beta = beta - torch.linalg.solve(hessian, gradient)
    return _round(-beta[1] / beta[0]), _round(beta[0])


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
    text = json.dumps(thresholds | {"held_out": figures}, indent=2)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n")


if __name__ == "__main__":
    main()

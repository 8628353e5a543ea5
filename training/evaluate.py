"""`python -m training.evaluate CHECKPOINT`: how well a checkpoint reads held-out crops, and the thresholds that follow.

`saliency` (a cell holds a word) changes whenever the word space does, so it is measured and exported with the weights. The
curve from cosine to match belongs to recognition, which moves surely read words close to their own vectors.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pagelight.retrieval.encoders.builtin.lexicon import Lexicon
from pagelight.retrieval.encoders.builtin.reader.arithmetic import quantized_layers
from pagelight.retrieval.encoders.builtin.reader.nets import (
    CELL_WIDTH,
    Cells,
    PageReader,
    Words,
    WordTower,
)
from pagelight.retrieval.encoders.builtin.reader.page_inference import INFERENCE
from pagelight.retrieval.encoders.builtin.reader.recognition import MATCH, Recognizer, Vocabulary
from pagelight.retrieval.encoders.builtin.reader.spelling import strips
from pagelight.retrieval.text.analyzer import number_form
from training.batches import Pool, make_batch
from training.checkpoint import load
from training.crops import UNKNOWN, Crop
from training.degrade import KINDS, Gray
from training.losses import Rivals
from training.vocabulary import ASSETS, build
from training.words import folded, read_lists

WORN = 16  # crops that every kind of wear is tried on
PEAKED = 24  # crops of each kind that show how high the layers' values are
ABSENT = 400  # words that are not on a crop, tried on each
SIZES = (6.5, 8, 9, 10, 11, 12, 13, 14, 16, 18, 20, 23, 26)  # pixels of font size


def measure(
    page: PageReader, word: WordTower, vocabulary: Vocabulary, crops: Sequence[Crop], bank: list[str]
) -> dict[str, Any]:
    """Figures over crops that training has not seen: as the reader sees them, and as they are then recognized."""
    rivals = Rivals(word, bank)
    recognizer = Recognizer(vocabulary, word)
    rng = random.Random(0)
    own, strangers, right, known, inked, salient, extents, sizes = ([] for _ in range(8))
    with torch.inference_mode():
        for crop in crops:
            batch = make_batch([crop], rng, vary=False)
            letters = page.letters(batch.pages)
            cells = page.cells(letters)
            words = page.words(cells.features, batch.cells)
            seen = page.vectors(words.features)
            candidates, place, n_own = rivals.candidates(batch.words)
            similarity = seen @ candidates.t()
            right.append((similarity.argmax(1) == place).float())
            spelled = (
                page.characters(letters)[0].float().permute(1, 2, 0)
            )  # (n_rows, n_letter_cols, n_classes)
            resolved = _resolved(recognizer, vocabulary, spelled, words, batch.cells, seen)
            candidates[:n_own] = word([number_form(own) for own in dict.fromkeys(batch.words)])
            closeness = resolved @ _projected(vocabulary, candidates).t()
            own.append(closeness.gather(1, place[:, None])[:, 0])
            known.append((closeness.argmax(1) == place).float())
            sizes.append(torch.tensor([w for w in batch.extents[:, 2]]))
            absent = word([w for w in rng.sample(bank, ABSENT) if w not in batch.words])
            strangers.append((resolved @ _projected(vocabulary, absent).t()).amax(0))
            drawn = batch.letters > 0
            inked.append((spelled.argmax(2)[drawn[0]] == batch.letters[drawn]).float())
            salient.append(_salient(page, cells, batch.saliency))
            extents.append((words.extents - batch.extents).abs())
    cosine, share, recognized, pixels = torch.cat(own), torch.cat(right), torch.cat(known), torch.cat(sizes)
    alone = torch.cat(strangers)
    at, recall, precision = best_cut(torch.cat(salient, dim=1))
    by_size = {
        f"{low} to {high} px": _round(recognized[(pixels >= low) & (pixels < high)].mean())
        for low, high in pairwise(SIZES)
        if ((pixels >= low) & (pixels < high)).any()
    }
    return {
        "crops": len(crops),
        "words": len(cosine),
        "word_accuracy": _round(share.mean()),
        "recognized": _round(recognized.mean()),
        "recognized_by_size": by_size,
        "letter_accuracy": _round(torch.cat(inked).mean()),
        "own_cosine": _quantiles(cosine),
        "stranger_cosine": _quantiles(alone),
        "extent_error_px": [_round(v) for v in torch.cat(extents).median(0).values],
        "saliency_recall": recall,
        "saliency_precision": precision,
        "saliency": at,
    }


def _projected(vocabulary: Vocabulary, vectors: Tensor) -> Tensor:
    return torch.from_numpy(vocabulary.project(vectors.numpy()))


def _salient(page: PageReader, cells: Cells, true: Tensor) -> Tensor:
    """(2, n) saliency after a close look where the first look asks for one, and the truth, of a crop's known cells."""
    said = cells.saliency.sigmoid()
    places = torch.nonzero(said >= INFERENCE.worth)
    said.clamp_(max=INFERENCE.unseen)
    said[tuple(places.t())] = page.words(cells.features, places).saliency.sigmoid()
    known = true != UNKNOWN
    return torch.stack([said[known], true[known]])


def _resolved(
    recognizer: Recognizer,
    vocabulary: Vocabulary,
    spelled: Tensor,
    words: Words,
    places: Tensor,
    seen: Tensor,
) -> Tensor:
    """(m, WORD_DIM): what a crop's words at `places` (m, 3) are recognized as."""
    _, row, column = places.t()
    left, right, size = words.extents.t().numpy()
    x = column.numpy() * CELL_WIDTH + CELL_WIDTH / 2
    cut, lengths = strips(spelled.numpy(), row.numpy(), x - left, x + right)
    return torch.from_numpy(recognizer.resolve(vocabulary.project(seen.numpy()), cut, lengths, size)[0])


def worn(
    page: PageReader, word: WordTower, vocabulary: Vocabulary, crops: Sequence[Crop], bank: list[str]
) -> dict[str, float]:
    """Share of words recognized on the same crops by what was done to their pictures."""
    rng = random.Random(0)
    kinds = {"as they are": _as_is, "white on black": _inverted} | KINDS
    accuracy = {}
    for name, change in kinds.items():
        changed = [replace(crop, image=change(crop.image, rng)) for crop in crops]
        accuracy[name] = measure(page, word, vocabulary, changed, bank)["recognized"]
    return accuracy


def _as_is(image: Gray, _: random.Random) -> Gray:
    return image


def _inverted(image: Gray, _: random.Random) -> Gray:
    return 255 - image


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
    with tempfile.TemporaryDirectory() as folder:
        vocabulary = Vocabulary.load(build(Path(folder), word, Lexicon.load(ASSETS / "lexicon.npz")))
    pool = Pool(arguments.pool)
    pool.refresh()
    figures = {}
    kinds = {"real": pool.crops, "drawn": pool.drawn, "all": pool.crops + pool.drawn}
    for name, crops in kinds.items():
        if crops:
            figures[name] = measure(
                page, word, vocabulary, crops[:: max(1, len(crops) // arguments.limit)], bank
            )
    highest = peaks(page, [*pool.crops[:PEAKED], *pool.drawn[:PEAKED]])
    match = {"midpoint": MATCH.midpoint, "slope": MATCH.slope, "floor": MATCH.floor}
    facts = {"saliency": figures["all"]["saliency"]} | match | {"peaks": highest}
    wear = worn(page, word, vocabulary, pool.crops[:: max(1, len(pool.crops) // WORN)], bank)
    text = json.dumps(facts | {"held_out": figures, "worn": wear}, indent=2)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n")


USUAL = 0.9999
"""Share of a crop's values that a layer's levels reach; what is higher counts as the highest level."""


@torch.inference_mode()
def peaks(reader: PageReader, crops: Sequence[Crop], seed: int = 0) -> dict[str, float]:
    """For each of `quantized_layers` the highest usual value over the crops, some of them inverted, faded or noisy."""
    highest: dict[str, float] = {}

    def watch(name: str) -> Callable[[nn.Module, object, Tensor], None]:
        def seen(_: nn.Module, __: object, out: Tensor) -> None:
            highest[name] = max(highest.get(name, 0.0), float(out.float().flatten().quantile(USUAL)))

        return seen

    hooks = [layer.register_forward_hook(watch(name)) for name, layer in quantized_layers(reader).items()]
    rng = random.Random(seed)
    for crop in crops:
        reader(make_batch([crop], rng).pages)
    for hook in hooks:
        hook.remove()
    return {name: round(value, 4) for name, value in highest.items()}


if __name__ == "__main__":
    main()

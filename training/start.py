"""`python -m training.start`: a checkpoint to go on from, made of the exported weights.

Exported convolutions have their batch norms folded in. Training wants the norms back: each gets the mean and the
variance that its convolution's output has on the pool's crops, and the scale and shift that undo them, so that the net
computes what it did before.
"""

import argparse
import random
from pathlib import Path

import torch
from torch import nn

from retrieval.encoders.reader import PageReader, WordTower, load_reader
from training.batches import Pool, make_batch
from training.checkpoint import Checkpoint, save
from training.crops import Crop
from training.vocabulary import ASSETS


def unfolded(folded: PageReader, crops: list[Crop]) -> PageReader:
    """The same net with a batch norm after each convolution, its statistics those of the crops."""
    outputs: dict[str, list[torch.Tensor]] = {}
    hooks = []
    for name, module in folded.named_modules():
        if isinstance(module, nn.Conv2d) and name.endswith(".conv"):

            def keep(_: nn.Module, __: object, out: torch.Tensor, name: str = name) -> None:
                outputs.setdefault(name, []).append(
                    torch.stack([out.mean((0, 2, 3)), out.square().mean((0, 2, 3))])
                )

            hooks.append(module.register_forward_hook(keep))
    rng = random.Random(0)
    with torch.inference_mode():
        for crop in crops:
            folded(make_batch([crop], rng, vary=False).pages)
    for hook in hooks:
        hook.remove()
    state = {name: value.clone() for name, value in folded.state_dict().items()}
    for name, moments in outputs.items():
        mean, square = torch.stack(moments).mean(0)
        variance = (square - mean.square()).clamp(min=1e-6)
        norm, bias = name.removesuffix(".conv") + ".norm", state.pop(f"{name}.bias")
        state[f"{norm}.weight"] = (variance + nn.BatchNorm2d(1).eps).sqrt()
        state[f"{norm}.bias"] = mean
        state[f"{norm}.running_mean"] = mean - bias
        state[f"{norm}.running_var"] = variance
        state[f"{norm}.num_batches_tracked"] = torch.tensor(0)
    reader = PageReader()
    reader.load_state_dict(state)
    return reader.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=ASSETS / "reader.safetensors")
    parser.add_argument("--fresh", action="store_true", help="untrained weights instead")
    parser.add_argument("--pool", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    if arguments.fresh:
        save(Checkpoint(PageReader().state_dict(), WordTower().state_dict()), arguments.out)
        return
    crops = []
    for kind in ("real", "drawn"):
        pool = Pool(arguments.pool, only=kind)
        pool.refresh(at_most=1)
        crops += (pool.crops + pool.drawn)[:24]
    if not crops:
        parser.exit(1, f"no crops in {arguments.pool}\n")
    page, word = load_reader(arguments.weights)
    save(Checkpoint(unfolded(page, crops).state_dict(), word.state_dict()), arguments.out)


if __name__ == "__main__":
    main()

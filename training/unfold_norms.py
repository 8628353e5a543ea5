"""Batch norms put back into a net whose convolutions have them folded in: exported weights as a training wants them.

Each norm gets the mean and the variance that its convolution's output has on some crops, and the scale and shift that undo
them, so that the net computes what it did before.
"""

import random
from collections.abc import Sequence

import torch
from torch import nn

from pagelight.retrieval.encoders.builtin.reader.nets import PageReader, widths_of
from training.batches import make_batch
from training.crops import Crop


def moments(folded: PageReader, crops: Sequence[Crop]) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Mean and variance (n_channels,) of every convolution's output on the crops, by the name of its block."""
    outputs: dict[str, list[torch.Tensor]] = {}
    hooks = []
    for name, module in folded.named_modules():
        if isinstance(module, nn.Conv2d) and name.endswith(".conv"):

            def keep(_: nn.Module, __: object, out: torch.Tensor, name: str = name) -> None:
                outputs.setdefault(name.removesuffix(".conv"), []).append(
                    torch.stack([out.mean((0, 2, 3)), out.square().mean((0, 2, 3))])
                )

            hooks.append(module.register_forward_hook(keep))
    rng = random.Random(0)
    with torch.inference_mode():
        for crop in crops:
            folded(make_batch([crop], rng, vary=False).pages)
    for hook in hooks:
        hook.remove()
    means = {name: torch.stack(both).mean(0) for name, both in outputs.items()}
    return {name: (mean, (square - mean.square()).clamp(min=1e-6)) for name, (mean, square) in means.items()}


def unfolded(folded: PageReader, crops: Sequence[Crop]) -> PageReader:
    """The same net with a batch norm after each convolution, its statistics those of the crops."""
    state = {name: value.clone() for name, value in folded.state_dict().items()}
    for name, (mean, variance) in moments(folded, crops).items():
        norm, bias = f"{name}.norm", state.pop(f"{name}.conv.bias")
        state[f"{norm}.weight"] = (variance + nn.BatchNorm2d(1).eps).sqrt()
        state[f"{norm}.bias"] = mean
        state[f"{norm}.running_mean"] = mean - bias
        state[f"{norm}.running_var"] = variance
        state[f"{norm}.num_batches_tracked"] = torch.tensor(0)
    reader = PageReader(widths=widths_of(folded.state_dict()))
    reader.load_state_dict(state)
    return reader.eval()

"""What each layer of the reader puts out at most, for its convolutions in eight bits."""

import random
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from pagelight.retrieval.encoders.builtin.reader.arithmetic import quantized_layers
from pagelight.retrieval.encoders.builtin.reader.nets import PageReader
from training.batches import make_batch
from training.crops import Crop

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

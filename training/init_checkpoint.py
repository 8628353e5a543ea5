"""`python -m training.init_checkpoint`: a checkpoint to go on from, made of the exported weights.

The batch norms that exporting folds into the convolutions are put back: each gets the mean and the variance that its
convolution's output has on some crops, and the scale and shift that undo them, so that the net computes what it did before.

Weights of a page reader with more channels than today's are narrowed.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from pagelight.retrieval.encoders.builtin.reader.nets import PageReader, WordTower, widths_of
from training.batches import Pool, make_batch
from training.checkpoint import Checkpoint, save
from training.crops import Crop
from training.vocabulary import ASSETS


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
    weights = {name: value.float() for name, value in load_file(arguments.weights).items()}
    page, word = (
        {name.removeprefix(side): value for name, value in weights.items() if name.startswith(side)}
        for side in ("page.", "word.")
    )
    if widths_of(page) != PageReader.WIDTHS:
        reader = narrowed(page, crops)
    else:
        reader = PageReader(folded=True).eval()
        reader.load_state_dict(page)
        reader = unfolded(reader, crops)
    save(Checkpoint(reader.state_dict(), word), arguments.out)


#: convolutions that write into a stream of channels, and those that read it; a residual block's inner channels are a stream of
#: their own
_STREAMS = (
    (("stem.0", "stem.1.second"), ("stem.1.first", "middle.0")),
    (("stem.1.first",), ("stem.1.second",)),
    (("middle.0", "middle.1.second", "middle.2.second"), ("middle.1.first", "middle.2.first", "down")),
    (("middle.1.first",), ("middle.1.second",)),
    (("middle.2.first",), ("middle.2.second",)),
    (("down", "top.second"), ("top.first",)),
    (("top.first",), ("top.second",)),
)
_HEADS = {
    "characters": "down",
    "salient": "top.first",
    "enter": "top.first",
    "gather.0.keys": "top.first",
    "gather.1.keys": "top.first",
}
"""Layers that read a stream, each beside a convolution that reads it too."""


def narrowed(state: dict[str, Tensor], crops: Sequence[Crop]) -> PageReader:
    """A net of today's widths, with batch norms, made of the folded weights of a wider one; what is behind the cells stays."""
    weight = {name: state[f"{name}.conv.weight"] for stream in _STREAMS for name in (*stream[0], *stream[1])}
    net = PageReader(folded=True)
    own = net.state_dict()
    own |= {name: value for name, value in state.items() if value.shape == own[name].shape}
    outs: dict[str, Tensor] = {}
    ins: dict[str, Tensor] = {}
    for writers, readers in _STREAMS:
        led_in = sum(weight[name].square().flatten(1).sum(1) for name in writers)
        led_out = sum(weight[name].square().sum((0, 2, 3)) for name in readers)
        n_kept = len(own[f"{writers[0]}.conv.bias"])
        kept = torch.as_tensor(led_in * led_out).topk(n_kept).indices.sort().values
        outs |= dict.fromkeys(writers, kept)
        ins |= dict.fromkeys(readers, kept)
    for name, wide in weight.items():
        part = wide[outs[name]]
        own[f"{name}.conv.weight"] = part[:, ins[name]] if name in ins else part
        own[f"{name}.conv.bias"] = state[f"{name}.conv.bias"][outs[name]]
    for head, beside in _HEADS.items():
        own[f"{head}.weight"] = state[f"{head}.weight"][:, ins[beside]]
        own[f"{head}.bias"] = state[f"{head}.bias"]
    net.load_state_dict(own)
    reader = unfolded(net.eval(), crops)
    for name, (mean, variance) in moments(_wide(state), crops).items():
        norm = reader.get_submodule(f"{name}.norm")
        if not isinstance(norm, nn.BatchNorm2d):
            raise ValueError(f"{name}: expected a batch norm, got {type(norm).__name__}")
        with torch.no_grad():
            norm.weight.copy_(variance.sqrt()[outs[name]])
            norm.bias.copy_(mean[outs[name]])
    return reader


def _wide(state: dict[str, Tensor]) -> PageReader:
    wide = PageReader(folded=True, widths=widths_of(state))
    wide.load_state_dict(state)
    return wide.eval()


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


if __name__ == "__main__":
    main()

"""A page reader with fewer channels, cut out of one with more: where a narrower training begins.

Kept are the channels that carry most: the product of the squared weights that lead into a channel and out of it. A residual
stream loses the same channels everywhere. What is left computes something else, so every batch norm takes the mean and
variance that its convolution had in the wide net; the rest is for the training.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from pagelight.retrieval.encoders.builtin.reader.nets import PageReader, widths_of
from training.crops import Crop
from training.unfold_norms import moments, unfolded

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

"""Two small nets: which kind of thing each cell of a page shows, and which way a piece of text is turned."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TURNS = 5
"""0–3: quarter turns counter-clockwise from upright; 4: no text in this piece."""


class _Conv(nn.Sequential):
    """Convolution, batch normalization, ReLU."""

    def __init__(
        self, ins: int, outs: int, size: int = 3, stride: int = 1, dilation: int = 1, act: bool = True
    ) -> None:
        padding = dilation * (size // 2)
        layers: list[nn.Module] = [
            nn.Conv2d(ins, outs, size, stride, padding, dilation, bias=False),
            nn.BatchNorm2d(outs),
        ]
        super().__init__(*layers, *([nn.ReLU(inplace=True)] if act else []))


class _Residual(nn.Module):
    def __init__(self, width: int, dilation: int = 1) -> None:
        super().__init__()
        self.first = _Conv(width, width, dilation=dilation)
        self.second = _Conv(width, width, dilation=dilation, act=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(self.first(x)))


class LookModel(nn.Module):
    """(n, 3, height, width) in −1..1, sides multiples of 8 → class logits (n, classes, height / 8, width / 8).

    Strides 2, 4, 8, 16; at 16 each cell also sees the whole page by attention; then back to 8.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(_Conv(3, 16, 5, 2), _Conv(16, 28, 3, 2), _Residual(28))
        self.middle = nn.Sequential(_Conv(28, 48, 3, 2), _Residual(48), _Residual(48))
        self.deep = nn.Sequential(_Conv(48, 96, 3, 2), _Residual(96), _Residual(96, 2), _Residual(96, 4))
        self.norm = nn.LayerNorm(96)
        self.attention = nn.Linear(96, 3 * 96)
        self.mixed = nn.Linear(96, 96)
        self.lateral = _Conv(48, 64, 1)
        self.down = _Conv(96, 64, 1)
        self.joined = _Residual(64)
        self.head = nn.Conv2d(64, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        fine = self.middle(self.stem(x))
        coarse = self.deep(fine)
        coarse = coarse + self._attend(coarse)
        raised = F.interpolate(self.down(coarse), size=fine.shape[-2:], mode="bilinear", align_corners=False)
        logits: Tensor = self.head(self.joined(self.lateral(fine) + raised))
        return logits

    def _attend(self, x: Tensor) -> Tensor:
        count, width, rows, columns = x.shape
        flat = self.norm(x.flatten(2).transpose(1, 2))  # (n, cells, width)
        parts = self.attention(flat).view(count, -1, 3, 4, width // 4).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(parts[0], parts[1], parts[2])  # (n, 4, cells, width / 4)
        out: Tensor = self.mixed(mixed.transpose(1, 2).reshape(count, -1, width))
        return out.transpose(1, 2).reshape(count, width, rows, columns)


class TurnModel(nn.Module):
    """(n, 1, side, side) gray in −1..1, about 80 dpi → logits (n, TURNS)."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _Conv(1, 16, 5, 2), _Conv(16, 32, 3, 2), _Conv(32, 40), _Conv(40, 64, 3, 2), _Conv(64, 64)
        )
        self.head = nn.Linear(64, TURNS)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.body(x).mean((2, 3)))
        return logits


def fold(module: nn.Module) -> nn.Module:
    """Merge each batch normalization into the convolution before it, for a net that only runs."""
    module.eval()
    for part in module.modules():
        if isinstance(part, _Conv):
            part[0] = torch.nn.utils.fusion.fuse_conv_bn_eval(part[0], part[1])
            part[1] = nn.Identity()
    return module

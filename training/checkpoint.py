"""One training checkpoint: both nets' weights, the optimizer's state and how far it got."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from pagelight.retrieval.encoders.builtin.reader.nets import PageReader, WordTower, widths_of


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """State that training needs to go on, and export needs to begin."""

    page: dict[str, torch.Tensor]  # the running average: what is measured and exported
    word: dict[str, torch.Tensor]
    step: int = 0
    minutes: float = 0.0  # trained so far, over all runs
    live: dict[str, torch.Tensor] | None = None  # the page reader's weights as the optimizer left them
    optimizer: dict[str, Any] | None = None

    def nets(self) -> tuple[PageReader, WordTower]:
        """Both nets in float32, batch norms unfolded, in evaluation mode."""
        page, word = PageReader(widths=widths_of(self.page) if self.page else PageReader.WIDTHS), WordTower()
        if self.page:  # empty before the first step
            page.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in self.page.items()})
        word.load_state_dict({k: v.float() for k, v in self.word.items()})
        return page.eval(), word.eval()


def save(checkpoint: Checkpoint, path: Path) -> None:
    """Write atomically: a training killed while it saves keeps the checkpoint before."""
    fields = {
        name: getattr(checkpoint, name) for name in ("page", "word", "step", "minutes", "live", "optimizer")
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(fields, partial)
    os.replace(partial, path)


def load(path: Path, device: str = "cpu") -> Checkpoint:
    """Read a checkpoint (tensors and plain values only: nothing in the file can run code)."""
    return Checkpoint(**torch.load(path, map_location=device, weights_only=True))

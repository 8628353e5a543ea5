"""`python -m training.export CHECKPOINT`: reader.safetensors, reader.json and vocabulary.npz from a checkpoint."""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from pagelight.retrieval.encoders.builtin.lexicon import Lexicon
from pagelight.retrieval.encoders.builtin.reader.nets import CELL_HEIGHT, CELL_WIDTH, DIM, folded_state
from training.checkpoint import Checkpoint, load
from training.vocabulary import ASSETS, build


def export(checkpoint: Checkpoint, folder: Path, measured: dict[str, object] | None = None) -> Path:
    """Write the weights in float16, batch norms folded, and what was measured beside them; returns the weights."""
    page, word = checkpoint.nets()
    tensors = {f"page.{name}": value for name, value in folded_state(page).items()}
    tensors |= {f"word.{name}": value.detach() for name, value in word.state_dict().items()}
    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / "reader.safetensors"
    save_file({name: value.to(torch.float16).contiguous() for name, value in tensors.items()}, weights)
    metadata = {
        "name": "pagelight-reader",
        "dim": DIM,
        "cell": [CELL_HEIGHT, CELL_WIDTH],
        "dpi": 130,
        "steps": checkpoint.step,
        "minutes": round(checkpoint.minutes, 1),
    }
    build(folder, word, Lexicon.load(ASSETS / "lexicon.npz"))
    (folder / "reader.json").write_text(json.dumps(metadata | (measured or {}), indent=2) + "\n")
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, default=ASSETS)
    parser.add_argument(
        "--measured", type=Path, help="JSON that training.evaluate wrote: thresholds and figures"
    )
    arguments = parser.parse_args()
    measured = json.loads(arguments.measured.read_text()) if arguments.measured else None
    weights = export(load(arguments.checkpoint), arguments.out, measured)
    print(f"{weights}: {weights.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

"""`python -m training.init_checkpoint`: a checkpoint to go on from, made of the exported weights.

Weights of a page reader with more channels than today's are narrowed (see training/narrow.py).
"""

import argparse
from pathlib import Path

from safetensors.torch import load_file

from pagelight.retrieval.encoders.builtin.reader.nets import PageReader, WordTower, widths_of
from training.batches import Pool
from training.checkpoint import Checkpoint, save
from training.shrink_channels import narrowed
from training.unfold_norms import unfolded
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


if __name__ == "__main__":
    main()

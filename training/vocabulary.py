"""`python -m training.vocabulary`: the lexicon's commoner words with their vectors, for recognition.

To be made again whenever the reader's weights or the lexicon change; `training.export` does so.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from pagelight.retrieval.encoders.builtin.lexicon import ZIPF_STEPS, Lexicon
from pagelight.retrieval.encoders.builtin.reader.nets import WordTower, load_reader
from pagelight.retrieval.encoders.builtin.reader.recognition import WORD_DIM
from pagelight.retrieval.maxsim import l2_normalized

ASSETS = Path(__file__).parent.parent / "assets" / "encoder"
LEAST = 3.0
"""Zipf frequency, in its commonest language, from which a word is in the vocabulary."""


def build(folder: Path, tower: WordTower, lexicon: Lexicon, least: float = LEAST) -> Path:
    """Write `vocabulary.npz` into `folder`; returns its path."""
    found = sorted((word, zipf) for word, zipf in lexicon.frequencies() if zipf >= least)
    words = [word for word, _ in found]
    with torch.inference_mode():
        vectors = torch.cat([tower(words[i : i + 5000]) for i in range(0, len(words), 5000)]).numpy()
    _, directions = np.linalg.eigh(vectors.T @ vectors)
    basis = np.ascontiguousarray(
        directions[:, : -WORD_DIM - 1 : -1], np.float32
    )  # (DIM, WORD_DIM), widest first
    vectors = l2_normalized(vectors @ basis)
    scales = (np.abs(vectors).max(1) / 127).astype(np.float16)
    path = folder / "vocabulary.npz"
    np.savez(
        path,
        basis=basis,
        words=np.frombuffer("\n".join(words).encode(), np.uint8),
        vectors=np.rint(vectors / scales.astype(np.float32)[:, None]).clip(-127, 127).astype(np.int8),
        scales=scales,
        zipf=np.rint(np.array([zipf for _, zipf in found]) * ZIPF_STEPS).astype(np.uint8),
    )
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, default=ASSETS, help="folder of reader.safetensors")
    parser.add_argument("--lexicon", type=Path, default=ASSETS / "lexicon.npz")
    arguments = parser.parse_args()
    _, tower = load_reader(arguments.encoder / "reader.safetensors")
    path = build(arguments.encoder, tower, Lexicon.load(arguments.lexicon))
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

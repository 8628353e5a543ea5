"""NeoMME (arXiv 2609.01657): one encoder for text tokens and raw patches, a page at its own shape.

Pages are cut into patches here: the processor of transformers needs torchvision for it, and fills up the last
row and column with black, where this one rounds the page to whole patches, so that every cell is of one size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from pagelight.retrieval.encoders.colvision.family import (
    PageBatch,
    QueryInputs,
    dpi_of_side,
    query_spans,
    rows,
)
from pagelight.retrieval.errors import ModelUnsupported


class NeoMME:
    """A page reads `<doc><img>`, then each row of patches as `<img>`s and a `<row>`. Bidirectional."""

    causal = False

    def __init__(self, model: Any, tokenizer: Any, image_settings: Mapping[str, Any]) -> None:
        """image_settings: of the checkpoint's image processor (patch_size, max_side, size, image_mean …)"""
        self.model = model
        self.tokenizer = tokenizer
        self.dim = int(model.config.embedding_dim)
        self._settings = image_settings
        self._patch = int(model.config.patch_size)
        row_token = getattr(tokenizer, "row_token", None) or "<row>"
        self._row_id = tokenizer.convert_tokens_to_ids(row_token)
        if self._row_id is None or self._row_id == tokenizer.unk_token_id:
            raise ModelUnsupported("The NeoMME tokenizer has no token that ends a row of patches.")

    @property
    def dpi(self) -> int:
        side = self._settings.get("max_side")
        return dpi_of_side(side) if side else 150

    def pages(self, images: Sequence[Image.Image]) -> PageBatch:
        config = self.model.config
        patches, sequences, places, grids = [], [], [], []
        for image in images:
            cut, n_rows, n_cols = self._cut(image)
            patches.append(cut)
            grids.append((n_rows, n_cols))
            row = [config.image_token_id] * n_cols + [self._row_id]
            sequences.append([config.document_token_id, config.image_token_id, *row * n_rows])
            places.append(_places(n_rows, n_cols))
        length = max(map(len, sequences))
        ids = torch.full((len(images), length), config.pad_token_id or 0)
        mask = torch.zeros(len(images), length, dtype=torch.long)
        position_ids = torch.zeros(2, len(images), length, dtype=torch.long)
        layouts = []
        for page, (sequence, place, (n_rows, n_cols)) in enumerate(
            zip(sequences, places, grids, strict=True)
        ):
            ids[page, : len(sequence)] = torch.tensor(sequence)
            mask[page, : len(sequence)] = 1
            position_ids[:, page, : len(sequence)] = place
            tokens = 2 + np.arange(n_rows * (n_cols + 1)).reshape(n_rows, n_cols + 1)[:, :n_cols]
            layouts.append(rows(tokens.reshape(-1), n_rows, n_cols))
        tensors = {
            "input_ids": ids,
            "attention_mask": mask,
            "position_ids": position_ids,
            "pixel_values": torch.cat(patches),
        }
        return PageBatch(tensors, mask, layouts)

    def query(self, text: str) -> QueryInputs:
        prompt, start = self._prompt(text)
        bos = self.tokenizer.bos_token
        batch = self.tokenizer(
            [prompt],
            add_special_tokens=not (bos and prompt.startswith(bos)),
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        spans = query_spans(batch["offset_mapping"][0].tolist(), start, len(text))
        tensors = {name: batch[name] for name in ("input_ids", "attention_mask")}
        return QueryInputs(tensors, batch["attention_mask"], spans)

    def attentions(self) -> Sequence[nn.Module]:
        return [layer.self_attn for layer in self.model.model.layers]

    def _prompt(self, text: str) -> tuple[str, int]:
        """The checkpoint's own retrieval prompt around the query, and where the query begins in it."""
        for content in ([{"type": "text", "text": text}], text):
            prompt = self.tokenizer.apply_chat_template(
                [{"role": "user", "content": content}], task="query", tokenize=False
            )
            if text in prompt:
                return prompt, prompt.index(text)
        raise ModelUnsupported("The NeoMME checkpoint's chat template leaves the query out.")

    def _cut(self, image: Image.Image) -> tuple[Tensor, int, int]:
        """(n_rows * n_cols, 3 * patch * patch) float32, n_rows, n_cols."""
        width, height = target_size(image.width, image.height, self._patch, self._settings)
        if image.size != (width, height):
            image = image.resize((width, height), Image.Resampling.BILINEAR)
        mean = np.asarray(self._settings.get("image_mean") or [0.5] * 3, np.float32)
        std = np.asarray(self._settings.get("image_std") or [0.5] * 3, np.float32)
        pixels = (np.asarray(image, np.float32) / 255 - mean) / std  # (height, width, 3)
        n_rows, n_cols, side = height // self._patch, width // self._patch, self._patch
        cut = pixels.reshape(n_rows, side, n_cols, side, 3).swapaxes(1, 2)
        return torch.from_numpy(cut.reshape(n_rows * n_cols, -1).astype(np.float32)), n_rows, n_cols


def target_size(width: int, height: int, patch: int, settings: Mapping[str, Any]) -> tuple[int, int]:
    """Width and height that the page is brought to: within the checkpoint's limits, in whole patches.

    >>> target_size(1700, 2200, 32, {"max_side": 2048})
    (1568, 2048)
    """
    size = settings.get("size") or {}
    scale = 1.0
    if size.get("min_pixels") and width * height < size["min_pixels"]:
        scale = (size["min_pixels"] / (width * height)) ** 0.5
    if settings.get("max_side"):
        scale = min(scale, settings["max_side"] / max(width, height))
    if size.get("max_pixels"):
        scale = min(scale, (size["max_pixels"] / (width * height)) ** 0.5)
    return max(1, round(width * scale / patch)) * patch, max(1, round(height * scale / patch)) * patch


def _places(n_rows: int, n_cols: int) -> Tensor:
    """(2, n_tokens) row and column of each token: `<doc>` and `<img>` on the diagonal, then the grid from (2, 2)."""
    row, col = torch.meshgrid(torch.arange(n_rows), torch.arange(n_cols + 1), indexing="ij")
    grid = torch.stack([row.reshape(-1), col.reshape(-1)]) + 2
    return torch.cat([torch.arange(2).expand(2, -1), grid], dim=1)

"""ColModernVBERT (arXiv 2510.01149): an encoder, a page in tiles and once more as a whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PIL import Image
from torch import Tensor, nn

from pagelight.retrieval.encoders.colvision.family import PageBatch, QueryInputs
from pagelight.retrieval.encoders.colvision.layout import PageLayout, positions, tile_tags, tiles
from pagelight.retrieval.encoders.colvision.queries import query_spans
from pagelight.retrieval.encoders.colvision.resolution import dpi_of_side


class ColModernVBert:
    """The page is stretched to whole tiles; two of three layers see only their neighbourhood."""

    causal = False

    def __init__(self, model: Any, processor: Any) -> None:
        self.model = model
        self.tokenizer = processor.tokenizer
        self.dim = int(model.config.embedding_dim)
        self._processor = processor

    @property
    def dpi(self) -> int:
        return dpi_of_side(self._processor.image_processor.size["longest_edge"])

    def pages(self, images: Sequence[Image.Image]) -> PageBatch:
        batch = self._processor.process_images(images=list(images), return_tensors="pt")
        layouts = tile_layouts(batch["input_ids"], batch["attention_mask"], self._processor)
        tensors = {
            name: batch[name]
            for name in ("input_ids", "attention_mask", "pixel_values", "pixel_attention_mask")
            if name in batch
        }
        return PageBatch(tensors, batch["attention_mask"], layouts)

    def query(self, text: str) -> QueryInputs:
        batch = self._processor.process_queries(text=[text], return_offsets_mapping=True, return_tensors="pt")
        spans = query_spans(batch["offset_mapping"][0].tolist(), len(self._processor.query_prefix), len(text))
        tensors = {name: batch[name] for name in ("input_ids", "attention_mask")}
        return QueryInputs(tensors, batch["attention_mask"], spans)

    def attentions(self) -> Sequence[nn.Module]:
        return [layer.attn for layer in self.model.vlm.text_model.layers]


def tile_layouts(ids: Tensor, mask: Tensor, processor: Any) -> list[PageLayout]:
    """One layout a page, for every processor of the Idefics3 kind."""
    side = math.isqrt(processor.image_seq_len)
    names = [f"<row_{row + 1}_col_{col + 1}>" for row in range(6) for col in range(6)]
    tags = tile_tags(processor.tokenizer.convert_tokens_to_ids(names))
    return [
        tiles(positions(page_ids, page_mask, processor.image_token_id), page_ids, tags, side)
        for page_ids, page_mask in zip(ids.numpy(), mask.numpy(), strict=True)
    ]

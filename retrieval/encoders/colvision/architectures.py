"""The architectures that transformers has.

ColPali (Faysse et al., arXiv 2407.01449): PaliGemma, a page as a square of patches.
ColQwen2: a Qwen2-VL or a Qwen2.5-VL backbone, a page at its own shape.
ColModernVBERT (arXiv 2510.01149): an encoder, a page in tiles and once more as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PIL import Image
from torch import Tensor, nn

from pagelight.retrieval.encoders.colvision.family import (
    TILES_ACROSS,
    PageBatch,
    PageLayout,
    QueryInputs,
    dpi_of_area,
    dpi_of_side,
    positions,
    query_spans,
    rows,
    square,
    tile_tags,
    tiles,
)


class _Loaded:
    """A model of transformers with its processor."""

    def __init__(self, model: Any, processor: Any) -> None:
        self.model = model
        self.tokenizer = processor.tokenizer
        self.dim = int(model.config.embedding_dim)
        self._processor = processor


class ColPali(_Loaded):
    """The prompt follows the image; the prefix sees all of itself, so there is no end token to look back from."""

    causal = False

    @property
    def dpi(self) -> int:
        # twice what the square holds: it is filled by a page that is not square, and is reduced with a filter
        return dpi_of_side(2 * self._processor.image_processor.size["height"])

    def pages(self, images: Sequence[Image.Image]) -> PageBatch:
        batch = self._processor.process_images(images=list(images), return_tensors="pt")
        batch.pop("labels", None)
        mask = batch["attention_mask"]
        layouts = square_layouts(batch["input_ids"], mask, self._processor.image_token_id)
        return PageBatch(dict(batch), mask, layouts)

    def query(self, text: str) -> QueryInputs:
        batch = self._processor.process_queries(text=[text], return_offsets_mapping=True, return_tensors="pt")
        offsets = batch.pop("offset_mapping")[0].tolist()
        batch.pop("labels", None)
        start = len(self.tokenizer.bos_token + self._processor.query_prefix)
        return QueryInputs(dict(batch), batch["attention_mask"], query_spans(offsets, start, len(text)))

    def attentions(self) -> Sequence[nn.Module]:
        return [layer.self_attn for layer in self.model.vlm.language_model.layers]


def square_layouts(ids: Tensor, mask: Tensor, image_token: int) -> list[PageLayout]:
    """One layout a page."""
    return [square(positions(*page, image_token)) for page in zip(ids.numpy(), mask.numpy(), strict=True)]


class ColQwen2(_Loaded):
    """Causal, so that only the last token, `<|endoftext|>`, has seen the whole page.

    transformers 5.23 hands the backbone embeddings without token ids, from which it can tell no image: all
    tokens would get places on a line. So the places on the page are computed here and passed on.
    """

    causal = True

    @property
    def dpi(self) -> int:
        return dpi_of_area(self._processor.image_processor.size["longest_edge"])

    def pages(self, images: Sequence[Image.Image]) -> PageBatch:
        batch = self._processor.process_images(images=list(images), return_tensors="pt")
        batch.pop("labels", None)
        mask, grids = batch["attention_mask"], batch["image_grid_thw"]
        token = self._processor.image_token_id
        layouts = qwen_layouts(
            batch["input_ids"], mask, grids, token, self._processor.image_processor.merge_size
        )
        places = page_places(self.model.vlm, batch["input_ids"], mask, grids, token)
        tensors = {
            name: batch[name] for name in ("input_ids", "attention_mask", "pixel_values", "image_grid_thw")
        }
        return PageBatch({**tensors, "position_ids": places}, mask, layouts)

    def query(self, text: str) -> QueryInputs:
        batch = self._processor.process_queries(text=[text], return_offsets_mapping=True, return_tensors="pt")
        spans = query_spans(batch["offset_mapping"][0].tolist(), len(self._processor.query_prefix), len(text))
        ids, mask = batch["input_ids"], batch["attention_mask"]
        tensors = {"input_ids": ids, "attention_mask": mask, "position_ids": text_places(mask)}
        return QueryInputs(tensors, mask, spans)

    def attentions(self) -> Sequence[nn.Module]:
        return [layer.self_attn for layer in self.model.vlm.language_model.layers]


def page_places(vlm: Any, ids: Tensor, mask: Tensor, grids: Tensor, image_token: int) -> Tensor:
    """(3, n_pages, n_tokens): each token's time, height and width."""
    kinds = (ids == image_token).int()
    places: Tensor = vlm.get_rope_index(ids, kinds, image_grid_thw=grids, attention_mask=mask)[0]
    return places


def text_places(mask: Tensor) -> Tensor:
    """(3, n_queries, n_tokens): text has the same place on all three axes.

    Left out, the backbone would continue from the last page that it saw.
    """
    return mask.long().cumsum(dim=1).sub(1).clamp(min=0).expand(3, *mask.shape)


def qwen_layouts(ids: Tensor, mask: Tensor, grids: Tensor, image_token: int, merge: int) -> list[PageLayout]:
    """One layout a page. grids: (n_pages, 3), frames, rows and columns of patches, of which merge x merge make a token."""
    return [
        rows(positions(page_ids, page_mask, image_token), height // merge, width // merge)
        for page_ids, page_mask, (_, height, width) in zip(
            ids.numpy(), mask.numpy(), grids.tolist(), strict=True
        )
    ]


class ColModernVBert(_Loaded):
    """The page is stretched to whole tiles; two of three layers see only their neighbourhood."""

    causal = False

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
    across = range(1, TILES_ACROSS + 1)
    names = [f"<row_{row}_col_{col}>" for row in across for col in across]
    tags = tile_tags(processor.tokenizer.convert_tokens_to_ids(names))
    return [
        tiles(positions(page_ids, page_mask, processor.image_token_id), page_ids, tags, side)
        for page_ids, page_mask in zip(ids.numpy(), mask.numpy(), strict=True)
    ]

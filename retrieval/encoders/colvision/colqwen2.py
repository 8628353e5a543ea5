"""ColQwen2, with a Qwen2-VL or a Qwen2.5-VL backbone: a page at its own shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PIL import Image
from torch import Tensor, nn

from pagelight.retrieval.encoders.colvision.family import PageBatch, QueryInputs
from pagelight.retrieval.encoders.colvision.layout import PageLayout, positions, rows
from pagelight.retrieval.encoders.colvision.queries import query_spans
from pagelight.retrieval.encoders.colvision.resolution import dpi_of_area


class ColQwen2:
    """Causal, so that only the last token, `<|endoftext|>`, has seen the whole page.

    transformers 5.23 hands the backbone embeddings without token ids, from which it can tell no image: all
    tokens would get places on a line. So the places on the page are computed here and passed on.
    """

    causal = True

    def __init__(self, model: Any, processor: Any) -> None:
        self.model = model
        self.tokenizer = processor.tokenizer
        self.dim = int(model.config.embedding_dim)
        self._processor = processor

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

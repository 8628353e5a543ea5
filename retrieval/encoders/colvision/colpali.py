"""ColPali (Faysse et al., arXiv 2407.01449): PaliGemma, a page as a square of patches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PIL import Image
from torch import Tensor, nn

from pagelight.retrieval.encoders.colvision.family import PageBatch, QueryInputs
from pagelight.retrieval.encoders.colvision.layout import PageLayout, positions, square
from pagelight.retrieval.encoders.colvision.queries import query_spans
from pagelight.retrieval.encoders.colvision.resolution import dpi_of_side


class ColPali:
    """The prompt follows the image; the prefix sees all of itself, so there is no end token to look back from."""

    causal = False

    def __init__(self, model: Any, processor: Any) -> None:
        self.model = model
        self.tokenizer = processor.tokenizer
        self.dim = int(model.config.embedding_dim)
        self._processor = processor

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

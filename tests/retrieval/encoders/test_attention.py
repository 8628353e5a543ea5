"""Attention importance through a hook equals attention importance through eager attention."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pagelight.retrieval.encoders.colvision import ColVisionEncoder, attention
from pagelight.retrieval.encoders.encoder import Importance
from pagelight.retrieval.pruning import encoder_for, parse_pruning
from pagelight.retrieval.types import PageEmbedding
from tests.retrieval.encoders.tiny_models import make_page

PAGES = [make_page(), make_page(120, 50, 1), make_page(50, 110, 3)]


def eager_attentions(encoder: ColVisionEncoder, images: list) -> tuple[list[torch.Tensor], object]:
    """Each layer's (n_pages, n_heads, n_tokens, n_tokens) of a padded batch, as eager attention gives them."""
    family = encoder._family
    batch = family.pages(images)
    model = family.model
    usual = model.config._attn_implementation
    model.set_attn_implementation("eager")
    try:
        with torch.inference_mode():
            attentions = model(**batch.tensors, output_attentions=True).attentions
    finally:
        model.set_attn_implementation(usual)
    return list(attentions), batch


def with_importance(page: PageEmbedding, weights: np.ndarray, tokens: np.ndarray) -> PageEmbedding:
    """The page with the patches' importance taken from a row of eager attention."""
    from dataclasses import replace

    importance = page.importance.copy()
    importance[page.n_special :] = weights[tokens]
    return replace(page, importance=importance)


def test_the_models_do_not_run_eager_attention(encoder: ColVisionEncoder) -> None:
    assert encoder._family.model.config._attn_implementation == "sdpa"


@pytest.mark.parametrize("k", [-1, -0.5, -0.25, 0, 0.25, 0.5, 1])
def test_docpruner_keeps_the_very_set_that_eager_attention_keeps(encoder: ColVisionEncoder, k: float) -> None:
    pruning = parse_pruning(f"docpruner:k={k}")
    attentions, batch = eager_attentions(encoder, PAGES)
    layer = list(encoder._family.attentions()).index(attention.final_layer(encoder._family.attentions()))
    last = attention.last_token(batch.attention_mask)  # type: ignore[attr-defined]
    ours = encoder.encode_pages(PAGES)
    for number, page in enumerate(ours):
        row = attentions[layer][number, :, last[number]].float().mean(dim=0).numpy()
        eager = with_importance(page, row, batch.layouts[number].tokens)  # type: ignore[attr-defined]
        np.testing.assert_allclose(
            page.importance[page.n_special :], eager.importance[page.n_special :], atol=1e-6
        )
        np.testing.assert_array_equal(pruning.apply(page).cell_to_vector, pruning.apply(eager).cell_to_vector)


def test_sap_keeps_the_very_set_that_eager_attention_keeps(encoder: ColVisionEncoder) -> None:
    pruning = parse_pruning("sap:0.2")
    attentions, batch = eager_attentions(encoder, PAGES)
    modules = list(encoder._family.attentions())
    layers = [modules.index(module) for module in attention.middle_layers(modules)]
    pages = encoder_for(pruning, encoder).encode_pages(PAGES)
    for number, page in enumerate(pages):
        tokens = batch.layouts[number].tokens  # type: ignore[attr-defined]
        maps = torch.stack([attentions[layer][number].float().mean(dim=0) for layer in layers])
        column_sums = maps[:, tokens].sum(dim=1).mean(dim=0).numpy()  # what the patches look at
        eager = with_importance(page, column_sums, tokens)
        np.testing.assert_allclose(
            page.importance[page.n_special :], eager.importance[page.n_special :], rtol=1e-4
        )
        np.testing.assert_array_equal(pruning.apply(page).cell_to_vector, pruning.apply(eager).cell_to_vector)


def test_in_degree_is_the_same_in_small_blocks(
    encoder: ColVisionEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    sap = encoder.with_importance(Importance.IN_DEGREE)
    whole = sap.encode_pages(PAGES[:1])[0].importance
    monkeypatch.setattr(attention, "BLOCK", 7)
    np.testing.assert_allclose(sap.encode_pages(PAGES[:1])[0].importance, whole, rtol=1e-5)


def test_asking_for_another_importance_leaves_the_encoder_and_the_vectors_as_they_are(
    encoder: ColVisionEncoder,
) -> None:
    before = encoder.encode_pages(PAGES[:1])[0]
    other = encoder.with_importance(Importance.IN_DEGREE).encode_pages(PAGES[:1])[0]
    after = encoder.encode_pages(PAGES[:1])[0]
    np.testing.assert_array_equal(before.importance, after.importance)
    np.testing.assert_array_equal(before.vectors, other.vectors)
    assert not np.allclose(before.importance, other.importance)


def test_the_hooks_hold_nothing_after_the_page(encoder: ColVisionEncoder) -> None:
    encoder.encode_pages(PAGES[:1])
    assert encoder._final._local.seen is None

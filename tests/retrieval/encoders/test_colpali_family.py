"""Models of the optional package colpali-engine; skipped where it is not installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

from pagelight.retrieval.encoders.colvision import ColVisionEncoder, load_colvision
from pagelight.retrieval.pruning import encoder_for, parse_pruning
from tests.retrieval.encoders.tiny_models import make_page, make_tokenizer

# its processors need torchvision, which pytest.importorskip would not see
try:
    import colpali_engine.models as engine
    from transformers.models.qwen2_vl.image_processing_qwen2_vl import Qwen2VLImageProcessor
    from transformers.models.qwen2_vl.video_processing_qwen2_vl import Qwen2VLVideoProcessor
except (ImportError, RuntimeError):
    pytest.skip("colpali-engine is not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def colqwen25(tmp_path_factory: pytest.TempPathFactory) -> ColVisionEncoder:
    """A tiny ColQwen2.5, saved and loaded back."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("colqwen2_5")
    names = ["endoftext", "im_start", "im_end", "vision_start", "vision_end", "image_pad", "video_pad"]
    tokens = [f"<|{name}|>" for name in names]
    tokenizer = make_tokenizer(tokens, eos_token=tokens[0], pad_token=tokens[0], padding_side="left")
    end, _, _, vision_start, vision_end, image, video = tokenizer.convert_tokens_to_ids(tokens)
    text = {
        "vocab_size": len(tokenizer), "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 5,
        "num_attention_heads": 4, "num_key_value_heads": 2, "bos_token_id": end, "eos_token_id": end,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [1, 1, 2]},
    }  # fmt: skip
    vision = {
        "depth": 2, "hidden_size": 32, "out_hidden_size": 32, "num_heads": 4, "intermediate_size": 64,
        "patch_size": 4, "spatial_merge_size": 2, "temporal_patch_size": 2, "window_size": 32,
        "fullatt_block_indexes": [1],
    }  # fmt: skip
    config = transformers.Qwen2_5_VLConfig(
        text_config=text, vision_config=vision, image_token_id=image, video_token_id=video,
        vision_start_token_id=vision_start, vision_end_token_id=vision_end,
    )  # fmt: skip
    engine.ColQwen2_5(config).eval().save_pretrained(folder)
    processor = engine.ColQwen2_5_Processor(
        image_processor=Qwen2VLImageProcessor(
            patch_size=4, merge_size=2, size={"shortest_edge": 64, "longest_edge": 3840}
        ),
        tokenizer=tokenizer,
        video_processor=Qwen2VLVideoProcessor(patch_size=4, merge_size=2),
    )
    processor.save_pretrained(folder)
    return load_colvision(Path(folder), device="cpu", precision="float32")


def test_pages_have_a_grid_unit_vectors_and_importance(colqwen25: ColVisionEncoder) -> None:
    tall, wide = colqwen25.encode_pages([make_page(), make_page(120, 50, 1)])
    assert (tall.grid.n_rows, tall.grid.n_cols) == (9, 6)
    assert (wide.grid.n_rows, wide.grid.n_cols) == (5, 12)
    for page in (tall, wide):
        np.testing.assert_allclose(np.linalg.norm(page.vectors, axis=1), 1, atol=1e-6)
        assert page.importance.sum() == pytest.approx(1, abs=1e-4)
        assert len(parse_pruning("docpruner").apply(page)) < len(page)


def test_queries_have_their_words(colqwen25: ColVisionEncoder) -> None:
    query = colqwen25.encode_query("What is the total?")
    assert query.words == ("What", "is", "the", "total")
    assert [int((query.word_of_token == word).sum()) for word in range(4)] == [4, 2, 3, 5]


def test_a_query_is_not_changed_by_the_pages_before_it(colqwen25: ColVisionEncoder) -> None:
    before = colqwen25.encode_query("net income").vectors
    colqwen25.encode_pages([make_page(), make_page(40, 90)])
    np.testing.assert_array_equal(colqwen25.encode_query("net income").vectors, before)


def test_sap_reads_its_middle_layers(colqwen25: ColVisionEncoder) -> None:
    pruning = parse_pruning("sap:0.2")
    page = encoder_for(pruning, colqwen25).encode_pages([make_page()])[0]
    assert len(pruning.apply(page)) == page.n_special + 11

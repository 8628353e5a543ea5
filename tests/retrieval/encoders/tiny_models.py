"""Tiny models of the real architectures, with random weights, saved to disk with their processors.

They prove plumbing: loading, geometry, masks, hooks. They support no claim about quality.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
import transformers
from PIL import Image, ImageDraw
from tokenizers import Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

ARCHITECTURES = ("colpali", "colqwen2", "colqwen2.5", "colmodernvbert", "neomme")


def make_page(width: int = 60, height: int = 84, seed: int = 0) -> Image.Image:
    """A page with a few bars of different colours, not square."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    for line in range(6):
        top = 4 + line * height // 7
        right = width - 4 - (seed * 13 + line * 29) % (width // 2)
        draw.rectangle((4, top, right, top + height // 16), fill=(20 * line, 40, 200 - 20 * seed % 200))
    return image


def make_tokenizer(special: list[str], **roles: Any) -> Any:
    """Bytes and special tokens: every letter is a token, so that words fall into many."""
    vocabulary = {
        token: index for index, token in enumerate([*special, *sorted(pre_tokenizers.ByteLevel.alphabet())])
    }
    tokenizer = Tokenizer(BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=100_000, **roles)
    fast.add_special_tokens({"additional_special_tokens": special})
    return fast


def make_colpali(folder: Path) -> None:
    """32 x 32 pixels in patches of 8 (the real one: 448 in patches of 14)."""
    tokenizer = make_tokenizer(
        ["<pad>", "<eos>", "<bos>", "<unk>", "<image>"],
        bos_token="<bos>", eos_token="<eos>", pad_token="<pad>", unk_token="<unk>",
    )  # fmt: skip
    images = SiglipImageProcessorPil(size={"height": 32, "width": 32})
    images.image_seq_length = 16
    processor = transformers.ColPaliProcessor(image_processor=images, tokenizer=tokenizer)
    vision = transformers.SiglipVisionConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, image_size=32, patch_size=8,
        vision_use_head=False, projection_dim=32,
    )  # fmt: skip
    text = transformers.GemmaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=5, num_attention_heads=4,
        num_key_value_heads=1, head_dim=8, pad_token_id=0, max_position_embeddings=256,
    )  # fmt: skip
    vlm = transformers.PaliGemmaConfig(
        vision_config=vision.to_dict() | {"model_type": "siglip_vision_model"},
        text_config=text.to_dict() | {"model_type": "gemma"},
        image_token_id=processor.image_token_id, projection_dim=32, hidden_size=32,
    )  # fmt: skip
    _save(
        transformers.ColPaliForRetrieval(transformers.ColPaliConfig(vlm_config=vlm, embedding_dim=16)),
        processor,
        folder,
    )


def make_colqwen2(folder: Path, backbone: str = "qwen2_vl") -> None:
    """Patches of 4 pixels, four of them a token, up to 60 tokens a page."""
    tokenizer = make_tokenizer(
        ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"],
        eos_token="<|endoftext|>", pad_token="<|endoftext|>", padding_side="left",
    )  # fmt: skip
    token = tokenizer.convert_tokens_to_ids
    images = Qwen2VLImageProcessorPil(
        patch_size=4, merge_size=2, temporal_patch_size=2, size={"shortest_edge": 64, "longest_edge": 64 * 60}
    )
    processor = transformers.ColQwen2Processor(image_processor=images, tokenizer=tokenizer)
    text = {
        "vocab_size": len(tokenizer), "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 5,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 512,
        "bos_token_id": token("<|endoftext|>"), "eos_token_id": token("<|endoftext|>"), "pad_token_id": None,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [1, 1, 2]},
    }  # fmt: skip
    vision: dict[str, Any] = {
        "depth": 2, "hidden_size": 32, "num_heads": 4, "patch_size": 4, "spatial_merge_size": 2,
        "temporal_patch_size": 2, "in_channels": 3,
    }  # fmt: skip
    if backbone == "qwen2_vl":
        vision |= {"embed_dim": 32, "mlp_ratio": 2}
    else:
        vision |= {
            "out_hidden_size": 32,
            "intermediate_size": 64,
            "window_size": 32,
            "fullatt_block_indexes": [1],
        }
    config_class = transformers.Qwen2VLConfig if backbone == "qwen2_vl" else transformers.Qwen2_5_VLConfig
    vlm = config_class(
        text_config=text, vision_config=vision, image_token_id=token("<|image_pad|>"),
        video_token_id=token("<|video_pad|>"), vision_start_token_id=token("<|vision_start|>"),
        vision_end_token_id=token("<|vision_end|>"),
    )  # fmt: skip
    _save(
        transformers.ColQwen2ForRetrieval(transformers.ColQwen2Config(vlm_config=vlm, embedding_dim=16)),
        processor,
        folder,
    )


def make_colmodernvbert(folder: Path) -> None:
    """Tiles of 32 pixels with 4 x 4 cells each (the real one: 512 with 8 x 8), the longer side up to 128 pixels."""
    special = [
        "[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]", "<|begin_of_text|>", "<fake_token_around_image>", "<image>",
        "<end_of_utterance>", "<global-img>", *(f"<row_{r}_col_{c}>" for r in range(1, 7) for c in range(1, 7)),
    ]  # fmt: skip
    tokenizer = make_tokenizer(special, pad_token="[PAD]", unk_token="[UNK]")
    images = Idefics3ImageProcessorPil(
        size={"longest_edge": 128}, max_image_size={"longest_edge": 32}, do_image_splitting=True
    )
    processor = transformers.ColModernVBertProcessor(
        image_processor=images, tokenizer=tokenizer, image_seq_len=16
    )
    text = transformers.ModernBertConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=6, num_attention_heads=4,
        max_position_embeddings=1024, pad_token_id=tokenizer.pad_token_id, bos_token_id=1, eos_token_id=2,
        cls_token_id=1, sep_token_id=2, global_attn_every_n_layers=3, local_attention=64,
    )  # fmt: skip
    vision = transformers.SiglipVisionConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, image_size=32, patch_size=4,
        vision_use_head=False,
    )  # fmt: skip
    vlm = transformers.ModernVBertConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=processor.image_token_id,
        pixel_shuffle_factor=2,
    )
    config = transformers.ColModernVBertConfig(vlm_config=vlm, embedding_dim=16)
    _save(transformers.ColModernVBertForRetrieval(config), processor, folder)


def make_neomme(folder: Path) -> None:
    """Patches of 8 pixels; the image processor's settings as a file, since its class needs torchvision."""
    special = ["<pad>", "<unk>", "<mask>", "<query>", "<row>", "<doc>", "<img>"]
    tokenizer = make_tokenizer(special, pad_token="<pad>", unk_token="<unk>", mask_token="<mask>")
    tokenizer.chat_template = (
        "{% for message in messages %}{% if task == 'query' %}<query>{% for part in message.content %}"
        "{{ part.text }}{% endfor %}<mask><mask><mask>{% endif %}{% endfor %}"
    )
    config = transformers.NeoMMEConfig(
        vocab_size=len(tokenizer), embedding_rank=16, hidden_size=32, intermediate_size=64, num_hidden_layers=6,
        num_attention_heads=2, num_key_value_heads=1, head_dim=16, max_position_embeddings=512, patch_size=8,
        embedding_dim=16, sliding_window=16,
    )  # fmt: skip
    _save(transformers.NeoMMEForRetrieval(config), None, folder)
    tokenizer.save_pretrained(folder)
    settings = {"image_processor_type": "NeoMMEImageProcessor", "patch_size": 8, "max_side": 96}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))


def _save(model: Any, processor: Any, folder: Path) -> None:
    """Biases that start at zero are drawn, and attention is made to prefer: as a trained model's is."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias") or "value_embeddings" in name:
                parameter.normal_(std=0.1)
            if "vision" not in name and name.endswith(("q_proj.weight", "k_proj.weight", "Wqkv.weight")):
                parameter.mul_(8)
    transformers.logging.disable_progress_bar()
    model.eval().save_pretrained(folder)
    if processor is not None:
        processor.save_pretrained(folder)


MAKERS: dict[str, Callable[[Path], None]] = {
    "colpali": make_colpali,
    "colqwen2": make_colqwen2,
    "colqwen2.5": lambda folder: make_colqwen2(folder, "qwen2_5_vl"),
    "colmodernvbert": make_colmodernvbert,
    "neomme": make_neomme,
}

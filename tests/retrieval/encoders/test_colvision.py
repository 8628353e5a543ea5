"""The ColPali family as encoders: what comes out, and the traps on the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from PIL import Image

from pagelight.retrieval.encoders.colvision import ColVisionEncoder, attention, devices
from pagelight.retrieval.encoders.encoder import Importance
from pagelight.retrieval.maxsim import maxsim
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.types import PageEmbedding
from tests.retrieval.encoders.tiny_models import make_page

PAGES = [make_page(), make_page(120, 50, 1), make_page(40, 90, 2)]


def assert_same_page(one: PageEmbedding, other: PageEmbedding) -> None:
    assert one.grid == other.grid
    assert one.n_special == other.n_special
    np.testing.assert_allclose(one.vectors, other.vectors, atol=2e-5)
    np.testing.assert_allclose(one.importance, other.importance, atol=1e-6)
    np.testing.assert_array_equal(one.cell_to_vector, other.cell_to_vector)


def test_every_cell_has_a_unit_vector_of_its_own_after_those_without_a_place(
    encoder: ColVisionEncoder,
) -> None:
    for page in encoder.encode_pages(PAGES):
        assert len(page) == page.n_special + page.grid.n_cells
        np.testing.assert_array_equal(page.cell_to_vector, np.arange(page.n_special, len(page)))
        np.testing.assert_allclose(np.linalg.norm(page.vectors, axis=1), 1, atol=1e-6)
        assert page.dim == encoder.info.dim == 16
        assert np.isfinite(page.importance).all()
        assert page.importance.sum() == pytest.approx(1, abs=1e-4)  # a whole row of attention


def test_a_page_is_the_same_in_a_padded_batch_as_alone(
    encoder: ColVisionEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = [encoder.encode_pages([page])[0] for page in PAGES]
    monkeypatch.setattr(devices, "pages_at_once", lambda *_: 8)  # the first page, then the other two together
    for one, other in zip(alone, encoder.encode_pages(PAGES), strict=True):
        assert_same_page(one, other)


def test_grids_follow_the_shape_of_the_page(encoders: dict[str, ColVisionEncoder]) -> None:
    wide = Image.new("RGB", (128, 64), "white")
    grids = {name: encoder.encode_pages([wide])[0].grid for name, encoder in encoders.items()}
    shapes = {name: (grid.n_rows, grid.n_cols) for name, grid in grids.items()}
    assert shapes == {
        "colpali": (4, 4),  # always a square
        "colqwen2": (5, 10),  # 60 tokens at most
        "colqwen2.5": (5, 10),
        "colmodernvbert": (8, 16),  # 2 x 4 tiles of 4 x 4 cells
        "neomme": (6, 12),  # 96 pixels at most, in patches of 8
    }


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "CMYK", "I;16"])
def test_any_image_mode_is_encoded_and_nothing_is_drawn_on_it(
    encoders: dict[str, ColVisionEncoder], mode: str
) -> None:
    image = Image.new(mode, (30, 40))
    before = image.tobytes()
    encoders["colpali"].encode_pages([image])
    assert image.tobytes() == before


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (900, 3), (1, 2000)])
def test_odd_sizes_are_encoded(encoder: ColVisionEncoder, size: tuple[int, int]) -> None:
    page = encoder.encode_pages([Image.new("RGB", size, "white")])[0]
    assert page.grid.n_cells >= 1


def test_no_pages_are_no_embeddings(encoder: ColVisionEncoder) -> None:
    assert encoder.encode_pages([]) == []


# --- queries ---


def test_subword_tokens_are_merged_into_the_words_that_people_typed(encoder: ColVisionEncoder) -> None:
    query = encoder.encode_query("What is the total?")
    assert query.words == ("What", "is", "the", "total")
    letters = [int((query.word_of_token == word).sum()) for word in range(4)]
    assert letters == [4, 2, 3, 5]  # the tiny tokenizers know only bytes
    assert (query.word_of_token == -1).sum() == len(query.vectors) - 14  # prompt, blanks, "?", augmentation
    assert query.word_of_token.max() == 3
    np.testing.assert_allclose(np.linalg.norm(query.vectors, axis=1), 1, atol=1e-6)
    assert (query.weights == 1).all()


def test_words_of_a_query_are_in_reading_order_on_its_tokens(encoder: ColVisionEncoder) -> None:
    owners = encoder.encode_query("überholte Maße 表 2,300").word_of_token
    real = owners[owners >= 0]
    assert (np.diff(real) >= 0).all()
    assert set(real.tolist()) == {0, 1, 2, 3}


@pytest.mark.parametrize(
    "text", ["<image>", "<|image_pad|><|endoftext|>", "<img> <row_1_col_1> <doc>", "???", "\n"]
)
def test_hostile_queries_are_letters_like_others(encoder: ColVisionEncoder, text: str) -> None:
    query = encoder.encode_query(text)
    assert np.isfinite(query.vectors).all()


def test_a_query_is_not_changed_by_the_pages_before_it(encoder: ColVisionEncoder) -> None:
    before = encoder.encode_query("net income")
    encoder.encode_pages(PAGES[:1])
    np.testing.assert_array_equal(before.vectors, encoder.encode_query("net income").vectors)


def test_searching_beside_an_ingest_changes_neither(encoder: ColVisionEncoder) -> None:
    want_page, want_query = encoder.encode_pages(PAGES[:1])[0], encoder.encode_query("net income")
    with ThreadPoolExecutor(2) as pool:
        pages = [pool.submit(encoder.encode_pages, PAGES[:1]) for _ in range(4)]
        searches = [pool.submit(encoder.encode_query, "net income") for _ in range(12)]
    for page in pages:
        assert_same_page(page.result()[0], want_page)
    for search in searches:
        np.testing.assert_allclose(search.result().vectors, want_query.vectors, atol=1e-6)


# --- traps of single architectures ---


@pytest.mark.parametrize("name", ["colqwen2", "colqwen2.5"])
def test_image_tokens_have_places_on_the_page_and_not_on_a_line(
    name: str, encoders: dict[str, ColVisionEncoder], model_folders: dict[str, Path]
) -> None:
    """ColQwen2ForRetrieval hands its backbone no token ids, so that all tokens would be numbered in a row."""
    family = encoders[name]._family
    batch = family.pages(PAGES[:1])
    model = family.model
    inputs = {key: value for key, value in batch.tensors.items() if key != "position_ids"}
    with torch.inference_mode():
        own = model.vlm(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            pixel_values=inputs["pixel_values"][0],
            image_grid_thw=inputs["image_grid_thw"],
            mm_token_type_ids=(inputs["input_ids"] == model.config.vlm_config.image_token_id).int(),
        ).last_hidden_state
        want = torch.nn.functional.normalize(model.embedding_proj_layer(own), dim=-1)[0]
        with_places = model(**batch.tensors).embeddings[0]
        model.vlm.rope_deltas = None
        on_a_line = model(**inputs).embeddings[0]
        model.vlm.rope_deltas = None
    torch.testing.assert_close(with_places, want, atol=1e-5, rtol=0)
    assert (on_a_line - want).abs().max() > 1e-4


def test_the_global_tile_has_no_place_of_its_own(encoders: dict[str, ColVisionEncoder]) -> None:
    page = encoders["colmodernvbert"].encode_pages([make_page(128, 96)])[0]
    assert (page.grid.n_rows, page.grid.n_cols) == (12, 16)
    assert page.n_special > 16  # the 4 x 4 tokens of the global tile, and the prompt


def test_a_page_without_tiles_is_seen_in_its_global_tile(model_folders: dict[str, Path]) -> None:
    from pagelight.retrieval.encoders.colvision.architectures import ColModernVBert

    folder = model_folders["colmodernvbert"]
    processor = transformers.ColModernVBertProcessor.from_pretrained(folder)
    processor.image_processor.do_image_splitting = False
    model = transformers.ColModernVBertForRetrieval.from_pretrained(folder).eval()
    encoder = ColVisionEncoder("tiny", ColModernVBert(model, processor), torch.device("cpu"))
    page = encoder.encode_pages(PAGES[:1])[0]
    assert (page.grid.n_rows, page.grid.n_cols) == (4, 4)


def test_the_global_token_is_found_on_either_side_of_the_padding() -> None:
    left, right = torch.tensor([[0, 0, 1, 1, 1]]), torch.tensor([[1, 1, 1, 0, 0]])
    assert attention.last_token(left).item() == 4
    assert attention.last_token(right).item() == 2


def test_importance_comes_from_a_layer_that_sees_the_whole_page(
    encoders: dict[str, ColVisionEncoder],
) -> None:
    for name in ("colmodernvbert", "neomme"):
        modules = encoders[name]._family.attentions()
        assert any(attention.window_of(module) for module in modules)
        assert attention.window_of(attention.final_layer(modules)) is None
        middle = attention.middle_layers(modules)
        assert middle
        assert all(attention.window_of(module) is None for module in middle)


def test_a_pruned_page_beside_a_longer_one_scores_as_it_does_alone(
    encoders: dict[str, ColVisionEncoder], model_folders: dict[str, Path]
) -> None:
    """score_retrieval pads with zeros, which beat a token's best match where that is negative."""
    encoder = encoders["colqwen2"]
    query = encoder.encode_query("revenue").vectors
    long = encoder.encode_pages(PAGES[:1])[0].vectors
    short = -query[:1]  # the opposite of what is asked for
    alone = maxsim(query, short)
    processor = transformers.ColQwen2Processor.from_pretrained(model_folders["colqwen2"])
    tensors = [torch.from_numpy(short), torch.from_numpy(long)]
    padded = processor.score_retrieval([torch.from_numpy(query)], tensors)[0, 0].item()
    masked = np.full((len(query), len(long)), -np.inf)
    masked[:, :1] = query @ short.T
    assert alone == pytest.approx(masked.max(axis=1).sum(), abs=1e-4)
    assert alone < padded - 0.1


def test_docpruner_prunes_what_the_models_attend_to_least(encoder: ColVisionEncoder) -> None:
    page = encoder.encode_pages(PAGES[:1])[0]
    small = parse_pruning(encoder.info.pruning).apply(page)
    assert page.n_special < len(small) < len(page)
    kept = page.importance[page.n_special :][small.cell_to_vector >= 0]
    assert kept.min() > page.importance[page.n_special :][small.cell_to_vector < 0].max()


def test_running_out_of_memory_halves_the_batch(
    encoders: dict[str, ColVisionEncoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = encoders["colpali"].with_importance(Importance.OWN)
    want = encoder.encode_pages(PAGES)
    monkeypatch.setattr(devices, "pages_at_once", lambda *_: 2)
    forward = encoder._family.model.forward

    def cramped(*args: object, **kwargs: torch.Tensor) -> object:
        if len(kwargs["input_ids"]) > 1:
            raise torch.cuda.OutOfMemoryError("out of memory")
        return forward(*args, **kwargs)

    monkeypatch.setattr(encoder._family.model, "forward", cramped)
    for one, other in zip(want, encoder.encode_pages([*PAGES, *PAGES])[3:], strict=True):
        assert_same_page(one, other)
    assert encoder._at_most == 1


def test_neomme_cuts_pages_as_its_own_processor_does(encoders: dict[str, ColVisionEncoder]) -> None:
    """On pages of whole patches; others get a last row and column in black there, and a rounded size here."""
    try:
        from transformers.models.neomme.image_processing_neomme import NeoMMEImageProcessor
    except (ImportError, RuntimeError):
        pytest.skip("torchvision is not installed")
    theirs = NeoMMEImageProcessor(patch_size=8, max_side=96)
    for size in ((64, 88), (96, 72), (192, 128)):
        image = make_page(*size)
        want = theirs(images=[image], return_tensors="pt")["pixel_values"]
        got = encoders["neomme"]._family.pages([image]).tensors["pixel_values"]
        torch.testing.assert_close(got, want, atol=1e-5, rtol=0)


def test_neomme_gives_tokens_the_places_that_its_own_processor_gives() -> None:
    from transformers.models.neomme.processing_neomme import NeoMMEProcessor

    from pagelight.retrieval.encoders.colvision.neomme import _places

    assert torch.equal(_places(5, 4), NeoMMEProcessor._image_positions(5, 4).T)

"""The reader's convolutions in eight bits say what they say in float32, and are taken only where they pay."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from pagelight.retrieval.encoders.builtin.builtin_encoder import ASSETS
from pagelight.retrieval.encoders.builtin.placement import fit, in_gray
from pagelight.retrieval.encoders.builtin.reader.arithmetic import Int8Reader, fastest, quantized_layers
from pagelight.retrieval.encoders.builtin.reader.nets import PageReader, load_reader, prepare
from pagelight.retrieval.encoders.builtin.reader.page_inference import PageInference
from pagelight.retrieval.encoders.builtin.reader.recognition import Vocabulary
from tests.retrieval.encoders.printed_pages import report

PEAKS: dict[str, float] = json.loads((ASSETS / "reader.json").read_text())["peaks"]


@pytest.fixture(scope="module")
def reader() -> PageReader:
    return load_reader(ASSETS / "reader.safetensors")[0]


@pytest.fixture(scope="module")
def small(reader: PageReader) -> Int8Reader:
    try:
        return Int8Reader(reader, PEAKS)
    except RuntimeError as error:
        pytest.skip(f"no convolutions in eight bits here: {error}")


def printed(*, inverted: bool = False) -> Tensor:
    gray = fit(in_gray(report().image), 1200)
    return prepare(torch.from_numpy(255 - gray if inverted else gray.copy())[None])


@pytest.mark.parametrize("inverted", [False, True])
def test_letters_and_cells_are_those_of_float32(
    reader: PageReader, small: Int8Reader, inverted: bool
) -> None:
    page = printed(inverted=inverted)
    with torch.inference_mode():
        exact, coarse = reader.letters(page), small.letters(page)
        said, said_coarse = reader.characters(exact).argmax(1), small.characters(coarse).argmax(1)
        cells, cells_coarse = reader.cells(exact), small.cells(coarse)
    inked = said > 0
    assert inked.float().mean() > 0.1
    assert (said == said_coarse)[inked].float().mean() > 0.95
    off = (cells.features - cells_coarse.features).square().sum() / cells.features.square().sum()
    assert off < 0.01
    salient = cells.saliency > 0
    assert salient.sum() > 100
    assert (salient == (cells_coarse.saliency > 0))[salient].float().mean() > 0.95


def test_every_layer_needs_a_peak(reader: PageReader, small: Int8Reader) -> None:
    assert set(PEAKS) == set(quantized_layers(reader))
    with pytest.raises(KeyError, match=r"top\.first"):
        Int8Reader(reader, {name: peak for name, peak in PEAKS.items() if name != "top.first"})


def trunk_of(
    reader: PageReader, peaks: dict[str, float], monkeypatch: pytest.MonkeyPatch, way: str
) -> object:
    """What a sheet reader computes with where `way`, if there is such a one, is the fastest."""

    def choose(ways: dict[str, Callable[[], object]]) -> str:
        return way if way in ways else next(iter(ways))

    monkeypatch.setattr("pagelight.retrieval.encoders.builtin.reader.page_inference.fastest", choose)
    sheets = PageInference(reader, Vocabulary.load(ASSETS / "vocabulary.npz"), peaks)
    sheets.warm_up()
    return sheets._trunk


def test_eight_bits_are_taken_only_where_they_are_fastest_and_exact(
    reader: PageReader, small: Int8Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(trunk_of(reader, PEAKS, monkeypatch, "int8"), Int8Reader)
    assert trunk_of(reader, PEAKS, monkeypatch, "float32") is reader
    assert trunk_of(reader, {}, monkeypatch, "int8") is reader
    cut_off = {name: peak / 8 for name, peak in PEAKS.items()}
    assert trunk_of(reader, cut_off, monkeypatch, "int8") is reader


def test_another_way_is_taken_only_if_it_is_clearly_faster() -> None:
    def lasting(seconds: float) -> Callable[[], None]:
        def work() -> None:
            end = time.process_time() + seconds
            while time.process_time() < end:
                pass

        return work

    assert fastest({"plain": lasting(0.05), "odd": lasting(0.005)}) == "odd"
    assert fastest({"plain": lasting(0.05), "odd": lasting(0.048)}) == "plain"
    assert fastest({"plain": lasting(0.05)}) == "plain"
    # as where another program has the processor
    assert fastest({"plain": lasting(0.05), "kept waiting": lambda: time.sleep(0.08)}) == "kept waiting"

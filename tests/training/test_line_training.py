"""Strips that the line net learns from: what is drawn is what the label says, and can be learned."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import reportlab
import torch

from pagelight.retrieval.encoders.builtin.builtin_encoder import ASSETS
from pagelight.retrieval.encoders.builtin.reader.line_net import COLUMN, HEIGHT, LINES, LineNet, load_line_net
from pagelight.retrieval.encoders.builtin.reader.line_strips import ink
from training.line_training import BATCH, Strips, batches, loss, measured, stacked
from training.lines import LineDrawer

WORDS = ["Harbour", "crane", "Lichtschalter", "été", "niño", "ponte", "water", "Straße"]


@pytest.fixture(scope="module")
def strips() -> Strips:
    fonts = sorted((Path(reportlab.__file__).parent / "fonts").glob("Vera*.ttf"))
    drawer = LineDrawer(fonts, [WORDS], random.Random(0))
    return [(ink(pixels), text) for pixels, text in (drawer.strip() for _ in range(120))]


def test_strips_have_the_height_of_the_net_and_folded_texts(strips: Strips) -> None:
    for pixels, text in strips:
        assert pixels.shape[0] == HEIGHT
        assert pixels.shape[1] % COLUMN == 0
        assert text == " ".join(text.lower().split())
    assert any(any(c.isdigit() for c in text) for _, text in strips)


def test_the_shipped_net_reads_what_is_drawn(strips: Strips) -> None:
    _, words = measured(load_line_net(ASSETS / LINES), strips)
    assert words > 0.85


def test_batches_hold_every_strip_once_and_not_too_many(strips: Strips) -> None:
    found = list(batches(strips, random.Random(0)))
    assert sorted(id(pixels) for batch in found for pixels, _ in batch) == sorted(id(p) for p, _ in strips)
    for batch in found:
        pixels, widths = stacked(batch)
        assert len(batch) == 1 or pixels.shape[0] * pixels.shape[3] <= BATCH
        assert int(widths.max()) == pixels.shape[3]


def test_a_net_learns_a_batch(strips: Strips) -> None:
    torch.manual_seed(0)
    net = LineNet((8, 8, 16, 32))
    optimizer = torch.optim.AdamW(net.parameters(), 0.01)
    losses = []
    for _ in range(6):
        found = loss(net, strips[:12])
        optimizer.zero_grad()
        found.backward()
        optimizer.step()
        losses.append(float(found.detach()))
    assert losses[-1] < 0.8 * losses[0]

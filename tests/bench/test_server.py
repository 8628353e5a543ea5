"""A server under load, and the growth of its memory, measured: one server for both, filled once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from reportlab.pdfgen.canvas import Canvas

from bench import growth, load


def test_errors_are_told_with_the_figures() -> None:
    outcome = load.Outcome([0.2] * 19 + [1.0], [0.01], 3, ["ReadTimeout: slow"] * 7)
    lines = load.report(outcome, 4, 10, 12, 300, 320).splitlines()
    assert "20 searches (2.0 a second), p50 200 ms" in lines[0]
    assert "7 errors, 3 told to come again" in lines[0]
    assert lines[1:] == ["ReadTimeout: slow"] * 5


def test_memory_is_that_of_the_process() -> None:
    before = load.memory_mb(os.getpid())
    block = bytearray(b"x" * 50_000_000)
    assert load.memory_mb(os.getpid()) > before + 40
    del block


def test_growth_is_counted_from_the_end_of_the_warm_up() -> None:
    line = growth.report("searches", 100, [100.0, 150.0, *[151.0] * 7, 158.0])
    assert line.endswith("158 MB, 8 MB more after the warm-up")


def answers(folder: Path) -> Path:
    """A page for each question that is asked."""
    canvas = Canvas(str(folder / "answers.pdf"))
    for query in load.QUERIES:
        canvas.setFont("Helvetica", 24)
        canvas.drawString(60, 700, query)
        canvas.showPage()
    canvas.save()
    return folder / "answers.pdf"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    folder = tmp_path_factory.mktemp("server")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAGELIGHT_SAMPLES", "false")
        with load.serving(folder) as (address, process):
            load.wait_until_alive(address)
            # one of them is never indexed, and nothing waits for it
            files = {"answers.pdf": answers(folder).read_bytes(), "broken.pdf": b"%PDF-1.7\n" + bytes(300)}
            sent = [("files", file) for file in files.items()]
            httpx.post(f"{address}/api/v1/documents", files=sent, timeout=60).raise_for_status()
            load.wait_until_indexed(address)
            yield address, process.pid


@pytest.mark.slow
def test_a_server_is_searched_filled_and_emptied(
    server: tuple[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert growth.measure(*server, searches=10, uploads=4, most_mb=1000) == 0
    said = capsys.readouterr().out
    assert "10 searches:" in said
    assert "4 uploads:" in said


@pytest.mark.slow
def test_a_server_answers_a_few_clients_beside_an_ingest(
    server: tuple[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert load.measure(*server, clients=3, seconds=2) == 0
    assert "3 clients, 2 s:" in capsys.readouterr().out

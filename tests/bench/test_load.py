"""The load on a server, measured."""

from __future__ import annotations

import os

import pytest

from bench import load


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


@pytest.mark.slow
def test_a_server_answers_a_few_clients_beside_an_ingest(capsys: pytest.CaptureFixture[str]) -> None:
    assert load.main(["--clients", "3", "--seconds", "3"]) == 0
    assert "3 clients, 3 s:" in capsys.readouterr().out

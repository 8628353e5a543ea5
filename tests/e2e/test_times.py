"""The times of the pages can be measured; how long they are depends on the machine."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from bench import browser as times
from tests.e2e.conftest import CHROMIUM, Running

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]


def test_every_step_of_a_search_is_timed(page: Page, server: Running) -> None:
    found = times.measured(page, server.address, ["ferry ledger lighthouse handbook"])
    assert {name: len(values) for name, values in found.items()} == dict.fromkeys(times.BARS, 1)
    assert all(0 <= value < 60_000 for values in found.values() for value in values)
    assert found["card to sharp picture"][0] >= found["card to lit page"][0] > 0
    assert found["first lit page"][0] >= found["results"][0] > 0

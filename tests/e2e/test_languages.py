"""The interface's texts: every language has all of them, and the browser's preference chooses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from pagelight.app.web.ui.page import STATIC
from tests.e2e.conftest import CHROMIUM, Running

TEXTS = STATIC / "texts"
_ENTRY = re.compile(r"^  (?:'([^']+)'|(\w+)): (.+),$", re.M)


def entries(path: Path) -> dict[str, str]:
    return {
        quoted or plain: value for quoted, plain, value in _ENTRY.findall(path.read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize("language", ["de", "fr", "es", "it"])
def test_every_text_is_there_with_its_places(language: str) -> None:
    english, other = entries(TEXTS / "en.js"), entries(TEXTS / f"{language}.js")
    assert set(other) == set(english)
    for key, value in english.items():
        assert set(re.findall(r"\{\w+\}", other[key])) == set(re.findall(r"\{\w+\}", value)), key


def test_every_text_that_the_scripts_name_exists() -> None:
    named: set[str] = set()
    for path in STATIC.glob("*.js"):
        named |= set(re.findall(r"\bt\('([^']+)'", path.read_text(encoding="utf-8")))
    assert named <= set(entries(TEXTS / "en.js"))


@pytest.mark.e2e
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_the_browsers_language_is_spoken(browser: Browser, server: Running) -> None:
    context = browser.new_context(locale="de-AT")
    page = context.new_page()
    page.goto(server.address)
    expect(page.get_by_role("heading", name="Fragen Sie Ihre Dokumente")).to_be_visible()
    expect(page.get_by_role("tab", name="Bibliothek")).to_be_visible()
    context.close()

"""The interface's texts: every language has all of them, and the browser's preference chooses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from pagelight.app.web.ui.page import STATIC
from tests.e2e.conftest import CHROMIUM, PATIENCE, Running

TEXTS = STATIC / "texts"
ROOT = Path(__file__).parents[2]
SOURCES = [path for room in ("app", "ingest", "retrieval") for path in sorted((ROOT / room).rglob("*.py"))]
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


def test_what_the_server_says_is_known_as_it_says_it() -> None:
    # Broken lines of the source are joined; a sentence's beginning and full stop are the page's.
    pieces = [re.sub(r'"\s+f?"', "", path.read_text(encoding="utf-8")) for path in SOURCES]
    source = re.sub(r"\{[^}]*\}", "{}", "\n".join(pieces)).lower()
    for key, sentence in entries(TEXTS / "en.js").items():
        if key.startswith("said ") and key != "said text":  # its end is a constant
            spoken = re.sub(r"\{\w+\}", "{}", sentence.strip("'").replace("\\'", "'")).lower()
            assert spoken.rstrip(".") in source, key


#: what the server says of documents, and what is made of it
REMARKS = {
    "Page 4: its own words cannot be read.": "Seite 4: Die eigenen Wörter sind nicht lesbar.",
    "Pages 1, 2 and 9: its own words cannot be read.": "Seiten 1, 2 und 9: Die eigenen Wörter sind nicht lesbar.",
    "Skipped page 3: it is damaged; page 5: it cannot be encoded; the log has the details; and 2 more. The PDF has no pages.": (
        "Ausgelassen: Seite 3: Beschädigt. Seite 5: Sie lässt sich nicht auswerten; das Protokoll sagt mehr. + 2 "
        "Das PDF hat keine Seiten."
    ),
    "1 attached file is not searched (a.zip); save it and add it.": (
        "1 angehängte Datei wird nicht durchsucht (a.zip); speichern Sie sie und fügen Sie sie hinzu."
    ),
}
#: a name may break before its end, but no Arabic or Hebrew word is torn apart
NAMES = {"report.pdf": ["repo", "rt.pdf"], "قائمة.pdf": ["قائمة", ".pdf"]}
_PARTS = """async (name) => {
  const texts = [...document.querySelectorAll('link[rel=modulepreload]')].find((link) => link.href.endsWith('/texts.js'));
  const { fileName } = await import(texts.href.replace('/texts.js', '/dom.js'));
  return [...fileName(name).children].map((part) => part.textContent);
}"""
_TOLD = """async (said) => {
  const texts = [...document.querySelectorAll('link[rel=modulepreload]')].find((link) => link.href.endsWith('/texts.js'));
  return (await import(texts.href)).told(said);
}"""


@pytest.mark.e2e
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.usefixtures("same_library_afterwards")
def test_the_browsers_language_is_spoken(browser: Browser, server: Running, tmp_path: Path) -> None:
    context = browser.new_context(locale="de-AT")
    page = context.new_page()
    page.goto(server.address)
    expect(page.get_by_role("heading", name="Fragen Sie Ihre Dokumente")).to_be_visible()
    expect(page.locator("link[rel=modulepreload][href$='/texts/de.js']")).to_have_count(1)
    page.get_by_role("tab", name="Bibliothek").click()
    (tmp_path / "notes.pdf").write_text("a shopping list")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Dokumente hierher ziehen").click()
    chooser.value.set_files(tmp_path / "notes.pdf")
    expect(page.locator(".pl-job-file", has_text="notes.pdf")).to_contain_text(
        "Das ist reiner Text", timeout=PATIENCE
    )
    expect(page.locator(".pl-table tr", has_text="notes.pdf")).to_contain_text("Das ist reiner Text")
    stem = page.locator(".pl-job-name .pl-file-stem")  # the long reason leaves it its room
    assert stem.evaluate("stem => stem.scrollWidth <= stem.clientWidth")
    for said, told in REMARKS.items():
        assert page.evaluate(_TOLD, said) == told
    for name, parts in NAMES.items():
        assert page.evaluate(_PARTS, name) == parts
    page.goto(f"{server.address}/?document=gone.pdf&page=1")
    expect(page.locator(".pl-toast")).to_contain_text("Kein Dokument 'gone.pdf' in der Bibliothek")
    context.close()

"""The daily way through the page in Firefox: typing, a proposal, the lit page, another page, back, and the library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import CHROMIUM, Running
from tests.e2e.firefox import FIREFOX, Firefox

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(FIREFOX is None or CHROMIUM is None, reason="needs Firefox"),
]
_ENTER, _DOWN = "\ue007", "\ue015"
_LIT = "document.querySelector('.pl-current .pl-page-full.pl-loaded') && document.querySelector('.pl-current .pl-heat:not([hidden])')"
_AT = "document.querySelector('.pl-page-input').value"
#: whether any part of the light is drawn
_LIGHT = """
const canvas = document.querySelector('.pl-current .pl-heat');
return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean);
"""


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    browser = Firefox(tmp_path)
    yield browser
    browser.close()


def test_firefox_asks_reads_goes_back_and_has_nothing_to_complain_of(
    firefox: Firefox, server: Running
) -> None:
    firefox.go(server.address)
    firefox.wait("document.querySelector('.pl-shelf img[src]')")
    firefox.type(".pl-ask-input", f"ledg{_DOWN}{_ENTER}")
    firefox.wait("document.querySelector('.pl-viewer-title')?.textContent === 'ledger.pdf'")
    firefox.run("document.querySelector('.pl-ask-input').value = ''")
    firefox.type(".pl-ask-input", f"when is the lantern lit{_ENTER}")
    firefox.wait(f"document.querySelector('.pl-card') && {_LIT}")
    assert firefox.run(_LIGHT)
    assert firefox.run(f"return {_AT}") == "2"
    firefox.type(".pl-stage", "\ue014")  # the arrow to the right
    firefox.wait(f"{_AT} === '3' && location.search.includes('page=3')")
    firefox.run("history.back()")
    firefox.wait(f"{_AT} === '2'")
    firefox.run("document.querySelector('#pl-tab-library').click()")
    firefox.wait("document.querySelector('.pl-row-thumb img')?.naturalWidth")
    assert firefox.complaints(server.address) == []

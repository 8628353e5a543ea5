"""Places on real files, found through the service: text that runs up or down the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pagelight.app.service import Service
from pagelight.app.settings import Settings

CASES = Path(__file__).parents[2] / "cases"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(Settings(data=tmp_path_factory.mktemp("library"), samples=False)) as service:
        service.add([CASES / "16-scan-turned-90.png", CASES / "16-sidewaystable.pdf"]).wait()
        yield service


@pytest.mark.parametrize("document", ["16-scan-turned-90.png", "16-sidewaystable.pdf"])
def test_a_region_on_a_page_that_lies_on_its_side_is_one_line(service: Service, document: str) -> None:
    hit = service.search("certificate of the harbour pilot", documents=[document]).hits[0]
    x0, y0, x1, y1 = hit.regions[0].box
    assert x1 - x0 < 0.06  # lines run from top to bottom
    assert y1 - y0 > 0.2

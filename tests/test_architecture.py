"""The rooms and which of them may know which: app → ingest → retrieval."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "app": {"app", "ingest", "retrieval"},
    "ingest": {"ingest", "retrieval"},
    "retrieval": {"retrieval"},
}
#: heavy libraries, and the only places that know them
AT_HOME = {
    "torch": ("retrieval/encoders/",),
    "transformers": ("retrieval/encoders/",),
    "qdrant_client": ("retrieval/store/",),
    "qdrant_edge": ("retrieval/store/",),
    "gradio": ("app/ui/",),
    "pdf2image": ("ingest/",),
    "pypdfium2": ("ingest/",),
}
MODULES = {room: sorted((ROOT / room).rglob("*.py")) for room in MAY_IMPORT}


def imported(path: Path) -> Iterator[str]:
    """The first part of every module that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_no_arrow_turns_round(room: str) -> None:
    for path in MODULES[room]:
        rooms = set(imported(path)) & {*MAY_IMPORT, "training", "bench", "tests"}
        assert rooms <= MAY_IMPORT[room], path


@pytest.mark.parametrize("library", AT_HOME)
def test_heavy_libraries_stay_at_home(library: str) -> None:
    for path in (path for paths in MODULES.values() for path in paths if library in imported(path)):
        assert str(path.relative_to(ROOT)).startswith(AT_HOME[library])

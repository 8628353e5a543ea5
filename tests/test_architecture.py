"""The rooms and which of them may know which: in each list, a room may import what stands before it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: from the ground up; a module that is named with its file stands by itself
ROOMS = (
    "pagelight.retrieval.errors",
    "pagelight.retrieval.disk",
    "pagelight.retrieval.types",
    "pagelight.retrieval.results",
    "pagelight.retrieval.geometry",
    "pagelight.retrieval.maxsim",
    "pagelight.retrieval.scoring",
    "pagelight.retrieval.text",
    "pagelight.retrieval.cells",
    "pagelight.retrieval.codebook",
    "pagelight.retrieval.centroids",
    "pagelight.retrieval.encoders",
    "pagelight.retrieval.pruning",
    "pagelight.retrieval.store",
    "pagelight.retrieval.highlights",
    "pagelight.retrieval.search",
    "pagelight.ingest.render",
    "pagelight.ingest.office",
    "pagelight.ingest",
    "pagelight.app.settings",
    "pagelight.app",
    "pagelight.app.evaluation",
    "pagelight.app.web",
    "pagelight.app.cli",
)
#: the same inside the built-in encoder: figures know nothing of words
BUILTIN = tuple(
    f"pagelight.retrieval.encoders.builtin.{room}"
    for room in ("placement", "figures", "lexicon", "meaning", "reader", "builtin_encoder")
)
#: heavy libraries, and the only places that know them
AT_HOME = {
    "torch": ("retrieval/encoders/",),
    "transformers": ("retrieval/encoders/",),
    "qdrant_client": ("retrieval/store/",),
    "qdrant_edge": ("retrieval/store/",),
    "gradio": ("app/web/ui/",),
    "pdf2image": ("ingest/render/",),
    "pypdfium2": ("ingest/render/",),
}
MODULES = sorted(path for room in ("app", "ingest", "retrieval") for path in (ROOT / room).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def dotted(path: Path) -> str:
    name = "pagelight." + ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def room_of(module: str, rooms: tuple[str, ...]) -> int | None:
    """The innermost room that a module belongs to."""
    found = [i for i, room in enumerate(rooms) if module == room or module.startswith(room + ".")]
    return max(found, key=lambda i: len(rooms[i]), default=None)


def against_the_order(rooms: tuple[str, ...]) -> list[str]:
    arrows = []
    for path in MODULES:
        own = room_of(dotted(path), rooms)
        for module in imported(path):
            other = room_of(module, rooms)
            if own is not None and other is not None and other > own:
                arrows.append(f"{dotted(path)} → {module}")
    return arrows


def test_no_arrow_turns_round() -> None:
    assert against_the_order(ROOMS) == []


def test_no_arrow_turns_round_in_the_built_in_encoder() -> None:
    assert against_the_order(BUILTIN) == []


@pytest.mark.parametrize("folder", ["app", "ingest", "retrieval", "bench", "training", "scripts", "tests"])
def test_a_module_is_one_noun_of_300_lines_at_most(folder: str) -> None:
    lengths = {path: path.read_text(encoding="utf-8").count("\n") for path in (ROOT / folder).rglob("*.py")}
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > 300} == {}


def test_the_package_knows_neither_tests_nor_training_nor_bench() -> None:
    """And nothing imports a room by a name that only this checkout has."""
    own = ("app", "ingest", "retrieval", "training", "bench", "tests")
    for path in MODULES:
        assert not [module for module in imported(path) if module.split(".")[0] in own], path


def test_the_order_is_seen_to_be_kept() -> None:
    """The check can fail: a room that is named before another one would be seen importing it."""
    upside_down = ("pagelight.app", "pagelight.ingest", "pagelight.retrieval")
    assert against_the_order(upside_down)
    assert all(first != second for first, second in pairwise(ROOMS))


@pytest.mark.parametrize("library", AT_HOME)
def test_heavy_libraries_stay_at_home(library: str) -> None:
    for path in MODULES:
        if any(module.split(".")[0] == library for module in imported(path)):
            assert str(path.relative_to(ROOT)).startswith(AT_HOME[library])


def test_whatever_is_imported_is_a_dependency_of_our_own() -> None:
    """Not only one of somebody else's, who may do without it tomorrow."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    named = [*project["dependencies"], *extras["colpali-engine"], *extras["datasets"]]
    ours = {re.split(r"[<>=\[]", requirement)[0].lower() for requirement in named} | {"mcp-types"}  # of mcp
    homes = packages_distributions()
    for path in MODULES:
        for module in {name.split(".")[0] for name in imported(path)} - sys.stdlib_module_names:
            distributions = {home.lower().replace("_", "-") for home in homes.get(module, [module])}
            assert module == "pagelight" or distributions & ours, f"{path}: {module}"

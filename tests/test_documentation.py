"""The documentation says what the code says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_architecture import ROOMS

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


def test_the_table_of_modules_is_up_to_date() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "list_modules.py"), "--check"]
    assert subprocess.run(command, check=False).returncode == 0, "run: python scripts/list_modules.py"


def test_the_table_of_parameters_is_up_to_date_and_says_where_each_number_comes_from() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "list_parameters.py"), "--check"]
    assert subprocess.run(command, check=False).returncode == 0, "run: python scripts/list_parameters.py"


def test_a_number_with_a_name_of_its_own_says_why_it_is_no_tuning() -> None:
    """What was chosen is a field of a parameter object; a handful of single numbers is left."""
    command = [sys.executable, str(ROOT / "scripts" / "list_parameters.py"), "--count"]
    folders = [str(ROOT / "retrieval"), str(ROOT / "ingest")]
    counted = subprocess.run([*command, *folders], capture_output=True, text=True, check=True).stdout
    assert int(counted.split()[0]) <= 10, counted


def test_the_picture_of_the_rooms_is_the_order_that_imports_keep() -> None:
    """Rooms in the picture, from the ground up, are those of the checked list, in its order."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    drawn, package = [], ""
    for line in text.split("```text\n")[1].split("```")[0].splitlines():
        name = line.split()[0] if line.split() else ""
        if name.startswith("pagelight."):
            package = name
        elif re.fullmatch(r"[a-z]+", name) and line.startswith("    ") and not line.startswith("     "):
            drawn.append(f"{package}.{name}")
    assert drawn == [room for room in ROOMS if room not in ("pagelight.ingest", "pagelight.app")]


def test_the_readme_can_be_read_in_two_minutes() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target

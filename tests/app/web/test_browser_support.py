"""What the page's scripts and styles may use: they run in Firefox 115 and Safari 16, whose lacks stop or garble them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[3] / "app" / "web" / "ui" / "static"
SCRIPTS = sorted(STATIC.rglob("*.js"))
STYLES = sorted(STATIC.glob("*.css"))
#: a lookbehind stops the whole module in older Safari; the others are missing in one browser or the other
SCRIPT_LACKS = (
    r"\(\?<[=!]",
    r"OffscreenCanvas",
    r"structuredClone",
    r"startViewTransition",
    r"\bshowPopover\b|\bpopover(?:target)?\b",
    r"Object\.groupBy|Promise\.withResolvers|Array\.fromAsync|\.toSorted\(|\.toReversed\(",
    r"requestIdleCallback\((?!run, )",  # `whenIdle` alone asks for it, where it is there
    r"\.checkVisibility\(",  # `isShown` asks whether it is there
    r"ClipboardItem",
)
STYLE_LACKS = (
    r":has\(",
    r"field-sizing",
    r"@starting-style",
    r"anchor\(",
    r"color-mix\(",
    r"text-wrap",
    r"(?m)^\s*&",
)


@pytest.mark.parametrize("lack", SCRIPT_LACKS)
def test_scripts_use_nothing_that_a_browser_lacks(lack: str) -> None:
    assert [path.name for path in SCRIPTS if re.search(lack, path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("lack", STYLE_LACKS)
def test_styles_use_nothing_that_a_browser_lacks(lack: str) -> None:
    assert [path.name for path in STYLES if re.search(lack, path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_newer_units_and_names_have_older_ones_before_them(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    heights = re.findall(r"height: [^;]*dvh[^;]*;", text)
    assert all(f"{height.replace('dvh', 'vh')} {height}" in text for height in heights)
    selectable = re.findall(r"(?<!-)user-select: (\w+);", text)
    assert all(f"-webkit-user-select: {value}; user-select: {value};" in text for value in selectable)

"""The part of a page that a script makes, between two marks; `--check` writes nothing."""

from __future__ import annotations

import sys
from pathlib import Path


def write(page: Path, mark: str, made: str) -> int:
    """Put `made` between the marks of this name; 1 where the page had to change and `--check` is given."""
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(begin)
    new = f"{before}{begin}\n{made}{end}{rest.split(end)[1]}"
    if "--check" in sys.argv:
        return int(new != text)
    page.write_text(new, encoding="utf-8")
    return 0

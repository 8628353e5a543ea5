"""`python scripts/list_modules.py`: writes the table of modules in docs/architecture.md from their own first sentences."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import made_part

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "architecture.md"


def first_sentence(path: Path) -> str:
    """The first line of the module's docstring, as a cell of a table."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0].replace("|", "\\|")


def table() -> str:
    """A heading for each package, and a row for each of its modules."""
    lines: list[str] = []
    for room in ("retrieval", "ingest", "app"):
        for init in sorted((ROOT / room).rglob("__init__.py")):
            package = init.parent
            lines += ["", f"### `{package.relative_to(ROOT)}/`", "", first_sentence(init), ""]
            modules = sorted(path for path in package.glob("*.py") if path.name != "__init__.py")
            if modules:
                lines += ["| module | what it is |", "|---|---|"]
                lines += [f"| `{path.name}` | {first_sentence(path)} |" for path in modules]
    return "\n".join(lines).strip() + "\n"


def main() -> int:
    """Rewrite the page; 1 where it had to change and `--check` is given."""
    return made_part.write(PAGE, "modules", table())


if __name__ == "__main__":
    sys.exit(main())

"""`python scripts/list_parameters.py`: writes docs/parameters.md from the parameter objects; `--count FOLDER` counts bare numbers."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import made_part

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "parameters.md"
#: a field's own line in a docstring, with the lines that go on with it
FIELD = re.compile(r"^(\w+): (.*(?:\n {2,}.*)*)", re.MULTILINE)
#: where a number comes from, at the end of its description
SOURCE = re.compile(r"\(([^()]*)\)$")


def parameter_objects(path: Path) -> Iterator[ast.ClassDef]:
    """The classes of a module whose name says that they hold parameters."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (n for n in tree.body if isinstance(n, ast.ClassDef) and n.name.endswith("Parameters"))


def rows(found: ast.ClassDef) -> Iterator[tuple[str, str, str]]:
    """(name, default, description) of each field; ValueError where one has no description, or a number no source."""
    described = dict(FIELD.findall(ast.get_docstring(found) or ""))
    for field in found.body:
        if not isinstance(field, ast.AnnAssign) or field.value is None:
            continue
        name, default = ast.unparse(field.target), ast.unparse(field.value)
        text = " ".join(described.get(name, "").split())
        is_number = not default.startswith("field(") and not default.isupper()
        if not text or (is_number and not SOURCE.search(text)):
            raise ValueError(
                f"{found.name}.{name}: expected a line in the docstring, with a source in brackets"
            )
        yield name, default if is_number else "its own object", text.replace("|", "\\|")


def table() -> str:
    """A heading for each object, and a row for each of its fields."""
    lines: list[str] = []
    for room in ("retrieval", "ingest", "app"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for found in parameter_objects(path):
                summary = (ast.get_docstring(found) or "").partition("\n")[0]
                lines += ["", f"### `{found.name}`", "", f"{summary} `{path.relative_to(ROOT)}`", ""]
                lines += ["| field | default | what it is (source) |", "|---|---|---|"]
                lines += [f"| `{name}` | {default} | {text} |" for name, default, text in rows(found)]
    return "\n".join(lines).strip() + "\n"


def bare_numbers(folder: Path) -> int:
    """Numbers that modules give a name of their own, alone or in a tuple, instead of a parameter object's field."""
    return sum(
        isinstance(leaf, ast.Constant) and type(leaf.value) in (int, float)
        for path in folder.rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign | ast.AnnAssign) and _is_numeric(node.value)
        for leaf in ast.walk(node)
    )


def _is_numeric(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Tuple):
        return any(_is_numeric(part) for part in value.elts)
    if isinstance(value, ast.UnaryOp):
        return _is_numeric(value.operand)
    if isinstance(value, ast.BinOp):
        return _is_numeric(value.left) or _is_numeric(value.right)
    return isinstance(value, ast.Constant) and type(value.value) in (int, float)


def main() -> int:
    """Rewrite the page; 1 where it had to change and `--check` is given."""
    if "--count" in sys.argv:
        print(bare_numbers(Path(sys.argv[-1])))
        return 0
    return made_part.write(PAGE, "parameters", table())


if __name__ == "__main__":
    sys.exit(main())

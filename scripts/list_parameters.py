"""`python scripts/list_parameters.py`: writes docs/parameters.md from the parameter objects.

`--count FOLDER...` counts the numbers that modules give a name of their own: tuning, which belongs into a parameter object, and
facts, whose comment says in brackets at its end why nobody would tune them.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import made_part

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "parameters.md"
#: a field's own line in a docstring, with the lines that go on with it
FIELD = re.compile(r"^(\w+): (.*(?:\n {2,}.*)*)", re.MULTILINE)
#: where a number comes from, at the end of its description
SOURCE = re.compile(r"\(([^()]*)\)$")
#: facts, which are no tuning, and why:
#: form   of a file, a protocol, the index, or a model that others published: another value does not read it
#: net    what shipped weights were trained with: another value wants another training
#: limit  what is accepted, kept or told at most: more is as right, and costs memory, time or patience
#: block  a piece of work: another size gives the same result
#: time   to wait
#: guard  keeps arithmetic sound where no real value lies
FACT = re.compile(r"^#.*\((form|net|limit|block|time|guard)\)$")


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


def bare_numbers(folder: Path) -> Counter[str]:
    """Numbers with a name of their own, alone or in a tuple, by the fact that they are; "" where they are tuning."""
    found: Counter[str] = Counter()
    for path in folder.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        for node in ast.parse(text).body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and _is_numeric(node.value):
                fact = FACT.search(lines[node.lineno - 2])
                found[fact[1] if fact else ""] += sum(_is_number(leaf) for leaf in ast.walk(node))
    return found


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _is_numeric(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Tuple):
        return any(_is_numeric(part) for part in value.elts)
    if isinstance(value, ast.UnaryOp):
        return _is_numeric(value.operand)
    if isinstance(value, ast.BinOp):
        return _is_numeric(value.left) or _is_numeric(value.right)
    return value is not None and _is_number(value)


def main() -> int:
    """Rewrite the page; 1 where it had to change and `--check` is given."""
    if "--count" in sys.argv:
        folders = [Path(name) for name in sys.argv[1:] if name != "--count"]
        found = sum((bare_numbers(folder) for folder in folders), Counter[str]())
        print(f"{found.pop('', 0)} tuning, {found.total()} facts: {dict(found)}")
        return 0
    return made_part.write(PAGE, "parameters", table())


if __name__ == "__main__":
    sys.exit(main())

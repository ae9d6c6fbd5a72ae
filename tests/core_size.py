"""Print how large the core is: lines of code by room, and its share of what ships.

    python tests/core_size.py

Lines that hold neither code nor a value are not counted: empty ones, comments and docstrings. Of
the core, `argosy.testing` is left out, which only tests import.
"""

import ast
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def lines_of(path):
    """Count the lines of code of a module."""
    source = path.read_text(encoding="utf-8")
    said = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            said |= {*range(node.body[0].lineno, node.body[0].end_lineno + 1)}
    lines = enumerate((line.strip() for line in source.splitlines()), 1)
    return sum(1 for at, line in lines if line and not line.startswith("#") and at not in said)


def core():
    """Count the lines of the core by room."""
    rooms = Counter()
    for path in (ROOT / "core/argosy").rglob("*.py"):
        room, *rest = path.relative_to(ROOT / "core/argosy").parts
        if room != "testing":
            rooms[room if rest else "modules of no room"] += lines_of(path)
    return rooms


def beyond():
    """Count the lines of all plugins and case studies."""
    roots = (ROOT / "plugins", ROOT / "case_studies")
    return sum(lines_of(path) for root in roots for path in root.rglob("*.py"))


if __name__ == "__main__":
    rooms = core()
    for room, lines in rooms.most_common():
        print(f"{lines:7,} {room}")
    whole, others = rooms.total(), beyond()
    print(f"{whole:7,} in the core, {others:,} in plugins and case studies:", end=" ")
    print(f"the core is {whole / (whole + others):.0%} of what ships")

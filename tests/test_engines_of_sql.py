"""Text of people reaches an engine of SQL through one room alone, which checks it first."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOM = ROOT / "core/argosy/sql"
FOLDERS = ("core", "plugins", "case_studies", "benchmarks")
ENGINES = {
    *("sql_expr", "SQLContext", "QueryBuilder", "read_database", "read_database_uri"),
    *("duckdb", "sqlite3", "datafusion", "sqlglot", "sqloxide"),
}
"""What parses SQL, and what would open what it names."""
FLEETS = {"fleet", "view"}
"""What `sql` may be asked of: `argosy.views.sql` answers it. A frame's is the engine's."""


def doors(text):
    """Name what a module uses of engines of SQL."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute):
            yield from {node.attr} & ENGINES
        elif isinstance(node, ast.Name):
            yield from {node.id} & ENGINES
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from {node.value} & ENGINES  # as getattr would take it
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            named = {alias.name.partition(".")[0] for alias in node.names}
            yield from (named | {getattr(node, "module", "") or ""}) & (ENGINES | {"sql"})
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            asked = of.id if isinstance(of, ast.Name) else getattr(of, "attr", "")
            if node.func.attr == "sql" and asked not in FLEETS:
                yield f"{asked}.sql"


MODULES = [
    path
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*.py")
    if not path.is_relative_to(ROOM)
]


def test_no_other_module_hands_text_to_an_engine():
    found = {str(path.relative_to(ROOT)): {*doors(path.read_text())} for path in MODULES}

    assert {} == {path: used for path, used in found.items() if used}


@pytest.mark.parametrize(
    "text",
    [
        "import polars as pl\npl.sql_expr('a')",
        "from polars import SQLContext",
        "from polars import sql",
        "frame.lazy().sql('SELECT 1')",
        "self.rows.sql('SELECT 1')",
        "getattr(pl, 'sql_expr')('a')",
        "import duckdb",
    ],
)
def test_a_door_is_seen(text):
    assert [*doors(text)]


def test_the_room_is_where_the_engine_is_asked():
    assert {path.name for path in ROOM.glob("*.py") if {*doors(path.read_text())}} == {
        *("expression.py", "query.py", "tree.py")
    }

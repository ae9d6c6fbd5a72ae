"""Text leaves by few doors, which make it inert: a new one is refused until somebody vouches."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WAYS = {
    *(
        "print",
        "pprint.pprint",
        "click.echo",
        "click.secho",
        "click.echo_via_pager",
        "click.prompt",
    ),
    *("click.confirm", "Console", "rich.print", "sys.stdout", "sys.stderr", "sys.__stdout__"),
    *("sys.__stderr__", "os.write", "warnings.showwarning", "traceback.print_exc", "logging"),
    *("traceback.print_exception", "traceback.print_stack", "csv.writer", "csv.DictWriter"),
    *("write_csv", "sink_csv", "write_ndjson", "sink_ndjson", "write_json", "write_excel"),
    *("jinja2.Environment", "jinja2.Template", "Markup", "json.dump"),
}
"""How text gets out of a program, by the last words of what is called or looked up."""
DOORS = {
    "plugins/argosy_cli/terminal.py": {
        "click.echo": "the door to a terminal",
        "Console": "tables and bars, whose cells are made inert",
    },
    "core/argosy/plugins/aside.py": {
        "sys.stdout": "is kept for answers, which come by the door",
        "sys.stderr": "takes what plugins print",
    },
    "plugins/argosy_cli/ending.py": {
        "sys.stdout": "is flushed before the end",
        "sys.stderr": "is flushed before the end",
    },
    "plugins/argosy_cli/stdout.py": {"sys.stdout": "is kept for answers, which come by the door"},
    "plugins/argosy_cli/main.py": {"warnings.showwarning": "leads to the door"},
    "plugins/argosy_cli/parent.py": {
        "os.write": "a pipe to the parent",
        "sys.stdout": "is flushed before a fork",
        "sys.stderr": "says which signal came, in its own words",
    },
    "plugins/argosy_cli/stderr.py": {
        "os.write": "what engines print, made inert",
        "sys.stderr": "is led past the pipe",
    },
    "plugins/argosy_inventory/writing.py": {
        "sink_csv": "rows that are made inert",
        "write_ndjson": "lines that are made inert",
    },
    "plugins/argosy_notices/jsonl.py": {"write_ndjson": "lines that are made inert"},
    "plugins/argosy_notices/webhook.py": {"write_json": "is read again and made a document"},
    "plugins/argosy_ray/cluster.py": {"sys.stderr": "takes what Ray prints"},
    "plugins/argosy_ray/executor.py": {"sys.stderr": "takes what Ray prints"},
    "plugins/argosy_report/drawing.py": {"jinja2.Environment": "escapes all text"},
    "plugins/argosy_report/page.py": {"Markup": "our own style; the page is made inert"},
}
MODULES = [
    path
    for root in ("core", "plugins", "case_studies")
    for path in (ROOT / root).rglob("*.py")
    if "argosy/testing" not in path.as_posix()
]


def ways_out(source):
    """Yield the ways out that a module uses, imported under whatever name."""
    tree, known = ast.parse(source), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {one.asname or one.name: one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            known |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name | ast.Attribute):
            continue
        head, *rest = ast.unparse(node).split(".")
        words = ".".join([known.get(head, head), *rest])
        yield from (
            way for way in WAYS if words == way or (way != "print" and words.endswith(f".{way}"))
        )


@pytest.mark.parametrize(
    ("source", "way"),
    [
        ("print('x')", "print"),
        ("from click import echo as say\nsay('x')", "click.echo"),
        ("import rich.console as c\nc.Console().print('x')", "Console"),
        ("from sys import stderr\nstderr.write('x')", "sys.stderr"),
        ("frame.lazy().sink_csv('x')", "sink_csv"),
    ],
)
def test_a_way_out_is_seen_under_any_name(source, way):
    assert {way} == set(ways_out(source))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_has_no_way_out_of_its_own(path):
    """Print by `session.say`, `session.tell` or `session.emit`; write by `argosy.inert`."""
    vouched = DOORS.get(path.relative_to(ROOT).as_posix(), {})

    assert set() == set(ways_out(path.read_text(encoding="utf-8"))) - set(vouched)


@pytest.mark.parametrize("module", DOORS)
def test_a_door_that_is_vouched_for_is_there(module):
    assert set(DOORS[module]) == set(ways_out((ROOT / module).read_text(encoding="utf-8")))

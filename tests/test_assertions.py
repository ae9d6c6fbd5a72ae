"""Tests of the tests: what cannot fail, or always skips, proves nothing."""

import ast
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

FILES = sorted(Path(__file__).parent.rglob("test_*.py"))


def places(path):
    return str(path.relative_to(Path(__file__).parent))


def tautologies(text):
    """Return the lines of assertions that hold whatever happens, as far as their form tells."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Assert) and _always(node.test)
    ]


def _always(told):
    match told:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Compare(ops=[ast.GtE()], comparators=[ast.Constant(value=0)]):
            return True
        case ast.Compare(left=ast.Constant(value=0), ops=[ast.LtE()]):
            return True
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(map(_always, values)) or any(map(_absent, values))
    return False


def _absent(told):
    """Whether this side lets an assertion pass where what it is about is not there."""
    return isinstance(told, ast.Compare) and isinstance(told.ops[0], ast.NotIn)


@pytest.mark.parametrize("path", FILES, ids=places)
def test_no_assertion_holds_whatever_happens(path):
    """Amounts are never below zero, and what may be absent is not judged."""
    assert [] == tautologies(path.read_text())


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("assert took >= 0", True),
        ("assert 0 <= took", True),
        ("assert 'a' not in shut or 'b' in shut['a']", True),
        ("assert found or True", True),
        ("assert took > 0", False),
        ("assert 0 <= share <= 1", False),
        ("assert [] == found", False),
    ],
)
def test_the_form_of_an_assertion_is_judged(text, holds):
    assert holds == bool(tautologies(text))


@pytest.mark.parametrize("path", FILES, ids=places)
def test_whatever_a_test_would_skip_without_is_in_the_development_extra(path):
    for name in re.findall(r"importorskip\(\s*\"([\w.]+)\"", path.read_text()):
        assert find_spec(name.partition(".")[0]), name

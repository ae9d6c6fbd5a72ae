"""The guide tells of every metric and reason, and the doorway is light."""

from __future__ import annotations

import re
import subprocess
import sys
from math import inf
from pathlib import Path

import pytest

import argosy_metrics
from argosy.errors import PluginError
from argosy.kernels import compiled
from argosy.testing.predictions import handed, predictions
from argosy_metrics.options import Options

from .measuring import METRICS


def test_without_numba_the_message_says_what_to_install(monkeypatch):
    """Numba is large, so the base installation goes without."""
    monkeypatch.setitem(sys.modules, "numba", None)
    sys.modules[compiled.__module__]._numba.cache_clear()
    fresh = compiled(lambda x: x)

    with pytest.raises(PluginError, match=r"pip install 'argosy\[metrics\]'"):
        fresh(1)


GUIDE = (Path(argosy_metrics.__file__).parent / "README.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(\w+)`( ★)? \| (.+) \|$", GUIDE, flags=re.MULTILINE)


def test_every_metric_is_in_the_guide():
    """A metric nobody can read about does not exist."""
    assert sorted(METRICS) == sorted(name for name, _, _ in ROWS)


def bound(text):
    return {"∞": inf, "\u2212∞": -inf}.get(text) or float(text.replace("\u2212", "-"))


@pytest.mark.parametrize(("name", "star", "row"), ROWS)
def test_the_guide_says_what_a_metric_says(name, star, row):
    """Direction, bounds, and whether it is measured where none is named."""
    formula, better, bounds, interval, *_ = re.split(r" (?<!\\)\| ", f"{row} ")
    metric = METRICS[name]

    assert metric.default == bool(star)
    assert (better == "higher") == metric.higher_is_better
    assert (better == "nearer to zero") == (metric.best == 0)
    assert metric.bounds == pytest.approx([bound(end) for end in bounds.split(" to ")], abs=0.01)


@pytest.mark.parametrize(("name", "star", "row"), ROWS)
def test_the_guide_says_which_metrics_have_intervals(name, star, row):
    interval = re.split(r" (?<!\\)\| ", f"{row} ")[3]
    task = min(METRICS[name].tasks)
    table = handed({"m": predictions(task, 100).rows}, task)

    found = METRICS[name].measure(table, [name])[name][0].as_py()
    ends = [found[end] is not None for end in ("error", "lower", "upper")]
    assert ends == [interval != "none"] * 3


def test_every_reason_of_the_guide_is_told_somewhere():
    """A reason that is quoted but never given misleads."""
    source = "".join(path.read_text() for path in Path(argosy_metrics.__file__).parent.glob("*.py"))
    quoted = re.findall(r'"((?:no|only|some|the|all|a) [\w ]+)"', GUIDE)

    assert len(quoted) > 15
    assert [reason for reason in quoted if f'"{reason}' not in source] == []


@pytest.mark.parametrize("option", sorted(Options.model_fields))
def test_every_option_is_in_the_guide(option):
    assert f"`metrics.{option}`" in GUIDE


def test_the_doorway_imports_nothing_heavy():
    """Every command imports every plugin, so the import must cost nothing."""
    probe = (
        "import sys, argosy; before = set(sys.modules); import argosy_metrics;"
        "print({'numpy', 'polars', 'sklearn'} & (set(sys.modules) - before))"
    )
    command = [sys.executable, "-W", "error", "-c", probe]
    found = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (found.stdout, found.stderr) == ("set()\n", "")

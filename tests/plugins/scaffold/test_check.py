"""`argosy plugins check` runs the suites on what is installed, and `plugins guide` tells how."""

import inspect
import json
from importlib import import_module
from pathlib import Path

import pytest

from argosy.errors import PluginError, UnknownName
from argosy.plugins import installed
from argosy.testing.commands import said
from argosy_scaffold.check import LEFT_OUT, checked
from argosy_scaffold.guide import guide, section, sections
from argosy_scaffold.kinds import KINDS, plural

from ..as_installed import install  # noqa: TID252  (two folders share it)

NEED = {"source": "a file", "command": "arguments", "case": "data"}
"""What suites need besides that they do not define."""
GUIDE = Path(__file__).parents[3] / "plugins/README.md"


def suite(kind):
    module, _, name = KINDS[kind].suite.rpartition(".")
    return getattr(import_module(module), name)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_names_its_suite_and_whether_it_needs_more_than_a_name(kind):
    assert plural(kind) in installed().kinds()
    if not KINDS[kind].suite:
        assert kind == "accessor"
        return
    of = suite(kind)
    source = inspect.getsource(of)
    needs = "NotImplementedError" in source or kind in NEED

    assert KINDS[kind].alone == (not needs)


def test_what_passes_and_what_only_its_own_tests_can_run_is_told():
    """The policies of a plugin need changes to refuse."""
    told = checked("policies")

    assert set(told["outcome"]) == {LEFT_OUT}
    assert set(told["name"]) == {"owner", "reason", "roots"}
    assert all("argosy.testing.policies.PolicySuite" in why for why in told["reason"])


TALKER = """
import argosy
from argosy.types import Panel

@argosy.hookimpl
def argosy_panels():
    yield Panel("good", "Good", 70, lambda fleet: "<p>fine</p>")
    yield Panel("bad", "Bad", 80, lambda fleet: "<script>alert(1)</script>")
"""


def test_a_suite_that_fails_is_told_with_its_reason(tmp_path, monkeypatch):
    """In a process of its own, as installed."""
    import subprocess
    import sys

    install(tmp_path, monkeypatch, "talker", TALKER)
    words = [sys.executable, "-m", "argosy", "plugins", "check", "talker", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)

    rows = json.loads(done.stdout)
    failed = {row["name"] for row in rows if row["outcome"] == "failed"}
    assert done.returncode == 1
    assert failed == {"bad"}
    assert {row["name"] for row in rows if row["outcome"] == "passed"} >= {"good"}
    assert any("script" in (row["reason"] or "") for row in rows)


def test_a_plugin_that_is_not_there_is_refused():
    with pytest.raises(UnknownName, match="no plugin is called 'panles'"):
        checked("panles")


def test_one_that_offers_something_in_vain_is_refused(monkeypatch):
    fault = "the panel 'x' of plugin 'report' of argosy 1 takes part in nothing: its title is None"
    monkeypatch.setattr(installed().panels, "faults", [fault])

    with pytest.raises(PluginError, match="takes part in nothing"):
        checked("report")


def test_the_guide_is_the_one_beside_the_plugins():
    assert guide() == GUIDE.read_text(encoding="utf-8")
    assert said(["plugins", "guide"])[1].strip() == guide().strip()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_section(kind):
    hook = KINDS[kind].hook

    assert section(guide(), hook).startswith(f"## {hook}()")
    assert section(guide(), f"{hook}()") == section(guide(), hook.removeprefix("argosy_"))


def test_a_section_that_there_is_none_of_is_refused():
    code, _, besides = said(["plugins", "guide", "detectrs"])

    assert code == 2
    assert "did you mean" in besides
    assert {"versions", "loading"} <= sections(guide()).keys()

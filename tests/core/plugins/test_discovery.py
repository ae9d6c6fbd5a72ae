"""Loading plugins one by one: a broken one is named, skipped and visible."""

import sys
import types
from importlib.metadata import EntryPoint, entry_points

import pytest

import argosy
from argosy.errors import PluginError, UnknownName
from argosy.plugins import Installed, installed
from argosy.plugins.choice import Choice
from argosy.types import Detector


def plugin(name, monkeypatch, **hooks):
    """Put a module in place as an entry point would find it."""
    module = types.ModuleType(f"fixture_{name}")
    for hook, function in hooks.items():
        setattr(module, hook, argosy.hookimpl(function))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return EntryPoint(name, module.__name__, "argosy")


def offers(name):
    def argosy_detectors():
        yield Detector(name, frozenset({"numeric"}), lambda table: table, 0.1, "nothing")

    return argosy_detectors


def test_every_built_in_loads():
    states = {one.name: (one.state, one.reason) for one in installed().plugins}

    assert {state for state, _ in states.values()} == {"loaded"}, states
    assert {"local", "ray", "sklearn", "metrics", "detectors", "files", "report"} <= set(states)


def test_a_strangers_detector_is_found_by_name(monkeypatch):
    found = Installed([plugin("energy", monkeypatch, argosy_detectors=offers("energy"))])

    assert found.detectors["energy"].name == "energy"


def test_a_plugin_that_fails_to_import_is_named_and_skipped(monkeypatch):
    good = plugin("good", monkeypatch, argosy_detectors=offers("fine"))
    found = Installed([EntryPoint("broken", "no_such_module_anywhere", "argosy"), good])

    states = {one.name: one.state for one in found.plugins}
    assert states == {"broken": "failed", "good": "loaded"}
    assert list(found.detectors) == ["fine"]


def test_asking_for_what_a_failed_plugin_might_offer_names_it(monkeypatch):
    found = Installed([EntryPoint("broken", "no_such_module_anywhere", "argosy")])

    with pytest.raises(UnknownName, match="plugin 'broken' .* failed: ModuleNotFoundError"):
        found.detectors["lost"]


def test_a_blocked_plugin_is_not_loaded(monkeypatch):
    one = plugin("one", monkeypatch, argosy_detectors=offers("x"))
    found = Installed([one], Choice(frozenset({"one"})))

    assert found.plugins[0].state == "blocked"
    assert not found.detectors


def test_two_plugins_offering_one_name_stop_that_name_alone_and_are_both_named(monkeypatch):
    both = [plugin(name, monkeypatch, argosy_detectors=offers("same")) for name in ("one", "two")]
    found = Installed([*both, plugin("three", monkeypatch, argosy_detectors=offers("other"))])

    assert list(found.detectors) == ["other"]
    assert "'same': 'one' and 'two'" in found.detectors.faults[0]
    with pytest.raises(PluginError, match=r'prefer = \["detectors.same=one"\]'):
        found.detectors["same"]


def test_a_hook_that_raises_is_attributed(monkeypatch):
    def argosy_detectors():
        raise RuntimeError("boom")

    good = plugin("good", monkeypatch, argosy_detectors=offers("fine"))
    found = Installed([plugin("wild", monkeypatch, argosy_detectors=argosy_detectors), good])

    assert list(found.detectors) == ["fine"]
    assert "plugin 'wild' failed in its hook argosy_detectors" in found.detectors.faults[0]
    with pytest.raises(UnknownName, match="boom"):
        found.detectors["lost"]


def test_a_hook_that_yields_something_else_is_attributed(monkeypatch):
    found = Installed([plugin("odd", monkeypatch, argosy_detectors=lambda: iter(["ks"]))])

    assert "plugin 'odd' yields a str from its hook argosy_detectors" in found.detectors.faults[0]


@pytest.mark.parametrize(("wanted", "state"), [(">=1.0,<2", "loaded"), (">=2", "failed")])
def test_a_plugin_for_another_api_is_refused(wanted, state, monkeypatch):
    one = plugin("one", monkeypatch, argosy_detectors=offers("x"))
    monkeypatch.setattr(sys.modules["fixture_one"], "argosy_api", wanted, raising=False)

    loaded = Installed([one]).plugins[0]

    assert loaded.state == state
    if state == "failed":
        assert f"it works with argosy_api {wanted}, and this argosy has {argosy.API}" in (
            loaded.reason
        )


@pytest.mark.parametrize("told", ["new enough", "", 1.0, 1, [">=1.0"]])
def test_a_range_that_is_none_is_told(told, monkeypatch):
    one = plugin("one", monkeypatch, argosy_detectors=offers("x"))
    monkeypatch.setattr(sys.modules["fixture_one"], "argosy_api", told, raising=False)

    reason = Installed([one]).plugins[0].reason
    assert f"{told!r} is no range of versions; write for example '>=1.0,<2'" in reason


@pytest.mark.parametrize(
    ("hook", "marked", "told"),
    [
        ("argosy_detectrs", {}, "no hook is called 'argosy_detectrs'; did you mean"),
        ("argosy_detector", None, "no hook is called 'argosy_detector'; did you mean"),
        ("argosy_detectors", {"wrapper": True}, "asks for wrapper, which would be ignored"),
        ("argosy_detectors", {"hookwrapper": True}, "asks for hookwrapper"),
        ("argosy_detectors", {"tryfirst": True}, "asks for tryfirst"),
        ("argosy_detectors", {"trylast": True}, "asks for trylast"),
        ("argosy_metrics", {"specname": "argosy_detectors"}, "asks for specname"),
        ("argosy_detectors", {"takes": "fleet"}, "takes 'fleet'; hooks take no arguments"),
        ("argosy_detectors", None, "is no hook yet: mark it with @argosy.hookimpl"),
    ],
)
def test_a_hook_that_would_be_ignored_is_an_error_at_load(hook, marked, told, monkeypatch):
    """Else its author would wonder why nobody asks."""
    one = plugin("one", monkeypatch)
    module = sys.modules["fixture_one"]

    def offered():
        yield from ()

    if marked and marked.pop("takes", None):

        def offered(fleet):
            yield from ()

    offered.__module__ = module.__name__
    if marked is not None:
        offered = argosy.hookimpl(**marked)(offered) if marked else argosy.hookimpl(offered)
    monkeypatch.setattr(module, hook, offered, raising=False)
    loaded = Installed([one]).plugins[0]

    assert loaded.state == "failed"
    assert told in loaded.reason


def test_every_plugin_is_registered_as_a_strangers_would_be():
    names = {entry.value for entry in entry_points(group="argosy")}

    assert {"argosy_local", "argosy_ray", "argosy_detectors"} <= names

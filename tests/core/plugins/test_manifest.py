"""What two processes must share is what workers call, and nothing that is left out."""

from itertools import product

import pytest

from argosy.plugins import Plugin, installed, manifest
from argosy.plugins.manifest import called_by_workers, unlike
from argosy.plugins.settings import using

DRIVERS = ("report", "notices", "policies", "checks", "exchange", "inventory", "scaffold", "demo")
"""Built-in plugins with nothing that a worker calls."""


def test_plugins_of_the_driver_alone_are_not_compared():
    told = called_by_workers()

    assert {f"plugin {name}" for name in ("files", "sklearn", "metrics", "drift")} <= told.keys()
    assert not {f"plugin {name}" for name in DRIVERS} & told.keys()
    assert {"argosy", "python", "polars"} <= told.keys()


def test_what_is_left_out_is_not_compared():
    with using({"plugins": {"disable": ["compat"]}}):
        assert "plugin compat" not in called_by_workers()
    assert "plugin compat" in called_by_workers()


@pytest.mark.parametrize(
    ("here", "there"), list(product(["", "x 1", "x 2", "broken (y)"], repeat=2))
)
def test_a_difference_is_told_where_either_side_would_call_it(here, there):
    def side(told):
        return {"polars": "2"} | ({"plugin x": told} if told else {})

    calls = any(told and not told.startswith("broken") for told in (here, there))
    found = unlike(side(here), side(there), "there")

    assert bool(found) == (calls and here != there)
    assert all(line.startswith("plugin x is ") for line in found)


def test_one_that_does_not_load_is_there_with_its_reason(monkeypatch):
    lost = Plugin("lost", "argosy-lost", "1", "failed", "ImportError: no kettle", (), 0.0)
    monkeypatch.setattr(installed(), "plugins", (*installed().plugins, lost))

    assert called_by_workers()["plugin lost"] == "broken (ImportError: no kettle)"
    assert "plugin report" in manifest.manifest()

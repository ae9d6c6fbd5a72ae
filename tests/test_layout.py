"""Everything is where a stranger would look: entry points, twins, marks, contracts."""

import re
import tomllib
from pathlib import Path

import pytest

from .conftest import SYSTEM

ROOT = Path(__file__).parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
PLUGINS = sorted(
    path.parent
    for folder in ("plugins", "case_studies")
    for path in (ROOT / folder).glob("*/__init__.py")
)
CORE = sorted(
    path.name.removesuffix(".py")
    for path in (ROOT / "core/argosy").iterdir()
    if not path.name.startswith("_") and path.suffix in {"", ".py"} and path.name != "py.typed"
)
OFFERS_NOTHING = {"argosy_cli", "argosy_cycles", "argosy_troubles"}
"""What stands on the core as plugins do, and offers it nothing: the command line asks, and workers
call no library among these. One that they call is registered, so that clusters are compared in it.
"""
TESTS_OF_CORE = ROOT / "tests" / "core"
BEHAVIOURS = {
    "any_storage": "one table says the same in every format and type, beside any neighbour",
    "any_storage_of_other_jobs": "the same of estimates, predictions and experiments",
    "any_time": "a time in any type and spelling, through whatever takes one",
    "failures_are_told": "whatever is broken of whatever model, in whatever job, has its reason",
    "faults": "killed writers, full disks and lost answers meet every part of the store",
    "nasty_texts": "texts that are meant to mislead, through every way out",
    "known_attacks": "each class of published attacks on model stores, tried on a whole fleet",
    "names_of_columns": "no name of a column is taken for one that is used inside, by any job",
    "neighbours": "a file is read as it is alone, by whatever job, whatever lies beside it",
    "object_store": "a whole fleet in a bucket, from opening it to its upkeep",
    "opening_and_committing": "whoever opens a fleet, and many who commit to it at once",
    "other_engines": "what the guide of the store promises to readers that are not argosy",
    "protocols_of_hooks": "each function that a value of a hook takes has a protocol",
    "recipe_of_the_guide": "a recipe of the guide is held to the suite that it recommends",
    "resuming": "a run that was stopped anywhere is carried on, by whichever verb began it",
    "rows_left_out": "whatever is read by whatever job is used, or told among what was left out",
    "same_bits": "whatever is measured anywhere is the same, wherever chunks are cut",
    "stored_conditions": "a condition that was stored unchecked is refused by whatever reads it",
    "wrong_requests": "a table of wrong requests, in Python and on the command line",
}
"""Tests of what no single module does, and why each is no twin of one."""


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda path: path.name)
def test_a_plugin_is_registered_typed_tested_and_under_contract(plugin):
    entries = SETTINGS["project"]["entry-points"]["argosy"].values()
    linter = SETTINGS["tool"]["importlinter"]

    assert plugin.name in entries or plugin.name in OFFERS_NOTHING
    assert plugin.name in linter["root_packages"]
    layers = linter["contracts"][0]["layers"]
    assert plugin.name in {name for layer in layers for name in layer.split(" | ")}
    assert plugin.name in SETTINGS["tool"]["mypy"]["packages"]
    assert (plugin / "py.typed").exists()
    if plugin.name not in OFFERS_NOTHING:
        assert 'argosy_api = ">=1.0,<2"' in (plugin / "__init__.py").read_text()
    tests = ROOT / "tests" / plugin.parent.name
    own = [tests / f"test_{plugin.name}.py", tests / plugin.name.removeprefix("argosy_")]
    assert any(path.exists() for path in own)


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda path: path.name)
def test_a_plugins_front_is_a_doorway(plugin):
    """Hooks only: the work is next door."""
    lines = (plugin / "__init__.py").read_text().splitlines()

    assert len(lines) <= 65


@pytest.mark.parametrize("root", ["core", "plugins", "case_studies"])
def test_import_roots_are_no_packages(root):
    assert not (ROOT / root / "__init__.py").exists()


@pytest.mark.parametrize(
    "path",
    [path for root in ("core", "plugins", "case_studies") for path in (ROOT / root).rglob("*.py")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_module_outgrows_a_reader(path):
    assert len(path.read_text().splitlines()) <= 400
    assert path.name != "utils.py"


def test_no_file_of_tests_outgrows_a_reader():
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in (ROOT / "tests").rglob("*.py")
    }

    assert {} == {path: many for path, many in lines.items() if many > 600}


def test_a_test_of_the_core_is_the_twin_of_a_module_or_says_which_behaviour_it_holds():
    """`<room>/test_<module>.py`, or of a module with many tests `<room>/<module>/test_*.py`."""
    stray = []
    for path in TESTS_OF_CORE.rglob("test_*.py"):
        place = path.relative_to(TESTS_OF_CORE)
        if len(place.parts) < 3:
            place = place.with_name(place.name.removeprefix("test_"))
        else:
            place = Path(*place.parts[:2]).with_suffix(".py")
        known = place.parent == Path() and place.stem in BEHAVIOURS
        if not (ROOT / "core/argosy" / place).exists() and not known:
            stray.append(str(path.relative_to(ROOT)))

    assert [] == stray


def test_every_behaviour_that_is_listed_has_its_tests():
    assert [] == [name for name in BEHAVIOURS if not (TESTS_OF_CORE / f"test_{name}.py").exists()]


def test_the_guide_lists_the_modules_that_a_contract_lets_plugins_import():
    """What is neither forbidden nor listed would be a door that nobody has decided on."""
    guide = (ROOT / "plugins/README.md").read_text()
    listed = re.findall(r"`(argosy(?:\.\w+)+)`", guide.partition("## What plugins import")[2])
    (contract,) = (
        one for one in SETTINGS["tool"]["importlinter"]["contracts"] if one["type"] == "forbidden"
    )

    assert set(listed) & set(contract["forbidden_modules"]) <= {"argosy.testing"}
    assert set(contract["source_modules"]) == {plugin.name for plugin in PLUGINS}


@pytest.mark.parametrize("pattern", [f"{at}/{name}" for at in SYSTEM for name in SYSTEM[at]])
def test_the_list_of_tests_of_the_whole_names_modules(pattern):
    """A module that is renamed would come back into `make test` unseen."""
    assert list((ROOT / "tests").glob(pattern.removeprefix("./")))

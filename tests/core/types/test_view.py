"""What hooks may ask of a fleet: the protocol, the fleet that keeps it, and the guide agree."""

import inspect
import re
from pathlib import Path

import pytest

from argosy.fleet.view import View
from argosy.types import FleetView

GUIDE = (Path(__file__).parents[3] / "plugins/README.md").read_text()
SECTION = GUIDE.partition("\n## The fleet that hooks are handed\n")[2].partition("\n## ")[0]
LISTED = dict(re.findall(r"^\| `(.+?)` \| (.+) \|$", SECTION, re.MULTILINE))
MEMBERS = [name for name in vars(FleetView) if not name.startswith("_")]


def parameters(member):
    """Names, kinds and defaults."""
    if isinstance(member, property):
        return None
    given = inspect.signature(member).parameters.values()
    return [(each.name, each.kind, each.default) for each in given]


def written(name):
    """Write a member as the guide does: `get(model, alias=None, version=None)`."""
    given = parameters(getattr(FleetView, name))
    if given is None:
        return name
    empty = inspect.Parameter.empty
    told = [own if default is empty else f"{own}={default}" for own, _, default in given[1:]]
    return f"{name}({', '.join(told)})"


def line(member):
    return inspect.getdoc(member).splitlines()[0]


def test_the_guide_lists_the_members_of_the_protocol_in_its_words():
    assert {written(name): line(getattr(FleetView, name)) for name in MEMBERS} == LISTED


@pytest.mark.parametrize("name", sorted(set(MEMBERS) - {"url"}))
def test_a_fleet_keeps_the_protocol_and_describes_it_in_its_words(name):
    promised, kept = getattr(FleetView, name), getattr(View, name)

    assert parameters(promised) == parameters(kept)
    assert line(promised) == line(kept)


def test_a_fleet_has_its_url(empty):
    assert isinstance(empty.read_only().url, str)

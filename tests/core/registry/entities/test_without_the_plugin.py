"""A fleet lives on where the plugin of a kind is absent, or another release of it."""

import os
import subprocess
import sys

import pyarrow as pa
import pytest

import argosy
from argosy.errors import PluginError, UnknownName
from argosy.types import EntityKind

from .approvals import APPROVAL, BARE, SCHEMA, TEXT, WHOLE, kept, offer, without_plugin


def test_a_fleet_lives_on_without_the_plugin(fleet, monkeypatch):
    fleet.put("approval", [WHOLE, BARE])
    fleet.put("approval", [{**WHOLE, "approver": "bea"}])
    without_plugin(monkeypatch)
    bare = argosy.open(fleet.url)

    assert "approvals" not in bare.tables()
    with pytest.raises(UnknownName, match="no table is called 'approvals'"):
        bare.table("approvals")
    with pytest.raises(UnknownName, match="no kind of entity is called 'approval'"):
        bare.put("approval", [BARE])
    assert bare.sql("SELECT count(*) AS n FROM events WHERE kind = 'approval'").item() == 3
    bare.tag({"model": ["a"]}, {"x": "y"})
    assert bare.rollback(3)["outcome"].to_list() == ["put back"]
    assert bare.as_of(2).models().collect().height == 3
    assert bare.verify().intact
    bare.maintain()
    assert argosy.open(fleet.url).verify().intact
    offer(monkeypatch, APPROVAL)
    assert kept(argosy.open(fleet.url)) == [WHOLE, BARE]


def test_a_plugin_that_is_blocked_is_absent(fleet, tmp_path):
    fleet.put("note", {"model": ["a"], "topic": ["on call"], "text": ["ring up bea"]})
    code = (
        "import argosy, sys; fleet = argosy.open(sys.argv[1]);"
        "print('notes' in fleet.tables(), fleet.verify().intact, fleet.rollback(2)['outcome'][0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, fleet.url],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "ARGOSY_BLOCK_PLUGINS": "notices"},
    )

    assert done.stdout.split() == ["False", "True", "removed"]
    assert fleet.table("notes").collect().is_empty()


def test_a_later_release_may_add_and_drop_columns_but_not_change_them(fleet, monkeypatch):
    fleet.put("approval", [WHOLE])
    later = pa.schema(
        [*[SCHEMA.field(name) for name in ("model", "version", "score")], ("new", TEXT)]
    )
    offer(monkeypatch, EntityKind("approval", "approvals", later, APPROVAL.key))
    again = argosy.open(fleet.url)

    assert kept(again) == [{"model": "a", "version": "1", "score": 0.1, "new": None}]
    wrong = pa.schema([("model", TEXT), ("version", TEXT), ("approver", pa.int64())])
    offer(monkeypatch, EntityKind("approval", "approvals", wrong, APPROVAL.key))
    other = argosy.open(fleet.url)
    with pytest.raises(PluginError, match="'approval'.* cannot read what the fleet holds"):
        other.table("approvals")
    assert other.rollback(2)["outcome"].to_list() == ["removed"]

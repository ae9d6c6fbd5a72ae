"""Entities of plugins' kinds are in the history, seen as they stood, and rolled back."""

import polars as pl
import pytest

from argosy.errors import RowsRefused
from argosy_cli.main import run

from .approvals import BARE, WHOLE, kept


def test_history_tells_old_and_new_by_model(fleet, capsys):
    fleet.put("approval", [BARE])
    fleet.put("approval", [{**BARE, "approver": "bea"}], "signed")
    fleet.remove("approval", {"model": ["b"], "version": ["1"]})
    events = fleet.events().filter(kind="approval").collect()

    approver = pl.col("old", "new").str.json_path_match("$.approver")
    assert events.select(approver).rows() == [(None, None), (None, "bea"), ("bea", None)]
    assert events["op"].to_list() == ["put", "put", "remove"]
    assert set(events["model"]) == {"b"}
    assert run(["--fleet", fleet.url, "history", "b"]) == 0
    assert "approval" in capsys.readouterr().out


def test_the_past_is_read_as_it_was(fleet):
    fleet.put("approval", [WHOLE])
    fleet.put("approval", [{**WHOLE, "approver": "bea"}, BARE])
    fleet.remove("approval", {"model": ["a"], "version": ["1"]})

    assert [kept(fleet.as_of(seq)) for seq in (1, 2, 3, 4)] == [
        [],
        [WHOLE],
        [{**WHOLE, "approver": "bea"}, BARE],
        [BARE],
    ]
    assert fleet.as_of(2).sql("SELECT approver FROM approvals")["approver"].to_list() == ["zoë"]
    assert fleet.as_of(3).verify().intact


def test_a_change_of_such_entities_is_rolled_back_alone(fleet):
    fleet.put("approval", [WHOLE])
    fleet.put("approval", [{**WHOLE, "approver": "bea"}, BARE])
    done = fleet.rollback(3)

    assert done.select("kind", "key", "outcome").rows() == [
        ("approval", "a/1", "put back"),
        ("approval", "b/1", "removed"),
    ]
    assert kept(fleet) == [WHOLE]
    fleet.remove("approval", {"model": ["a"], "version": ["1"]})
    fleet.rollback(5)
    assert kept(fleet) == [WHOLE]
    fleet.put("approval", [{**WHOLE, "score": 3.0}])
    with pytest.raises(RowsRefused, match="approval 'a/1' was changed again by change"):
        fleet.rollback(2)


def test_a_group_of_changes_of_all_kinds_is_rolled_back_at_once(fleet):
    before = fleet.models().collect()
    fleet.put("approval", [WHOLE])
    night = fleet.in_group("night")
    night.tag({"model": ["a"]}, {"x": "y"})
    night.put("approval", [{**WHOLE, "score": 2.0}, BARE])
    night.register({"model": ["d"], "version": ["1"]})
    night.remove("approval", {"model": ["b"], "version": ["1"]})
    done = fleet.rollback(group="night")

    assert set(done["kind"]) == {"approval", "model", "version"}
    assert kept(fleet) == [WHOLE]
    assert fleet.models().collect().drop("updated").equals(before.drop("updated"))
    assert fleet.verify().intact

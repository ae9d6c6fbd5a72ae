"""Rules of a kind of entity: asked about what is written, removed, put back and taken away."""

import polars as pl
import pyarrow as pa
import pytest

from argosy.errors import PluginError, RowsRefused
from argosy.tables import REFUSALS
from argosy.types import EntityKind

from .approvals import APPROVAL, BARE, SCHEMA, WHOLE, kept, offer, without_plugin

KEYS = {"model": ["a", "b"], "version": ["1", "1"]}


def kind(refuse=None, refuse_removal=None):
    return EntityKind("approval", "approvals", SCHEMA, APPROVAL.key, "", refuse, refuse_removal)


def refusing(reason, **of):
    """Return a rule that refuses the rows with certain values, and the tables it was handed."""

    def rule(rows, fleet):
        asked.append(rows)
        odd = pl.DataFrame(rows).with_row_index("row").filter(**of)
        return odd.select("row", reason=pl.lit(reason)).to_arrow().cast(REFUSALS)

    asked = []
    return rule, asked


def of_known_models(rows, fleet):
    known = fleet.models().select("model").collect()["model"]
    odd = pl.DataFrame(rows).with_row_index("row").filter(~pl.col("model").is_in(known.implode()))
    return odd.select("row", reason=pl.format("{} is no model", "model")).to_arrow()


def test_a_rule_keeps_entities_from_being_removed(fleet, monkeypatch):
    rule, asked = refusing("it is signed", approver="zoë")
    offer(monkeypatch, kind(refuse_removal=rule))
    fleet.put("approval", [WHOLE, BARE])
    seq = fleet.seq

    for dry_run in (True, False):
        with pytest.raises(
            RowsRefused, match="1 of 2 rows cannot be removed.*\n.*row 0: it is"
        ) as no:
            fleet.remove("approval", KEYS, dry_run=dry_run)
    assert no.value.outcomes["outcome"].to_list() == ["refused", "held back"]
    assert asked[0].schema.equals(SCHEMA)
    assert asked[0].to_pylist() == pa.Table.from_pylist([WHOLE, BARE], SCHEMA).to_pylist()
    assert fleet.seq == seq
    fleet.remove("approval", {"model": ["b"], "version": ["1"]})
    assert kept(fleet) == [WHOLE]


def test_a_rule_about_what_is_written_is_not_asked_about_a_removal(fleet, monkeypatch):
    fleet.put("approval", [BARE])
    rule, asked = refusing("never", model="b")
    offer(monkeypatch, kind(refuse=rule))
    fleet.remove("approval", {"model": ["b"], "version": ["1"]})

    assert asked == []


def test_a_rollback_asks_about_what_it_takes_away(fleet, monkeypatch):
    rule, asked = refusing("it is signed", approver="zoë")
    offer(monkeypatch, kind(refuse_removal=rule))
    fleet.put("approval", [WHOLE, BARE])
    seq = fleet.seq

    for dry_run in (True, False):
        told = "row 0: approval 'a/1' cannot be removed: it is signed"
        with pytest.raises(RowsRefused, match=told) as error:
            fleet.rollback(seq, dry_run=dry_run)
    assert error.value.outcomes.rows() == [
        ("approval", "a/1", "refused", told.removeprefix("row 0: ")),
        ("approval", "b/1", "held back", None),
    ]
    assert asked[0].num_rows == 2
    assert fleet.seq == seq


def test_a_rollback_asks_about_what_it_brings_back(fleet, monkeypatch):
    """An old content that the rule no longer allows, and an entity that was removed."""
    fleet.put("approval", [WHOLE, BARE])
    fleet.put("approval", [{**WHOLE, "approver": "bea"}])
    changed = fleet.seq
    fleet.remove("approval", {"model": ["b"], "version": ["1"]})
    removed = fleet.seq
    rule, asked = refusing("zoë has left", approver="zoë")
    offer(monkeypatch, kind(refuse=rule))

    with pytest.raises(RowsRefused, match="approval 'a/1' cannot be put back: zoë has left"):
        fleet.rollback(changed)
    assert fleet.seq == removed
    assert fleet.rollback(removed)["outcome"].to_list() == ["put back"]
    assert [table["model"].to_pylist() for table in asked] == [["a"], ["b"]]


def test_what_a_rollback_leaves_as_it_is_is_not_asked_about(fleet, monkeypatch):
    fleet.put("approval", [BARE])
    first = fleet.seq
    fleet.rollback(first)
    rule, asked = refusing("never", model="b")
    offer(monkeypatch, kind(rule, rule))

    assert fleet.rollback(first)["outcome"].to_list() == ["unchanged"]
    assert asked == []


def test_a_rule_sees_the_models_that_the_same_rollback_brings_back(fleet, monkeypatch):
    offer(monkeypatch, kind(of_known_models))
    night = fleet.in_group("night")
    fleet.put("approval", [BARE])
    night.remove("approval", {"model": ["b"], "version": ["1"]})
    removal = fleet.seq
    night.delete({"model": ["b"]})

    with pytest.raises(RowsRefused, match="b is no model"):
        fleet.rollback(removal)
    fleet.rollback(group="night")
    assert kept(fleet) == [BARE]


def test_a_rule_sees_its_own_kind_as_it_was(fleet, monkeypatch):
    """So that it can compare the new entities with the old ones."""
    seen = []

    def rule(rows, view):
        seen.append(view.table("approvals").select("approver").collect()["approver"].to_list())
        return REFUSALS.empty_table()

    offer(monkeypatch, kind(rule, rule))
    fleet.put("approval", [WHOLE])
    fleet.put("approval", [{**WHOLE, "approver": "bea"}])
    fleet.rollback(fleet.seq)
    fleet.remove("approval", {"model": ["a"], "version": ["1"]})

    assert seen == [[], ["zoë"], ["bea"], ["zoë"]]


def test_a_rule_that_fails_refuses_and_is_named(fleet, monkeypatch):
    fleet.put("approval", [BARE])
    seq = fleet.seq
    offer(monkeypatch, kind(None, lambda *_: 1 / 0))

    for change in (
        lambda: fleet.remove("approval", {"model": ["b"], "version": ["1"]}),
        lambda: fleet.rollback(seq),
    ):
        with pytest.raises(PluginError, match="kind of entity 'approval'.*ZeroDivisionError"):
            change()
    assert fleet.seq == seq


def test_without_its_plugin_a_kind_has_no_rules(fleet, monkeypatch):
    rule, asked = refusing("never", model="b")
    offer(monkeypatch, kind(refuse_removal=rule))
    fleet.put("approval", [BARE])
    without_plugin(monkeypatch)

    assert fleet.rollback(fleet.seq)["outcome"].to_list() == ["removed"]
    assert asked == []


def test_a_rule_cannot_judge_what_its_release_no_longer_reads(fleet, monkeypatch):
    fleet.put("approval", [WHOLE])
    rule, _ = refusing("never", model="b")
    wrong = pa.schema([("model", pa.string()), ("version", pa.string()), ("approver", pa.int64())])
    other = EntityKind("approval", "approvals", wrong, APPROVAL.key, "", rule, rule)
    offer(monkeypatch, other)

    with pytest.raises(PluginError, match="cannot read what the fleet holds"):
        fleet.rollback(fleet.seq)

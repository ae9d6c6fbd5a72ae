"""Entities of plugins' kinds: written and removed as a table, or refused as a whole."""

import json
import math

import polars as pl
import pyarrow as pa
import pytest

import argosy
from argosy.errors import BadInput, PluginError, RowsRefused, UnknownName
from argosy.tables import REFUSALS
from argosy.types import EntityKind
from argosy_cli.main import run

from .approvals import APPROVAL, BARE, SCHEMA, WHOLE, kept, offer


def test_what_is_written_is_read_as_it_was_given(fleet):
    done = fleet.put("approval", [WHOLE, BARE], "handover")

    assert done.columns == ["model", "version", "outcome", "reason"]
    assert done.rows() == [("a", "1", "written", None), ("b", "1", "written", None)]
    table = fleet.table("approvals").collect()
    assert table.columns == [*SCHEMA.names, "since", "by"]
    assert table.drop("since", "by").to_dicts() == [WHOLE, BARE]
    assert set(table["by"]) == {"tests"}
    assert table["since"].dtype == pl.Datetime("us", "UTC")
    assert "approvals" in fleet.tables()


def test_sql_reads_it_with_the_fields_of_its_maps_and_joins_it(fleet):
    fleet.put("approval", [WHOLE, BARE])
    query = """
        SELECT models.model, approvals.tags.region, approver FROM models
        JOIN approvals ON models.model = approvals.model ORDER BY models.model
    """

    assert fleet.sql(query).rows() == [("a", "eu", "zoë"), ("b", None, None)]
    fleet.put("approval", [{**WHOLE, "tags": {"region": "us"}}])
    assert fleet.sql("SELECT approvals.tags.region FROM approvals")["region"].to_list() == [
        "us",
        None,
    ]


def test_a_row_replaces_the_whole_entity_and_the_same_again_changes_nothing(fleet):
    fleet.put("approval", [WHOLE, BARE])
    outcomes = fleet.put("approval", [{**BARE, "approver": "bea"}, WHOLE])["outcome"]

    assert outcomes.to_list() == ["written", "unchanged"]
    seq = fleet.seq
    fleet.put("approval", [{"model": "a", "version": "1"}])
    assert kept(fleet)[0] == {**BARE, "model": "a"}
    assert fleet.seq == seq + 1
    assert fleet.put("approval", [{"model": "a", "version": "1"}])["outcome"].to_list() == [
        "unchanged"
    ]
    assert fleet.seq == seq + 1


def test_the_table_is_made_once_until_its_entities_change(fleet):
    fleet.put("approval", [BARE])
    fleet.table("approvals")
    first = fleet._memo._made["approvals"][1]
    fleet.set_alias({"model": ["a"], "version": ["1"]}, "champion")
    fleet.table("approvals")
    assert fleet._memo._made["approvals"][1] is first
    fleet.put("approval", [WHOLE])
    assert fleet.table("approvals").collect().height == 2


def test_removing_takes_keys(fleet):
    fleet.put("approval", [WHOLE, BARE])
    done = fleet.remove("approval", {"model": ["a"], "version": ["1"]})

    assert done.rows() == [("a", "1", "removed", None)]
    assert kept(fleet) == [BARE]
    for table, wrong in (
        ({"model": ["a", "b"], "version": ["1", "1"]}, "there is no approval 'a/1'"),
        ({"model": ["b", "b"], "version": ["1", "1"]}, "'b/1' stands twice"),
        ({"model": ["b", None], "version": ["1", "1"]}, "model is missing"),
    ):
        with pytest.raises(RowsRefused, match=wrong):
            fleet.remove("approval", table)
    with pytest.raises(BadInput, match="you need the column 'version'"):
        fleet.remove("approval", {"model": ["b"]})
    with pytest.raises(UnknownName, match="no column of a table of keys of approvals"):
        fleet.remove("approval", [BARE])
    assert kept(fleet) == [BARE]
    fleet.put("approval", [WHOLE])
    assert kept(fleet) == [WHOLE, BARE]


def test_a_dry_run_tells_the_columns_and_writes_nothing(fleet):
    fleet.put("approval", [WHOLE])
    seq = fleet.seq
    told = fleet.put("approval", [{**WHOLE, "approver": None, "score": 2.5}], dry_run=True)

    assert told.sort("column").rows() == [
        ("approval", "a/1", "approver", "zoë", None),
        ("approval", "a/1", "score", "0.1", "2.5"),
    ]
    gone = fleet.remove("approval", {"model": ["a"], "version": ["1"]}, dry_run=True)
    assert set(gone["column"]) == set(SCHEMA.names)
    assert gone["new"].null_count() == gone.height
    assert fleet.rollback(seq, dry_run=True)["column"].to_list() == SCHEMA.names
    assert fleet.seq == seq


@pytest.mark.parametrize(
    ("rows", "error", "told"),
    [
        ([{"model": "a", "version": None}], RowsRefused, "version is missing"),
        ([BARE, BARE], RowsRefused, "the approval 'b/1' stands twice in the table"),
        ([{**BARE, "score": math.nan}], RowsRefused, "its score holds a value that cannot be kept"),
        ([WHOLE, {**BARE, "score": math.inf}], RowsRefused, "row 1: its score"),
        ([{"model": "a"}], BadInput, "you need the column 'version'"),
        ([{**BARE, "approved": "x"}], UnknownName, "'approved'.*did you mean 'approver'"),
        ([{**BARE, "score": "high"}], BadInput, "'score' is String and cannot be Float64"),
        (7, BadInput, "cannot put approvals from a int"),
    ],
)
def test_what_cannot_be_written_is_refused_and_nothing_is(fleet, rows, error, told):
    with pytest.raises(error, match=told):
        fleet.put("approval", rows)

    assert kept(fleet) == []
    assert fleet.seq == 1


def test_kinds_of_the_core_and_those_that_nobody_brings_are_refused(fleet):
    with pytest.raises(BadInput, match="the kind 'model' is argosy's own"):
        fleet.put("model", {"model": ["d"]})
    with pytest.raises(UnknownName, match="no kind of entity is called 'aproval'.*'approval'"):
        fleet.put("aproval", [BARE])
    with pytest.raises(UnknownName, match="no kind of entity"):
        fleet.remove("approvals", [BARE])


def answering(answer):
    asked = []

    def refuse(rows, fleet):
        asked.append((rows, fleet))
        return answer(rows, fleet)

    kind = EntityKind(*("approval", "approvals", SCHEMA, APPROVAL.key), "", refuse)
    return kind, asked


def test_the_plugin_is_asked_about_the_latest_state(fleet, monkeypatch):
    def unknown(rows, view):
        known = set(view.models().collect()["model"])
        places = [at for at, name in enumerate(rows["model"].to_pylist()) if name not in known]
        reasons = [f"{rows['model'][at]} is no model" for at in places]
        return pa.table({"row": places, "reason": reasons}, schema=REFUSALS)

    kind, asked = answering(unknown)
    offer(monkeypatch, kind)
    late = argosy.open(fleet.url)
    rows = [BARE, {**BARE, "model": "new"}]
    with pytest.raises(RowsRefused, match="row 1: new is no model") as error:
        late.put("approval", rows)
    assert error.value.outcomes["outcome"].to_list() == ["held back", "refused"]
    fleet.register({"model": ["new"], "version": ["1"]})
    assert set(late.put("approval", rows)["outcome"]) == {"written"}
    handed, view = asked[-1]
    assert handed.schema.equals(SCHEMA)
    assert view.past
    fleet.remove("approval", {"model": ["new"], "version": ["1"]})
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda *_: 1 / 0, "ZeroDivisionError"),
        (lambda *_: None, "answered with a NoneType"),
        (lambda *_: pa.table({"row": [0]}), "without the column 'reason'"),
        (lambda *_: pa.table({"row": [5], "reason": ["x"]}), "a row that is not there"),
        (lambda *_: pa.table({"row": [None], "reason": ["x"]}, REFUSALS), "not there"),
    ],
)
def test_a_plugin_that_fails_is_named(fleet, monkeypatch, answer, told):
    offer(monkeypatch, answering(answer)[0])

    with pytest.raises(PluginError, match=f"kind of entity 'approval'.*{told}"):
        fleet.put("approval", [BARE])
    assert fleet.seq == 1


def test_the_commands_write_and_remove_from_files(fleet, tmp_path, capsys):
    table = tmp_path / "notes.csv"
    table.write_text("model,topic,text\na,on call,ring up bea\nb,data,months\n")
    at = ["--fleet", fleet.url]

    assert run([*at, "put", "note", str(table), "--dry-run"]) == 0
    assert "6 fields would change; nothing was written" in capsys.readouterr().out
    assert run([*at, "put", "note", str(table), "--reason", "handover"]) == 0
    assert capsys.readouterr().out == "2 written\n"
    assert run([*at, "put", "note", str(table), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["outcome"] for row in told] == ["unchanged", "unchanged"]
    keys = tmp_path / "keys.csv"
    keys.write_text("model,topic\na,on call\n")
    assert run([*at, "remove", "note", str(keys)]) == 0
    assert capsys.readouterr().out == "1 removed\n"
    assert run([*at, "remove", "note", str(keys)]) == 1
    assert "there is no note 'a/on call'" in capsys.readouterr().err
    assert run([*at, "put", "nte", str(table)]) == 2
    assert "did you mean 'note'" in capsys.readouterr().err
    assert run([*at, "sql", "SELECT topic FROM notes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"topic": "data"}]

"""Kinds of entities that plugins bring: kept with history, with and without the plugin."""

import json
import math
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import SimpleNamespace

import polars as pl
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from hypothesis import given, settings
from hypothesis import strategies as st

import argosy
from argosy.cli.main import run
from argosy.errors import BadInput, PluginError, RowsRefused, StoreError, UnknownName
from argosy.plugins import installed
from argosy.registry.entities import _keys
from argosy.store import state as states
from argosy.store.entity_kinds import entity_kinds
from argosy.tables import LEDGER, REFUSALS
from argosy.types import EntityKind, Listener, Policy

TEXT = pa.string()
SCHEMA = pa.schema(
    [
        ("model", TEXT),
        ("version", TEXT),
        ("approver", TEXT),
        ("reason", TEXT),
        ("score", pa.float64()),
        ("until", pa.timestamp("us", "UTC")),
        ("on", pa.date32()),
        ("tags", pa.map_(TEXT, TEXT)),
        ("steps", pa.list_(pa.struct([("name", TEXT), ("done", pa.bool_())]))),
    ]
)
APPROVAL = EntityKind(
    "approval", "approvals", SCHEMA, ("model", "version"), "Who approved a version."
)
WHOLE = {
    "model": "a",
    "version": "1",
    "approver": "zoë",
    "reason": "seq 7 / at \\ noon",
    "score": 0.1,
    "until": datetime(2026, 11, 29, 1, 2, 3, 4, UTC),
    "on": date(2026, 11, 29),
    "tags": {"region": "eu"},
    "steps": [{"name": "look", "done": True}, {"name": "sign", "done": None}],
}
BARE = {**dict.fromkeys(SCHEMA.names), "model": "b", "version": "1"}


def offer(monkeypatch, *kinds):
    for kind in kinds:
        monkeypatch.setitem(installed().entity_kinds, kind.name, kind)


@pytest.fixture(autouse=True)
def _plugin(monkeypatch):
    offer(monkeypatch, APPROVAL)


@pytest.fixture
def fleet(empty):
    empty.register({"model": ["a", "b", "c"], "version": ["1", "1", "1"]})
    return empty


def kept(fleet):
    return fleet.table("approvals").collect().drop("since", "by").to_dicts()


def without_plugin(monkeypatch):
    monkeypatch.delitem(installed().entity_kinds, "approval")


# Writing and reading


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


# What the plugin refuses


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


# Kinds that cannot be


def kind_with(name="thing", table="things", schema=SCHEMA, key=("model",)):
    return EntityKind(name, table, schema, key)


def columns(*names, of=TEXT):
    return pa.schema([(name, of) for name in names])


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (kind_with(name="model"), "name of a kind of argosy's own"),
        (kind_with(table="models"), "the table 'models', and argosy has"),
        (kind_with(table="verdicts"), "the table 'verdicts', and argosy has"),
        (kind_with(table="fleet"), "the table 'fleet', and argosy has"),
        (kind_with(table="approvals"), "the table 'approvals', and so has .*'approval'"),
        (kind_with(name="Thing"), "name 'Thing', which is not lowercase"),
        (kind_with(table="my things"), "table 'my things', which is not lowercase"),
        (kind_with(key=()), "key"),
        (kind_with(key=("nothing",)), "not some of its columns"),
        (kind_with(key=("model", "model")), "not some of its columns"),
        (kind_with(schema=columns("model", "by")), "column 'by', which is taken"),
        (kind_with(schema=columns("model", "model")), "column 'model', which is taken"),
        (kind_with(schema=columns("outcome"), key=("outcome",)), "'outcome', which is taken"),
        (kind_with(schema=columns("model", of=pa.float64())), "a double tells none apart"),
        (kind_with(schema=columns("model", of=pa.binary())), "binary, which cannot be kept"),
        (
            kind_with(schema=columns("model", of=pa.list_(pa.duration("s")))),
            "which cannot be kept",
        ),
    ],
)
def test_a_kind_that_clashes_or_cannot_be_kept_is_refused_by_name(fleet, monkeypatch, kind, told):
    offer(monkeypatch, kind)

    with pytest.raises(PluginError, match=f"kind of entity '{kind.name}'.*{told}"):
        fleet.tables()
    assert fleet.models().collect().height == 3


def test_a_job_and_a_kind_cannot_bring_one_table(monkeypatch):
    from argosy.store import fact_tables as module
    from argosy.types import FactTable, Job, JobKind

    job = Job(object, (FactTable("approvals", SCHEMA),), lambda chunk: {})
    jobs = {"count": JobKind("count", "", lambda: job)}
    offered = SimpleNamespace(jobs=jobs, entity_kinds=installed().entity_kinds)
    monkeypatch.setattr(module, "installed", lambda: offered)

    with pytest.raises(PluginError, match="job 'count' brings a table 'approvals', and .*approval"):
        module.fact_tables.__wrapped__()


def test_the_built_in_kinds_are_sound():
    assert "note" in entity_kinds()


# Keys

PARTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("/\\"), max_size=4)


@given(st.lists(st.tuples(PARTS, PARTS, PARTS), min_size=2, unique=True))
def test_no_two_tuples_have_one_key(tuples):
    names = ("x", "y", "z")
    frame = pl.DataFrame(tuples, dict.fromkeys(names, pl.String), orient="row")
    keys = _keys(frame, SimpleNamespace(key=names))

    assert keys.n_unique() == len(tuples)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(PARTS, PARTS), min_size=1, unique=True), st.data())
def test_entities_of_any_key_are_told_apart(tmp_path_factory, tuples, data):
    fleet = argosy.open(str(tmp_path_factory.mktemp("keys") / "fleet"), create=True)
    rows = [{"model": model, "version": version} for model, version in tuples]
    fleet.put("approval", rows)
    some = data.draw(st.lists(st.sampled_from(rows), unique_by=lambda row: tuple(row.values())))
    if some:
        fleet.remove("approval", pl.DataFrame(some))
    left = {(row["model"], row["version"]) for row in rows if row not in some}

    assert {(row["model"], row["version"]) for row in kept(fleet)} == left
    assert {(row["model"], row["version"]) for row in kept(argosy.open(fleet.url))} == left


def test_keys_may_be_numbers_dates_and_booleans(empty, monkeypatch):
    schema = pa.schema([("n", pa.int64()), ("on", pa.date32()), ("ok", pa.bool_()), ("text", TEXT)])
    offer(monkeypatch, EntityKind("mark", "marks", schema, ("n", "on", "ok")))
    rows = [(1, date(2026, 1, 1), True, "x"), (11, date(2026, 1, 1), False, None)]
    empty.put("mark", pl.DataFrame(rows, schema=schema.names, orient="row"))

    assert empty.table("marks").collect().select(schema.names).rows() == rows
    assert empty.events().collect()["key"].to_list() == ["1/2026-01-01/true", "11/2026-01-01/false"]


# Types

VALUES = [
    (pa.uint64(), 2**64 - 1),
    (pa.int64(), -(2**63)),
    (pa.float32(), 0.1),
    (pa.float64(), 5e-324),
    (pa.float64(), -0.0),
    (pa.bool_(), False),
    (pa.string(), "".join(map(chr, range(300))) + "\u2028\ufffe\U0001f600"),
    (pa.decimal128(30, 5), Decimal("123456789012345678901234.12345")),
    (pa.timestamp("ns"), datetime(2026, 1, 1, 1, 1, 1, 123456)),
    (pa.timestamp("ms", "Europe/Berlin"), datetime(2026, 7, 1, tzinfo=UTC)),
    (pa.time64("ns"), time(1, 2, 3, 4)),
    (pa.date64(), date(1, 1, 1)),
    (pa.list_(pa.string()), []),
    (pa.list_(pa.list_(pa.int64())), [[1], None, []]),
    (pa.struct([("a", pa.int64()), ("b", pa.list_(TEXT))]), {"a": None, "b": None}),
    (pa.map_(TEXT, pa.list_(pa.int64())), [("x", [1, None]), ("", [])]),
    (pa.map_(TEXT, pa.struct([("a", pa.date32())])), [('é"\\', {"a": date(2026, 1, 1)})]),
]


@pytest.mark.parametrize(("of", "value"), VALUES, ids=[str(of) for of, _ in VALUES])
def test_every_type_is_read_as_it_was_given(empty, monkeypatch, of, value):
    offer(
        monkeypatch, EntityKind("mark", "marks", pa.schema([("name", TEXT), ("v", of)]), ("name",))
    )
    table = pa.table({"name": ["a", "b"], "v": pa.array([value, None], of)})
    empty.put("mark", table)
    read = empty.table("marks").select("name", "v").collect()

    assert read.equals(pl.DataFrame(table))
    assert read.schema == pl.DataFrame(table).schema
    assert set(empty.put("mark", table)["outcome"]) == {"unchanged"}


@pytest.mark.parametrize(
    ("of", "value"),
    [(pa.list_(pa.float64()), [1.0, math.nan]), (pa.map_(TEXT, TEXT), [("a", "1"), ("a", "2")])],
    ids=["a number within", "a key twice"],
)
def test_what_would_be_read_otherwise_is_refused(empty, monkeypatch, of, value):
    offer(
        monkeypatch, EntityKind("mark", "marks", pa.schema([("name", TEXT), ("v", of)]), ("name",))
    )
    table = pa.table({"name": ["a", "b"], "v": pa.array([None, value], of)})

    with pytest.raises(RowsRefused, match="row 1: its v holds a value that cannot be kept"):
        empty.put("mark", table)


# History, as-of, rollback


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


# Without the plugin


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


# Policies and listeners


@pytest.mark.parametrize("present", [True, False])
def test_policies_and_listeners_see_what_is_touched(fleet, monkeypatch, present):
    heard = []

    def check(event, options):
        return pa.table(
            {"model": event.models["model"], "reason": ["never"] * event.models.num_rows}
        )

    def hear(event):
        from argosy.tables import NOTICES

        heard.append(event)
        return NOTICES.empty_table()

    fleet.put("approval", [WHOLE])
    monkeypatch.setitem(installed().listeners, "ear", Listener("ear", None, hear))
    fleet.put("approval", [{**WHOLE, "approver": "bea"}])
    if not present:
        without_plugin(monkeypatch)
    fleet.rollback(3)

    put, back = heard
    assert put.models["model"].to_pylist() == ["a"]
    assert put.before["approval"]["approver"].to_pylist() == ["zoë"]
    assert put.after["approval"]["approver"].to_pylist() == ["bea"]
    assert put.after["approval"].column_names == ["key", *SCHEMA.names]
    names = ["key", *SCHEMA.names] if present else ["key", "payload"]
    assert back.after["approval"].column_names == names
    assert back.after["approval"]["key"].to_pylist() == ["a/1"]
    monkeypatch.setitem(
        installed().policies, "never", Policy("never", "", frozenset({"put"}), check)
    )
    fleet.require({"policy": ["never"]})
    offer(monkeypatch, APPROVAL)
    with pytest.raises(RowsRefused, match="a: never"):
        fleet.put("approval", [{**WHOLE, "approver": "eve"}])


# The store


def test_many_are_folded_saved_and_read_again(empty, monkeypatch):
    monkeypatch.setattr(states, "_SETTLE", 50)
    for start in range(0, 300, 60):
        names = [f"m{number}" for number in range(start, start + 60)]
        empty.put("approval", {"model": names, "version": ["1"] * 60})
    empty.put("approval", [{"model": "m7", "version": "1", "score": 7.0}])
    empty.remove("approval", {"model": ["m8"], "version": ["1"]})
    before = kept(empty)
    empty.ledger.fold()
    saved = pl.DataFrame(DeltaTable(f"{empty.url}/state").to_pyarrow_table())

    assert len(before) == 299
    assert saved["payload"].null_count() == 0
    shutil.rmtree(f"{empty.url}/ledger/_delta_log", ignore_errors=False) if False else None
    again = argosy.open(empty.url)
    assert again.state._settled["approval"].height == 300
    assert kept(again) == before
    assert again.verify().intact
    empty.register({"model": ["a"], "version": ["1"]})
    empty.put("approval", [{"model": "m8", "version": "1"}])
    assert len(kept(again)) == 300
    assert again.verify().intact


def edited(url, edit):
    rows = pl.DataFrame(DeltaTable(f"{url}/ledger").to_pyarrow_table()).sort("seq", "ord")
    rows = edit(rows).select(LEDGER.names).to_arrow().cast(LEDGER)
    shutil.rmtree(f"{url}/ledger")
    write_deltalake(f"{url}/ledger", rows)
    os.remove(f"{url}/ledger.head")  # noqa: PTH107


@pytest.mark.parametrize("present", [True, False])
def test_an_edited_payload_is_found(fleet, monkeypatch, present):
    fleet.put("approval", [WHOLE, BARE])
    fleet.put("approval", [{**BARE, "approver": "bea"}])
    forged = pl.col("payload").str.replace("zoë", "eve", literal=True)
    edited(fleet.url, lambda rows: rows.with_columns(payload=forged))
    if not present:
        without_plugin(monkeypatch)

    found = argosy.open(fleet.url).verify()
    assert found.broken_at == 2
    assert found.findings.select("seq", "finding").rows() == [(2, "altered")]


@pytest.mark.parametrize("payload", ["{", "[1]", ""])
def test_a_payload_that_is_damaged_hinders_only_who_reads_it(fleet, payload):
    fleet.put("approval", [WHOLE])
    hit = pl.when(kind="approval").then(pl.lit(payload)).otherwise("payload")
    edited(fleet.url, lambda rows: rows.with_columns(payload=hit))
    again = argosy.open(fleet.url)

    assert again.models().collect().height == 3
    assert again.verify().broken_at == 2
    with pytest.raises(PluginError, match="cannot read"):
        again.table("approvals")
    assert again.rollback(2, dry_run=True).rows() == [("approval", "a/1", "payload", payload, None)]


def test_a_row_without_a_kind_is_damage(fleet):
    edited(fleet.url, lambda rows: rows.with_columns(kind=pl.lit(None, pl.String)))

    with pytest.raises(StoreError, match="change 1 has a row without a kind"):
        argosy.open(fleet.url).models()


def test_many_writers_lose_nothing(fleet):
    def write(number):
        own = argosy.open(fleet.url, actor=f"writer-{number}") if number % 2 else fleet
        for turn in range(5):
            own.put("approval", [{"model": f"w{number}", "version": str(turn)}])
            own.put("approval", [{"model": "shared", "version": "1", "score": float(turn)}])

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    again = argosy.open(fleet.url)
    assert len(kept(again)) == 31
    assert kept(fleet) == kept(again)
    assert again.verify().intact


# Commands


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

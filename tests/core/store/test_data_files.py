"""Data files of fact tables: written side by side, listed by one commit, found by every engine."""

import json
import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from deltalake import DeltaTable

from argosy.errors import StoreError
from argosy.store import data_files
from argosy.store.compaction import compact
from argosy.store.delta import Table
from argosy.store.facts import Facts
from argosy.store.location import Location
from argosy.store.vacuum import clean_table, horizon
from argosy.tables import FACTS

NAME = "incidents"
"""The fact table with columns of every kind: text, numbers, times and lists."""
EMPTY = pl.DataFrame(FACTS[NAME].schema.empty_table())


def rows(run, *places, **others):
    given = pl.DataFrame({"place": places}).with_columns(run_id=pl.lit(run), **others)
    return pl.concat([EMPTY, given.cast({"place": pl.Int64})], how="diagonal_relaxed")


@pytest.fixture
def location(tmp_path):
    return Location(str(tmp_path / "fleet"))


@pytest.fixture
def facts(location):
    return Facts(location)


def files(location):
    return sorted(path.name for path in _folder(location).glob("*.parquet"))


def _folder(location):
    return Path(location.child(NAME))


def test_parts_stand_in_their_order_whatever_is_written_first(facts):
    """Each is a file, and whoever scans the table meets them in the order of the plan."""
    makers = [partial(rows, "r", 2 * place, 2 * place + 1) for place in range(30)]
    facts.append(NAME, makers, "r", 1)

    assert facts.scan(NAME).collect()["place"].to_list() == list(range(60))


def test_a_wave_is_committed_once_however_often_it_is_tried(facts, location):
    """The second time nothing is even made."""

    def never():
        raise AssertionError("made in vain")

    facts.append(NAME, [partial(rows, "r", 0)], "r", 1)
    facts.append(NAME, [never], "r", 1)
    facts.append(NAME, [partial(rows, "s", 1)], "s", 1)

    assert facts.scan(NAME).sort("place").collect()["run_id"].to_list() == ["r", "s"]
    assert len(files(location)) == 2


def test_a_part_that_cannot_be_made_leaves_only_files_that_nobody_reads(facts, location):
    """And upkeep removes them, but not those of a commit."""

    def broken():
        raise StoreError("the second part")

    facts.append(NAME, [partial(rows, "before", 7)], "before", 1)
    with pytest.raises(StoreError, match="the second part"):
        facts.append(NAME, [partial(rows, "r", 0), broken], "r", 1)

    assert facts.scan(NAME).collect()["place"].to_list() == [7]
    assert len(files(location)) == 2
    clean_table(facts.table(NAME), location, horizon(location, 0, nobody_writes=True))
    assert len(files(location)) == 1
    facts.append(NAME, [partial(rows, "r", 0)], "r", 1)
    assert sorted(facts.scan(NAME).collect()["place"]) == [0, 7]


def test_unlisted_files_are_removed_after_the_log_was_summed_up_too(facts, location):
    """A checkpoint, every 20 commits, must not make upkeep blind to what lay there before."""
    Table(location, NAME, FACTS[NAME].schema).create()
    data_files.write(location, NAME, rows("lost", 1))
    for wave in range(1, 46):
        facts.append(NAME, [partial(rows, "r", wave)], "r", wave)
    listed = {uri.rsplit("/", 1)[1] for uri in DeltaTable(location.child(NAME)).file_uris()}
    clean_table(facts.table(NAME), location, horizon(location, 0, nobody_writes=True))

    assert set(files(location)) <= listed | {
        uri.rsplit("/", 1)[1] for uri in DeltaTable(location.child(NAME)).file_uris()
    }
    assert sorted(facts.scan(NAME).collect()["place"]) == list(range(1, 46))


def test_every_type_is_read_back_by_every_engine(facts, location):
    """Lists with nulls and without values, times to the microsecond, NaN and infinity."""
    duckdb = pytest.importorskip("duckdb")
    moment = datetime(2026, 11, 26, 1, 2, 3, 456789, tzinfo=UTC)
    some = rows("r", 0, 1, 2, at=pl.lit(moment, pl.Datetime("us", "UTC"))).with_columns(
        columns=pl.Series([["a", None], [], None], dtype=pl.List(pl.String)),
        severity=pl.Series([float("nan"), float("inf"), None], dtype=pl.Float64),
        reason=pl.Series(["wörds", "", None], dtype=pl.String),
    )
    facts.append(NAME, [lambda: some], "r", 1)
    dataset = DeltaTable(location.child(NAME)).to_pyarrow_dataset()

    assert facts.scan(NAME).collect().equals(some, null_equal=True)
    assert pl.DataFrame(dataset.to_table()).equals(some, null_equal=True)
    direct = duckdb.read_parquet(str(_folder(location) / "*.parquet")).order("place")
    found = pl.DataFrame(direct.to_arrow_table()).with_columns(
        pl.col(pl.Datetime).dt.convert_time_zone("UTC").dt.cast_time_unit("us")
    )
    assert found.equals(some, null_equal=True)


def test_compaction_gathers_what_was_written_apart(facts, location):
    for run in range(3):
        facts.append(NAME, [partial(rows, f"r{run}", place) for place in range(3)], f"r{run}", 1)
    before = facts.scan(NAME).sort("run_id", "place").collect()
    compact(location, facts.table(NAME))

    assert len(DeltaTable(location.child(NAME)).file_uris()) == 1
    assert facts.scan(NAME).sort("run_id", "place").collect().equals(before)


def test_who_asks_for_one_run_reads_its_files_alone(facts, location):
    """The log knows the bounds of every file."""
    for run in ("a", "b", "c"):
        facts.append(NAME, [partial(rows, run, 1)], run, 1)
    wanted = facts.scan(NAME).filter(run_id="b")
    stats = _stats(location)

    assert {(one["minValues"]["run_id"], one["maxValues"]["run_id"]) for one in stats} == {
        ("a", "a"),
        ("b", "b"),
        ("c", "c"),
    }
    assert "other sources" not in wanted.explain()
    assert wanted.collect()["run_id"].to_list() == ["b"]


def test_bounds_are_never_narrower_than_the_rows(facts, location):
    """Delta keeps milliseconds; NaN has no order that engines agree on; long text is no bound."""
    moments = [datetime(2026, 1, 1, 0, 0, 0, micro, tzinfo=UTC) for micro in (1500, 2500)]
    some = rows("r", 0, 1).with_columns(
        at=pl.Series(moments, dtype=pl.Datetime("us", "UTC")),
        severity=pl.Series([1.0, 2.0]),
        reason=pl.lit("x" * 64),
        cause=pl.lit("a" + "ö" * 40),
    )
    facts.append(NAME, [lambda: some], "r", 1)
    [stats] = _stats(location)

    assert stats["numRecords"] == 2
    assert stats["minValues"] == {"run_id": "r", "place": 0, "at": "2026-01-01T00:00:00.001Z"}
    assert stats["maxValues"] == {"run_id": "r", "place": 1, "at": "2026-01-01T00:00:00.003Z"}
    assert stats["nullCount"]["window"] == 2
    assert stats["nullCount"]["reason"] == 0
    late = pl.lit(moments[1], pl.Datetime("us", "UTC"))
    assert facts.scan(NAME).filter(pl.col("at") >= late).collect().height == 1


def _stats(location):
    log = sorted((_folder(location) / "_delta_log").glob("*.json"))
    lines = [json.loads(line) for path in log for line in path.read_text().splitlines()]
    return [json.loads(line["add"]["stats"]) for line in lines if "add" in line]


def test_a_table_of_other_types_is_refused_by_column(location, facts):
    """Nobody but the reader would notice, much later."""
    other = pa.schema(
        [
            field if field.name != "many" else pa.field("many", pa.string())
            for field in FACTS[NAME].schema
        ]
    )
    Table(location, NAME, other).create()

    with pytest.raises(StoreError, match="the column 'many' of the table .* is .*string"):
        facts.append(NAME, [partial(rows, "r", 1)], "r", 1)
    assert facts.scan(NAME).select("place").collect().is_empty()


def test_two_drivers_of_one_run_commit_it_once(facts, location, monkeypatch):
    """Whoever comes second finds the wave there, and its own files are nobody's."""
    other = Facts(location)
    held = Table.held
    passed = []

    def beaten(table, run, wave):
        if not passed:
            passed.append(True)
            assert not held(table, run, wave)
            other.append(NAME, [partial(rows, "r", 1)], "r", 1)
            return False
        return held(table, run, wave)

    monkeypatch.setattr(Table, "held", beaten)
    facts.append(NAME, [partial(rows, "r", 1)], "r", 1)

    assert facts.scan(NAME).collect()["place"].to_list() == [1]
    assert len(files(location)) == 2


def test_a_store_that_takes_no_files_is_named(facts, location, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    Table(location, NAME, FACTS[NAME].schema).create()
    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(StoreError, match="cannot write .*incidents.*No space left.*check space"):
        facts.append(NAME, [partial(rows, "r", 1)], "r", 1)


def test_a_time_that_no_datetime_holds_has_no_bounds_and_others_keep_theirs(location):
    """The last window of the year 9999 once ended a run: it ends in the year 10,000."""
    ends = pl.Series([253_402_300_800_000_000, 0]).cast(pl.Datetime("us", "UTC"))
    last = ends.dt.offset_by("-1d")
    _, action = next(
        iter(data_files.write(location, NAME, pl.DataFrame({"end": ends, "last": last})).items())
    )
    most = json.loads(action["stats"])["maxValues"]

    assert {"last": "9999-12-31T00:00:00.000Z"} == most

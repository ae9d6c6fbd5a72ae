"""Keys tell entities apart, and values of every type are read as they were given."""

import math
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import SimpleNamespace

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import argosy
from argosy.errors import RowsRefused
from argosy.registry.entities import _keys
from argosy.types import EntityKind

from .approvals import TEXT, kept, offer

PARTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("/\\"), max_size=4)
NAMES = st.text(st.sampled_from("a0/\\@é字'\"%"), max_size=4)


@given(st.lists(st.tuples(PARTS, PARTS, PARTS), min_size=2, unique=True))
def test_no_two_tuples_have_one_key(tuples):
    names = ("x", "y", "z")
    frame = pl.DataFrame(tuples, dict.fromkeys(names, pl.String), orient="row")
    keys = _keys(frame, SimpleNamespace(key=names))

    assert keys.n_unique() == len(tuples)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, unique=True), st.data())
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

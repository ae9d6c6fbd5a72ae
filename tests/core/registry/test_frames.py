"""What a user hands over becomes columns of known types, or is refused by the column's name."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pyarrow as pa
import pytest

import argosy
from argosy.registry.frames import shaped
from argosy.tables.ledger import TIME


@pytest.fixture
def empty(tmp_path):
    return argosy.open(str(tmp_path / "fleet"), create=True, actor="tests")


def registered(fleet, **columns):
    fleet.register(pl.DataFrame({"model": ["a"], "version": ["1"], **columns}))
    return {
        **fleet.versions().collect().row(0, named=True),
        **fleet.models().collect().row(0, named=True),
    }


def test_values_of_any_type_become_text_in_tags(empty):
    """A tag is text, and reads as it would in Python."""
    tags = [{"region": "eu", "rank": 3, "share": 0.5, "live": True}]

    kept = registered(empty, tags=tags)["tags"]

    assert {"region": "eu", "rank": "3", "share": "0.5", "live": "True"} == kept


def test_a_missing_value_is_no_entry(empty):
    """In a struct of many rows each key exists everywhere; only those with a value were given."""
    tags = [{"x": "1", "y": None}, {"x": None, "y": "2"}, None]
    table = pl.DataFrame({"model": ["a", "b", "c"], "version": ["1"] * 3, "tags": tags})

    empty.register(table)

    assert [{"x": "1"}, {"y": "2"}, None] == empty.models().collect()["tags"].to_list()


@pytest.mark.parametrize("form", ["rows", "columns"])
def test_a_key_that_only_the_last_row_has_is_kept(empty, form):
    """Tags differ from model to model, and what only few have is what one searches for."""
    tags = [{"x": "1"}] * 150 + [{"y": "2"}]
    names = [f"m{number:03}" for number in range(151)]
    columns = {"model": names, "version": ["1"] * 151, "tags": tags}
    rows = [
        {"model": name, "version": "1", "tags": own} for name, own in zip(names, tags, strict=True)
    ]

    empty.register(rows if form == "rows" else columns)

    assert {"y": "2"} == empty.models().collect()["tags"][-1]


def test_whole_numbers_become_metrics(empty):
    """A count is as good a metric as a share."""
    assert {"n": 3.0, "auc": 0.5} == registered(empty, metrics=[{"n": 3, "auc": 0.5}])["metrics"]


def test_text_is_no_metric(empty):
    """A metric is compared as a number, so that it must be one when it is registered."""
    with pytest.raises(argosy.errors.BadInput, match="metrics"):
        registered(empty, metrics=[{"auc": "high"}])


def test_a_model_that_was_never_retired_says_so(empty):
    """`NOT retired` must find it, which it would not if the answer were unknown."""
    registered(empty)

    assert ["a"] == empty.sql("SELECT model FROM models WHERE NOT retired")["model"].to_list()


MIXED = {"model": ["a", "b", "c"], "version": ["1", None, 2]}
TOLD = r"the column 'version' has text \('1', row 0\) and a number \(2, row 2\)"


@pytest.mark.parametrize("form", ["rows", "columns", "pandas"])
def test_a_column_that_mixes_text_and_numbers_is_named(empty, form):
    """Arrow says that it expected bytes, and polars makes text of some and refuses others."""
    table = MIXED
    if form == "rows":
        names = zip(*MIXED.values(), strict=True)
        table = [dict(zip(MIXED, row, strict=True)) for row in names]
    elif form == "pandas":
        table = pytest.importorskip("pandas").DataFrame(MIXED, dtype=object)

    with pytest.raises(argosy.errors.BadInput, match=TOLD):
        empty.register(table)
    assert empty.models().collect().is_empty()


@pytest.mark.parametrize("values", [[True, "x"], [1, True], [0.5, "x"]])
def test_booleans_are_neither_text_nor_numbers(empty, values):
    with pytest.raises(argosy.errors.BadInput, match=r"the column 'model' has .* row 0\) and"):
        empty.register([{"model": value, "version": "1"} for value in values])


def test_whole_numbers_beside_fractions_are_numbers(empty):
    """As the margins of templates are."""
    templates = {"template": ["a", "b"], "trainer": ["sklearn"] * 2, "margin": [1, 0.5]}
    params = [{"estimator": "Ridge"}] * 2

    empty.define({**templates, "params": params, "metric": ["mae"] * 2})

    assert [1.0, 0.5] == empty.templates().collect()["margin"].to_list()


def test_text_says_numbers_booleans_and_times_where_a_column_is_such():
    """What a CSV can say of a kind of a plugin's."""
    schema = pa.schema(
        [("live", pa.bool_()), ("day", pa.date32()), ("share", pa.float64()), ("at", TIME)]
    )
    rows = pl.DataFrame(
        {"live": ["true", "FALSE"], "day": ["2026-01-31", ""], "share": ["0.5", None],
         "at": ["2026-01-31T12:00:00Z", None]}
    )  # fmt: skip
    found = shaped(rows, schema, (), "table")

    assert found["live"].to_list() == [True, False]
    assert found["day"].to_list() == [date(2026, 1, 31), None]
    assert found["share"].to_list() == [0.5, None]
    assert found["at"].to_list() == [datetime(2026, 1, 31, 12, tzinfo=UTC), None]
    for name, text, told in (
        ("live", "yes", "neither true nor false"),
        ("day", "31/01/2026", "no time such as"),
        ("share", "half", "no number"),
    ):
        with pytest.raises(argosy.errors.BadInput, match=f"row 1 has '{text}', which is {told}"):
            shaped(pl.DataFrame({name: ["", text]}), schema, (), "table")


def test_text_is_no_list_and_none_is_where_it_says_nothing():
    """A CSV has no lists; the engine's words would be about its casts."""
    schema = pa.schema([("segments", pa.list_(pa.string()))])
    found = shaped(pl.DataFrame({"segments": ["", None]}), schema, (), "binding")

    assert found["segments"].to_list() == [None, None]
    with pytest.raises(argosy.errors.BadInput, match="write lists in JSON lines, Parquet or Arrow"):
        shaped(pl.DataFrame({"segments": ["region"]}), schema, (), "binding")

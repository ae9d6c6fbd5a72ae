"""What `bind` holds data to: that it is there, and that the binding's words fit it."""

import re
import sqlite3
from datetime import UTC, datetime

import polars as pl
import pytest

from argosy.errors import RowsRefused
from argosy.plugins import installed
from argosy.types import Source

ROWS = pl.DataFrame(
    {
        "x": [1.5, 2.5],
        "region": ["eu", "us"],
        "lists": [[1], [2]],
        "at": [datetime(2026, 1, 1, tzinfo=UTC)] * 2,
        "flag": [True, False],
    }
)
HAS = "has x, region, lists, at, flag"


@pytest.fixture
def named(empty):
    empty.register({"model": ["a"], "version": ["1"]})
    return empty


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "rows.parquet"
    ROWS.write_parquet(path)
    return str(path)


def bound(fleet, url, **more):
    """Bind, and return the reason of the refusal, or None."""
    check = more.pop("check", True)
    try:
        fleet.bind([{"role": "current", "url": url, **more}], check=check)
    except RowsRefused as error:
        return error.outcomes["reason"][0]
    return None


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("regoin = 'eu'", f"names the column 'regoin', which is not there; .*{HAS}"),
        ("x", "is Float64, and no condition; compare it with something"),
        ("NULL", "is Null, and no condition"),
        ("x >", "cannot read the where 'x >': Expected: an expression, found: its end"),
        ("SELECT 1", "cannot read the where"),
        ("region > 1", "compares text with numbers; write numbers without quotes"),
        ("x > 1 AND region", "takes text for a condition"),
        ("NOT region", "takes text for a condition; compare it with something"),
        (
            "at >= TIMESTAMP '2026-01-02 00:00:00'",
            "of a zone are written TIMESTAMP WITH TIME ZONE '2024-01-31 00:00:00",
        ),
    ],
)
def test_a_where_that_is_no_condition_of_the_data_is_refused(named, table, where, told):
    """F16: it failed when it was read, and listed the columns that were read."""
    assert re.search(told, bound(named, table, where=where))
    assert named.bindings().collect().is_empty()


@pytest.mark.parametrize(
    "where",
    [
        "region = 'eu' AND x > 1",
        "flag",
        "NOT flag",
        "x IN (1, 2)",
        "region LIKE 'e%'",
        "x IS NULL",
        "at >= TIMESTAMP WITH TIME ZONE '2026-01-02 00:00:00+00:00'",
        "CAST(region AS INT) > 1",
    ],
)
def test_a_where_that_is_one_is_bound(named, table, where):
    assert bound(named, table, where=where) is None


def test_expressions_are_read_even_where_the_data_is_not_looked_at(named, tmp_path):
    """What is no SQL is none of any data."""
    found = [
        bound(named, str(tmp_path / "later.parquet"), check=False, **more)
        for more in ({"where": "x >"}, {"segments": ["x >"]}, {"where": "x > 1"})
    ]

    assert [reason and reason[:15] for reason in found] == [
        "cannot read the",
        "cannot read the",
        None,
    ]


@pytest.mark.parametrize(
    ("segment", "told"),
    [
        ("regoin", f"segment 'regoin' names the column 'regoin', which is not there; .*{HAS}"),
        ("lists", r"is List\(Int64\), which rows cannot be cut by"),
        ("x ||", "cannot read the segment"),
        ("region + 1", "calculates with text; name columns of numbers"),
    ],
)
def test_a_segment_that_cuts_nothing_is_refused(named, table, segment, told):
    assert re.search(told, bound(named, table, segments=["region", segment]))


@pytest.mark.parametrize("segment", ["region", "x > 2", "flag", "x"])
def test_a_segment_that_cuts_is_bound(named, table, segment):
    assert bound(named, table, segments=[segment]) is None


@pytest.mark.parametrize(("column", "fine"), [("at", True), ("region", True), ("x", False),
                                              ("lists", False), ("flag", False)])  # fmt: skip
def test_a_timestamp_is_of_a_type_that_times_are_written_in(named, table, column, fine):
    """Text is read as a time, and whole numbers are steps."""
    reason = bound(named, table, timestamp=column)

    assert (reason is None) == fine
    assert fine or f"the timestamp '{column}'" in reason
    if column == "x":
        assert bound(named, table, timestamp="x", timestamp_format="epoch:s") is None


def test_columns_of_text_have_their_types_by_all_of_their_values(named, tmp_path):
    """As they have when the condition is worked out; it would only fail then."""
    path = tmp_path / "rows.csv"
    path.write_text("code,t\n007,1\n008,0\n")

    assert bound(named, str(path), where="code > 7 AND t > 0.5") is None
    assert "compares text with numbers" in bound(named, str(path), where="code = '007'")
    assert "no condition" in bound(named, str(path), where="t + 1")
    assert "'kode', which is not there" in bound(named, str(path), where="kode > 7")

    path.write_text("code,t\n007,1\nx,0\n")
    assert bound(named, str(path), where="code = '007'") is None


def test_every_row_is_checked_however_many_there_are(empty, tmp_path):
    """Once only the first 64 tables were, and nobody was told."""
    names = [f"m{number}" for number in range(80)]
    empty.register({"model": names, "version": ["1"] * 80})
    for name in names:
        ROWS.drop("x" if name == "m79" else "flag").write_parquet(tmp_path / f"{name}.parquet")
    rows = [
        {"role": "current", "model": name, "url": str(tmp_path / f"{name}.parquet"), "truth": "x"}
        for name in names
    ]
    with pytest.raises(RowsRefused, match=r"1 of 80 rows.*\n  row 79: .*has no column 'x'"):
        empty.bind(rows)


def test_a_url_that_is_refused_is_a_row_with_its_reason(named, table):
    """F16: it ended in the engine's account of an expression."""
    with pytest.raises(RowsRefused) as refused:
        named.bind(
            [
                {"role": "current", "url": table},
                {"role": "holdout", "url": "simplecache::s3://bucket/d.parquet"},
            ]
        )

    assert str(refused.value).splitlines()[1:] == [
        "  row 1: the URL 'simplecache::s3://bucket/d.parquet' chains protocols; name the data"
        " itself"
    ]


def test_an_artifact_whose_url_is_refused_is_a_row_too(empty):
    with pytest.raises(RowsRefused, match=r"\n  row 0: the URL .* chains protocols; name the dat"):
        empty.register(
            [{"model": "a", "version": "1", "format": "skops", "artifact": "x::s3://bucket/a"}]
        )


# Sources that are no files


def opened(url):
    path, _, query = url.partition("?")
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True), query.removeprefix("table=")


def scan(url, options):
    connection, name = opened(url)
    return pl.read_database(f"SELECT * FROM {name}", connection).lazy()  # noqa: S608


def told_columns(url, options):
    connection, name = opened(url)
    found = connection.execute("SELECT name, type FROM pragma_table_info(?)", [name]).fetchall()
    if not found:
        raise FileNotFoundError(name)
    return {column: {"INTEGER": pl.Int64()}.get(kind, pl.String()) for column, kind in found}


@pytest.fixture(params=[None, told_columns], ids=["scan", "columns"])
def database(request, tmp_path, monkeypatch):
    """Bring a source of tables of a database, which no file system knows."""
    source = Source("sqlite", (), scan, columns=request.param)
    monkeypatch.setitem(installed().sources, "sqlite", source)
    with sqlite3.connect(tmp_path / "data.sqlite") as connection:
        connection.execute("CREATE TABLE t (was INTEGER, said INTEGER, region TEXT)")
        connection.executemany("INSERT INTO t VALUES (?, ?, 'eu')", [(1, 1), (0, 1)])
    return f"{tmp_path}/data.sqlite?table="


def test_a_table_of_a_database_is_bound_without_looking_into_the_file_system(named, database):
    how = {"format": "sqlite", "truth": "was", "prediction": "said", "where": "region = 'eu'"}

    assert bound(named, f"{database}t", role="holdout", **how) is None
    assert named.evaluate(metrics=["accuracy"]).results()["value"].item() == 0.5


def test_a_table_that_a_database_lacks_is_told_in_the_words_of_its_source(named, database):
    reason = bound(named, f"{database}gone", format="sqlite")

    assert "there is nothing at" in reason or "no such table: gone" in reason
    assert "data.sqlite?table=gone" in reason


def test_a_column_that_a_table_lacks_is_told_with_those_that_it_has(named, database):
    reason = bound(named, f"{database}t", format="sqlite", truth="wass")

    assert reason.endswith("has no column 'wass'; it has was, said, region")


def test_a_source_that_panics_is_the_reason_of_its_row(named, monkeypatch, tmp_path):
    def panics(url, options):
        raise pl.exceptions.PanicException("out of range")

    monkeypatch.setitem(installed().sources, "odd", Source("odd", (".odd",), panics))

    reason = bound(named, str(tmp_path / "d.odd"))

    assert reason.endswith("d.odd as odd: out of range")

"""What a binding names is opened as its format and the binding say; what cannot be is told."""

import decimal

import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

import argosy
from argosy.data.sources import by_storage, scanned
from argosy.errors import DataError
from argosy.registry.bindings import COLUMN_FIELDS

FORTY = range(40)
FIELDS = dict.fromkeys((*COLUMN_FIELDS, "where", "segments", "copy", "separator", "encoding"))


def write(table, path):
    if path.suffix == ".parquet":
        parquet.write_table(table, path)
        return
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def checked(folder, table, form="parquet"):
    """Check drift of a table against itself: columns and states, or the reason."""
    path = folder / f"log.{form}"
    write(table, path)
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.register([{"model": "m", "version": "1"}])
    fleet.bind([{"role": role, "url": str(path)} for role in ("reference", "current")])
    found = fleet.check_drift().results()
    return found["reason"].drop_nulls().to_list() or sorted(found["column"].unique())


@pytest.mark.parametrize("form", ["parquet", "arrow"])
@pytest.mark.parametrize(
    "column",
    [
        pa.array([str(number) for number in FORTY], pa.json_()),
        pa.array([number % 2 for number in FORTY], pa.bool8()),
        pa.ExtensionArray.from_storage(pa.opaque(pa.int64(), "t", "v"), pa.array(FORTY)),
        pa.array([bytes([number] * 16) for number in FORTY], pa.uuid()),
        pa.array([str(number) for number in FORTY], pa.large_string()),
        pa.array([1.5] * 40, pa.float16()),
    ],
    ids=["json", "bool8", "opaque", "uuid", "large", "half"],
)
def test_an_extension_type_is_what_it_is_stored_as(column, form, tmp_path):
    """pola-rs/polars#25394, #27219: no column of such a table could be compared."""
    table = pa.table({"c": column, "x": pa.array([float(number) for number in FORTY])})

    assert ["c", "x"] == checked(tmp_path, table, form)


def test_what_has_no_extension_is_left_as_it_is():
    rows = pl.LazyFrame({"x": [1]})

    assert by_storage(rows) is rows


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_a_column_of_too_many_digits_is_named(form, tmp_path):
    """pola-rs/polars#5606, #6717: it ended the run."""
    wide = pa.array([decimal.Decimal(number) for number in FORTY], pa.decimal256(60, 2))
    table = pa.table({"c": wide, "x": pa.array([float(number) for number in FORTY])})
    (reason,) = set(checked(tmp_path, table, form))

    assert "the column 'c' is decimal(60, 2), and no more than 38 digits can be read" in reason


def test_a_column_that_cannot_be_read_is_in_nobodys_way(tmp_path):
    wide = pa.array([decimal.Decimal(number) for number in FORTY], pa.decimal256(60, 2))
    path = tmp_path / "log.parquet"
    write(pa.table({"c": wide, "t": pa.array(FORTY)}), path)
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register([{"model": "m", "version": "1"}])
    named = {"truth": "t", "prediction": "t"}
    fleet.bind([{"role": "holdout", "url": str(path), **named}])

    assert 1.0 == fleet.evaluate(metrics=["accuracy"]).results()["value"].item()


def test_only_the_columns_that_are_needed_get_types(tmp_path):
    """Of a table of text, all values of a column have to be looked at for it."""
    path = tmp_path / "log.csv"
    path.write_text("a,b,c\n1,2,3\n")
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    binding = {**FIELDS, "url": str(path), "format": "csv", "where": "c > 1"}
    rows = scanned(binding, fleet.location, lambda names: [name for name in names if name == "a"])

    assert {"a": pl.Int64, "c": pl.Int64} == rows.collect_schema()
    assert [(1, 3)] == rows.collect().rows()


def test_a_reserved_name_is_refused():
    from argosy.data.sources import refuse_reserved

    binding = {**FIELDS, "truth": "argosy_model"}
    refuse_reserved(binding, ["t"])
    with pytest.raises(DataError, match="'argosy_model' has a name that begins with 'argosy_'"):
        refuse_reserved(binding, ["argosy_model"])


@pytest.mark.parametrize("name", ["*", "^t$"])
def test_a_name_that_is_a_pattern_is_refused(name):
    """The engine would give another column for it."""
    from argosy.data.sources import refuse_reserved

    with pytest.raises(DataError, match="would take the name of the column .* for a pattern"):
        refuse_reserved({**FIELDS, "version": name}, ["t", name])

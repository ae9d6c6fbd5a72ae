"""Files of one table that differ, and types that show late.

Reported of other tools as pola-rs/polars#20926, #24050, #12210, #15747 and #13272.
"""

import json

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from argosy.errors import DataError
from argosy.plugins import installed
from argosy_files.one_table import common

HALF = pl.DataFrame({"x": [1.0, 2.0, 3.0] * 20, "y": [1, 2, 3] * 20})
WRITERS = {
    "parquet": pl.DataFrame.write_parquet,
    "csv": pl.DataFrame.write_csv,
    "jsonl": pl.DataFrame.write_ndjson,
    "arrow": pl.DataFrame.write_ipc,
}


def opened(url, form):
    source = installed().sources[form]
    return source.scan(str(url), {}).collect()


def folder_of(tmp_path, form, *parts):
    folder = tmp_path / "table"
    folder.mkdir()
    for number, part in enumerate(parts):
        WRITERS[form](part, folder / f"{number}.{form}")
    return folder


@pytest.mark.parametrize("form", ["parquet", "arrow", "jsonl"])
@pytest.mark.parametrize(
    ("part", "kinds"),
    [
        (HALF.with_columns(pl.col("x").cast(pl.Int64)), (pl.Float64, pl.Int64)),
        (HALF.with_columns(pl.col("y").cast(pl.Int32)), (pl.Float64, pl.Int64)),
        (HALF.with_columns(pl.col("x").cast(pl.Float32)), (pl.Float64, pl.Int64)),
        (HALF.with_columns(y=pl.lit(1.5)), (pl.Float64, pl.Float64)),
        (HALF.with_columns(x=None), (pl.Float64, pl.Int64)),
        (HALF.clear().cast(pl.Null), (pl.Float64, pl.Int64)),
    ],
    ids=["whole", "narrow", "single", "fraction", "nothing", "no rows"],
)
@pytest.mark.parametrize("first", [True, False])
def test_files_are_read_as_their_common_types(form, part, kinds, first, tmp_path):
    if form == "jsonl" and not part.height:
        pytest.skip("a file of JSON lines without rows has no columns")
    parts = (part, HALF) if first else (HALF, part)
    found = opened(folder_of(tmp_path, form, *parts), form)
    schema = dict(zip("xy", kinds, strict=True))

    assert_frame_equal(pl.concat(each.cast(schema) for each in parts), found)


@pytest.mark.parametrize("form", WRITERS)
def test_a_column_that_a_file_lacks_is_null_there(form, tmp_path):
    found = opened(folder_of(tmp_path, form, HALF, HALF.drop("x"), HALF.with_columns(z=1)), form)

    assert ["x", "y", "z"] == found.columns
    assert [60, 0, 120] == [found[name].null_count() for name in "xyz"]
    assert found["y"].to_list() == HALF["y"].to_list() * 3


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_types_with_nothing_in_common_are_told_in_one_line(form, tmp_path):
    folder = folder_of(tmp_path, form, HALF, HALF.with_columns(y=pl.lit("a")))
    with pytest.raises(DataError) as refused:
        opened(folder, form)

    assert str(refused.value) == (
        f"the column 'y' is a whole number (int64) in {folder}/0.{form} and text in"
        f" {folder}/1.{form}; write it as one type, or bind the files by themselves"
    )


def test_the_order_of_rows_is_that_of_the_files(tmp_path):
    """Of two rows of one id the last one counts."""
    parts = [pl.DataFrame({"x": [number if number % 2 else number + 0.5]}) for number in range(9)]
    found = opened(folder_of(tmp_path, "parquet", *parts), "parquet")

    assert [part["x"][0] for part in parts] == found["x"].to_list()


@pytest.mark.parametrize(
    ("one", "two", "both"),
    [
        (pl.Int8(), pl.UInt8(), pl.Int16()),
        (pl.Int64(), pl.UInt64(), pl.Int128()),
        (pl.Int64(), pl.Decimal(10, 2), pl.Decimal(38, 2)),
        (pl.Date(), pl.Datetime("ms"), pl.Datetime("ms")),
        (pl.Datetime("ms"), pl.Datetime("ns"), pl.Datetime("ns")),
        (pl.Datetime("us", "UTC"), pl.Datetime("us", "Asia/Tokyo"), pl.Datetime("us", "UTC")),
        (pl.Datetime("us", "UTC"), pl.Datetime("us"), None),
        (pl.String(), pl.Categorical(), pl.String()),
        (pl.Enum(["a"]), pl.Enum(["b"]), pl.String()),
        (pl.List(pl.Null()), pl.List(pl.Float32()), pl.List(pl.Float32())),
        (pl.List(pl.Int64()), pl.Int64(), None),
        (pl.Boolean(), pl.String(), None),
        (pl.Date(), pl.Int64(), None),
    ],
)
def test_a_common_type_loses_nothing_of_either(one, two, both):
    assert both == common(one, two)
    assert both == common(two, one)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_type_that_shows_late_is_found(form, tmp_path):
    path = tmp_path / f"log.{form}"
    values = [1] * 120 + [1.5]
    if form == "csv":
        path.write_text("x\n" + "\n".join(map(str, values)) + "\n")
    else:
        path.write_text("".join(json.dumps({"x": value}) + "\n" for value in values))

    assert pl.Float64 == opened(path, form).schema["x"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["007", "1.10"], pl.String),
        (["1", "20"], pl.Int64),
        (["1", "007"], pl.String),
        (["2024-01-01", "2024-12-31"], pl.Date),
        (["a b%", "c/d"], pl.String),
        (["true", "false"], pl.String),
    ],
)
@pytest.mark.parametrize("alike", [True, False])
def test_folders_keep_what_they_are_called(values, kind, alike, tmp_path):
    """apache/arrow#39660, prestodb/presto#2233: `k=007` became 7."""
    from urllib.parse import quote

    for number, value in enumerate(values):
        folder = tmp_path / "hive" / f"k={quote(value, safe='')}"
        folder.mkdir(parents=True)
        part = HALF if alike or number else HALF.drop("x")
        part.write_parquet(folder / "part.parquet")
    found = opened(tmp_path / "hive", "parquet")

    assert kind == found.schema["k"]
    assert set(values) == set(found["k"].cast(pl.String))


def test_a_marker_in_a_folder_is_no_table(tmp_path):
    folder = folder_of(tmp_path, "parquet", HALF)
    (folder / "_SUCCESS").touch()
    (folder / ".0.parquet.crc").write_bytes(b"crc")

    assert_frame_equal(HALF, opened(folder, "parquet"))

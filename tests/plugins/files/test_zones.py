"""Times of files whose zone the engine does not know: offsets are instants, other names refused."""

import datetime as dt

import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import argosy
from argosy_files.scanning import ARROW, PARQUET

HOURS = [dt.datetime(2024, 1, 1) + dt.timedelta(hours=hour) for hour in range(48)]
WRITE = {
    PARQUET: pyarrow.parquet.write_table,
    ARROW: lambda table, path: pyarrow.feather.write_feather(table, path, "uncompressed"),
}
OFFSETS = st.builds(
    "{}{:02}{}{:02}".format,
    st.sampled_from("+-"),
    st.integers(0, 14),
    st.sampled_from(["", ":"]),
    st.sampled_from([0, 15, 30, 45, 17]),
)


def written(folder, name, zone, form, unit="us"):
    """Write rows whose times are in a zone, in a column and in a list."""
    at = pa.array(HOURS, pa.timestamp(unit, zone))
    lists = pa.array([[each] for each in HOURS], pa.list_(pa.timestamp(unit, zone)))
    path = folder / f"{name}{form.suffixes[0]}"
    WRITE[form](pa.table({"at": at, "many": lists, "t": [0, 1] * 24, "p": [0, 1] * 24}), path)
    return str(path)


@settings(max_examples=20)
@pytest.mark.parametrize("form", WRITE, ids=["parquet", "arrow"])
@given(OFFSETS, st.sampled_from(["ms", "us", "ns"]))
def test_times_of_an_offset_are_its_instants(tmp_path_factory, form, zone, unit):
    folder = tmp_path_factory.mktemp("zones")

    rows = form.scan(written(folder, "a", zone, form, unit), {}).collect()

    utc = pl.col("at").dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    assert rows.select(utc)["at"].to_list() == HOURS
    assert (
        rows["many"].explode().dt.convert_time_zone("UTC").dt.replace_time_zone(None).to_list()
        == HOURS
    )


@pytest.mark.parametrize("form", WRITE, ids=["parquet", "arrow"])
def test_files_of_a_folder_may_have_other_offsets(tmp_path, form):
    for name, zone in (("a", "+05:30"), ("b", "UTC"), ("c", "-03:30"), ("d", "Europe/Berlin")):
        written(tmp_path, name, zone, form)

    rows = form.scan(str(tmp_path), {}).collect()

    assert rows.schema["at"] == pl.Datetime("us", "UTC")
    assert rows["at"].dt.replace_time_zone(None).to_list() == HOURS * 4


def test_models_are_windowed_by_them_together_as_alone(tmp_path, capfd):
    names = [f"m{number}" for number in range(8)]
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": names, "version": ["1"] * 8})
    zones = ["+05:30", "UTC", "-03:30", "+05:30", "+05:30", "+05:30", "+05:30", "+05:30"]
    urls = [written(tmp_path, *each, PARQUET) for each in zip(names, zones, strict=True)]
    bound = {"role": ["holdout"] * 8, "model": names, "url": urls}
    more = {"truth": "t", "prediction": "p", "timestamp": "at"}
    fleet.bind(pl.DataFrame(bound).with_columns(**{key: pl.lit(at) for key, at in more.items()}))

    results = fleet.evaluate(metrics=["accuracy"], window="1d").results()

    assert (
        results.group_by("model").agg(pl.col("n").sort()).sort("model")["n"].to_list()
        == [[24, 24]] * 8
    )
    assert "panicked" not in capfd.readouterr().err


def test_a_zone_that_nobody_knows_is_refused_without_a_panic(tmp_path, capfd):
    url = written(tmp_path, "a", "Nowhere/None", PARQUET)
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": ["m"], "version": ["1"]})

    with pytest.raises(argosy.errors.ArgosyError, match="column 'at' have the zone 'Nowhere/None'"):
        fleet.bind([{"role": "holdout", "url": url, "truth": "t", "prediction": "p"}])

    assert "panicked" not in capfd.readouterr().err

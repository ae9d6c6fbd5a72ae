"""What none of the bound data can mean is refused; what any of it can is not."""

from types import SimpleNamespace

import polars as pl
import pytest

import argosy
from argosy.errors import BadInput, UnknownName
from argosy.registry.bindings import bound
from argosy_rows.columns import BoundColumns


@pytest.fixture
def columns(tmp_path):
    """The columns of one file per frame; None stands for a file that is gone."""

    def make(frames, timestamp=None, **binding):
        names = [f"m{place}" for place in range(len(frames))]
        fleet = argosy.open(str(tmp_path / "fleet"), create=True)
        fleet.register({"model": names, "version": ["1"] * len(names)})
        rows = []
        for name, frame in zip(names, frames, strict=True):
            path = tmp_path / f"{name}.parquet"
            (pl.DataFrame({"x": [1]}) if frame is None else frame).write_parquet(path)
            rows.append({"role": "current", "model": name, "url": str(path), **binding})
            rows[-1]["timestamp"] = timestamp
        fleet.bind(rows, check=False)
        for name, frame in zip(names, frames, strict=True):
            if frame is None:
                (tmp_path / f"{name}.parquet").unlink()
        models = pl.DataFrame(
            {"model": names, "template": [None] * len(names)},
            {"model": pl.String, "template": pl.String},
        )
        found = bound(fleet.state, models, "current")["binding"]
        return BoundColumns(found, "current", fleet.location)

    return make


def test_a_column_that_any_file_has_is_fine(columns):
    files = columns([pl.DataFrame({"x": [1]}), pl.DataFrame({"y": [1]}), None])
    files.refuse_column("slices", "y")
    files.refuse_expression("slices", "y > 1", pl.col("y") > 1)

    with pytest.raises(UnknownName, match=r"column \(slices\) .* 'current' is called 'z'.* x, y"):
        files.refuse_column("slices", "z")
    with pytest.raises(UnknownName, match="'z'"):
        files.refuse_expression("slices", "y > z", pl.col("y") > pl.col("z"))


def test_an_expression_must_work_on_some_file(columns):
    text, number = pl.DataFrame({"x": ["a"]}), pl.DataFrame({"x": [1]})
    columns([text, number]).refuse_expression("slices", "x > 1", pl.col("x") > 1)


def test_an_expression_that_works_on_no_file_is_refused(columns):
    files = columns([pl.DataFrame({"x": ["a"]})])

    with pytest.raises(BadInput, match="slices 'x > 1' cannot be worked out on the data"):
        files.refuse_expression("slices", "x > 1", pl.col("x") > 1)


def test_files_that_cannot_be_read_refuse_nothing(columns):
    files = columns([None, None], timestamp="at")
    files.refuse_column("slices", "z")
    files.refuse_window("1d")
    files.refuse_window("by z")


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        (["soon", "later"], "is text such as 'soon', and no time"),
        ([1.5, 2.5], "must be a date or a time"),
        ([1, 2], "must be a date or a time"),
        (["soon", "2026-01-01 00:00:00"], None),
        (pl.Series([None, None], dtype=pl.String), None),
    ],
)
def test_windows_of_time_need_times(columns, values, fault):
    files = columns([pl.DataFrame({"at": values}, strict=False)], timestamp="at")
    if fault is None:
        files.refuse_window("1d")
    else:
        with pytest.raises(BadInput, match=fault):
            files.refuse_window("1d")
    files.refuse_window("10 rows")
    files.refuse_window(None)


def test_windows_of_time_need_a_timestamp_that_is_named(columns):
    with pytest.raises(BadInput, match="names a timestamp; bind it with one, or cut by"):
        columns([pl.DataFrame({"at": ["2026-01-01"]})]).refuse_window("1d")


def test_few_of_many_files_are_looked_at(columns, monkeypatch):
    opened = []
    from argosy_rows import columns as module

    def read(binding, location):
        opened.append(binding["url"])
        return pl.LazyFrame({"x": [1]}), pl.Schema({"x": pl.Int64()})

    monkeypatch.setattr(module, "_read", read)
    bindings = [
        {"url": f"/{place}", "format": "parquet", "where": None, "timestamp": None}
        for place in range(5000)
    ]
    files = BoundColumns(pl.Series(bindings), "current", SimpleNamespace())
    files.refuse_column("slices", "x")
    assert len(opened) == 1
    for _ in range(2):
        with pytest.raises(UnknownName):
            files.refuse_column("slices", "y")
    assert len(opened) <= 48

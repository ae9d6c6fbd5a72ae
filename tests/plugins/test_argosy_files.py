"""Data formats: the same rows from each, through the same binding."""

import fsspec
import polars as pl
import pytest

from argosy.errors import RowsRefused
from argosy.testing.sources import SourceSuite

ROWS = pl.DataFrame({"score": [0.2, 0.8, 0.6], "was": [0, 1, 1]})


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("log.parquet", pl.DataFrame.write_parquet),
        ("log.csv", pl.DataFrame.write_csv),
        ("log.jsonl", pl.DataFrame.write_ndjson),
        ("log.arrow", pl.DataFrame.write_ipc),
    ],
)
def test_each_format_is_read_by_its_ending(empty, tmp_path, name, write):
    write(ROWS, tmp_path / name)
    empty.register({"model": ["m"], "version": ["1"]})
    empty.bind([{"role": "holdout", "url": str(tmp_path / name), "score": "score", "truth": "was"}])

    assert empty.evaluate(metrics=["auc"]).results()["value"].item() == 1.0


def test_a_delta_table_is_read_when_it_is_named_so(empty, tmp_path):
    ROWS.write_delta(tmp_path / "log")
    empty.register({"model": ["m"], "version": ["1"]})
    empty.bind(
        [
            {
                "role": "holdout",
                "url": str(tmp_path / "log"),
                "format": "delta",
                "score": "score",
                "truth": "was",
            }
        ]
    )

    assert empty.evaluate(metrics=["auc"]).results()["n"].item() == 3


def test_a_glob_is_one_dataset(empty, tmp_path):
    for day in range(3):
        ROWS.write_parquet(tmp_path / f"day{day}.parquet")
    empty.register({"model": ["m"], "version": ["1"]})
    url = str(tmp_path / "day*.parquet")
    empty.bind([{"role": "holdout", "url": url, "score": "score", "truth": "was"}])

    assert empty.evaluate(metrics=["auc"]).results()["n"].item() == 9


def test_a_condition_keeps_some_rows(empty, tmp_path):
    ROWS.write_parquet(tmp_path / "log.parquet")
    empty.register({"model": ["m"], "version": ["1"]})
    empty.bind(
        [
            {
                "role": "holdout",
                "url": str(tmp_path / "log.parquet"),
                "where": "score > 0.5",
                "score": "score",
                "truth": "was",
            }
        ]
    )

    assert empty.evaluate(metrics=["accuracy"]).results()["n"].item() == 2


class TestParquet(SourceSuite):
    name, suffix = "parquet", ".parquet"

    def write(self, frame, path):
        frame.write_parquet(path)


class TestCsv(SourceSuite):
    name, suffix = "csv", ".csv"
    keeps_types = False

    def write(self, frame, path):
        frame.write_csv(path)


class TestJsonLines(SourceSuite):
    name, suffix = "jsonl", ".jsonl"
    keeps_types = False
    empty_keeps_columns = False

    def write(self, frame, path):
        frame.write_ndjson(path)


class TestArrow(SourceSuite):
    name, suffix = "arrow", ".arrow"

    def write(self, frame, path):
        frame.write_ipc(path)


class TestDelta(SourceSuite):
    name, suffix = "delta", ""

    def write(self, frame, path):
        frame.write_delta(path)


@pytest.mark.parametrize(("form", "write"), [("parquet", "write_parquet"), ("csv", "write_csv")])
@pytest.mark.parametrize("place", ["log.{}", "log", "*.{}"], ids=["file", "folder", "glob"])
def test_data_lies_wherever_fsspec_reaches(empty, tmp_path, form, write, place):
    """A filesystem that the table engine does not know is opened by fsspec."""
    elsewhere = fsspec.filesystem("memory")
    folder = f"/{tmp_path.name}"
    inside = f"{folder}/log" if place == "log" else folder
    getattr(ROWS, write)(tmp_path / "log")
    elsewhere.pipe(f"{inside}/log.{form}", (tmp_path / "log").read_bytes())
    url = f"memory:/{folder}/{place.format(form)}"
    empty.add_root(f"memory:/{folder}")
    empty.register({"model": ["m"], "version": ["1"]})
    empty.bind(
        {"role": ["holdout"], "url": [url], "format": [form], "score": ["score"], "truth": ["was"]}
    )

    assert empty.evaluate(metrics=["accuracy"]).results()["n"].item() == ROWS.height


def test_what_is_not_elsewhere_is_named(empty):
    empty.add_root("memory://none.parquet")
    empty.register({"model": ["m"], "version": ["1"]})

    with pytest.raises(RowsRefused, match=r"there is nothing at memory://none\.parquet"):
        empty.bind({"role": ["holdout"], "url": ["memory://none.parquet"]})

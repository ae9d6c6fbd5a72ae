"""A path is literal unless a pattern was asked for: a neighbour is never read in its place."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from argosy.errors import RowsRefused
from argosy.plugins import installed

GOOD = pl.DataFrame({"t": [0, 1] * 30, "p": [0, 1] * 30})
WRONG = GOOD.with_columns(p=1 - pl.col("p"))
WRITERS = {
    "parquet": pl.DataFrame.write_parquet,
    "csv": pl.DataFrame.write_csv,
    "jsonl": pl.DataFrame.write_ndjson,
    "arrow": pl.DataFrame.write_ipc,
}
NAMES = [
    *("a[1]", "a*", "a?", "a^b", "a|b", "a\\b", "50%25 x", "q'\"", "h#1", "nl\nx", "a{1,2}"),
    *("a]", "é字", "x=1"),
]
NEIGHBOURS = ("a1", "ab", "a0", "a", "50% x")


def write(frame, path):
    with path.open("wb") as file:
        WRITERS[path.suffix[1:]](frame, file)


def bound(fleet, url, **more):
    fleet.register({"model": ["m"], "version": ["1"]})
    named = {"role": "holdout", "truth": "t", "prediction": "p"}
    fleet.bind([{**named, "url": str(url), **more}])


def accuracy(fleet):
    return fleet.evaluate(metrics=["accuracy"]).results()["value"].to_list()


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_read_whatever_letters_its_name_has(tmp_path, name, form):
    for neighbour in NEIGHBOURS:
        write(WRONG, tmp_path / f"{neighbour}.{form}")
    path = tmp_path / f"{name}.{form}"
    write(GOOD, path)

    assert_frame_equal(GOOD, installed().sources[form].scan(str(path), {}).collect())


@pytest.mark.parametrize("name", ["nl\nx", "50%25 'x'"])
def test_such_a_file_can_be_bound(empty, tmp_path, name):
    write(GOOD, tmp_path / f"{name}.csv")
    bound(empty, tmp_path / f"{name}.csv")

    assert [1.0] == accuracy(empty)


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("name", ["a[1-2]*", "50%25\\"])
def test_a_folder_may_have_any_name_too(empty, tmp_path, name, form):
    folder = tmp_path / name / "log"
    folder.mkdir(parents=True)
    for part in "12":
        write(GOOD, folder / f"{part}.{form}")
    bound(empty, folder, format=form)

    assert [1.0] == accuracy(empty)


@pytest.mark.parametrize("form", WRITERS)
def test_many_such_files_are_read_together(empty, tmp_path, form):
    names = [f"m [{number}]*" for number in range(6)]
    empty.register({"model": [f"m{number}" for number in range(6)], "version": ["1"] * 6})
    rows = []
    for number, name in enumerate(names):
        write(GOOD if number else WRONG, tmp_path / f"{name}.{form}")
        url = str(tmp_path / f"{name}.{form}")
        rows.append({"role": "holdout", "model": f"m{number}", "url": url})
    empty.bind([{**row, "truth": "t", "prediction": "p"} for row in rows])
    found = empty.evaluate(metrics=["accuracy"]).results().sort("model")

    assert [0.0, *[1.0] * 5] == found["value"].to_list()


@pytest.mark.parametrize("form", WRITERS)
def test_a_file_that_is_gone_is_never_taken_for_its_neighbour(empty, tmp_path, form):
    write(WRONG, tmp_path / f"a1.{form}")
    with pytest.raises(RowsRefused, match="there is nothing at"):
        bound(empty, tmp_path / f"a[1].{form}")


@pytest.mark.parametrize("form", WRITERS)
def test_a_pattern_that_nothing_is_called_by_means_all_that_match(empty, tmp_path, form):
    for part in "12":
        write(GOOD, tmp_path / f"a{part}.{form}")
    write(WRONG, tmp_path / f"b1.{form}")
    bound(empty, tmp_path / f"a[0-9].{form}")

    assert [120] == empty.evaluate(metrics=["accuracy"]).results()["n"].to_list()
    assert [1.0] == accuracy(empty)

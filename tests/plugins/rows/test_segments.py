"""What rows are cut by is refused in our words, and only of models whose data do not allow it."""

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.errors import BadInput
from argosy_rows.segments import expression

WRITE = {
    "parquet": pl.DataFrame.write_parquet,
    "csv": pl.DataFrame.write_csv,
    "jsonl": pl.DataFrame.write_ndjson,
}


def fleet_of(folder, odd, form, shared=False):
    """Bind seven models' data; that of m1 has other values in the column `g`."""
    names = [f"m{number}" for number in range(7)]
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.register({"model": names, "version": ["1"] * 7})
    bound = []
    tables = [
        pl.DataFrame(
            {
                "model": name,
                "x": np.random.default_rng(place).normal(size=100),
                "g": ["3", "4"] * 50 if shared or odd is None else [3, 4] * 50,
                "t": [0, 1] * 50,
                "p": [0, 1] * 50,
            }
        ).with_columns(() if name != "m1" or odd is None else odd)
        for place, name in enumerate(names)
    ]
    more = {"truth": "t", "prediction": "p"}
    for role in ("reference", "current", "holdout"):
        if shared:
            url = str(folder / f"all.{form}")
            WRITE[form](pl.concat(tables), url)
            bound.append({"role": role, "url": url, "key": "model", **more})
            continue
        for name, table in zip(names, tables, strict=True):
            url = str(folder / f"{name}.{form}")
            WRITE[form](table.drop("model"), url)
            bound.append({"role": role, "model": name, "url": url, **more})
    fleet.bind(pl.DataFrame(bound))
    return fleet


def answers(run):
    """Which rows each model has, but for what names the run or a file."""
    own = ["run_id", "at", "reference_id", "q_model"]  # a fleet is corrected as a whole
    rows = (
        run.results()
        .drop(own, strict=False)
        .sort("model", "segment_key", "segment_value", "column", "detector")
    )
    return {
        key[0]: part.drop("model") for key, part in rows.partition_by("model", as_dict=True).items()
    }


@pytest.mark.parametrize("form", WRITE)
@pytest.mark.parametrize("shared", [False, True], ids=["file each", "one table"])
def test_a_check_names_model_segment_and_column_and_judges_the_others_as_alone(
    tmp_path, form, shared
):
    odd = pl.lit("oops").alias("g")
    text = "CAST(g AS INT)" if shared else "g > 3"
    (tmp_path / "sound").mkdir()
    sound = answers(
        fleet_of(tmp_path / "sound", None, form, shared).check_drift(
            segments=["CAST(g AS INT)"] if shared else []
        )
    )

    run = fleet_of(tmp_path, odd, form, shared).check_drift(segments=[text])

    failed = run.failures()
    assert ["m1"] == failed["model"].to_list()
    assert f"the segment '{text}'" in failed["reason"][0]
    assert "the column 'g' (text)" in failed["reason"][0]
    assert "ComputeError" not in failed["reason"][0]
    found = answers(run)
    assert found["m1"].filter(pl.col("status") != "failed", pl.col("segment_key").is_null()).height
    if shared and form != "csv":  # of one table of text, all values say what a column is
        assert all(found[name].equals(sound[name]) for name in found if name != "m1")


@pytest.mark.parametrize("form", WRITE)
def test_an_evaluation_says_it_likewise(tmp_path, form):
    run = fleet_of(tmp_path, pl.lit("oops").alias("g"), form).evaluate(slices=["g > 3"])

    assert ["m1"] == run.failures()["model"].to_list()
    assert "the slice 'g > 3' compares text with numbers" in run.failures()["reason"][0]


def test_a_column_may_be_called_as_a_word_of_sql(tmp_path):
    path = str(tmp_path / "rows.parquet")
    pl.DataFrame({"group": ["a", "b"] * 50, "x": np.arange(100.0)}).write_parquet(path)
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": ["m"], "version": ["1"]})
    fleet.bind([{"role": role, "url": path} for role in ("reference", "current")])

    found = fleet.check_drift(segments=["group"]).results()

    assert {"a", "b", None} == set(found["segment_value"])


def test_what_is_no_sql_is_refused():
    with pytest.raises(BadInput, match="the slice 'age >' is no SQL expression"):
        expression("age >", "slice")

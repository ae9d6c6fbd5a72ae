"""Neighbours have no say: a model's numbers are those that it has when it is asked for alone.

Reported of other tools as pola-rs/polars#24843, #23399 (columns of the first file), #22820, #16280
and #14326 (types of the chunk).
"""

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import argosy
from argosy.data.datasets import MODEL, read
from argosy.registry.bindings import bound
from argosy_rows.together import read_together

FORMATS = ("parquet", "csv", "jsonl", "arrow")
ODD = (
    "plain",
    "lost",
    "more",
    "turned",
    "whole",
    "words",
    "gone",
    "one",
    "void",
    "broken",
    "missing",
)
"""What is odd about a file: columns lost, added or in another order; whole numbers, words or
nothing among numbers; one class, no rows, no sense, no file."""


def rows_of(oddity, seed):
    draw = np.random.default_rng(seed)
    rows = pl.DataFrame(
        {
            "x": draw.normal(size=40).round(3),
            "t": draw.integers(0, 2, 40),
            "p": draw.integers(0, 2, 40),
            "word": draw.choice(["u", "v"], 40),
        }
    )
    changed = {
        "lost": rows.drop("word"),
        "more": rows.with_columns(z=pl.lit(2.5)),
        "turned": rows.select("p", "word", "t", "x"),
        "whole": rows.with_columns(pl.col("x").round().cast(pl.Int64)),
        "words": rows.with_columns(t=pl.lit("yes")),
        "gone": rows.with_columns(x=pl.when(pl.col("x") > 0).then("x")),
        "one": rows.with_columns(t=pl.lit(1)),
        "void": rows.clear(),
    }
    return changed.get(oddity, rows)


def write(rows, path, oddity):
    if oddity == "missing":
        return
    if oddity == "broken":
        path.write_bytes(b"PAR1 {]\n\xff\n")
        return
    writers = {
        ".parquet": pl.DataFrame.write_parquet,
        ".csv": pl.DataFrame.write_csv,
        ".arrow": pl.DataFrame.write_ipc,
        ".jsonl": pl.DataFrame.write_ndjson,
    }
    writers[path.suffix](rows, path)


def files(folder, form, oddities):
    paths = []
    for number, oddity in enumerate(oddities):
        path = folder / f"m{number}.{form}"
        write(rows_of(oddity, number), path, oddity)
        paths.append(path)
    return paths


def units(folder, paths):
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.register([{"model": path.stem, "version": "1"} for path in paths])
    fleet.bind(
        [
            {
                "role": "holdout",
                "model": path.stem,
                "url": str(path),
                "truth": "t",
                "prediction": "p",
            }
            for path in paths
        ],
        check=False,
    )
    state = fleet.ledger.state()
    none = pl.lit(None, pl.List(pl.Struct(dict.fromkeys(("name", "type", "role"), pl.String))))
    models = state["model"].select("model", "template").with_columns(features=none)
    return bound(state, models, "holdout"), fleet.location


def told(datasets):
    """Return the rows of each model, or the reason why there are none."""
    found = {}
    for dataset in datasets:
        for model in dataset.models["model"]:
            own = dataset.rows.filter(pl.col(MODEL) == model).drop(MODEL)
            found[model] = dataset.reason or own.select(sorted(own.columns))
    return found


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=12, deadline=None)
@given(oddities=st.lists(st.sampled_from(ODD), min_size=5, max_size=14))
def test_what_is_read_of_a_file_is_what_it_gives_alone(form, oddities, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    models, location = units(folder, files(folder, form, oddities))
    together = told(read_together(models, location))

    for row in range(models.height):
        own = models.slice(row, 1)
        name = own["model"][0]
        alone = told(read(own, location))[name]
        if isinstance(alone, str):
            assert alone == together[name]
        else:
            assert_frame_equal(alone, together[name], check_exact=True)


NUMBERS = ("metric", "value", "n", "status", "reason")
EFFECTS = ("column", "detector", "effect", "p_value", "status", "reason")


def measured(folder, paths):
    """Evaluate and check models, each by its own file."""
    folder.mkdir()
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.add_root(str(folder.parent))
    fleet.register([{"model": path.stem, "version": "1"} for path in paths])
    named = {"truth": "t", "prediction": "p"}
    rows = [
        {"role": role, "model": path.stem, "url": str(path), **named}
        for path in paths
        for role in ("holdout", "reference", "current")
    ]
    fleet.bind(rows, check=False)
    found = {}
    for run, columns in ((fleet.evaluate(), NUMBERS), (fleet.check_drift(), EFFECTS)):
        for (model,), own in run.results().partition_by("model", as_dict=True).items():
            found.setdefault(model, []).append(own.select(columns).sort(columns))
    return found


@pytest.mark.parametrize("form", FORMATS)
def test_evaluations_and_drift_are_the_same_alone_and_together(form, tmp_path):
    paths = files(tmp_path, form, ODD)
    together = measured(tmp_path / "together", paths)

    assert together.keys() == {path.stem for path in paths}
    for oddity in ("plain", "whole", "gone"):
        path = paths[ODD.index(oddity)]
        (alone,) = measured(tmp_path / f"alone {oddity}", [path]).values()
        for one, many in zip(alone, together[path.stem], strict=True):
            assert_frame_equal(one, many, check_exact=True)


@pytest.mark.parametrize("form", FORMATS)
def test_a_column_that_the_first_file_lacks_is_compared_in_the_others(form, tmp_path):
    """pola-rs/polars#24843, #23399: `z` was dropped for all, and nothing drifted."""
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    names = [f"m{number}" for number in range(6)]
    fleet.register([{"model": name, "version": "1"} for name in names])
    bindings = []
    for number, name in enumerate(names):
        for role in ("reference", "current"):
            draw = np.random.default_rng(number)
            rows = pl.DataFrame({"x": draw.normal(size=100)})
            if number:
                rows = rows.with_columns(z=draw.normal(size=100) + 5 * (role == "current"))
            path = tmp_path / f"{name}-{role}.{form}"
            write(rows, path, "plain")
            bindings.append({"role": role, "model": name, "url": str(path)})
    fleet.bind(bindings)
    fleet.check_drift()

    drifted = fleet.verdicts().filter(pl.col("drifted"))["model"].sort()
    assert names[1:] == drifted.to_list()


GOOD = "t,p\n" + "".join(f"{number % 7}.5,1.0\n" for number in range(60))


@pytest.mark.parametrize(
    "first",
    [
        "t,p\n0.5,1.0\nyes,1.0\n" + "1.5,1.0\n" * 58,
        "t,p\n",
        "t,p\n" + "0,0\n1,1\n" * 30,
        "t,p\n,\n",
    ],
    ids=["a word", "a header only", "a classifier", "nothing"],
)
def test_a_neighbours_file_decides_nothing(first, tmp_path):
    """pola-rs/polars#22820, #16280: four regressions had accuracy 0.0 for the fifth one's file."""
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    names = [f"m{number}" for number in range(5)]
    fleet.register([{"model": name, "version": "1"} for name in names])
    for name in names:
        (tmp_path / f"{name}.csv").write_text(first if name == "m0" else GOOD)
    fleet.bind(
        [
            {
                "role": "holdout",
                "model": name,
                "url": str(tmp_path / f"{name}.csv"),
                "truth": "t",
                "prediction": "p",
            }
            for name in names
        ]
    )
    found = fleet.evaluate().results().filter(pl.col("model") != "m0", metric="mae")

    assert [pytest.approx(2.55)] * 4 == found["value"].to_list()


def test_one_broken_page_fails_its_model_only(tmp_path):
    """The footers of all are sound, so that it shows when rows are read."""
    paths = files(tmp_path, "parquet", ["plain"] * 12)
    content = bytearray(paths[5].read_bytes())
    content[4:200] = b"\x00" * 196
    paths[5].write_bytes(content)
    models, location = units(tmp_path, paths)
    found = told(read_together(models, location))

    assert ["m5"] == [name for name, rows in found.items() if isinstance(rows, str)]


def test_mixed_json_lines_are_read_as_alone(tmp_path):
    """Text beside numbers, nested values, keys in another order or missing from some lines."""
    lines = [
        [{"x": 1, "w": "a"}] * 3,
        [{"x": 1, "w": 5}] * 3,
        [{"x": 1, "w": "5"}] * 3,
        [{"w": "a", "x": 2}] * 3,
        [{"x": 1}, {"x": 2, "w": "b"}, {"w": 'say ":null'}],
        [{"x": 1, "w": "a", "more": {"y": [1, 2.5]}}] * 3,
        [{"x": 1.0, "w": "a"}] * 3,
        [{"x": None, "w": "true"}] * 3,
        [{"x": True, "w": "true"}] * 3,
    ]
    paths = []
    for number, rows in enumerate(lines * 2):
        path = tmp_path / f"m{number}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        paths.append(path)
    models, location = units(tmp_path, paths)
    together = told(read_together(models, location))

    for row in range(models.height):
        own = models.slice(row, 1)
        alone = told(read(own, location))
        assert_frame_equal(alone[own["model"][0]], together[own["model"][0]], check_exact=True)


def bound_files(folder, tables, form="csv", **fields):
    """A fleet in which every model has a file of its own, and its bindings."""
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.register({"model": list(tables), "version": ["1"] * len(tables)})
    rows = []
    for model, table in tables.items():
        path = folder / f"{model}.{form}"
        {"csv": table.write_csv, "parquet": table.write_parquet}[form](path)
        rows.append({"model": model, "url": str(path), **fields})
    fleet.bind(rows)
    return fleet


def test_one_word_among_numbers_fails_the_drift_check_of_its_model_only(tmp_path):
    """Reported as pola-rs/polars#14326 (F01c): one value of m5 made text of all six."""
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    names = [f"m{number}" for number in range(6)]
    fleet.register({"model": names, "version": ["1"] * 6})
    rows = []
    for number, name in enumerate(names):
        for role in ("reference", "current"):
            values = [f"{value:.3f}" for value in np.random.default_rng(number).normal(size=80)]
            if name == "m5" and role == "current":
                values[5] = "three"
            path = tmp_path / f"{name}-{role}.csv"
            path.write_text("\n".join(["x", *values]) + "\n")
            rows.append({"role": role, "model": name, "url": str(path)})
    fleet.bind(rows)
    found = fleet.check_drift().results()

    assert ["m5"] == found.filter(status="failed")["model"].unique().to_list()


def test_one_word_among_numbers_fails_the_training_of_its_model_only(tmp_path):
    """Reported as pola-rs/polars#14326 (F01d): 8 of 60 failed, all that shared its chunk."""
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    params = {"estimator": "LogisticRegression"}
    fleet.define([{"template": "T", "trainer": "sklearn", "params": params}])
    names = [f"c{number}" for number in range(8)]
    fleet.instantiate("T", pl.DataFrame({"model": names}))
    rows = []
    for number, name in enumerate(names):
        table = pl.DataFrame({"x": np.random.default_rng(number).normal(size=40), "t": [0, 1] * 20})
        table = table.with_columns(pl.col("x").cast(pl.String))
        if not number:
            table[3, "x"] = "three"
        table.write_csv(tmp_path / f"{name}.csv")
        url = str(tmp_path / f"{name}.csv")
        rows.append({"role": "training", "model": name, "url": url, "truth": "t"})
    fleet.bind(rows)
    found = fleet.train().results()

    assert ["c0"] == found.filter(pl.col("status") != "ok")["model"].to_list()


def test_a_slice_that_one_file_does_not_allow_fails_its_model_only(tmp_path):
    """The rows of all are cut at once; each model is told of its own file."""
    table = pl.DataFrame({"t": [0, 1] * 40, "p": [0, 1] * 40, "s": [str(n) for n in range(80)]})
    tables = {f"m{number}": table for number in range(6)}
    tables["m3"] = table.with_columns(s=pl.lit("x"))
    fleet = bound_files(tmp_path, tables, "parquet", role="holdout", truth="t", prediction="p")
    found = fleet.evaluate(metrics=["accuracy"], slices=["CAST(s AS INT) > 39"])

    assert ["m3"] == found.failures()["model"].to_list()
    told = "the slice 'CAST(s AS INT) > 39' takes text such as 'x' for a number; "
    assert found.failures()["reason"][0].startswith(told)
    assert "m3.parquet has the column 's' (text)" in found.failures()["reason"][0]


def test_a_folder_and_a_file_in_it_are_read_as_alone(tmp_path):
    """The rows of the folder were taken for those of the file, which then had them twice."""
    table = pl.DataFrame({"t": [0, 1] * 20, "p": [0, 1] * 20})
    models = {}
    for number in range(4):
        folder = tmp_path / f"d{number}"
        folder.mkdir()
        table.write_parquet(folder / "rows.parquet")
        models |= {f"folder{number}": folder, f"file{number}": folder / "rows.parquet"}
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": list(models), "version": ["1"] * 8})
    alike = {"role": "holdout", "format": "parquet", "truth": "t", "prediction": "p"}
    fleet.bind([{**alike, "model": model, "url": str(path)} for model, path in models.items()])
    found = fleet.evaluate(metrics=["accuracy"]).results()

    assert [40] * 8 == found["n"].to_list()


def test_a_version_that_is_not_there_is_told_of_its_own_file(tmp_path):
    """All were told of the first file that was read with theirs."""
    table = pl.DataFrame({"t": [0, 1] * 20, "p": [0, 1] * 20, "v": "1"})
    tables = {f"m{number}": table for number in range(6)}
    tables["m4"] = table.with_columns(v=pl.lit("2"))
    fleet = bound_files(
        tmp_path, tables, "parquet", role="holdout", truth="t", prediction="p", version="v"
    )
    (reason,) = fleet.evaluate(metrics=["accuracy"]).failures()["reason"]

    assert "m4.parquet of its version '1': the column 'v' has '2'" in reason

"""A column may be called anything, also as those are called that argosy makes for itself."""

import ast
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import argosy

ROOT = Path(__file__).parents[2]
ROOMS = (
    "core/argosy/data",
    "core/argosy/kernels",
    "plugins/argosy_scoring",
    "plugins/argosy_drift",
)
BINDING = {
    "truth": "t",
    "prediction": "p",
    "score": "s",
    "id": "i",
    "weight": "w",
    "cluster": "cl",
    "timestamp": "at",
}
SHOWN = {
    *("metric", "value", "n", "status", "reason", "slice", "window", "column", "detector"),
    *("effect", "p_value", "statistic"),
}


def inner_names():
    """Return whatever is the name of a column, or might be, in the modules that work on rows."""
    found = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.keyword) and node.arg:
                    found.add(node.arg)
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return sorted(name for name in found if name.isidentifier() and not name.startswith("argosy_"))


NAMES = inner_names()


def log(shift=0.0):
    draw = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "t": draw.integers(0, 2, 60),
            "p": draw.integers(0, 2, 60),
            "s": draw.random(60),
            "x": draw.normal(size=60) + shift,
            "c": draw.choice(["u", "v"], 60),
            "i": np.arange(60),
            "w": draw.random(60),
            "cl": np.arange(60) // 5,
            "at": [datetime(2024, 1, 1) + timedelta(hours=hour) for hour in range(60)],
        }
    )


def measured(folder, called):
    """Evaluate and check a log whose columns are called otherwise; columns by their old names."""
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.register([{"model": "m", "version": "1"}])
    named = {field: called.get(name, name) for field, name in BINDING.items()}
    cut = called.get("c", "c")
    rows = []
    for role, shift in (("holdout", 0.0), ("current", 0.0), ("reference", 1.0)):
        path = folder / f"{role}.parquet"
        log(shift).rename(called).write_parquet(path)
        rows.append({"role": role, "url": str(path), "segments": [cut], **named})
    fleet.bind(rows)
    old = {name: own for own, name in called.items()}
    found = []
    for run in (fleet.evaluate(window="1d", slices=[cut]), fleet.check_drift()):
        shown = run.results().select(sorted(SHOWN & set(run.results().columns)))
        named = pl.col("slice").str.replace(f"{cut}=", "c=", literal=True)
        kept = [named] if "slice" in shown.columns else [pl.col("column").replace(old)]
        found.append(sorted(map(repr, shown.with_columns(kept).rows())))
    return found


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return measured(tmp_path_factory.mktemp("expected"), {})


@settings(max_examples=6, deadline=None)
@given(st.lists(st.sampled_from(NAMES), min_size=9, max_size=9, unique=True))
def test_the_numbers_are_the_same_whatever_columns_are_called(expected, tmp_path_factory, names):
    called = dict(zip(log().columns, names, strict=True))

    assert expected == measured(tmp_path_factory.mktemp("renamed"), called)


OURS = ["argosy_model", "argosy_key", "argosy_place", "argosy_path", "argosy_row", "argosy_window"]


@pytest.mark.parametrize("place", range(len(OURS)))
def test_what_a_binding_names_may_be_called_as_our_own_columns_are(place, expected, tmp_path):
    """A truth of such a name was taken for the inner column: accuracy 0.0."""
    names = [name for name in log().columns if name not in "cx"]
    called = dict(zip(names, OURS[place:] + OURS[:place], strict=False))

    assert expected[0] == measured(tmp_path, called)[0]


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("key", [None, "argosy_key"])
def test_so_may_columns_of_many_files_and_keys(form, key, tmp_path):
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    names = [f"m{number}" for number in range(6)]
    fleet.register([{"model": name, "version": "1"} for name in names])
    rows = log().select(argosy_model="p", argosy_path="p")
    bindings = []
    for name in names:
        path = tmp_path / f"{name}.{form}"
        {"csv": pl.DataFrame.write_csv, "parquet": pl.DataFrame.write_parquet}[form](
            rows.with_columns(argosy_key=pl.lit(name)), path
        )
        bindings.append({"role": "holdout", "model": name, "url": str(path), "key": key})
    named = {"truth": "argosy_model", "prediction": "argosy_path"}
    fleet.bind([{**binding, **named} for binding in bindings])
    found = fleet.evaluate(metrics=["accuracy"]).results()

    assert [1.0] * 6 == found["value"].to_list()


def test_a_segment_of_such_a_name_is_refused(tmp_path):
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register([{"model": "m", "version": "1"}])
    log().rename({"c": "argosy_model"}).write_parquet(tmp_path / "log.parquet")
    named = {"truth": "t", "prediction": "p", "segments": ["argosy_model"]}
    fleet.bind([{"role": "holdout", "url": str(tmp_path / "log.parquet"), **named}])
    told = fleet.evaluate().results()["reason"][0]

    assert "'argosy_model' has a name that begins with 'argosy_'" in told

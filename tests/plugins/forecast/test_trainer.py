import json
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

import argosy

from .loads import NODES, START, grid_fleet, loads

ORIGIN = START + timedelta(days=60, hours=10)


def artifact(fleet, model):
    row = fleet.versions().filter(model=model).collect().row(0, named=True)
    return json.loads(Path(row["artifact"]).read_bytes())


def test_values_that_are_known_late_are_learned_from_as_such(empty, tmp_path):
    fleet = grid_fleet(empty, tmp_path, loads(), available_at="90m")
    assert artifact(fleet, "east")["delay"] == 2


def test_one_artifact_serves_many_series(empty, tmp_path):
    """It is fitted to all nodes at once, and knows each by its key, whichever model that is."""
    rows = loads()
    rows.write_parquet(tmp_path / "loads.parquet")
    empty.add_root(str(tmp_path))
    params = {"forecaster": "seasonal_naive", "series": "node"}
    empty.define([{"template": "whole", "trainer": "forecast", "params": params}])
    empty.instantiate("whole", {"model": ["grid"]})
    series = {
        "url": str(tmp_path / "loads.parquet"),
        "timestamp": "ts",
        "truth": "mw",
        "frequency": "1h",
    }
    empty.bind([{"role": "training", "model": "grid", **series}])
    assert empty.train().summary["ok"] == 1
    shared = empty.versions().select("task", "format", "artifact", "digest").collect()
    models = [f"load of {node}" for node in NODES]
    rows_of = pl.DataFrame({"model": models, "version": "1"})
    empty.register(rows_of.join(shared, how="cross").with_columns(features=pl.lit([])))
    bound = pl.DataFrame({"model": models, "key_value": list(NODES)})
    empty.bind(
        bound.with_columns(
            role=pl.lit("history"),
            key=pl.lit("node"),
            **{name: pl.lit(value) for name, value in series.items()},
        )
    )
    run = empty.run("forecast", "model LIKE 'load%'", origin=ORIGIN, lead="14h")
    assert run.summary["ok"] == 3
    found = run.results()
    assert found["series"].unique().sort().to_list() == sorted(NODES)
    at = dict(rows.filter(node="west").select("ts", "mw").iter_rows())
    first = found.filter(series="west").row(0, named=True)
    assert first["value"] == at[first["time"] - timedelta(days=7)]


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"forecaster": "crystal_ball"}, "no forecaster is called 'crystal_ball'"),
        ({"forecaster": "ridge", "penalty": "high"}, "penalty"),
        ({"forecaster": "ridge", "colour": "red"}, "colour"),
    ],
)
def test_a_template_that_cannot_be_meant_is_refused(empty, params, told):
    with pytest.raises(argosy.ArgosyError, match=told):
        empty.define([{"template": "load", "trainer": "forecast", "params": params}])


def test_a_model_without_a_series_is_a_row_with_its_reason(empty, tmp_path):
    rows = loads().with_columns(mw=pl.lit("a lot"))
    with pytest.raises(AssertionError, match="a series holds numbers"):
        grid_fleet(empty, tmp_path, rows)

"""Other engines read a fleet's tables as the guide says, and find what argosy finds."""

import re
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

import argosy

GUIDE = (Path(__file__).parents[2] / "core/argosy/store/README.md").read_text()


def recipe(engine):
    """Return the guide's code block that names an engine, as a reader would copy it."""
    section = GUIDE.split("## Reading a fleet from DuckDB, Spark and pandas")[1]
    blocks = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    (block,) = [block for block in blocks if engine in block]
    return block


def run(block):
    names = {}
    exec(compile(block, "core/argosy/store/README.md", "exec"), names)  # noqa: S102
    return names


@pytest.fixture
def lived_in(fleet, tmp_path, monkeypatch):
    """A fleet with changes of every kind, an earlier run and a run that never finished."""
    fleet.evaluate(metrics=["auc"])
    fleet.tag({"model": ["m1"]}, {"region": "moon"})
    fleet.set_alias({"model": ["m1"], "version": ["1"]}, "champion")
    fleet.maintain()
    fleet.delete({"model": ["m5"]})
    fleet.evaluate("team = 'risk'", metrics=["auc", "brier"])
    stray = fleet.evaluations().limit(1).collect().with_columns(run_id=pl.lit("never"))
    fleet.facts.append("evaluations", [lambda: stray], "never", 1)
    monkeypatch.chdir(tmp_path)
    return argosy.open("fleet")


def test_duckdb_finds_the_same_fleet(lived_in):
    found = run(recipe("duckdb"))
    models, latest = pl.DataFrame(found["models"].arrow()), pl.DataFrame(found["latest"].arrow())

    expected = lived_in.models().select("model", "team", "tier").collect()
    assert models.select("model", "team", "tier").sort("model").equals(expected)
    assert found["duck"].sql(
        "SELECT payload->'tags'->>'region' FROM entities WHERE key = 'm1'"
    ).fetchall() == [("moon",)]
    metrics = lived_in.overview({"metrics"}).select("model", pl.col("metrics").struct.unnest())
    wide = metrics.unpivot(index="model", variable_name="metric").drop_nulls("value")
    order = ["model", "metric"]
    assert latest.filter(pl.col("model") != "m5").sort(order).equals(wide.sort(order))
    found["duck"].close()


def test_pandas_is_handed_the_frame(lived_in):
    frame = run(recipe("to_pandas"))["frame"]

    assert "pandas" == type(frame).__module__.partition(".")[0]
    assert list(frame["model"]) == lived_in.models().collect()["model"].to_list()


@pytest.mark.parametrize("table", ["ledger", "state", "evaluations"])
def test_the_tables_ask_nothing_new_of_a_reader(lived_in, table):
    """Reader version 1 without table features is what every engine reads."""
    protocol = DeltaTable(f"fleet/{table}").protocol()

    assert protocol.min_reader_version == 1
    assert not protocol.reader_features

"""What `argosy estimate` prints: each metric over the fleet, and who lies below the reference."""

import json

import polars as pl
import pytest

from argosy.testing.fleets import logged_fleet
from argosy_cli.main import run
from argosy_estimate.show import newest_beside_reference


@pytest.fixture
def on(tmp_path, capsys):
    """Four models; the scores of m1 say nothing any more in `current`."""
    fleet = logged_fleet(tmp_path, models=4, rows=600)
    path = tmp_path / "current.parquet"
    dull = pl.when(pl.col("client") == "m1").then(0.45 + 0.1 * pl.col("score")).otherwise("score")
    pl.read_parquet(path).with_columns(score=dull).write_parquet(path)

    def command(*words):
        code = run(["--fleet", fleet.url, *words])
        return code, capsys.readouterr().out

    return command


def test_s2_17_an_estimate_says_who_lies_below_its_reference(on):
    assert "4 models were not measured on their reference" in on("estimate")[1]
    on("evaluate")
    code, out = on("estimate")
    told = json.loads(on("estimate", "--json")[1])

    assert code == 0
    assert "1 of 4 models lie below what their reference shows" in out
    assert {row["model"] for row in told["below"]} == {"m1"}
    assert told["without_reference"] == 0
    assert {row["metric"]: row["below"] for row in told["metrics"]}["accuracy"] == 1
    out = on("estimate", "--where", "model <> 'm1'")[1]
    assert "none of 3 models lies below what its reference shows" in out


def test_a_metric_that_is_best_at_a_value_is_judged_by_its_distance():
    """An estimated bias of -0.5 is worse than one of 0.2 on the reference, though it is less."""
    row = {"model": "a", "version": "1", "estimator": "e", "status": "ok", "metric": "bias"}
    times = pl.lit(None, pl.Datetime("us", "UTC"))
    measured = {"model": "a", "version": "1", "metric": "bias"}
    measured |= {"value": 0.2, "lower": 0.1, "upper": 0.3}
    below = []
    for value in (-0.5, 0.5, -0.25, 0.0):
        rows = pl.DataFrame([{**row, "window": None, "value": value}]).with_columns(
            pl.col("window").cast(pl.String), window_start=times
        )
        below += newest_beside_reference(rows, pl.DataFrame([measured]))["below"].to_list()

    assert below == [True, True, False, False]


def test_below_is_by_the_direction_of_the_metric_and_in_the_newest_window():
    rows = pl.DataFrame(
        {
            "model": ["a"] * 4,
            "version": ["1"] * 4,
            "estimator": ["cbpe"] * 4,
            "status": ["ok"] * 4,
            "metric": ["auc", "auc", "log_loss", "log_loss"],
            "window": ["9", "10", "9", "10"],
            "value": [0.1, 0.8, 0.1, 0.9],
        }
    ).with_columns(window_start=pl.lit(None, pl.Datetime("us", "UTC")))
    measured = pl.DataFrame(
        {
            "model": ["a", "a"],
            "version": ["1", "1"],
            "metric": ["auc", "log_loss"],
            "value": [0.8, 0.5],
            "lower": [0.75, 0.45],
            "upper": [0.85, 0.55],
        }
    )
    found = newest_beside_reference(rows, measured)

    assert found.select("metric", "window", "below").rows() == [
        ("auc", "10", False),
        ("log_loss", "10", True),
    ]
    assert found["short"].round(2).to_list() == [-0.5, 3.5]

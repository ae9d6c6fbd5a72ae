"""Templates say how their models are measured and compared where nobody says it otherwise."""

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.errors import UnknownName
from argosy.plugins import installed

TEMPLATES = [
    {"template": "named", "metrics": ["mae", "bias"]},
    {"template": "judged", "metric": "r2"},
    {"template": "compared", "metrics": ["rmse"], "metric": "mse", "comparison": "diebold_mariano"},
    {"template": "open"},
]
USUAL = [name for name, one in installed().metrics.items() if one.default]


@pytest.fixture
def fleet(tmp_path):
    """A model of each template and one of none, with two versions that logged predictions."""
    models = [*(each["template"] for each in TEMPLATES), "alone"]
    parts = []
    for place, name in enumerate(models):
        for version in ("1", "2"):
            drawn = np.random.default_rng([place, int(version)]).normal(size=60)
            truth = np.arange(60.0)
            parts.append(
                pl.DataFrame({"id": range(60), "y": truth, "p": truth + drawn}).with_columns(
                    client=pl.lit(name), version=pl.lit(version)
                )
            )
    pl.concat(parts).write_parquet(tmp_path / "log.parquet")
    fleet = argosy.open(str(tmp_path / "fleet"), create=True, actor="tests")
    usual = {"trainer": "sklearn", "params": {"estimator": "Ridge"}}
    fleet.define([{**usual, **each} for each in TEMPLATES])
    log = {"url": str(tmp_path / "log.parquet"), "key": "client", "version": "version", "id": "id"}
    fleet.bind([{"role": "holdout", "truth": "y", "prediction": "p", **log}])
    for version, alias in {"1": "champion", "2": "challenger"}.items():
        table = {"model": models, "version": [version] * 5}
        fleet.register({**table, "template": [*models[:-1], None]})
        fleet.set_alias(table, alias)
    return fleet


def told(rows, *columns):
    """Return what each model has in a column of its rows."""
    found = rows.select("model", *columns).unique(maintain_order=True)
    return {name: set(part.drop("model").iter_rows()) for (name,), part in found.group_by("model")}


def test_models_are_evaluated_by_the_metrics_of_their_template(fleet):
    found = told(fleet.evaluate().results().filter(pl.col("status") == "ok"), "metric")

    usual = found["alone"]
    assert {("mae",), ("bias",)} == found["named"]
    assert {*usual, ("r2",)} == found["judged"]
    assert {("rmse",), ("mse",)} == found["compared"]
    assert usual == found["open"]
    assert {name for (name,) in usual} <= set(USUAL)


def test_metrics_that_are_asked_for_are_those_of_every_model(fleet):
    found = told(fleet.evaluate(metrics=["mae"]).results(), "metric")

    assert [{("mae",)}] * 5 == list(found.values())


def test_numbers_do_not_depend_on_which_metrics_the_others_have(fleet):
    by_template = fleet.evaluate().results()
    alone = fleet.evaluate(metrics=["mae", "bias", "rmse", "mse", "r2"]).results()

    key = ["model", "metric"]
    both = by_template.filter(status="ok").join(alone, on=key)
    assert both.height >= 5
    assert both["value"].to_list() == both["value_right"].to_list()


def test_windows_are_measured_again_once_a_template_names_other_metrics(fleet):
    fleet.evaluate(window="30 rows")
    assert fleet.evaluate(window="30 rows").results().is_empty()
    usual = {"trainer": "sklearn", "params": {"estimator": "Ridge"}}
    fleet.define([{**usual, "template": "named", "metrics": ["mape"]}])

    found = told(fleet.evaluate(window="30 rows").results(), "metric")

    assert {("mape",)} == found["named"]


def test_models_are_compared_as_their_template_says(fleet):
    found = told(fleet.compare().results(), "comparison", "metric")

    usual = {("paired_t", "mse"), ("paired_t", "mae")}
    assert {"alone": usual, "open": usual} == {name: found[name] for name in ("alone", "open")}
    assert {("diebold_mariano", "mse")} == found["compared"]
    assert {("paired_t", "mae")} == found["named"]


def test_a_metric_that_no_test_has_is_said(fleet):
    rows = fleet.compare().results().filter(model="judged")

    assert "failed" == rows["status"].item()
    assert rows["reason"].item().endswith("applies to a regression model and the metrics r2")


def test_comparisons_that_are_asked_for_are_those_of_every_model(fleet):
    rows = fleet.compare(comparisons=["bootstrap"], metrics=["mae"]).results()

    assert [{("bootstrap", "mae")}] * 5 == list(told(rows, "comparison", "metric").values())


def test_a_metric_that_is_no_longer_installed_is_told_before_any_work(fleet, monkeypatch):
    monkeypatch.delitem(installed().metrics, "bias")

    with pytest.raises(UnknownName, match="no metric is called 'bias'"):
        fleet.evaluate()


def test_s1_4_a_promotion_holds_a_model_to_the_margin_of_its_template(fleet):
    """With a margin of 0.2 a version that `compare` called worse was promoted."""
    usual = {"trainer": "sklearn", "params": {"estimator": "Ridge"}}
    fleet.define([{**usual, "template": "open", "metric": "mae", "margin": 0.2}])
    fleet.compare()

    outcomes = fleet.promote("model = 'open'", of="challenger", steps=(1,))

    assert "blocked" == outcomes["outcome"].item()
    assert "does not surely win by the margin of 0.2" in outcomes["reason"].item() or (
        "is worse" in outcomes["reason"].item()
    )

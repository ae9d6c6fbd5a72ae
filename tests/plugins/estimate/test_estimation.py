"""Estimating performance without labels: for a whole fleet, beside what is realised later."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import argosy
from argosy.errors import BadInput, PluginError, UnknownName
from argosy.jobs import chunking
from argosy.plugins import Offered, installed
from argosy.testing.fleets import logged_fleet
from argosy_cli.main import run as cli
from argosy_rows import columns

from .figures import reasons, rewrite, value

GUIDE = Path(__file__).parents[3] / "plugins/argosy_estimate/README.md"
BESIDE = re.search(r"```sql\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)[1]


def test_a_fleet_is_estimated_in_one_run(fleet):
    run = fleet.estimate()

    assert run.failures().is_empty()
    assert (run.summary["kind"], run.summary["ok"], run.summary["failed"]) == ("estimate", 6, 0)
    found = run.results()
    assert found.height == 6 * len(installed().estimators["cbpe"].metrics)
    assert found.select("dataset", "estimator", "n", "status").unique().rows() == [
        ("current", "cbpe", 200, "ok")
    ]
    assert fleet.past_run(run.id).results().equals(found)


def test_the_truth_of_the_current_rows_is_neither_needed_nor_looked_at(fleet, tmp_path):
    before = fleet.estimate().results().drop("run_id", "at")
    rewrite(tmp_path, "current", label=1 - pl.col("label"))
    assert before.equals(fleet.estimate().results().drop("run_id", "at"))
    current = tmp_path / "current.parquet"
    pl.read_parquet(current).drop("label").write_parquet(current)
    row = {"role": "current", "url": str(current), "key": "client", "score": "score"}
    fleet.bind([row])

    assert before.equals(fleet.estimate().results().drop("run_id", "at"))


def test_realised_stands_beside_estimated(tmp_path):
    """The recipe of the guide, once labels are there."""
    fleet = logged_fleet(tmp_path, models=20, rows=500)
    fleet.estimate()
    fleet.evaluate(data="current")
    both = fleet.sql(BESIDE)

    assert both.height == 20 * 8
    inside = pl.col("realised").is_between("lower", "upper")
    assert 0.85 < both.select(inside.mean()).item() <= 1


def test_what_scores_no_longer_mean_shows_beside_what_was_estimated(tmp_path):
    """Labels that came out otherwise are concept drift, which no estimate can see."""
    fleet = logged_fleet(tmp_path, models=4, rows=500)
    turned = pl.when(client="m1").then(1 - pl.col("label")).otherwise("label")
    rewrite(tmp_path, "current", label=turned)
    fleet.estimate()
    fleet.evaluate(data="current")
    fooled = fleet.sql(BESIDE + " WHERE metric = 'auc' AND beyond AND gap < 0")

    assert fooled["model"].to_list() == ["m1"]


def test_one_chunk_and_many_give_the_same(tmp_path, monkeypatch):
    fleet = logged_fleet(tmp_path, models=7, rows=120)
    whole = fleet.estimate().results().drop("run_id", "at")
    monkeypatch.setattr(chunking, "_size", lambda *_: 2)
    parts = fleet.estimate().results().drop("run_id", "at")

    assert whole.equals(parts)


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """A classifier and a regression of scikit-learn, with real data in both roles."""
    sio = pytest.importorskip("skops.io")
    folder = tmp_path_factory.mktemp("scored")
    fleet = argosy.open(str(folder / "fleet"), create=True)
    cancer, diabetes = load_breast_cancer(), load_diabetes()
    labels = np.array(["benign", "malignant"])[1 - cancer.target]
    cases = {
        "tumour": (cancer.data[:, :4], labels, LogisticRegression(max_iter=500)),
        "diabetes": (diabetes.data, diabetes.target, Ridge()),
    }
    bindings = []
    for name, (rows, target, estimator) in cases.items():
        model = make_pipeline(StandardScaler(), estimator).fit(rows[::3], target[::3])
        (folder / f"{name}.skops").write_bytes(sio.dumps(model))
        columns = [f"c{number}" for number in range(rows.shape[1])]
        for role, start in (("holdout", 1), ("current", 2)):
            table = pl.DataFrame(rows[start::3], schema=columns)
            url = folder / f"{name}-{role}.parquet"
            table.with_columns(target=pl.Series(target[start::3])).write_parquet(url)
            bindings.append({"role": role, "model": name, "url": str(url), "truth": "target"})
    fleet.register(
        {
            "model": list(cases),
            "version": ["1", "1"],
            "format": ["skops", "skops"],
            "artifact": [str(folder / f"{name}.skops") for name in cases],
        }
    )
    fleet.bind(bindings)
    return fleet


def test_models_that_are_loaded_are_estimated_from_their_own_predictions(scored):
    """Both sides are scored, and each estimator takes the models of its tasks."""
    run = scored.estimate()
    scored.evaluate(data="current")
    both = scored.sql(BESIDE)

    assert run.failures().is_empty(), reasons(run)
    assert dict(run.results().select("model", "estimator").unique().rows()) == {
        "tumour": "cbpe",
        "diabetes": "direct_loss",
    }
    assert both.filter(metric="auc")["realised"].item() > 0.9
    assert both.select(pl.col("realised").is_between("lower", "upper").mean()).item() > 0.8


def test_an_estimator_that_applies_to_no_task_of_a_model_is_said_not_to(scored):
    run = scored.estimate(estimators=["cbpe"])

    assert reasons(run) == {"diabetes": "none of the estimators cbpe applies to a regression model"}
    assert run.summary["ok"] == 1


def test_classes_of_any_name_are_coded_alike_on_both_sides(tmp_path):
    """The current rows may hold one class only, or none of a name that sorts first."""
    fleet = logged_fleet(tmp_path, models=2, rows=300)
    names = pl.when(pl.col("label") == 1).then(pl.lit("yes")).otherwise(pl.lit("no"))
    guess = pl.when(pl.col("score") > 0.5).then(pl.lit("yes")).otherwise(pl.lit("no"))
    plain = fleet.estimate("model = 'm0'")
    for role in ("holdout", "current"):
        rewrite(tmp_path, role, label=names, guess=guess)
    rewrite(tmp_path, "current", pl.col("client").eq("m0") | pl.col("score").gt(0.6))
    fleet.bind(
        [
            {"role": role, "url": str(tmp_path / f"{role}.parquet"), "key": "client",
             "truth": "label", "prediction": "guess", "score": "score"}
            for role in ("holdout", "current")
        ]
    )  # fmt: skip
    named = fleet.estimate()

    for metric in ("accuracy", "auc"):
        assert value(plain, "m0", metric) == pytest.approx(value(named, "m0", metric), abs=1e-12)
    assert value(named, "m1", "accuracy") > 0.7


def test_each_thing_that_is_missing_is_a_reason(tmp_path):
    fleet = logged_fleet(tmp_path, models=6, rows=60)
    owner, place = pl.col("client"), pl.int_range(pl.len()).over("client")
    label = pl.when(owner == "m2").then(0).when(owner != "m1").then("label")
    kept = (owner != "m3") & ((owner != "m5") | (place < 9))
    rewrite(tmp_path, "holdout", kept, label=label)
    rewrite(tmp_path, "current", owner != "m4")
    path = tmp_path / "holdout.parquet"
    run = fleet.estimate()
    found = reasons(run)

    assert f"no row at {path} has a truth" == found["m1"]
    assert found["m3"].startswith(f"there is no reference row of the model at {path}; in client")
    assert found["m4"].startswith("there is no current row of the model")
    undefined = run.results().filter(status="undefined")
    assert dict(undefined.select("model", "reason").unique().rows()) == {
        "m2": "only one class in the reference",
        "m5": "fewer than 20 reference rows",
    }
    assert run.summary["ok"] == 3


def test_logged_predictions_without_scores_are_a_reason(tmp_path):
    fleet = logged_fleet(tmp_path, models=1, rows=60)
    for role in ("holdout", "current"):
        rewrite(tmp_path, role, guess=pl.col("score").round())
    row = {"key": "client", "truth": "label", "prediction": "guess"}
    fleet.bind(
        [{"role": r, "url": str(tmp_path / f"{r}.parquet"), **row} for r in ("holdout", "current")]
    )

    told = fleet.estimate().results()["reason"].unique().to_list()
    assert told == ["the model gives no scores"]


def test_of_many_files_the_one_without_rows_is_named(empty, tmp_path):
    """They are read as one table, whose binding is that of the first."""
    names, generator = [f"m{number}" for number in range(6)], np.random.default_rng(1)
    for name in names:
        score = generator.uniform(size=60)
        rows = pl.DataFrame({"label": (generator.uniform(size=60) < score) * 1, "score": score})
        rows.write_parquet(tmp_path / f"holdout-{name}.parquet")
        rows.head(0 if name == "m2" else 60).write_parquet(tmp_path / f"current-{name}.parquet")
    empty.register({"model": names, "version": ["1"] * 6})
    empty.bind(
        [
            {"role": role, "model": name, "url": str(tmp_path / f"{role}-{name}.parquet"),
             "truth": "label", "score": "score"}
            for name in names for role in ("holdout", "current")
        ]
    )  # fmt: skip

    told = f"there is no current row of the model at {tmp_path / 'current-m2.parquet'}"
    assert reasons(empty.estimate()) == {"m2": told}


def test_probabilities_of_two_classes_are_estimated_as_the_score_of_one(tmp_path):
    fleet = logged_fleet(tmp_path, models=2, rows=200)
    plain = fleet.estimate().results().filter(metric="auc")["value"]
    both = pl.struct(pl.col("score").alias("1"), (1 - pl.col("score")).alias("0"))
    for role in ("holdout", "current"):
        rewrite(tmp_path, role, both=both)
    row = {"key": "client", "truth": "label", "score": "both"}
    fleet.bind(
        [{"role": r, "url": str(tmp_path / f"{r}.parquet"), **row} for r in ("holdout", "current")]
    )

    assert fleet.estimate().results().filter(metric="auc")["value"].to_list() == plain.to_list()


def test_weighted_rows_are_refused_because_estimates_count_all_alike(tmp_path):
    """Else estimated and realised would be about different things."""
    fleet = logged_fleet(tmp_path, models=1, rows=60)
    rewrite(tmp_path, "holdout", weight=pl.col("age").cast(pl.Float64))
    url = str(tmp_path / "holdout.parquet")
    row = {"role": "holdout", "url": url, "key": "client", "truth": "label", "score": "score"}
    fleet.bind([{**row, "weight": "weight"}])

    assert "bind them without a weight" in reasons(fleet.estimate())["m0"]


def test_a_model_nothing_is_bound_to_is_a_row_with_its_reason(tmp_path):
    fleet = logged_fleet(tmp_path, models=2, rows=60)
    url = str(tmp_path / "current.parquet")
    fleet.bind([{"role": "fresh", "model": "m0", "url": url, "key": "client", "score": "score"}])

    assert reasons(fleet.estimate(current="fresh")) == {
        "m1": "no data is bound to its role 'fresh'"
    }


@pytest.fixture
def mixed(tmp_path):
    """A classifier and a regression that log what they predict."""
    generator = np.random.default_rng(5)
    score = generator.uniform(size=120)
    rows = pl.DataFrame({"truth": (generator.uniform(size=120) < score) * 1.0, "score": score})
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register(
        {"model": ["yes", "load"], "version": ["1"] * 2, "task": ["binary", "regression"]}
    )
    for role in ("holdout", "current"):
        url = str(tmp_path / f"{role}.parquet")
        rows.write_parquet(url)
        row = {"role": role, "url": url, "truth": "truth"}
        fleet.bind([{**row, "model": "yes", "score": "score"}])
        fleet.bind([{**row, "model": "load", "prediction": "score"}])
    return fleet


def test_an_estimator_that_is_installed_besides_is_not_taken_for_a_wish(tmp_path, monkeypatch):
    """Binary models alone need none for regression, where nobody named any."""
    offered = installed().estimators
    theirs = replace(offered["direct_loss"], name="theirs")
    monkeypatch.setitem(offered, "theirs", theirs)
    found = logged_fleet(tmp_path, models=2).estimate().results()

    assert set(found["estimator"]) == {"cbpe"}


def test_an_estimator_that_fails_is_named_and_the_others_go_on(mixed, monkeypatch):
    """The guard of strangers' code: what raised, whose it is, and one row for all its models."""

    def fit(table):
        raise ZeroDivisionError("no luck")

    offered = installed().estimators
    monkeypatch.setitem(offered, "cbpe", replace(offered["cbpe"], fit=fit))
    found = mixed.estimate().results()
    rows = found.filter(model="yes")

    assert rows["status"].unique().to_list() == ["failed"]
    assert sorted(rows["metric"]) == sorted(offered["cbpe"].metrics)
    assert "the estimator 'cbpe'" in rows["reason"][0]
    assert "ZeroDivisionError: no luck" in rows["reason"][0]
    assert found.filter(model="load")["status"].unique().to_list() == ["ok"]


def test_an_answer_of_another_shape_is_refused(mixed, monkeypatch):
    offered = installed().estimators
    own = offered["direct_loss"]
    faults = {
        "without the column 'mae'": {"estimate": lambda table: own.estimate(table).drop(["mae"])},
        "answered 0 rows for 1": {"fit": lambda table: own.fit(table).slice(1)},
    }
    for told, fault in faults.items():
        monkeypatch.setitem(offered, "direct_loss", replace(own, **fault))
        run = mixed.estimate("model = 'load'", fresh_reference=True)
        assert told in run.results()["reason"][0]


def test_windows_are_estimated_one_by_one_from_one_fit(tmp_path):
    fleet = logged_fleet(tmp_path, models=3, rows=200)
    path = tmp_path / "current.parquet"
    day = pl.datetime(2026, 1, 1) + pl.duration(days=pl.int_range(pl.len()).over("client") // 50)
    pl.read_parquet(path).with_columns(when=day).write_parquet(path)
    row = {"role": "current", "url": str(path), "key": "client", "score": "score",
           "truth": "label", "timestamp": "when"}  # fmt: skip
    fleet.bind([row])
    run = fleet.estimate(window="1d")
    found = run.results().filter(metric="auc")

    assert found.height == 3 * 4
    assert found["n"].unique().to_list() == [50]
    assert sorted(found["window"].unique()) == [f"2026-01-0{day}" for day in (1, 2, 3, 4)]
    alone = pl.read_parquet(path).filter(pl.col("when").dt.day() == 2)
    alone.write_parquet(path)
    second = fleet.estimate().results().filter(model="m1", metric="auc")["value"].item()
    assert found.filter(model="m1", window="2026-01-02")["value"].item() == pytest.approx(second)


def test_windows_that_cannot_be_cut_are_told(tmp_path):
    fleet = logged_fleet(tmp_path, models=1, rows=60)

    with pytest.raises(BadInput, match="'current' names a timestamp"):
        fleet.estimate(window="1d")
    with pytest.raises(BadInput, match="cannot cut windows by 'fortnight'"):
        fleet.estimate(window="fortnight")


def test_unknown_names_are_refused_before_any_work(fleet):
    with pytest.raises(UnknownName, match="no estimator is called 'cbp'"):
        fleet.estimate(estimators=["cbp"])
    with pytest.raises(UnknownName, match="no role is called 'later'"):
        fleet.estimate(current="later")
    with pytest.raises(UnknownName, match="no executor is called 'nowhere'"):
        fleet.estimate(executor="nowhere")
    with pytest.raises(BadInput, match="no model matches"):
        fleet.estimate("team = 'nobody'")

    assert fleet.estimates().collect().is_empty()


def test_without_estimators_there_is_nothing_to_estimate_with(fleet, monkeypatch):
    monkeypatch.setitem(installed().__dict__, "estimators", Offered("estimator", ()))
    with pytest.raises(PluginError, match="no estimator is installed"):
        fleet.estimate()


def test_the_command_estimates_and_show_puts_realised_beside(fleet, capsys):
    where = ("--fleet", fleet.url, "--json")
    code = cli([*where, "estimate", "--where", "team = 'risk'", "--estimator", "cbpe"])
    told = json.loads(capsys.readouterr().out)
    assert (code, told["kind"], told["ok"]) == (0, "estimate", 3)
    cli([*where, "evaluate", "--data", "current"])
    capsys.readouterr()
    cli([*where, "show", "m1"])
    rows = json.loads(capsys.readouterr().out)["estimates"]
    expected = dict(
        fleet.evaluations().filter(model="m1").select("metric", "value").collect().rows()
    )

    assert {row["metric"]: row["realised"] for row in rows} == {
        name: expected.get(name) for name in installed().estimators["cbpe"].metrics
    }


def test_the_command_says_what_was_done(fleet, capsys):
    code = cli(["--fleet", fleet.url, "estimate"])

    assert code == 0
    assert "6 of 6 models estimated, 0 failed" in capsys.readouterr().out


def test_no_more_files_are_looked_at_than_tell_that_an_estimator_applies(tmp_path, monkeypatch):
    rows = pl.DataFrame({"t": [0, 1] * 20, "s": [0.25, 0.75] * 20})
    names = [f"m{number}" for number in range(6)]
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": names, "version": ["1"] * 6})
    for name in names:
        rows.write_csv(tmp_path / f"{name}.csv")
    bound = {"truth": "t", "score": "s"}
    fleet.bind(
        [
            {"role": role, "model": name, "url": str(tmp_path / f"{name}.csv"), **bound}
            for role in ("holdout", "current")
            for name in names
        ]
    )
    looked_at = []
    read = columns._read

    def counting(binding, location):
        looked_at.append(binding["url"])
        return read(binding, location)

    monkeypatch.setattr(columns, "_read", counting)
    run = fleet.estimate()

    assert run.failures().is_empty()
    assert 1 == len(looked_at)

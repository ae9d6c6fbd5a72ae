"""Champions against challengers: on the same rows only, and decided over the whole fleet."""

import json

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.data import clustered
from argosy.errors import BadInput, UnknownName
from argosy.jobs import chunking
from argosy.plugins import installed
from argosy.plugins.settings import using
from argosy_cli.main import run as cli

PREDICTIONS = {
    "role": "holdout", "key": "client", "id": "row", "version": "scored_by", "truth": "label",
    "score": "score", "timestamp": "when",
}  # fmt: skip


def logged(folder, models=8, rows=300, better=(), worse=(), seed=3, versions=("1", "2")):
    """A fleet whose versions log the same rows; the second of some models ranks better or worse."""
    generator = np.random.default_rng(seed)
    names = [f"m{number}" for number in range(models)]
    parts = []
    for name in names:
        truth = (generator.random(rows) < 0.4).astype(np.int64)
        common = generator.normal(size=rows)
        for version in versions:
            more = 0.0 if version == versions[0] else 0.8 * ((name in better) - (name in worse))
            logit = (1 + more) * (2 * truth - 1) + 0.7 * common + 0.7 * generator.normal(size=rows)
            parts.append(
                pl.DataFrame(
                    {
                        "client": name,
                        "row": np.arange(rows),
                        "when": pl.Series(np.arange(rows) * 1_000_000).cast(pl.Datetime("us")),
                        "scored_by": version,
                        "label": truth,
                        "score": 1 / (1 + np.exp(-logit)),
                    }
                )
            )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "holdout.parquet"
    pl.concat(parts).sample(fraction=1.0, shuffle=True, seed=1).write_parquet(path)
    fleet = argosy.open(str(folder / "fleet"), create=True, actor="tests")
    fleet.register(
        {
            "model": [name for name in names for _ in versions],
            "version": list(versions) * models,
            "task": ["binary"] * models * len(versions),
        }
    )
    fleet.bind([{**PREDICTIONS, "url": str(path)}])
    for version, alias in zip(versions, ("champion", "challenger", "second"), strict=False):
        table = {"model": names, "version": [version] * models}
        fleet.set_alias(table, alias)
    return fleet


def verdicts(run, metric="auc"):
    found = run.results().filter(metric=metric)
    return dict(found.select("model", "verdict").rows())


def reasons(run):
    return dict(run.failures().select("model", "reason").rows())


def rewrite(tmp_path, change):
    path = tmp_path / "holdout.parquet"
    change(pl.read_parquet(path)).write_parquet(path)


def test_better_and_worse_challengers_are_told_from_the_rest(tmp_path):
    fleet = logged(tmp_path, better={"m1", "m2"}, worse={"m5"})
    run = fleet.compare()
    found = run.results()

    assert run.failures().is_empty()
    assert (run.summary["kind"], run.summary["models"], run.summary["ok"]) == ("compare", 8, 8)
    expected = dict.fromkeys([f"m{number}" for number in range(8)], "no difference")
    expected |= {"m1": "better", "m2": "better", "m5": "worse"}
    assert verdicts(run) == expected
    assert set(found["comparison"]) == {"delong", "mcnemar", "paired_t"}
    assert found.select(
        "champion_version", "challenger", "challenger_version", "n"
    ).unique().rows() == [("1", "challenger", "2", 300)]
    assert found["effect"].to_list() == pytest.approx(
        found.select(
            pl.when(pl.col("metric").is_in(["brier", "log_loss"]))
            .then(pl.col("champion_value") - pl.col("challenger_value"))
            .otherwise(pl.col("challenger_value") - pl.col("champion_value"))
        ).to_series().to_list()
    )  # fmt: skip
    assert fleet.comparisons().collect().height == found.height


def test_values_and_digest_are_those_of_an_evaluation(tmp_path):
    """What is compared is what `evaluate` measures, on rows that both runs can be held to."""
    fleet = logged(tmp_path, models=3)
    compared = fleet.compare().results().filter(metric="auc").sort("model")
    evaluated = fleet.evaluate(metrics=["auc"]).results().sort("model")  # the newest version

    assert compared["challenger_value"].to_list() == pytest.approx(evaluated["value"].to_list())
    assert compared["dataset_digest"].to_list() == evaluated["dataset_digest"].to_list()


def test_rows_are_joined_by_their_id_whatever_their_order(tmp_path):
    fleet = logged(tmp_path, models=3)
    before = fleet.compare().results().drop("run_id", "at")
    rewrite(tmp_path, lambda rows: rows.sample(fraction=1.0, shuffle=True, seed=9))
    after = fleet.compare().results().drop("run_id", "at")

    numbers = [
        "effect",
        "lower",
        "upper",
        "p_value",
        "champion_value",
        "challenger_value",
        "q_value",
    ]
    assert before.drop(numbers).equals(after.drop(numbers))
    for name in numbers:
        assert before[name].to_list() == pytest.approx(after[name].to_list(), abs=1e-12)


def test_a_side_that_lacks_a_row_is_not_compared(tmp_path):
    """A challenger that was never asked about the hard rows would win."""
    fleet = logged(tmp_path, models=2)
    lacking = (pl.col("client") == "m1") & (pl.col("scored_by") == "2") & (pl.col("row") == 7)
    rewrite(tmp_path, lambda rows: rows.filter(~lacking))
    run = fleet.compare()

    assert list(reasons(run)) == ["m1"]
    assert "the champion's 300 have the digest" in reasons(run)["m1"]
    assert "the challenger's 299 the digest" in reasons(run)["m1"]
    assert run.results().filter(model="m1")["verdict"].to_list() == ["undecidable"]
    assert (run.summary["ok"], run.summary["failed"]) == (1, 1)


def test_a_truth_that_changed_between_the_sides_is_another_dataset(tmp_path):
    fleet = logged(tmp_path, models=1)
    turned = pl.when((pl.col("scored_by") == "2") & (pl.col("row") == 0))
    rewrite(tmp_path, lambda rows: rows.with_columns(
        label=turned.then(1 - pl.col("label")).otherwise("label")))  # fmt: skip

    assert "not measured on the same rows" in reasons(fleet.compare())["m0"]


def test_several_challengers_are_one_family(tmp_path):
    fleet = logged(tmp_path, models=4, versions=("1", "2", "3"), better={"m1"})
    run = fleet.compare(challengers=("challenger", "second"), comparisons=["delong"])
    found = run.results()

    assert found.height == 8
    assert set(found["challenger"]) == {"challenger", "second"}
    p_values = np.sort(found["p_value"].to_numpy())
    assert found["q_value"].min() == pytest.approx((p_values * 8 / np.arange(1, 9)).min())


def test_a_challenger_that_is_the_champion_is_no_pair(tmp_path):
    fleet = logged(tmp_path, models=2, versions=("1", "2", "3"))
    fleet.set_alias({"model": ["m0"], "version": ["1"]}, "second")
    run = fleet.compare(challengers=("challenger", "second"), comparisons=["delong"])

    assert reasons(run) == {"m0": "champion and second are the same version"}
    assert run.results().filter(status="ok").height == 3


def test_models_without_a_challenger_are_not_asked(tmp_path):
    fleet = logged(tmp_path, models=4)
    fleet.clear_alias({"model": ["m0", "m1", "m2"]}, "challenger")
    fleet.clear_alias({"model": ["m3"]}, "champion")
    run = fleet.compare()

    assert run.summary["models"] == 1
    assert reasons(run) == {"m3": "no version of it has the alias 'champion'"}
    with pytest.raises(BadInput, match="no selected model has the alias 'challenger'"):
        fleet.compare("model = 'm0'")


def test_unknown_names_are_refused_before_any_work(tmp_path):
    fleet = logged(tmp_path, models=1)
    for change, match in (
        ({"champion": "champ"}, "no alias is called 'champ'"),
        ({"challengers": ("rival",)}, "no alias is called 'rival'"),
        ({"comparisons": ["delon"]}, "no comparison is called 'delon'; did you mean 'delong'"),
        ({"metrics": ["acu"]}, "no metric is called 'acu'"),
        ({"data": "later"}, "no role is called 'later'"),
        ({"executor": "nowhere"}, "no executor is called 'nowhere'"),
    ):
        with pytest.raises(UnknownName, match=match):
            fleet.compare(**change)
    for change, match in (
        ({"champion": "challenger"}, "cannot be compared with itself"),
        ({"level": 1.0}, "level of compare cannot be 1.0: .* less than 1;"),
        ({"level": 0.0}, "level of compare cannot be 0.0: .* greater than 0;"),
        ({"challengers": ()}, "challengers of compare cannot be .* at least 1"),
    ):
        with pytest.raises(BadInput, match=match):
            fleet.compare(**change)

    assert fleet.runs().collect().is_empty()


def test_one_chunk_and_many_give_the_same(tmp_path, monkeypatch):
    fleet = logged(tmp_path, models=7, rows=120)
    whole = fleet.compare().results().drop("run_id", "at")
    monkeypatch.setattr(chunking, "_size", lambda *_: 2)
    parts = fleet.compare().results().drop("run_id", "at")

    assert whole.equals(parts)


def test_a_metric_that_no_test_has_is_left_to_the_bootstrap(tmp_path):
    fleet = logged(tmp_path, models=2, better={"m0", "m1"})
    with pytest.raises(BadInput, match="metrics: none of the comparisons .* tests 'f1' of binary"):
        fleet.compare(metrics=["f1"])
    found = fleet.compare(metrics=["f1"], comparisons=["bootstrap"]).results()

    assert found.select("comparison", "metric", "verdict").unique().rows() == [
        ("bootstrap", "f1", "better")
    ]


def test_forecasts_are_compared_in_the_order_of_their_times(tmp_path):
    """The log is shuffled; the test of Diebold and Mariano sees the series."""
    generator = np.random.default_rng(4)
    rows = pl.DataFrame(
        {
            "row": np.tile(np.arange(200), 2),
            "when": np.tile(np.arange(200), 2),
            "scored_by": np.repeat(["1", "2"], 200),
            "label": np.tile(generator.normal(size=200), 2),
            "guess": generator.normal(size=400),
        }
    )
    rows.sample(fraction=1.0, shuffle=True, seed=2).write_parquet(tmp_path / "load.parquet")
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": ["a", "a"], "version": ["1", "2"], "task": ["regression"] * 2})
    fleet.bind([{**PREDICTIONS, "key": None, "score": None, "prediction": "guess",
                 "url": str(tmp_path / "load.parquet")}])  # fmt: skip
    for version, alias in (("1", "champion"), ("2", "challenger")):
        fleet.set_alias({"model": ["a"], "version": [version]}, alias)
    with using({"comparisons": {"horizon": 1}}):
        run = fleet.compare(comparisons=["diebold_mariano"], metrics=["mse"])
    (row,) = run.results().to_dicts()
    ordered = rows.sort("scored_by", "when")
    gap = (ordered["guess"] - ordered["label"]).to_numpy().reshape(2, 200) ** 2
    d = gap[0] - gap[1]
    statistic = np.sqrt(199 / 200) * d.mean() / np.sqrt(((d - d.mean()) ** 2).mean() / 200)
    from scipy import stats

    assert row["status"] == "ok", row["reason"]
    assert row["p_value"] == pytest.approx(2 * stats.t.sf(abs(statistic), 199))


def test_luck_promotes_nobody(tmp_path):
    """600 challengers, none of them better: at most 5 % of the fleets may promote any.

    Ten fleets of sixty are as many chances as a fleet has nights; at 5 % for each test alone,
    fifteen of these challengers would be called better or worse.
    """
    found = pl.concat(
        logged(tmp_path / str(seed), models=60, rows=150, seed=100 + seed)
        .compare(comparisons=["delong"])
        .results()
        for seed in range(10)
    )

    assert (found["p_value"] < 0.05).sum() >= 10
    assert found.filter(verdict="better")["run_id"].n_unique() <= 2


def test_planted_differences_are_found_and_few_others(tmp_path):
    better = {f"m{number}" for number in range(0, 60, 3)}
    run = logged(tmp_path, models=60, rows=300, better=better).compare(comparisons=["delong"])
    found = run.results().filter(verdict="better")["model"].to_list()

    assert len(better & set(found)) >= 18
    assert len(set(found) - better) <= 2


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """Two classifiers and two regressions of scikit-learn, the challengers with fewer columns."""
    sio = pytest.importorskip("skops.io")
    from sklearn.datasets import load_breast_cancer, load_diabetes
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    folder = tmp_path_factory.mktemp("scored")
    fleet = argosy.open(str(folder / "fleet"), create=True)
    for name, data, kind in (
        ("tumour", load_breast_cancer(), LogisticRegression),
        ("diabetes", load_diabetes(), Ridge),
    ):
        columns = [f"c{number}" for number in range(data.data.shape[1])]
        table = pl.DataFrame(data.data[1::2], schema=columns).with_columns(
            target=pl.Series(data.target[1::2]), patient=pl.int_range(pl.len())
        )
        table.write_parquet(folder / f"{name}.parquet")
        fleet_rows = []
        for version, used in (("poor", columns[:2]), ("good", columns)):
            model = make_pipeline(StandardScaler(), kind())
            model.fit(data.data[::2, : len(used)], data.target[::2])
            path = folder / f"{name}-{version}.skops"
            path.write_bytes(sio.dumps(model))
            features = [{"name": column, "type": "float", "role": None} for column in used]
            fleet_rows.append(
                {"model": name, "version": version, "format": "skops", "artifact": str(path),
                 "features": features}
            )  # fmt: skip
        fleet.register(fleet_rows)
        row = {"role": "holdout", "model": name, "truth": "target", "id": "patient"}
        fleet.bind([{**row, "url": str(folder / f"{name}.parquet")}])
    names = ["tumour", "diabetes"]
    fleet.set_alias({"model": names, "version": ["poor"] * 2}, "champion")
    fleet.set_alias({"model": names, "version": ["good"] * 2}, "challenger")
    return fleet


def test_artifacts_predict_the_same_rows_though_they_read_other_columns(scored):
    run = scored.compare()
    found = run.results()

    assert run.failures().is_empty(), reasons(run)
    assert set(found["metric"]) == {"auc", "accuracy", "brier", "log_loss", "mse", "mae"}
    assert found.select((pl.col("effect") > 0).all()).item()
    assert verdicts(run)["tumour"] == "better"
    assert verdicts(run, "mse")["diabetes"] == "better"


def test_models_of_several_classes_are_compared_by_all_their_probabilities(tmp_path):
    sio = pytest.importorskip("skops.io")
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    data = load_iris()
    columns = [f"c{number}" for number in range(4)]
    table = pl.DataFrame(data.data[1::2], schema=columns).with_columns(
        kind=pl.Series(data.target_names[data.target[1::2]]), plant=pl.int_range(pl.len())
    )
    table.write_parquet(tmp_path / "iris.parquet")
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    for version, used in (("poor", columns[1:2]), ("good", columns)):
        names = data.target_names[data.target[::2]]
        model = LogisticRegression(max_iter=500).fit(
            data.data[::2][:, [columns.index(c) for c in used]], names
        )
        path = tmp_path / f"{version}.skops"
        path.write_bytes(sio.dumps(model))
        features = [{"name": column, "type": "float", "role": None} for column in used]
        fleet.register([{"model": "iris", "version": version, "format": "skops",
                         "artifact": str(path), "features": features}])  # fmt: skip
    fleet.bind([{"role": "holdout", "url": str(tmp_path / "iris.parquet"), "truth": "kind",
                 "id": "plant"}])  # fmt: skip
    fleet.set_alias({"model": ["iris"], "version": ["poor"]}, "champion")
    fleet.set_alias({"model": ["iris"], "version": ["good"]}, "challenger")
    run = fleet.compare(comparisons=["mcnemar", "paired_t", "bootstrap"])
    found = run.results()

    assert run.failures().is_empty(), reasons(run)
    assert found.filter(metric="log_loss")["verdict"].to_list() == ["better"] * 2
    assert found.filter(metric="accuracy")["effect"].min() > 0.2
    assert found["status"].unique().to_list() == ["ok"]


def test_an_artifact_that_changed_is_a_row_with_its_reason(scored, tmp_path):
    path = scored.versions().filter(model="tumour", version="good").collect()["artifact"].item()
    with open(path, "rb") as file:  # noqa: PTH123
        kept = file.read()
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(kept[:-1])
    try:
        run = scored.compare()
    finally:
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(kept)

    assert reasons(run)["tumour"].startswith("the challenger: ")
    assert run.results().filter(model="diabetes", status="ok").height == 2


def test_a_comparison_that_fails_is_named_and_the_others_go_on(tmp_path, monkeypatch):
    from dataclasses import replace

    def measure(table, metrics):
        raise ZeroDivisionError("no luck")

    known = installed().comparisons
    broken = replace(known["delong"], measure=measure)
    monkeypatch.setitem(known, "delong", broken)
    run = logged(tmp_path, models=2).compare()

    assert "ZeroDivisionError: no luck" in reasons(run)[None]
    assert set(run.results().filter(status="ok")["comparison"]) == {"mcnemar", "paired_t"}


def with_other_labels(tmp_path):
    """Make a fleet of a model whose two versions never predicted the same classes."""
    rows = pl.DataFrame(
        {
            "row": list(range(60)) * 2,
            "scored_by": ["1"] * 60 + ["2"] * 60,
            "label": ["a", "c", "d"] * 40,
            "guess": ["a", "c", "c"] * 20 + ["a", "b", "d"] * 20,
        }
    )
    rows.write_parquet(tmp_path / "log.parquet")
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": ["k", "k"], "version": ["1", "2"]})
    fleet.bind([{"role": "holdout", "url": str(tmp_path / "log.parquet"), "id": "row",
                 "version": "scored_by", "truth": "label", "prediction": "guess"}])  # fmt: skip
    fleet.set_alias({"model": ["k"], "version": ["1"]}, "champion")
    fleet.set_alias({"model": ["k"], "version": ["2"]}, "challenger")
    return fleet


def test_multiclass_labels_that_only_one_side_predicts_are_coded_alike(tmp_path):
    """A class that never occurs is unknown to a log that never predicted it."""
    fleet = with_other_labels(tmp_path)
    (row,) = fleet.compare(comparisons=["mcnemar"]).results().to_dicts()

    assert (row["champion_value"], row["challenger_value"]) == (2 / 3, 2 / 3)
    assert row["p_value"] == 1.0


def test_labels_of_a_task_that_fixes_them_must_be_the_same(tmp_path, monkeypatch):
    """Whatever the task is called."""
    from dataclasses import replace

    tasks = installed().tasks
    assert tasks["binary"].labels_fixed
    fixed = replace(tasks["multiclass"], labels_fixed=True)
    monkeypatch.setitem(tasks, "multiclass", fixed)
    (row,) = with_other_labels(tmp_path).compare(comparisons=["mcnemar"]).results().to_dicts()

    assert row["status"] == "failed"
    assert row["reason"].startswith("their classes differ: ")


def test_the_command_counts_verdicts_and_shows_the_best_and_the_worst(tmp_path, capsys):
    fleet = logged(tmp_path, better={"m1"}, worse={"m5"})
    assert cli(["--fleet", fleet.url, "compare", "--comparison", "delong"]) == 0
    told = capsys.readouterr().out

    assert "8 of 8 models compared, 0 failed" in told
    assert told.index("best challengers") < told.index("m1") < told.index("worst challengers")
    assert told.index("worst challengers") < told.index("m5")


def test_the_command_tells_scripts_all_of_it(tmp_path, capsys):
    fleet = logged(tmp_path, better={"m1"})
    where = ["--fleet", fleet.url, "--json", "compare", "--comparison", "delong"]
    assert cli(where) == 0
    told = json.loads(capsys.readouterr().out)
    assert cli([*where, "--models"]) == 0
    rows = json.loads(capsys.readouterr().out)

    assert told["kind"] == "compare"
    assert told["verdicts"] == [
        {"comparison": "delong", "metric": "auc", "better": 1, "worse": 0, "no difference": 7,
         "undecidable": 0}
    ]  # fmt: skip
    assert {row["model"]: row["verdict"] for row in rows}["m1"] == "better"


def test_the_command_fails_where_nothing_could_be_compared(tmp_path, capsys):
    fleet = logged(tmp_path, models=1)
    (tmp_path / "holdout.parquet").unlink()

    assert cli(["--fleet", fleet.url, "compare"]) == 1
    assert "cannot read" in capsys.readouterr().out
    assert cli(["--fleet", fleet.url, "compare", "--challenger", "rival"]) == 2


def test_comparisons_can_be_asked_by_sql(tmp_path):
    fleet = logged(tmp_path, models=3, better={"m1"})
    fleet.compare()
    asked = "SELECT model FROM comparisons WHERE metric = 'auc' AND verdict = 'better'"

    assert fleet.sql(asked)["model"].to_list() == ["m1"]


def test_a_copy_of_a_table_in_another_order_gives_the_same(tmp_path, monkeypatch):
    """A log in order of time is brought in order of models first, where there are many."""
    fleet = logged(tmp_path, models=9, rows=60)
    rewrite(tmp_path, lambda rows: rows.sort("row"))
    plain = fleet.compare().results().drop("run_id", "at")
    copied = []
    monkeypatch.setattr(clustered, "_TOGETHER", 1)
    monkeypatch.setattr(clustered, "_WORTH", 1.0)
    own = clustered._copy
    monkeypatch.setattr(clustered, "_copy", lambda *given: copied.append(own(*given)))

    assert plain.equals(fleet.compare().results().drop("run_id", "at"))
    assert copied

"""Whatever is broken of whatever model, in whatever job: it has its reason wherever it is told."""

import json
import random
import warnings
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.errors import ArgosyWarning
from argosy.plugins import installed, registry
from argosy.plugins.discovery import Plugin
from argosy.store.fact_tables import first_table
from argosy.testing.fleets import logged_fleet
from argosy_cli.main import run

sio = pytest.importorskip("skops.io")

ROLES = ("reference", "holdout", "current", "training")
FAULTS = ("missing file", "empty file", "no rows", "missing column", "text for numbers", "corrupt")
REQUESTS = {
    "evaluate": {"metrics": ["auc", "accuracy"]},
    "drift": {"detectors": ["ks", "nulls"]},
    "estimate": {},
    "gate": {"baselines": ["champion"]},
    "compare": {"metrics": ["auc"]},
    "predict": {},
    "train": {"data": "training"},
}
UNSEEN_BY = {"drift": {"corrupt", "text for numbers"}, "train": {"corrupt"}}
"""A drift check loads no model, and compares text with text; a training makes a new one."""


@pytest.fixture(autouse=True)
def offered():
    """The executor and the trainers that are installed, instead of those of the other tests."""


def broken(frame, fault, path):
    """Write rows so that they are broken in one way."""
    if fault == "missing file":
        path.unlink()
    elif fault == "empty file":
        path.write_bytes(b"")
    elif fault == "no rows":
        frame.clear().write_parquet(path)
    elif fault == "missing column":
        frame.drop("x").write_parquet(path)
    elif fault == "text for numbers":
        frame.with_columns(x=pl.lit("a lot")).write_parquet(path)


def fleet_with(folder, faults, seed):
    """A classifier per fault, with its own rows and artifacts, all of one template."""
    from sklearn.linear_model import LogisticRegression

    draws = np.random.default_rng(seed)
    names = [f"m{place}" for place in range(len(faults))]
    fleet = argosy.open(str(folder / "fleet"), create=True)
    trainer = {"trainer": "sklearn", "params": {"estimator": "LogisticRegression"}}
    fleet.define([{"template": "t", **trainer, "task": "binary", "features": ["x"]}])
    x = draws.normal(size=300)
    fit = LogisticRegression().fit(x[:, None], x + draws.normal(size=300) > 0)
    bindings, files = [], []
    for name, fault in zip(names, faults, strict=True):
        for version in ("1", "2"):
            (folder / f"{name}-{version}.skops").write_bytes(sio.dumps(fit))
        for role in ROLES:
            x = draws.normal(size=300)
            frame = pl.DataFrame({"x": x, "y": (x + draws.normal(size=300) > 0).astype(int)})
            path = folder / f"{name}-{role}.parquet"
            frame.write_parquet(path)
            bindings.append({"role": role, "model": name, "url": str(path), "truth": "y"})
            files.append((frame, fault, path))
    for version in ("1", "2"):
        fleet.register(
            {
                "model": names,
                "version": [version] * len(names),
                "template": ["t"] * len(names),
                "task": ["binary"] * len(names),
                "format": ["skops"] * len(names),
                "artifact": [str(folder / f"{name}-{version}.skops") for name in names],
                "features": [["x"]] * len(names),
            }
        )
        alias = "champion" if version == "1" else "challenger"
        fleet.set_alias(pl.DataFrame({"model": names, "version": [version] * len(names)}), alias)
    fleet.bind(bindings)
    for frame, fault, path in files:
        broken(frame, fault, path)
    for name, fault in zip(names, faults, strict=True):
        if fault == "corrupt":
            for version in ("1", "2"):
                Path(folder / f"{name}-{version}.skops").write_bytes(b"no artifact")
    return fleet


@pytest.mark.parametrize("seed", [1, 2])
def test_s1_9_what_is_planted_is_told_in_every_job(tmp_path, capsys, seed):
    luck = random.Random(seed)
    faults = [*FAULTS, *luck.choices(FAULTS, k=2), *[None] * 4]
    luck.shuffle(faults)
    fleet = fleet_with(tmp_path, faults, seed)
    for kind, request in REQUESTS.items():
        planted = {
            f"m{place}"
            for place, fault in enumerate(faults)
            if fault is not None and fault not in UNSEEN_BY.get(kind, ())
        }
        options = ["--set", "core.most_failures=1", "--json"]
        words = [
            word
            for name, value in request.items()
            for each in (value if isinstance(value, list) else [value])
            for word in (f"--{name.removesuffix('s')}", each)
        ]
        code = run(["--fleet", fleet.url, kind, *words, *options])
        told = json.loads(capsys.readouterr().out)
        done = fleet.past_run(told["run_id"])
        summary, failures = done.summary, done.failures()
        table = first_table(kind).name
        query = f"SELECT model FROM {table} WHERE run_id = '{done.id}'"  # noqa: S608
        failed = set(failures["model"])

        assert code == 4, kind
        assert failures["reason"].null_count() == 0, kind
        assert failed <= planted, (kind, failures)
        missed = summary["failed"] + summary["unknown"]
        assert summary["failed"] <= len(failed) <= missed, (kind, failures.rows())
        assert len(failed) == sum(one["models"] for one in told["failures"])
        rows = fleet.sql(f"{query} AND status = 'failed' AND reason IS NOT NULL")
        assert failed <= set(rows["model"]), kind
        if kind == "drift":  # what is there and cannot be compared is unknown
            verdicts = fleet.verdicts().filter(pl.col("model").is_in(list(planted)))
            assert set(verdicts["verdict"]) == {"unknown"}
            assert verdicts["reason"].null_count() == 0
            assert summary["failed"] + summary["unknown"] == len(planted)
        else:
            assert failed == planted, kind


def test_s2_28_success_on_one_role_hides_no_failure_on_another(tmp_path):
    fleet = logged_fleet(tmp_path, models=2)
    rows = pl.read_parquet(tmp_path / "holdout.parquet")
    (tmp_path / "holdout.parquet").unlink()
    fleet.evaluate()

    def standing():
        failing = fleet.standing().filter(status="failed").collect()
        listed = fleet.triage().filter(cause="evaluation failed")
        return set(failing["model"]), set(listed["model"])

    assert standing() == ({"m0", "m1"}, {"m0", "m1"})
    fleet.evaluate(data="current")
    assert standing() == ({"m0", "m1"}, {"m0", "m1"})
    rows.write_parquet(tmp_path / "holdout.parquet")
    fleet.evaluate("model = 'm0'")
    assert standing() == ({"m1"}, {"m1"})


def test_a_metric_that_applies_to_some_models_is_not_applicable_to_others(tmp_path):
    fleet = logged_fleet(tmp_path, models=2)
    draws = np.random.default_rng(1)
    line = pl.DataFrame({"y": draws.normal(size=90), "p": draws.normal(size=90)})
    line.write_parquet(tmp_path / "line.parquet")
    fleet.register({"model": ["r"], "version": ["1"], "task": ["regression"]})
    url = str(tmp_path / "line.parquet")
    fleet.bind([{"model": "r", "role": "holdout", "url": url, "truth": "y", "prediction": "p"}])
    run_ = fleet.evaluate(metrics=["auc", "gini"])
    rows = run_.results().filter(model="r").sort("metric")

    assert (run_.summary["failed"], run_.summary["unknown"]) == (0, 0)
    assert run_.failures().is_empty()
    assert rows.select("metric", "status", "value").rows() == [
        ("auc", "not applicable", None),
        ("gini", "not applicable", None),
    ]
    assert "does not apply to a regression model" in rows["reason"][0]


def test_fault_9_a_metric_that_fails_for_every_model_is_no_evaluation(
    tmp_path, capsys, monkeypatch
):
    from dataclasses import replace

    def breaks(groups, names):
        raise ValueError("out of order")

    fleet = logged_fleet(tmp_path, models=3)
    known = installed().metrics
    monkeypatch.setitem(known, "accuracy", replace(known["accuracy"], measure=breaks))

    assert run(["--fleet", fleet.url, "evaluate", "--metric", "accuracy"]) == 1
    assert "out of order" in capsys.readouterr().out
    assert run(["--fleet", fleet.url, "evaluate", "--metric", "accuracy", "--metric", "auc"]) == 4


def test_fault_5_a_plugin_that_does_not_load_is_told_in_every_run_and_by_triage(
    tmp_path, monkeypatch, capsys
):
    fleet = logged_fleet(tmp_path, models=2)
    fleet.evaluate()
    torn = Plugin("mine", "argosy-mine", "0.1", "failed", "ImportError: no xgboost", (), 1.0)
    blocked = Plugin("other", "argosy-other", "0.1", "blocked", "named", (), 1.0)
    both = (*registry.installed().plugins, torn, blocked)
    monkeypatch.setattr(registry.installed(), "plugins", both)
    warned = "plugin 'mine' of argosy-mine 0.1 could not be loaded.*no xgboost"
    for verb in ("evaluate", "check_drift", "estimate", "gate"):
        with pytest.warns(ArgosyWarning, match=warned):
            done = getattr(fleet, verb)()
        assert done.summary["failed"] == 0
        [told] = done.failures()["reason"].to_list()
        assert "argosy-mine 0.1" in told
        assert "ARGOSY_BLOCK_PLUGINS=mine" in told
    with pytest.warns(ArgosyWarning, match=f"triage may be incomplete: {warned}"):
        fleet.triage()
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert run(["--fleet", fleet.url, "evaluate"]) == 4  # it may have had a metric
        assert run(["--fleet", fleet.url, "evaluate", "--metric", "auc"]) == 0
    assert "warning: plugin 'mine'" in capsys.readouterr().err


@pytest.mark.filterwarnings("default:.*could not be loaded")
@pytest.mark.parametrize(
    ("hooks", "evaluate", "drift"),
    [
        ((), 4, 4),
        (("argosy_metrics",), 4, 0),
        (("argosy_detectors",), 0, 4),
        (("argosy_commands",), 0, 0),
    ],
)
def test_fault_5_what_a_plugin_would_have_judged_is_unknown_where_nothing_is_named(
    tmp_path, monkeypatch, hooks, evaluate, drift
):
    fleet = logged_fleet(tmp_path, models=2)
    torn = Plugin("mine", "argosy-mine", "0.1", "failed", "ImportError: no xgboost", hooks, 1.0)
    monkeypatch.setattr(registry.installed(), "plugins", (*registry.installed().plugins, torn))
    line = ["--fleet", fleet.url]

    assert run([*line, "evaluate"]) == evaluate
    assert run([*line, "drift"]) == drift
    assert run([*line, "evaluate", "--metric", "auc"]) == 0
    assert run([*line, "drift", "--detector", "ks"]) == 0
    assert run([*line, "drift", "--allow-failures", "100%"]) == 0
    first = fleet.runs().collect()["run_id"][-1]
    missed = ["plugin 'mine' of argosy-mine 0.1"] if evaluate else []
    assert fleet.past_run(first).summary["missed"] == missed

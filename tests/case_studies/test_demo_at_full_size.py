"""The demo as a newcomer runs it: 1,000 models, and what they may then ask."""

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import argosy

pytest.importorskip("skops", reason="skops is not installed: the extra `sklearn` brings it")

import skops.io as sio
from sklearn import metrics

pytestmark = pytest.mark.slow  # `test_argosy_demo.py` plays a small one

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Play the demo in an empty folder; give the folder and what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "argosy", "demo"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if not name.startswith("ARGOSY")},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


@pytest.fixture(scope="module")
def fleet(demo):
    return argosy.open(str(demo[0] / "demo-fleet"))


def test_at_least_29_of_30_planted_drifts_are_found_with_few_false_alarms(demo, fleet):
    planted = pl.read_parquet(demo[0] / "demo-fleet/planted.parquet")
    flagged = set(fleet.triage().filter("drifted")["model"])
    drifting = set(planted["model"])

    assert len(drifting) == 30
    assert len(flagged & drifting) >= 29
    assert len(flagged - drifting) <= 0.05 * len(flagged)


def test_the_three_damaged_models_are_rows_with_reasons(fleet):
    run = fleet.past_run(fleet.runs().filter(kind="evaluate").collect()["run_id"][0])

    assert run.summary["failed"] == 3
    assert run.summary["ok"] == 997
    for reason in run.failures()["reason"]:
        assert "the artifact" in reason
        assert "register" in reason


def test_twenty_models_picked_at_random_equal_scikit_learn(fleet):
    """The artifact is opened by skops itself, and the numbers are scikit-learn's."""
    broken = fleet.triage().filter(pl.col("reason").str.starts_with("could not"))["model"]
    known = fleet.versions().filter(~pl.col("model").is_in(broken.implode())).collect()
    holdout = {
        row["template"]: pl.read_parquet(row["url"])
        for row in fleet.bindings().filter(role="holdout").collect().to_dicts()
    }
    templates = dict(fleet.models().select("model", "template").collect().rows())
    found = fleet.evaluations().collect()
    for row in random.Random(20).sample(known.to_dicts(), 20):
        name = row["model"]
        content = Path(row["artifact"]).read_bytes()
        trusted = sio.get_untrusted_types(data=content)
        model = sio.loads(content, trusted=trusted)
        rows = holdout[templates[name]].filter(model=name)
        features = [feature["name"] for feature in row["features"]]
        truth = rows["target"].to_numpy()
        predicted = model.predict(rows.select(features))
        expected = reference(model, rows.select(features), truth, predicted)
        mine = dict(found.filter(model=name).select("metric", "value").rows())
        for metric, value in expected.items():
            assert mine[metric] == pytest.approx(value, rel=1e-12, abs=1e-12), (name, metric)


def reference(model, rows, truth, predicted):
    if not hasattr(model, "predict_proba"):
        return {
            "mae": metrics.mean_absolute_error(truth, predicted),
            "rmse": metrics.root_mean_squared_error(truth, predicted),
            "r2": metrics.r2_score(truth, predicted),
        }
    chances = model.predict_proba(rows)
    expected = {
        "accuracy": metrics.accuracy_score(truth, predicted),
        "log_loss": metrics.log_loss(truth, chances, labels=model.classes_),
        "f1_macro": metrics.f1_score(truth, predicted, average="macro"),
    }
    if len(model.classes_) == 2:
        positive = (truth == model.classes_[1]).astype(int)
        expected["auc"] = metrics.roc_auc_score(positive, chances[:, 1])
        expected["brier"] = float(np.mean((chances[:, 1] - positive) ** 2))
    return expected


def test_the_readme_shows_what_the_demo_prints(demo):
    """Seconds and paths differ from machine to machine, and digests from run to run.

    A path may be folded anywhere, so white space is left out.
    """

    def comparable(text):
        text = re.sub(r"in \d+ s\b", "in … s", text)
        text = re.sub(r"[\s─]+", "", text).replace(str(demo[0]), "…")
        text = re.sub(r"trained/[0-9a-f…]+/[0-9a-f…]+\.skops", "trained/….skops", text)
        return re.sub(r"sha256:[0-9a-f]+…", "sha256:…", text)

    shown = re.search(r"<!-- demo output -->\n+```\n(.*?)```", README.read_text(), re.DOTALL)[1]
    assert comparable(shown) == comparable(demo[1])


@pytest.mark.parametrize(
    ("arguments", "check"),
    [
        (["models", "--where", "team = 'risk'"], lambda rows: len(rows) > 100),
        (["triage"], lambda rows: len(rows) >= 32),
        (["show", "diabetes-0001"], lambda told: told["model"] == "diabetes-0001"),
        (["sql", "SELECT COUNT(*) AS n FROM versions"], lambda rows: rows == [{"n": 1000}]),
    ],
)
def test_the_fleet_answers(demo, arguments, check):
    done = subprocess.run(
        [sys.executable, "-m", "argosy", "--fleet", "demo-fleet", *arguments, "--json"],
        cwd=demo[0],
        capture_output=True,
        text=True,
        check=True,
    )

    assert check(json.loads(done.stdout))


def test_the_report_is_one_file(demo):
    page = (demo[0] / "demo-fleet/report.html").read_text()

    assert "1,000 models" in page
    assert "<script" not in page
